/**
 * Writes small MaxMind DB files (file format specification 2.0): a search tree with records of 24, 28 or 32 bits, and
 * the data that its leaves point to. Networks may lie within one another; the later one wins.
 */
import ipaddr from 'ipaddr.js';

type Value = string | number | bigint | readonly Value[] | { readonly [key: string]: Value };

/** A record of the tree: nothing, a further node, or a place in `values`. */
type Entry =
  | { readonly kind: 'none' }
  | { readonly kind: 'node'; readonly node: number }
  | { readonly kind: 'value'; readonly value: number };

const NONE: Entry = { kind: 'none' };
const MARKER = Buffer.from('ABCDEF4D61784D696E642E636F6D', 'hex');

export interface MmdbOptions {
  readonly ipVersion?: 4 | 6;
  readonly recordSize?: 24 | 28 | 32;
}

export class MmdbWriter {
  private readonly ipVersion: 4 | 6;
  private readonly recordSize: 24 | 28 | 32;
  private readonly nodes: [Entry, Entry][] = [[NONE, NONE]];
  private readonly values: Value[] = [];

  constructor({ ipVersion = 6, recordSize = 24 }: MmdbOptions = {}) {
    this.ipVersion = ipVersion;
    this.recordSize = recordSize;
  }

  /** A network in a country, as country databases have it. */
  country(network: string, code: string): this {
    return this.network(network, { country: { iso_code: code } });
  }

  network(network: string, data: Value): this {
    this.put(this.bitsOf(network), { kind: 'value', value: this.values.push(data) - 1 });
    return this;
  }

  /** Lets a network lead to the part of the tree for IPv4, as 6to4 does. */
  alias(network: string): this {
    this.put(this.bitsOf(network), { kind: 'node', node: this.nodeAt('0'.repeat(96)) });
    return this;
  }

  build(): Buffer {
    const data: Buffer[] = [];
    const places: number[] = [];
    let length = 0;
    for (const value of this.values) {
      const encoded = encode(value);
      places.push(length);
      data.push(encoded);
      length += encoded.length;
    }
    const record = (entry: Entry): number =>
      entry.kind === 'node'
        ? entry.node
        : entry.kind === 'none'
          ? this.nodes.length
          : this.nodes.length + 16 + places[entry.value]!;
    const tree = this.nodes.map(([left, right]) => this.encodeNode(record(left), record(right)));
    const metadata = encode({
      binary_format_major_version: 2,
      binary_format_minor_version: 0,
      build_epoch: 1_700_000_000n,
      database_type: 'Test-Country',
      description: { en: 'test' },
      ip_version: this.ipVersion,
      languages: ['en'],
      node_count: this.nodes.length,
      record_size: this.recordSize,
    });
    return Buffer.concat([...tree, Buffer.alloc(16), ...data, MARKER, metadata]);
  }

  private bitsOf(network: string): string {
    const [address, prefix] = ipaddr.parseCIDR(network);
    const bits = address
      .toByteArray()
      .map((byte) => byte.toString(2).padStart(8, '0'))
      .join('')
      .slice(0, prefix);
    return address.kind() === 'ipv4' && this.ipVersion === 6 ? '0'.repeat(96) + bits : bits;
  }

  private put(bits: string, entry: Entry): void {
    this.nodes[this.nodeAt(bits.slice(0, -1))]![Number(bits.at(-1))] = entry;
  }

  /** The node that the bits lead to; a leaf on the way becomes two. */
  private nodeAt(bits: string): number {
    let node = 0;
    for (const bit of bits) {
      const entry = this.nodes[node]![Number(bit)]!;
      const next = entry.kind === 'node' ? entry.node : this.nodes.push([entry, entry]) - 1;
      this.nodes[node]![Number(bit)] = { kind: 'node', node: next };
      node = next;
    }
    return node;
  }

  private encodeNode(left: number, right: number): Buffer {
    const node = Buffer.alloc(this.recordSize / 4);
    const bytes = Math.floor(this.recordSize / 8);
    node.writeUIntBE(left % 2 ** (8 * bytes), 0, bytes);
    node.writeUIntBE(right % 2 ** (8 * bytes), node.length - bytes, bytes);
    // What the records have above 24 bits shares the byte between them.
    if (this.recordSize === 28) node[3] = ((left >>> 24) << 4) | (right >>> 24);
    return node;
  }
}

/** Types of the format. */
const TYPE = { string: 2, uint32: 6, map: 7, uint64: 9, array: 11 } as const;

function encode(value: Value): Buffer {
  if (typeof value === 'string')
    return Buffer.concat([control(TYPE.string, Buffer.byteLength(value)), Buffer.from(value)]);
  if (typeof value === 'number') return Buffer.concat([control(TYPE.uint32, 4), unsigned(BigInt(value), 4)]);
  if (typeof value === 'bigint') return Buffer.concat([control(TYPE.uint64, 8), unsigned(value, 8)]);
  if (isList(value)) return Buffer.concat([control(TYPE.array, value.length), ...value.map(encode)]);
  const entries = Object.entries(value);
  return Buffer.concat([
    control(TYPE.map, entries.length),
    ...entries.flatMap(([key, each]) => [encode(key), encode(each)]),
  ]);
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

function control(type: number, size: number): Buffer {
  if (size >= 29 + 256) throw new Error('too large for a test');
  const low = size < 29 ? size : 29;
  const more = size < 29 ? [] : [size - 29];
  return type <= 7 ? Buffer.from([(type << 5) | low, ...more]) : Buffer.from([low, type - 7, ...more]);
}

function unsigned(value: bigint, bytes: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64BE(value);
  return buffer.subarray(8 - bytes);
}
