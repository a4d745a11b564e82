/**
 * Countries of addresses from a MaxMind DB file. Stage: load, and only where a rule asks for a country.
 * Reference: MaxMind DB file format specification 2.0.
 *
 * The database is walked once, from the root of its search tree to every network, and each country's networks are put
 * together: a rule then has a set of addresses, and a packet costs what an address list costs. The library decodes; the
 * walk is done here, as asking it network by network takes five times as long. Networks lie in the tree in order.
 *
 * IPv4 is the part ::/96 of a tree for IPv6. Further ways to that part (6to4, Teredo, mapped addresses) are left out,
 * as is whatever a damaged tree links to twice, so that the walk ends.
 */
import { Reader, type CountryResponse } from 'mmdb-lib';
import { addressDifference, addressUnion } from '../rule/compile/address-set.js';
import type { AddressSet } from '../block/terms.js';
import type { CountryAddresses, DataProblem } from '../rule/compile/rule-data.js';
import type { DataFiles } from './data-files.js';

const IPV4_BITS = 32;
const IPV6_BITS = 128;
/** Zeros between the tree and the data. */
const SEPARATOR_BYTES = 16;

type MutableRanges<T> = [low: T, high: T][];
interface Networks {
  readonly ipv4: MutableRanges<number>;
  readonly ipv6: MutableRanges<bigint>;
}

export class Countries {
  private readonly networks: ReadonlyMap<string, Networks>;
  /** Addresses in any country. */
  private readonly everywhere: AddressSet;
  private readonly known = new Map<string, CountryAddresses>();

  private constructor({ networks, everywhere }: TreeWalk) {
    this.networks = networks;
    this.everywhere = everywhere;
  }

  /** All networks of the database; what is wrong with it is a problem of every rule that asks. */
  static load(path: string, files: DataFiles): Countries | DataProblem {
    if (path === '')
      return {
        code: 'missing-setting',
        message: 'geoip needs a database of countries: geoip.database is empty',
        hint: 'name a MaxMind DB file: --set geoip.database=GeoLite2-Country.mmdb',
      };
    const read = files.read(path);
    if ('reason' in read)
      return {
        code: 'unreadable-file',
        message: `cannot read ${path}: ${read.reason}`,
        hint: 'geoip.database names a MaxMind DB file',
      };
    try {
      const walk = new TreeWalk(read.bytes);
      if (walk.networks.size > 0) return new Countries(walk);
      return {
        code: 'bad-data-file',
        message: `${path} says nothing of countries`,
        hint: 'name a database of countries or cities, such as GeoLite2-Country.mmdb',
      };
    } catch (error) {
      return {
        code: 'bad-data-file',
        message: `${path} is no MaxMind DB file, or a damaged one: ${(error as Error).message}`,
        hint: 'unpack it if it is an archive, or fetch it again',
      };
    }
  }

  /** Addresses in these countries or, `negated`, in any other. The same object for the same question. */
  addresses(codes: readonly string[], negated: boolean): CountryAddresses {
    const key = `${negated ? '!' : ''}${codes.toSorted().join()}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const wanted = this.union(codes);
    const found = {
      addresses: negated ? addressDifference(this.everywhere, wanted) : wanted,
      unknown: codes.filter((code) => !this.networks.has(code)),
    };
    this.known.set(key, found);
    return found;
  }

  private union(codes: readonly string[]): AddressSet {
    return addressUnion(codes.flatMap((code) => this.networks.get(code) ?? []));
  }
}

/** A network behind all others; neighbours become one. */
function append<T extends number | bigint>(ranges: MutableRanges<T>, low: T, high: T, one: T): void {
  const last = ranges.at(-1);
  if (last !== undefined && (low as number) - (one as number) === last[1]) last[1] = high;
  else ranges.push([low, high]);
}

/** One pass over the search tree, as it is made. */
class TreeWalk {
  readonly networks = new Map<string, Networks>();
  readonly everywhere: Networks = { ipv4: [], ipv6: [] };
  private readonly bytes: Buffer;
  private readonly reader: Reader<CountryResponse>;
  private readonly nodes: number;
  private readonly recordBits: number;
  private readonly nodeBytes: number;
  private readonly visited: Uint8Array;
  /** By record: the country of what it points to. */
  private readonly countryOf = new Map<number, string | undefined>();

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.reader = new Reader<CountryResponse>(bytes);
    const { nodeCount, recordSize, searchTreeSize } = this.reader.metadata;
    if (!Number.isSafeInteger(nodeCount) || nodeCount <= 0) throw new Error('it does not say how large its tree is');
    if (searchTreeSize + SEPARATOR_BYTES > bytes.length) throw new Error('it is cut');
    this.nodes = nodeCount;
    this.recordBits = recordSize;
    this.nodeBytes = recordSize / 4;
    this.visited = new Uint8Array(nodeCount);
    if (this.reader.metadata.ipVersion === 4) {
      this.walk4(0, 0, 0);
    } else {
      const root4 = this.rootOfIpv4();
      if (root4 < this.nodes) this.walk4(root4, 0, 0);
      else this.add4(root4, 0, 0xffff_ffff);
      this.walk6(0, 0n, 0);
    }
  }

  /** The node of ::/96; a record that is no node where IPv4 is not told apart. */
  private rootOfIpv4(): number {
    let node = 0;
    for (let depth = 0; depth < IPV6_BITS - IPV4_BITS && node < this.nodes; depth++) node = this.record(node, 0);
    return node;
  }

  private walk4(node: number, base: number, depth: number): void {
    if (!this.enter(node)) return;
    const size = 2 ** (IPV4_BITS - 1 - depth);
    for (const side of [0, 1] as const) {
      const record = this.record(node, side);
      const low = base + side * size;
      if (record < this.nodes) {
        if (depth + 1 < IPV4_BITS) this.walk4(record, low, depth + 1);
      } else {
        this.add4(record, low, low + size - 1);
      }
    }
  }

  private walk6(node: number, base: bigint, depth: number): void {
    if (!this.enter(node)) return;
    const size = 1n << BigInt(IPV6_BITS - 1 - depth);
    for (const side of [0, 1] as const) {
      const record = this.record(node, side);
      const low = side === 0 ? base : base + size;
      if (record < this.nodes) {
        if (depth + 1 < IPV6_BITS) this.walk6(record, low, depth + 1);
      } else {
        this.add6(record, low, low + size - 1n);
      }
    }
  }

  private add4(record: number, low: number, high: number): void {
    const networks = this.networksOf(record, () => dotted(low));
    if (networks === undefined) return;
    append(networks.ipv4, low, high, 1);
    append(this.everywhere.ipv4, low, high, 1);
  }

  private add6(record: number, low: bigint, high: bigint): void {
    const networks = this.networksOf(record, () => grouped(low));
    if (networks === undefined) return;
    append(networks.ipv6, low, high, 1n);
    append(this.everywhere.ipv6, low, high, 1n);
  }

  /** Whether this is the first time at the node. */
  private enter(node: number): boolean {
    if (this.visited[node] === 1) return false;
    this.visited[node] = 1;
    return true;
  }

  /** The networks of the country that a record points to; undefined where it points to none. */
  private networksOf(record: number, address: () => string): Networks | undefined {
    if (record === this.nodes) return undefined;
    if (!this.countryOf.has(record))
      this.countryOf.set(record, this.reader.get(address())?.country?.iso_code?.toUpperCase());
    const code = this.countryOf.get(record);
    if (code === undefined) return undefined;
    const networks = this.networks.get(code) ?? { ipv4: [], ipv6: [] };
    this.networks.set(code, networks);
    return networks;
  }

  /** A record of 24, 28 or 32 bits; of 28, the middle byte of the node holds the upper four of each. */
  private record(node: number, side: 0 | 1): number {
    const { bytes } = this;
    const at = node * this.nodeBytes;
    if (this.recordBits === 24) return bytes.readUIntBE(at + 3 * side, 3);
    if (this.recordBits === 32) return bytes.readUInt32BE(at + 4 * side);
    const middle = bytes[at + 3]!;
    return side === 0
      ? (middle >>> 4) * 0x1000000 + bytes.readUIntBE(at, 3)
      : (middle & 15) * 0x1000000 + bytes.readUIntBE(at + 4, 3);
  }
}

const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
const grouped = (address: bigint): string =>
  address
    .toString(16)
    .padStart(32, '0')
    .replace(/.{4}(?!$)/g, '$&:');
