/**
 * The state of one flow: both directions of a 5-tuple under one mirror session. Stage: flow.
 *
 * A flow is a record of words (record.ts); `Flow` is a cursor that the table sets on one record after the other, so
 * that no flow owns an object. What is remembered of a flow across packets is its `index` or `id`, never the cursor.
 * Owned by one shard; nothing here is shared.
 * The client is the side that opened the flow: the sender of a SYN, the receiver of a SYN/ACK, else the sender of the
 * first packet seen (and, where a capture starts in the middle, what the first segment says, else the higher port).
 */
import { Arena, BLOCK_BYTES, PAGE_BYTES } from '../memory/arena.js';
import { annexOf, appendEntry, firstWord, listCount, setListCount } from '../memory/arena-list.js';
import { COLUMN, FLOW_BYTES, FLOW_WORDS, STATE_BIT, STREAM, STREAM_TRAIT, STREAM_WORDS } from './record.js';
import { KEY_WORD, SEVERAL_TAGS } from './tuple.js';

export const FLOW_STATE = {
  /** Seen from one side, or opening. */
  new: 0,
  /** TCP: three-way handshake done, or picked up midstream; others: packets seen in both directions. */
  established: 1,
  /** TCP: FIN seen from both sides, or RST. Still matched until it times out. */
  closed: 2,
} as const;

/** Why a flow is over. */
export const FLOW_END = {
  /** Nothing came for as long as its timeout. */
  timeout: 0,
  /** It made room for another one. */
  evicted: 1,
  /** A new connection on its ports. */
  reused: 2,
  /** The end of the capture, or of the sensor. */
  shutdown: 3,
} as const;
export type FlowEnd = (typeof FLOW_END)[keyof typeof FLOW_END];

export const DIRECTION = { toServer: 0, toClient: 1 } as const;
export type Direction = (typeof DIRECTION)[keyof typeof DIRECTION];

export const opposite = (direction: Direction): Direction =>
  direction === DIRECTION.toServer ? DIRECTION.toClient : DIRECTION.toServer;

/** Bytes ahead of the first record of a flow that stands alone: offset 0 is "none". */
const ALONE_BYTES = FLOW_BYTES;
const ALONE_ARENA = 8 * PAGE_BYTES;
const BIT_BYTES = 4;
/** The block of the TCP observer, by its number, lies above the flags of the row to the server. */
const TRACK = COLUMN.toServer + STREAM.flags;
const FLAGS = 0xff;
const TRACK_SHIFT = 8;

export class Flow {
  /** The memory of all records, and of the lists that belong to them. */
  readonly words: Uint32Array;
  readonly arena: Arena;
  /** Position among the table's records, stable while the flow lives. */
  index = -1;
  /** What the last lookup saw: time since the flow's packet before, which is no part of the record. */
  idleUs = 0;
  private readonly doubles: Float64Array;
  /** First word of the record. */
  private at = 0;
  private readonly first: number;

  /** On the records from byte `offset` on in the arena's memory; left out, on one record of its own. */
  constructor(arena: Arena = newArenaOfOne(), offset = ALONE_BYTES) {
    this.words = arena.words;
    this.doubles = arena.doubles;
    this.arena = arena;
    this.first = offset >>> 2;
    this.use(0);
  }

  /** Sets the cursor on record number `index`. */
  use(index: number): this {
    this.index = index;
    this.at = this.first + index * FLOW_WORDS;
    return this;
  }

  /** Hash of key and first sight, the same for any number of shards; below 2^53. */
  get id(): number {
    return this.doubles[(this.at + COLUMN.id) >>> 1];
  }

  set id(id: number) {
    this.doubles[(this.at + COLUMN.id) >>> 1] = id;
  }

  get protocol(): number {
    return this.words[this.at + COLUMN.key + KEY_WORD.protocol] & 0xff;
  }

  /** Both ports, 16 bits each, the lower endpoint's first; of 32 bits with a sign, which V8 keeps without a box. */
  get ports(): number {
    return this.words[this.at + COLUMN.key + KEY_WORD.ports] | 0;
  }

  get ipVersion(): number {
    return (this.words[this.at + COLUMN.key + KEY_WORD.protocol] >>> 8) & 0xff;
  }

  /** Id of the VLAN tag of its packets; 0 where they have none or several, or VLANs do not part flows. */
  get vlan(): number {
    const bits = this.words[this.at + COLUMN.key + KEY_WORD.protocol] >>> 16;
    return bits < SEVERAL_TAGS ? bits : 0;
  }

  /** Of the mirror session; -1 where flows of all sessions are one. */
  get vni(): number {
    return this.words[this.at + COLUMN.key + KEY_WORD.vni] | 0;
  }

  /** Port of an end: 0 the lower one, 1 the other. */
  port(end: number): number {
    return (this.words[this.at + COLUMN.key + KEY_WORD.ports] >>> (end === 0 ? 16 : 0)) & 0xffff;
  }

  /** Writes the address of an end, in the order of the network, 4 or 16 bytes. */
  copyAddress(end: number, to: Uint8Array, at: number): void {
    const first = this.at + COLUMN.key + 4 * end;
    const size = this.ipVersion === 4 ? 4 : 16;
    for (let i = 0; i < size; i++) to[at + i] = this.words[first + (i >>> 2)] >>> (24 - 8 * (i & 3));
  }

  /** FLOW_STATE. */
  get state(): number {
    return this.words[this.at + COLUMN.state] & STATE_BIT.state;
  }

  set state(state: number) {
    const at = this.at + COLUMN.state;
    this.words[at] = (this.words[at] & ~STATE_BIT.state) | state;
  }

  /** It was established once, also after it closed. */
  get established(): boolean {
    return this.has(STATE_BIT.established);
  }

  set established(value: boolean) {
    this.put(STATE_BIT.established, value);
  }

  /**
   * TCP: the packet last counted in has established it and carries no data; `flow:established` holds from the next one
   * on.
   */
  get justEstablished(): boolean {
    return this.has(STATE_BIT.justEstablished);
  }

  set justEstablished(value: boolean) {
    this.put(STATE_BIT.justEstablished, value);
  }

  /** True when the first packet seen was not the start of the connection. */
  get midstream(): boolean {
    return this.has(STATE_BIT.midstream);
  }

  set midstream(value: boolean) {
    this.put(STATE_BIT.midstream, value);
  }

  /** Set by a pass rule that covers the whole flow. */
  get passed(): boolean {
    return this.has(STATE_BIT.passed);
  }

  set passed(value: boolean) {
    this.put(STATE_BIT.passed, value);
  }

  /** It is passed over, as it has brought more bytes than a flow may that is inspected. */
  get elephant(): boolean {
    return this.has(STATE_BIT.elephant);
  }

  set elephant(value: boolean) {
    this.put(STATE_BIT.elephant, value);
  }

  /** A rule has alerted on one of its packets. */
  get alerted(): boolean {
    return this.has(STATE_BIT.alerted);
  }

  set alerted(value: boolean) {
    this.put(STATE_BIT.alerted, value);
  }

  /** Whether a rule wants the files stored that one side sends from here on. */
  wantsFiles(direction: Direction): boolean {
    return this.has(direction === DIRECTION.toServer ? STATE_BIT.storesToServer : STATE_BIT.storesToClient);
  }

  wantFiles(direction: Direction): void {
    this.put(direction === DIRECTION.toServer ? STATE_BIT.storesToServer : STATE_BIT.storesToClient, true);
  }

  /** True when the client is the lower endpoint of the normalised key. */
  get clientIsLower(): boolean {
    return this.has(STATE_BIT.clientIsLower);
  }

  set clientIsLower(value: boolean) {
    this.put(STATE_BIT.clientIsLower, value);
  }

  /** Nothing but its ports tells who the client is, as no payload has come yet. */
  get clientIsGuessed(): boolean {
    return this.has(STATE_BIT.clientIsGuessed);
  }

  set clientIsGuessed(value: boolean) {
    this.put(STATE_BIT.clientIsGuessed, value);
  }

  /** The number of its timeout, as the table last noted it (`FlowTable.settle`). */
  get kind(): number {
    return (this.words[this.at + COLUMN.state] >>> STATE_BIT.kindShift) & STATE_BIT.kind;
  }

  set kind(kind: number) {
    const at = this.at + COLUMN.state;
    this.words[at] = (this.words[at] & ~(STATE_BIT.kind << STATE_BIT.kindShift)) | (kind << STATE_BIT.kindShift);
  }

  get startUs(): number {
    return this.doubles[(this.at + COLUMN.startUs) >>> 1];
  }

  set startUs(timeUs: number) {
    this.doubles[(this.at + COLUMN.startUs) >>> 1] = timeUs;
  }

  /** Time of the latest packet; the table derives from it when the flow is over. */
  get lastUs(): number {
    return this.doubles[(this.at + COLUMN.lastUs) >>> 1];
  }

  set lastUs(timeUs: number) {
    this.doubles[(this.at + COLUMN.lastUs) >>> 1] = timeUs;
  }

  get packetsToServer(): number {
    return this.words[this.at + COLUMN.packetsToServer];
  }

  set packetsToServer(count: number) {
    this.words[this.at + COLUMN.packetsToServer] = count;
  }

  get packetsToClient(): number {
    return this.words[this.at + COLUMN.packetsToClient];
  }

  set packetsToClient(count: number) {
    this.words[this.at + COLUMN.packetsToClient] = count;
  }

  /** Captured bytes of whole IP packets. */
  get bytesToServer(): number {
    return this.doubles[(this.at + COLUMN.bytesToServer) >>> 1];
  }

  set bytesToServer(count: number) {
    this.doubles[(this.at + COLUMN.bytesToServer) >>> 1] = count;
  }

  get bytesToClient(): number {
    return this.doubles[(this.at + COLUMN.bytesToClient) >>> 1];
  }

  set bytesToClient(count: number) {
    this.doubles[(this.at + COLUMN.bytesToClient) >>> 1] = count;
  }

  /** TCP: a set of `TCP_SEEN` (stream/tcp-state.ts). */
  get tcpState(): number {
    return this.words[this.at + COLUMN.state] >>> STATE_BIT.tcpShift;
  }

  set tcpState(state: number) {
    const at = this.at + COLUMN.state;
    this.words[at] = (this.words[at] & ((1 << STATE_BIT.tcpShift) - 1)) | (state << STATE_BIT.tcpShift);
  }

  /** TCP, until it is established: the number of the SYN that `TCP_SEEN.otherSyn` speaks of. */
  get otherSeq(): number {
    return this.words[this.at + COLUMN.toClient + STREAM.timestamp];
  }

  set otherSeq(seq: number) {
    this.words[this.at + COLUMN.toClient + STREAM.timestamp] = seq;
  }

  /** ICMP: the code of the first packet. Its streams, which it does not have, begin with it. */
  get icmpCode(): number {
    return this.words[this.row(DIRECTION.toServer)];
  }

  set icmpCode(code: number) {
    this.words[this.row(DIRECTION.toServer)] = code;
  }

  /** First word, in `words`, of a direction's row of `STREAM`. */
  row(direction: Direction): number {
    return this.at + COLUMN.toServer + direction * STREAM_WORDS;
  }

  /**
   * Sequence numbers from the first one on that a side has used, as far as is known: bytes, and one each for SYN and
   * FIN.
   */
  sentBytes(direction: Direction): number {
    const { words } = this;
    const row = this.row(direction);
    const traits = words[row + STREAM.traits];
    if ((traits & STREAM_TRAIT.known) === 0) return 0;
    const fin = (traits & STREAM_TRAIT.fin) === 0 ? 0 : 1;
    return (words[row + STREAM.nextSeq] + fin - words[row + STREAM.initialSeq]) >>> 0;
  }

  /** What its sides speak, and what is kept of it: words of flow-application.ts. */
  get applications(): number {
    return this.words[this.at + COLUMN.application];
  }

  set applications(word: number) {
    this.words[this.at + COLUMN.application] = word;
  }

  get connection(): number {
    return this.words[this.at + COLUMN.connection];
  }

  set connection(word: number) {
    this.words[this.at + COLUMN.connection] = word;
  }

  /**
   * Lists in the arena: flowbits (words), flow integers (pairs of words), tags (detect/state/tag-list.ts); 0 for none.
   * The integers have an annex (flow-variables.ts), as the record has no room for one more.
   */
  get bits(): number {
    return this.words[this.at + COLUMN.bits];
  }

  get integers(): number {
    return this.words[this.at + COLUMN.integers];
  }

  set integers(list: number) {
    this.words[this.at + COLUMN.integers] = list;
  }

  get tags(): number {
    return this.words[this.at + COLUMN.tags];
  }

  set tags(list: number) {
    this.words[this.at + COLUMN.tags] = list;
  }

  /** Block of what finding events of the connection takes (stream/tcp-observer.ts), 0 for none. */
  get track(): number {
    const number = this.words[this.at + TRACK] >>> TRACK_SHIFT;
    return number === 0 ? 0 : this.arena.start + (number - 1) * BLOCK_BYTES[0];
  }

  set track(block: number) {
    const number = block === 0 ? 0 : (block - this.arena.start) / BLOCK_BYTES[0] + 1;
    this.words[this.at + TRACK] = (this.words[this.at + TRACK] & FLAGS) | (number << TRACK_SHIFT);
  }

  get bitCount(): number {
    return listCount(this.arena, this.bits);
  }

  get tagCount(): number {
    return listCount(this.arena, this.tags);
  }

  /** TCP: whether there is a connection: its opening was seen, or it was picked up without. Strays make none. */
  get hasSession(): boolean {
    return (
      this.hasTrait(DIRECTION.toServer, STREAM_TRAIT.known) || this.hasTrait(DIRECTION.toClient, STREAM_TRAIT.known)
    );
  }

  /** TCP: the side has sent its FIN. */
  hasSentFin(direction: Direction): boolean {
    return this.hasTrait(direction, STREAM_TRAIT.fin);
  }

  hasBit(id: number): boolean {
    return this.bits !== 0 && this.findBit(id) >= 0;
  }

  /** Sets a bit. @returns false where the arena has no room for it. */
  setBit(id: number): boolean {
    if (this.hasBit(id)) return true;
    const list = appendEntry(this.arena, this.bits, BIT_BYTES);
    if (list === 0) return false;
    this.words[this.at + COLUMN.bits] = list;
    this.words[firstWord(list) + listCount(this.arena, list) - 1] = id;
    return true;
  }

  unsetBit(id: number): void {
    const place = this.bits === 0 ? -1 : this.findBit(id);
    if (place < 0) return;
    const last = this.bitCount - 1;
    this.words[place] = this.words[firstWord(this.bits) + last];
    setListCount(this.arena, this.bits, last);
  }

  clearBits(): void {
    if (this.bits !== 0) setListCount(this.arena, this.bits, 0);
  }

  /** Whether rules have left bits, numbers or variables here. */
  get hasMarks(): boolean {
    return this.bits !== 0 || this.integers !== 0;
  }

  /** The id of one of `bitCount` bits that are set. */
  bitId(index: number): number {
    return this.words[firstWord(this.bits) + index];
  }

  /** Id and value of the numbers kept, for events. Allocates. */
  integerPairs(): [id: number, value: number][] {
    const first = firstWord(this.integers);
    const count = listCount(this.arena, this.integers);
    return Array.from({ length: count }, (_, i) => [this.words[first + 2 * i], this.words[first + 2 * i + 1]]);
  }

  /** Makes the record as new, but for its key; what it held in the arena is given back. */
  reset(): void {
    this.release();
    this.words.fill(0, this.at + COLUMN.id, this.at + FLOW_WORDS);
  }

  /** Gives back what the flow holds in the arena, but for its streams (stream/reassembler.ts). */
  release(): void {
    const annex = annexOf(this.arena, this.integers);
    if (annex !== 0) this.arena.free(annex);
    this.drop(COLUMN.bits);
    this.drop(COLUMN.integers);
    this.drop(COLUMN.tags);
    this.dropTrack();
  }

  private drop(column: number): void {
    const block = this.words[this.at + column];
    if (block === 0) return;
    this.arena.free(block);
    this.words[this.at + column] = 0;
  }

  private dropTrack(): void {
    const { track } = this;
    if (track === 0) return;
    this.arena.free(track);
    this.track = 0;
  }

  private findBit(id: number): number {
    const first = firstWord(this.bits);
    const end = first + this.bitCount;
    for (let place = first; place < end; place++) if (this.words[place] === id) return place;
    return -1;
  }

  private hasTrait(direction: Direction, trait: number): boolean {
    return (this.words[this.row(direction) + STREAM.traits] & trait) !== 0;
  }

  private has(bit: number): boolean {
    return (this.words[this.at + COLUMN.state] & bit) !== 0;
  }

  private put(bit: number, value: boolean): void {
    const at = this.at + COLUMN.state;
    if (value) this.words[at] |= bit;
    else this.words[at] &= ~bit;
  }
}

/** Memory for one flow outside of any table, and for all its lists. */
function newArenaOfOne(): Arena {
  return new Arena(new ArrayBuffer(ALONE_BYTES + FLOW_BYTES + ALONE_ARENA), ALONE_BYTES + FLOW_BYTES, ALONE_ARENA);
}
