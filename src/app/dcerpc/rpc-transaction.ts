/**
 * A call of DCE/RPC and what comes of it, or a bind and its answer. Stage: app; SMB's transactions are such, too, as
 * calls come through pipes.
 *
 *   text: interfaces and further fields  |  a block of arguments a side, all fragments one behind the other
 *
 * Bound: 256 KiB of arguments a side.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { BUFFERS } from '../buffers.js';
import { FieldTransaction, type FieldLayout } from '../fields/field-transaction.js';
import { TextBlock } from '../text-block.js';
import { INTERFACE } from './buffers.js';
import { UUID_BYTES, type ContextTable } from './context-table.js';
import { TYPE } from './type-names.js';

const STUB_DATA = BUFFERS.indexOf('dcerpc.stub_data');
const IFACE = BUFFERS.indexOf('dcerpc.iface');
const OPNUM = BUFFERS.indexOf('dcerpc.opnum');
const MOST_STUB_BYTES = 262_144;
const NO_TYPE = -1;
const INTERFACE_BYTES = UUID_BYTES + 4;
/** Interfaces of a bind that events tell. */
const MOST_NAMED = 16;

/** An interface in events. */
export interface NamedInterface {
  readonly uuid: string;
  readonly version: string;
  readonly ack_result?: number | undefined;
  readonly ack_reason?: number | undefined;
}

export abstract class RpcTransaction extends FieldTransaction {
  callId = 0;
  /** Types of the request and of the response; NO_TYPE while there is none. */
  requestType = NO_TYPE;
  responseType = NO_TYPE;
  opnum = 0;
  minorVersion = 0;
  /** Fragments by direction. */
  readonly fragments: [number, number] = [0, 0];
  private readonly stubs: readonly [TextBlock, TextBlock];
  /** Interfaces in events: UUID, version and minor version, result and reason. */
  private readonly named = new Uint8Array(MOST_NAMED * INTERFACE_BYTES);
  private readonly results: number[] = [];
  private readonly reasons: number[] = [];
  private namedCount = 0;
  /** The interface called, as rules look at it; 0 bytes while it is not known. */
  private readonly called: TextBlock;

  constructor(arena: Arena, layout: FieldLayout) {
    super(arena, layout);
    this.stubs = [new TextBlock(arena, MOST_STUB_BYTES), new TextBlock(arena, MOST_STUB_BYTES)];
    this.called = new TextBlock(arena, INTERFACE.bytes);
  }

  get isRequestSeen(): boolean {
    return this.requestType !== NO_TYPE;
  }

  get isResponseSeen(): boolean {
    return this.responseType !== NO_TYPE;
  }

  /** Adds a fragment's arguments. @returns false where there is no room for all. */
  addStub(direction: Direction, start: number, length: number): boolean {
    this.fragments[direction]++;
    return length <= 0 || this.stubs[direction].append(start, length) >= 0;
  }

  stubBytes(direction: Direction): number {
    return this.stubs[direction].length;
  }

  /** Says which interface is called. */
  call(contexts: ContextTable, place: number, isFirst: boolean): void {
    this.name(contexts, place);
    this.setInterface(contexts.uuids, place * UUID_BYTES, contexts.versions[place], isFirst);
  }

  setInterface(uuids: Uint8Array, at: number, version: number, isFirst: boolean): void {
    const { called } = this;
    if (called.length > 0 || !called.reserve(INTERFACE.bytes)) return;
    called.appendBytes(uuids, at, at + UUID_BYTES);
    called.push(version >>> 8);
    called.push(version & 0xff);
    called.push(Number(isFirst));
  }

  /** Keeps an interface for events, of the first MOST_NAMED. */
  name(contexts: ContextTable, place: number): void {
    if (this.namedCount >= MOST_NAMED) return;
    const { named } = this;
    const to = this.namedCount * INTERFACE_BYTES;
    for (let index = 0; index < UUID_BYTES; index++) named[to + index] = contexts.uuids[place * UUID_BYTES + index];
    named[to + UUID_BYTES] = contexts.versions[place] >>> 8;
    named[to + UUID_BYTES + 1] = contexts.versions[place] & 0xff;
    named[to + UUID_BYTES + 2] = contexts.minors[place] >>> 8;
    named[to + UUID_BYTES + 3] = contexts.minors[place] & 0xff;
    this.results[this.namedCount] = contexts.results[place];
    this.reasons[this.namedCount++] = contexts.reasons[place];
  }

  /** The answer to the interface in that place of a bind. */
  answer(place: number, result: number, reason: number): void {
    if (place >= this.namedCount) return;
    this.results[place] = result;
    this.reasons[place] = reason;
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    if (buffer === STUB_DATA) return this.locateStub(direction, span);
    if (buffer !== IFACE) return super.locate(buffer, instance, direction, span);
    return instance === 0 && this.called.length > 0 && span.set(this.called.start, this.called.length);
  }

  override number(buffer: number, instance: number, direction: Direction): number {
    if (buffer !== OPNUM) return super.number(buffer, instance, direction);
    return instance === 0 && this.requestType === TYPE.request ? this.opnum : NaN;
  }

  /** For events. */
  interfaces(): NamedInterface[] {
    return Array.from({ length: this.namedCount }, (_, index) => {
      const at = index * INTERFACE_BYTES;
      const isAnswered = this.results[index] >= 0;
      return {
        uuid: printedUuid(this.named, at),
        version: `${this.word(at + UUID_BYTES)}.${this.word(at + UUID_BYTES + 2)}`,
        ...(isAnswered ? { ack_result: this.results[index], ack_reason: this.reasons[index] } : {}),
      };
    });
  }

  override reset(): void {
    super.reset();
    for (const stub of this.stubs) stub.clear();
    this.called.clear();
    this.fragments.fill(0);
    this.callId = 0;
    this.requestType = NO_TYPE;
    this.responseType = NO_TYPE;
    this.opnum = 0;
    this.minorVersion = 0;
    this.namedCount = 0;
  }

  private locateStub(direction: Direction, span: Span): boolean {
    const { start, length } = this.stubs[direction];
    return length > 0 && span.set(start, length);
  }

  private word(at: number): number {
    return (this.named[at] << 8) | this.named[at + 1];
  }
}

/** As it is written: `4b324fc8-1670-01d3-1278-5a47bf6ee188`. */
export function printedUuid(bytes: Uint8Array, at: number): string {
  const hex = Buffer.from(bytes.subarray(at, at + UUID_BYTES)).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
