/**
 * Which bytes count where fragments of a datagram overlap: as the host has it that the datagram goes to. Stage:
 * dispatch, for defrag.ts.
 *
 * Some systems *trim*: what a new fragment brings wins or loses against each *piece*, which is what is left in one of
 * an older one, by where the new one begins and ends.
 *
 *                        new begins before            with or behind
 *   first                older                        older
 *   last                 new                          new
 *   bsd                  new                          older
 *   bsd-right            older                        new
 *   old-linux            new                          new if with, older if behind
 *   windows              new if it ends behind        older
 *   solaris              new if it ends with, behind  older
 *
 * Vern Paxson and Umesh Shankar, "Active Mapping" (2003); Judy Novak, "Target-Based Fragmentation Reassembly" (2005).
 *
 * Others *discard*: what overlaps ends the datagram, and what comes later of the same id begins a new one. `discard`
 * leaves a fragment aside that repeats one exactly, as RFC 8200 has it. `linux`, from 4.19 on, leaves every fragment
 * aside that lies within a *run* (what came in order, or in one piece), whatever it brings; ends that contradict each
 * other and fragments without data end the datagram, too, and of IPv4 a length is rounded down to a multiple of 8
 * (measured with Linux 6.18: decision 48).
 */
import type { HostPolicy, PolicyNetworks } from '../util/host-policy.js';
import { NetworkTable } from '../util/network-table.js';
import { ALWAYS, IF_BEHIND, NEVER, newWins, UNLESS_BEFORE, type Winners } from '../util/winners.js';

export class FragmentPolicy {
  static readonly first = new FragmentPolicy('trim', [NEVER, NEVER, NEVER]);
  static readonly last = new FragmentPolicy('trim', [ALWAYS, ALWAYS, ALWAYS]);
  static readonly bsd = new FragmentPolicy('trim', [ALWAYS, NEVER, NEVER]);
  static readonly bsdRight = new FragmentPolicy('trim', [NEVER, ALWAYS, ALWAYS]);
  static readonly oldLinux = new FragmentPolicy('trim', [ALWAYS, ALWAYS, NEVER]);
  static readonly windows = new FragmentPolicy('trim', [IF_BEHIND, NEVER, NEVER]);
  static readonly solaris = new FragmentPolicy('trim', [UNLESS_BEFORE, NEVER, NEVER]);
  static readonly discard = new FragmentPolicy('discard', [NEVER, NEVER, NEVER]);
  static readonly linux = new FragmentPolicy('linux', [NEVER, NEVER, NEVER]);

  /** What overlaps ends the datagram. */
  readonly discards: boolean;
  /** As Linux from 4.19 on has it. */
  readonly isLinux: boolean;
  private readonly winners: Winners;

  private constructor(kind: 'trim' | 'discard' | 'linux', winners: Winners) {
    this.discards = kind !== 'trim';
    this.isLinux = kind === 'linux';
    this.winners = winners;
  }

  /** Whether the fragment [start, end) wins over the piece [pieceStart, pieceEnd) that it overlaps. */
  newWins(start: number, end: number, pieceStart: number, pieceEnd: number): boolean {
    return newWins(this.winners, start, end, pieceStart, pieceEnd);
  }
}

interface OfHost {
  readonly ipv4: FragmentPolicy;
  readonly ipv6: FragmentPolicy;
}
const both = (policy: FragmentPolicy): OfHost => ({ ipv4: policy, ipv6: policy });
const { first, last, bsd, bsdRight, oldLinux, windows, solaris, discard, linux } = FragmentPolicy;

/** RFC 5722 and RFC 8200 are what systems of today do with IPv6; older ones, and ways, are of both versions. */
const OF_HOST: Readonly<Record<HostPolicy, OfHost>> = {
  first: both(first),
  last: both(last),
  bsd: { ipv4: bsd, ipv6: discard },
  'bsd-right': both(bsdRight),
  windows: both(windows),
  macos: { ipv4: bsd, ipv6: discard },
  linux: both(linux),
  'old-linux': both(oldLinux),
  solaris: both(solaris),
  vista: both(discard),
};

export class FragmentPolicies {
  private readonly common: OfHost;
  private readonly networks: NetworkTable<OfHost>;

  constructor(common: HostPolicy, networks: PolicyNetworks) {
    this.common = OF_HOST[common];
    this.networks = new NetworkTable(
      Object.fromEntries(Object.entries(networks).map(([network, policy]) => [network, OF_HOST[policy]])),
    );
  }

  /** Of the host whose address lies in `words` at `at`. */
  of(words: ArrayLike<number>, at: number, isIpv6: boolean): FragmentPolicy {
    const { networks, common } = this;
    const host = networks.isEmpty ? common : (networks.find(words, at, isIpv6 ? 6 : 4) ?? common);
    return isIpv6 ? host.ipv6 : host.ipv4;
  }
}
