/**
 * Tells what is wrong with the mirror, as far as its traffic shows it: bytes lost upstream, packets that are cut, seen
 * from one side or twice, sessions that fall silent or never speak, a clock that steps. One line when it begins, with
 * what to change, one when it is over. Looked at once a second, judged by the minute.
 */
import { DISPATCHER_SLOTS, SHARD_SLOTS, type CounterTotals } from '../counters/names.js';
import { MIRROR_DEFAULTS, type MirrorThresholds } from '../config/mirror-settings.js';
import type { LossLogger } from './loss-log.js';
import { REMEDIES } from './remedies.js';

/** Running totals. */
export interface MirrorTotals {
  readonly packets: number;
  readonly bytes: number;
  readonly gapBytes: number;
  readonly cutPackets: number;
  /** TCP connections of some packets that are over, and those of them of which one side was seen. */
  readonly connections: number;
  readonly oneSided: number;
  /** TCP segments whose bytes were there already. */
  readonly repeated: number;
}

export interface MirrorFigures {
  readonly totals: MirrorTotals;
  readonly sessions: readonly { readonly vni: number; readonly packets: number; readonly lastSeenUs: number }[];
  /** Bytes that were acknowledged and never mirrored, by session. */
  readonly losses?: readonly { readonly vni: number; readonly bytes: number }[] | undefined;
  /** TCP connections, as packets, of which sessions show one direction each. */
  readonly halves?: readonly { readonly vni: number; readonly packets: number }[] | undefined;
  /** VNIs that the configuration names. */
  readonly named: readonly string[];
}

interface Trouble {
  readonly name: string;
  readonly share: (grown: MirrorTotals) => number;
  /** The threshold from which on it is told. */
  readonly least: keyof MirrorThresholds;
  readonly says: string;
}

const WINDOW_MS = 60_000;
/** Fewer connections or packets in a minute say nothing. */
const LEAST_CONNECTIONS = 20;
const LEAST_PACKETS = 1000;
/** Fewer packets are a stray's. */
export const SESSION_PACKETS = 1000;
const CLOCK_STEP_MS = 1000;
/** Sessions named in a line. */
const SESSIONS_NAMED = 3;

const TROUBLES: readonly Trouble[] = [
  {
    name: 'upstream',
    share: ({ gapBytes, bytes }) => gapBytes / Math.max(1, gapBytes + bytes),
    least: 'upstreamPercent',
    says: `bytes of TCP are acknowledged that were never mirrored: ${REMEDIES.upstream}`,
  },
  {
    name: 'cut',
    share: ({ cutPackets, packets }) => cutPackets / Math.max(1, packets),
    least: 'cutPercent',
    says: `packets are cut: ${REMEDIES.cut}`,
  },
  {
    name: 'one_sided',
    share: ({ oneSided, connections }) => (connections < LEAST_CONNECTIONS ? 0 : oneSided / connections),
    least: 'oneSidedPercent',
    says: `of many connections one direction is seen: ${REMEDIES.oneSided}`,
  },
  {
    name: 'twice',
    share: ({ repeated, packets }) => (packets < LEAST_PACKETS ? 0 : repeated / packets),
    least: 'twicePercent',
    says: `many bytes of TCP come twice: ${REMEDIES.twice}`,
  },
];

const NOTHING: MirrorTotals = {
  packets: 0,
  bytes: 0,
  gapBytes: 0,
  cutPackets: 0,
  connections: 0,
  oneSided: 0,
  repeated: 0,
};

export const mirrorTotals = ({ dispatcher, shard }: CounterTotals): MirrorTotals => ({
  packets: dispatcher[DISPATCHER_SLOTS.receivedPackets],
  bytes: dispatcher[DISPATCHER_SLOTS.receivedBytes],
  gapBytes: shard[SHARD_SLOTS.tcpGapBytes],
  cutPackets: dispatcher[DISPATCHER_SLOTS.truncatedPackets],
  connections: shard[SHARD_SLOTS.tcpConnections],
  oneSided: shard[SHARD_SLOTS.tcpOneSided],
  repeated: shard[SHARD_SLOTS.streamOverlaps],
});

export class MirrorLog {
  /** Steps of the clock by more than a second. */
  clockSteps = 0;
  private readonly log: LossLogger;
  private readonly thresholds: MirrorThresholds;
  private readonly startMs: number;
  private readonly troubles = new Set<string>();
  private readonly silent = new Set<number>();
  /** Of the named ones: those that were heard at some time, and those of which it was told that they were not. */
  private readonly heard = new Set<string>();
  private readonly missed = new Set<string>();
  private before = NOTHING;
  private lostBefore: ReadonlyMap<number, number> = new Map();
  private halvedBefore: ReadonlyMap<number, number> = new Map();
  private windowMs: number;
  private skewMs: number | undefined;

  constructor(log: LossLogger, nowMs: number, thresholds: MirrorThresholds = MIRROR_DEFAULTS) {
    this.log = log;
    this.thresholds = thresholds;
    this.startMs = nowMs;
    this.windowMs = nowMs;
  }

  /** @param read asked by the minute alone. @param nowMs a clock that never steps. @param wallMs that of the day. */
  look(read: () => MirrorFigures, nowMs: number, wallMs: number): void {
    this.lookAtClock(wallMs - nowMs);
    if (nowMs - this.windowMs < WINDOW_MS) return;
    this.windowMs = nowMs;
    const figures = read();
    this.lookAtTroubles(figures);
    this.lookForSilent(figures, wallMs);
    this.lookForHeard(figures);
    if (nowMs - this.startMs >= this.thresholds.unheardSeconds * 1000) this.lookForMissed(figures);
  }

  private lookAtClock(skewMs: number): void {
    const step = skewMs - (this.skewMs ?? skewMs);
    this.skewMs = skewMs;
    if (Math.abs(step) < CLOCK_STEP_MS) return;
    this.clockSteps++;
    this.log.warn({ seconds: Math.round(step / 100) / 10 }, `the clock has stepped: ${REMEDIES.clock}`);
  }

  private lookAtTroubles({ totals, losses = [], halves = [] }: MirrorFigures): void {
    const vnis: Readonly<Record<string, readonly object[]>> = {
      upstream: this.worstSessions(losses),
      one_sided: this.halvingSessions(halves),
    };
    const grown = difference(totals, this.before);
    this.before = totals;
    for (const { name, share, least, says } of TROUBLES) {
      const now = share(grown);
      const atLeast = this.thresholds[least] / 100;
      const percent = Math.round(now * 1000) / 10;
      if (now >= atLeast && !this.troubles.has(name)) {
        this.troubles.add(name);
        const named = vnis[name] ?? [];
        this.log.warn({ mirror: name, percent, ...(named.length > 0 ? { vnis: named } : {}) }, says);
      } else if (now < atLeast && this.troubles.delete(name)) {
        this.log.info({ mirror: name, percent }, 'the mirror is well again in this');
      }
    }
  }

  /** The sessions that have missed most since the last look, the worst first. */
  private worstSessions(losses: NonNullable<MirrorFigures['losses']>): { vni: number; bytes: number }[] {
    const lost = new Map(losses.map(({ vni, bytes }) => [vni, bytes]));
    const worst = grownMost(lost, this.lostBefore).map(([vni, bytes]) => ({ vni, bytes }));
    this.lostBefore = lost;
    return worst;
  }

  /** The sessions that have shown most halves of connections since the last look, the most first. */
  private halvingSessions(halves: NonNullable<MirrorFigures['halves']>): { vni: number; halves: number }[] {
    const shown = new Map(halves.map(({ vni, packets }) => [vni, packets]));
    const most = grownMost(shown, this.halvedBefore).map(([vni, halves]) => ({ vni, halves }));
    this.halvedBefore = shown;
    return most;
  }

  private lookForSilent({ sessions }: MirrorFigures, wallMs: number): void {
    for (const { vni, packets, lastSeenUs } of sessions) {
      const silentMs = wallMs - lastSeenUs / 1000;
      if (vni < 0 || packets < SESSION_PACKETS) continue;
      const isSilent = silentMs >= this.thresholds.silentSeconds * 1000;
      if (isSilent && !this.silent.has(vni)) {
        this.silent.add(vni);
        this.log.warn(
          { vni, minutes: Math.round(silentMs / 60_000) },
          `a mirror session has fallen silent: ${REMEDIES.silent}`,
        );
      } else if (!isSilent && this.silent.delete(vni)) {
        this.log.info({ vni }, 'the mirror session is heard again');
      }
    }
  }

  private lookForHeard({ sessions, named }: MirrorFigures): void {
    const present = new Set(sessions.map(({ vni }) => String(vni)));
    for (const vni of named) {
      if (!present.has(vni)) continue;
      this.heard.add(vni);
      if (this.missed.delete(vni)) this.log.info({ vni: Number(vni) }, 'the mirror session is heard now');
    }
  }

  private lookForMissed({ named }: MirrorFigures): void {
    for (const vni of named) {
      if (this.heard.has(vni) || this.missed.has(vni)) continue;
      this.missed.add(vni);
      this.log.warn(
        { vni: Number(vni) },
        `a mirror session that vni.names has was not heard since the start: ${REMEDIES.unheard}`,
      );
    }
  }
}

function difference(now: MirrorTotals, before: MirrorTotals): MirrorTotals {
  const grown: Record<string, number> = {};
  for (const key of Object.keys(NOTHING) as (keyof MirrorTotals)[]) grown[key] = now[key] - before[key];
  return grown as unknown as MirrorTotals;
}

type ByVni = ReadonlyMap<number, number>;

/** The sessions whose sums have grown most, and by how much, the most first. */
function grownMost(now: ByVni, before: ByVni): (readonly [vni: number, by: number])[] {
  return [...now]
    .map(([vni, sum]) => [vni, sum - (before.get(vni) ?? 0)] as const)
    .filter(([, by]) => by > 0)
    .sort((a, b) => b[1] - a[1])
    .slice(0, SESSIONS_NAMED);
}
