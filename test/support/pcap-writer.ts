/**
 * Writes small capture files for tests: pcap in every variant, and pcapng block by block.
 *
 *   pcapFile([{ timeNs: 0n, bytes: frame }], { nanoseconds: true, bigEndian: true })
 *   new PcapngWriter().interface({ linkType: 101 }).enhanced({ timeNs: 0n, bytes: packet }).finish()
 */

export interface CapturedFrame {
  readonly bytes: Uint8Array;
  /** Nanoseconds since 1970; 0 when left out. */
  readonly timeNs?: bigint;
  /** Bytes on the wire; those present when left out. */
  readonly wireLength?: number;
}

export interface PcapOptions {
  readonly bigEndian?: boolean;
  readonly nanoseconds?: boolean;
  /** Kuznetzov's variant, with record headers of 24 bytes. */
  readonly kuznetzov?: boolean;
  /** 1 (Ethernet) when left out. */
  readonly linkType?: number;
  readonly snapLength?: number;
}

/** A list of fields that becomes bytes in either byte order. */
class Fields {
  readonly bytes: number[] = [];
  private readonly bigEndian: boolean;

  constructor(bigEndian: boolean) {
    this.bigEndian = bigEndian;
  }

  unsigned(value: number | bigint, size: number): this {
    const field = Array.from({ length: size }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));
    this.bytes.push(...(this.bigEndian ? field.reverse() : field));
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) this.unsigned(value, 2);
    return this;
  }

  u32(...values: (number | bigint)[]): this {
    for (const value of values) this.unsigned(value, 4);
    return this;
  }

  /** Bytes as they are, padded to a multiple of `align`. */
  raw(bytes: ArrayLike<number>, align = 1): this {
    for (let i = 0; i < bytes.length; i++) this.bytes.push(bytes[i]);
    while (this.bytes.length % align !== 0) this.bytes.push(0);
    return this;
  }
}

/** A whole pcap file. */
export function pcapFile(frames: readonly CapturedFrame[], options: PcapOptions = {}): Uint8Array {
  const { bigEndian = false, nanoseconds = false, kuznetzov = false, linkType = 1, snapLength = 262_144 } = options;
  const magic = nanoseconds ? 0xa1b23c4d : kuznetzov ? 0xa1b2cd34 : 0xa1b2c3d4;
  const header = new Fields(bigEndian).u32(magic).u16(2, 4).u32(0, 0, snapLength, linkType);
  const parts: Uint8Array[] = [Uint8Array.from(header.bytes)];
  for (const { bytes, timeNs = 0n, wireLength = bytes.length } of frames) {
    const fraction = (timeNs % 1_000_000_000n) / (nanoseconds ? 1n : 1000n);
    const record = new Fields(bigEndian).u32(timeNs / 1_000_000_000n, fraction, bytes.length, wireLength);
    if (kuznetzov) record.u32(1).u16(0x0800).raw([0, 0]);
    parts.push(Uint8Array.from(record.bytes), bytes);
  }
  return concat(parts);
}

export interface PcapngInterface {
  /** 1 (Ethernet) when left out. */
  readonly linkType?: number;
  readonly snapLength?: number;
  /** The byte of if_tsresol: 6 microseconds (and when left out), 9 nanoseconds, 0x80 + n for 2^-n seconds. */
  readonly resolution?: number;
  /** if_tsoffset in seconds. */
  readonly offsetSeconds?: bigint;
}

export class PcapngWriter {
  private readonly parts: Uint8Array[] = [];
  private bigEndian = false;
  private interfaces: PcapngInterface[] = [];

  constructor(options: { readonly bigEndian?: boolean } = {}) {
    this.section(options);
  }

  /** Begins a section, which has interfaces of its own. */
  section({ bigEndian = false }: { readonly bigEndian?: boolean } = {}): this {
    this.bigEndian = bigEndian;
    this.interfaces = [];
    return this.block(0x0a0d0d0a, this.fields().u32(0x1a2b3c4d).u16(1, 0).u32(0xffffffff, 0xffffffff).bytes);
  }

  interface(description: PcapngInterface = {}): this {
    const { linkType = 1, snapLength = 0, resolution, offsetSeconds } = description;
    this.interfaces.push(description);
    const body = this.fields().u16(linkType, 0).u32(snapLength);
    if (resolution !== undefined) body.u16(9, 1).raw([resolution], 4);
    if (offsetSeconds !== undefined) body.u16(14, 8).unsigned(BigInt.asUintN(64, offsetSeconds), 8);
    if (resolution !== undefined || offsetSeconds !== undefined) body.u16(0, 0);
    return this.block(1, body.bytes);
  }

  /** An enhanced packet block; `comment` adds an option behind the frame. */
  enhanced(frame: CapturedFrame, interfaceIndex = 0, comment = ''): this {
    const body = this.timed(this.fields().u32(interfaceIndex), frame, interfaceIndex);
    if (comment !== '') body.u16(1, comment.length).raw(Buffer.from(comment), 4).u16(0, 0);
    return this.block(6, body.bytes);
  }

  /** An obsolete packet block. */
  obsolete(frame: CapturedFrame, interfaceIndex = 0): this {
    return this.block(2, this.timed(this.fields().u16(interfaceIndex, 0), frame, interfaceIndex).bytes);
  }

  /** A simple packet block, of interface 0. */
  simple({ bytes, wireLength = bytes.length }: CapturedFrame): this {
    return this.block(3, this.fields().u32(wireLength).raw(bytes, 4).bytes);
  }

  /** Any block. */
  block(type: number, body: ArrayLike<number>): this {
    const length = ((body.length + 3) & ~3) + 12;
    const block = new Uint8Array(length);
    block.set(this.fields().u32(type, length).bytes);
    block.set(body, 8);
    block.set(this.fields().u32(length).bytes, length - 4);
    this.parts.push(block);
    return this;
  }

  /** Bytes as they are, to damage a file with. */
  raw(bytes: Uint8Array): this {
    this.parts.push(bytes);
    return this;
  }

  finish(): Uint8Array {
    return concat(this.parts);
  }

  private fields(): Fields {
    return new Fields(this.bigEndian);
  }

  private timed(
    body: Fields,
    { bytes, timeNs = 0n, wireLength = bytes.length }: CapturedFrame,
    interfaceIndex: number,
  ): Fields {
    const { resolution = 6, offsetSeconds = 0n } = this.interfaces[interfaceIndex] ?? {};
    const sinceOffset = timeNs - offsetSeconds * 1_000_000_000n;
    const perSecond = (resolution & 0x80) !== 0 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
    const ticks = (sinceOffset * perSecond) / 1_000_000_000n;
    return body.u32(ticks >> 32n, ticks & 0xffffffffn, bytes.length, wireLength).raw(bytes, 4);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
