/**
 * Gives a parser what was said, whole or cut, and tells what it made of it: for all parsers alike. What comes of a
 * message must not depend on how its bytes came.
 */
import type { BufferSpec } from '../../../src/app/buffer-spec.js';
import { bufferNumber } from '../../../src/app/buffers.js';
import { DNS_BUFFERS } from '../../../src/app/dns/buffers.js';
import { carriedMessages } from '../../../src/app/dns/carried-messages.js';
import { DNS_EVENTS } from '../../../src/app/dns/index.js';
import type { Connection } from '../../../src/app/connection.js';
import { frameBuffer, FRAMES } from '../../../src/app/frame/buffers.js';
import { frameLog, type FrameLog } from '../../../src/app/frame/frame-log.js';
import { Input } from '../../../src/app/input.js';
import type { Protocol } from '../../../src/app/protocol.js';
import type { ProtocolEvent } from '../../../src/app/protocol-event.js';
import type { Transaction } from '../../../src/app/transaction.js';
import type { Direction } from '../../../src/flow/flow.js';
import { Arena, PAGE_BYTES } from '../../../src/memory/arena.js';
import { Span } from '../../../src/memory/span.js';

/** A part that one side has said: bytes, or how many of them are missing. */
export type Part = readonly [side: '>' | '<', bytes: Uint8Array | number];

/** What rules would see of a transaction: bytes (latin1) and numbers by keyword and direction, where there are any. */
export interface Seen {
  readonly values: Readonly<Record<string, readonly (string | number)[]>>;
  readonly events: readonly string[];
  readonly progress: readonly [number, number];
  readonly eve: string;
}

/** Room ahead of the arena for what is said: each side has a half. */
const WINDOW = 131_072;
const MOST_INSTANCES = 2000;
const sideOf = (side: '>' | '<'): Direction => (side === '>' ? 0 : 1);

function newArena(pages: number): Arena {
  const from = 8 + 2 * WINDOW;
  return new Arena(new ArrayBuffer(from + pages * PAGE_BYTES), from, pages * PAGE_BYTES, { keptBytes: 0 });
}

export class Talk {
  readonly arena: Arena;
  readonly connection: Connection;
  private readonly input: Input;
  private readonly specs: readonly BufferSpec[];
  private readonly events: readonly ProtocolEvent[];
  private readonly start = [8, 8 + WINDOW];
  private readonly length = [0, 0];
  private readonly offset = [0, 0];
  private readonly skip = [0, 0];
  private readonly span = new Span();
  private frames: FrameLog | null = null;
  private leavesBytes = false;
  /** Frames as they come, where they are watched: `> mqtt.pdu = …`. */
  readonly seenFrames: string[] = [];

  /** `arena`: of another talk, which then shares what its connection does, and must not have anything waiting. */
  constructor(
    protocol: Protocol,
    specs: readonly BufferSpec[],
    events: readonly ProtocolEvent[],
    pages = 2,
    arena = newArena(pages),
  ) {
    this.arena = arena;
    this.input = new Input(this.arena.bytes);
    this.connection = protocol.open(this.arena);
    this.specs = specs.filter(({ applications }) => applications.includes(protocol.name));
    this.events = events;
  }

  /** All frames are asked for from now on. */
  watchFrames(): this {
    this.frames = frameLog(this.arena);
    this.frames.ask(new Uint8Array(FRAMES.length).fill(1));
    this.input.frames = this.frames;
    return this;
  }

  /** From now on what was taken stays behind what is there, as it does in the memory of a shard. */
  leaveBytes(): this {
    this.leavesBytes = true;
    return this;
  }

  datagram(side: '>' | '<', bytes: Uint8Array, timeUs = 0): void {
    const direction = sideOf(side);
    this.arena.bytes.set(bytes, this.start[direction]!);
    this.input.timeUs = timeUs;
    this.input.begin(this.start[direction]!, bytes.length, 0, false, true);
    this.connection.parse(direction, this.input);
    this.takeFrames();
    this.clear(this.start[direction]!, this.start[direction]! + bytes.length);
  }

  /** Gives more of a stream: what was not taken before is there again in front of it. */
  stream(side: '>' | '<', bytes: Uint8Array, last = false, timeUs = 0): void {
    const direction = sideOf(side);
    const skipped = Math.min(this.skip[direction]!, bytes.length);
    this.skip[direction]! -= skipped;
    const rest = bytes.subarray(skipped);
    const start = this.start[direction]!;
    this.arena.bytes.set(rest, start + this.length[direction]!);
    this.length[direction]! += rest.length;
    for (;;) {
      const before = this.length[direction]!;
      this.input.timeUs = timeUs;
      this.input.begin(start, before, this.offset[direction]!, last, false);
      if (!this.connection.broken) this.connection.parse(direction, this.input);
      this.takeFrames();
      const taken = this.connection.broken ? before : this.input.position - start;
      this.skip[direction]! += this.input.skipped;
      this.offset[direction]! += taken;
      this.length[direction] = before - taken;
      this.arena.bytes.copyWithin(start, start + taken, start + before);
      this.clear(start + before - taken, start + before);
      if (taken === 0 || this.length[direction] === 0) return;
    }
  }

  /** Bytes are missing; what waited in front of them is given up, as no more of it comes. */
  gap(side: '>' | '<', count: number): void {
    const direction = sideOf(side);
    const start = this.start[direction]!;
    this.clear(start, start + this.length[direction]!);
    this.offset[direction]! += this.length[direction]! + count;
    this.length[direction] = 0;
    if (!this.connection.gap(direction, count)) this.connection.broken = true;
  }

  close(side: '>' | '<'): void {
    this.stream(side, new Uint8Array(0), true);
    this.connection.close(sideOf(side));
  }

  /** A new flow, which uses what the last one has given back. */
  reset(): void {
    const { connection } = this;
    for (const tx of connection.transactions.splice(0, connection.count)) connection.release(tx);
    connection.reset();
    carriedMessages(this.arena).clear();
    for (const counts of [this.length, this.offset, this.skip]) counts.fill(0);
    this.seenFrames.length = 0;
  }

  private clear(from: number, to: number): void {
    if (!this.leavesBytes) this.arena.bytes.fill(0xaa, from, to);
  }

  get waiting(): number {
    return this.length[0]! + this.length[1]!;
  }

  /** Messages of DNS that it carried stand behind its transactions. */
  get seen(): readonly Seen[] {
    const carried = carriedMessages(this.arena);
    return [
      ...this.connection.transactions.slice(0, this.connection.count).map((tx) => this.see(tx)),
      ...carried.messages.slice(0, carried.count).map((tx) => this.see(tx, DNS_BUFFERS, DNS_EVENTS)),
    ];
  }

  /** What events would say of each transaction now; nothing else of it is looked at. */
  print(): readonly string[] {
    return this.connection.transactions.slice(0, this.connection.count).map((tx) => tx.eve(false));
  }

  private takeFrames(): void {
    const { frames, span } = this;
    for (let index = 0; index < (frames?.count ?? 0); index++) {
      const frame = frames!.whole[index]!;
      const name = FRAMES.find((one) => frame.locate(bufferNumber(frameBuffer(one)), 0, frame.direction, span))!;
      const text = Buffer.from(this.arena.bytes.buffer, span.start, span.length).toString('latin1');
      this.seenFrames.push(`${frame.direction === 0 ? '>' : '<'} ${name} = ${text}`);
    }
    frames?.clear();
  }

  private see(tx: Transaction, specs = this.specs, ofAll = this.events): Seen {
    const values: Record<string, (string | number)[]> = {};
    for (const spec of specs) {
      for (const direction of [0, 1] as const) {
        const from = direction === 0 ? spec.toServer : spec.toClient;
        if (from === undefined || tx.progress(direction) < from) continue;
        const found = this.valuesOf(tx, spec, direction);
        if (found.length > 0) values[`${direction === 0 ? '>' : '<'} ${spec.name}`] = found;
      }
    }
    const events = ofAll.map(({ name }) => name).filter((_, number) => tx.hasEvent(number));
    return { values, events, progress: [tx.progressToServer, tx.progressToClient], eve: tx.eve(false) };
  }

  /** The same of files: the bytes of each, or what else there is of them. */
  private valuesOfFiles(tx: Transaction, spec: BufferSpec, direction: Direction): (string | number)[] {
    const files = tx.files(direction);
    const found: (string | number)[] = [];
    for (let index = 0; files !== null && index < files.count; index++) {
      if (spec.kind === 'number') {
        const value = files.size(index);
        if (!Number.isNaN(value)) found.push(value);
        continue;
      }
      const isThere =
        spec.kind === 'growing'
          ? files.at(index).locateData(this.span)
          : files.locate(bufferNumber(spec.name), index, this.span);
      if (isThere)
        found.push(Buffer.from(this.arena.bytes.buffer, this.span.start, this.span.length).toString('latin1'));
    }
    return found;
  }

  private valuesOf(tx: Transaction, spec: BufferSpec, direction: Direction): (string | number)[] {
    if (spec.ofFiles === true) return this.valuesOfFiles(tx, spec, direction);
    const number = bufferNumber(spec.name);
    const found: (string | number)[] = [];
    for (let instance = 0; instance < MOST_INSTANCES; instance++) {
      if (spec.kind === 'number') {
        const value = tx.number(number, instance, direction);
        if (Number.isNaN(value)) break;
        found.push(value);
        continue;
      }
      if (!tx.locate(number, instance, direction, this.span)) break;
      const { start, length } = this.span;
      found.push(Buffer.from(this.arena.bytes.buffer, start, length).toString('latin1'));
      if (spec.kind !== 'multi') break;
    }
    return found;
  }
}

/**
 * What a parser makes of parts of streams, each in pieces of `size` bytes. Behind each piece of one byte an event is
 * printed, as an alert may come at any time: it must change nothing of what is seen later.
 */
export function talkInPieces(talk: Talk, parts: readonly Part[], size: number): Talk {
  for (const [side, bytes] of parts) {
    if (typeof bytes === 'number') {
      talk.gap(side, bytes);
      continue;
    }
    for (let at = 0; at < bytes.length; at += size) {
      talk.stream(side, bytes.subarray(at, at + size));
      if (size === 1) talk.print();
    }
  }
  return talk;
}

/** The same, each part in two pieces: for each place of the cut. */
export function talksCutOnce(make: () => Talk, parts: readonly Part[]): Talk[] {
  const longest = Math.max(...parts.map(([, bytes]) => (typeof bytes === 'number' ? 0 : bytes.length)));
  return Array.from({ length: longest }, (_, cut) => {
    const talk = make();
    for (const [side, bytes] of parts) {
      if (typeof bytes === 'number') talk.gap(side, bytes);
      else
        for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)])
          if (piece.length > 0) talk.stream(side, piece);
    }
    return talk;
  });
}
