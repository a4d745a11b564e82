/**
 * The latest frames of a shard, each with the place of the one before it of the same flow. Stage: shard; only where
 * evidence is asked for.
 *
 *   record   0 size | 1 wire length | 2 link type | 3 vni | 4-5 place of the flow's record before, -1 for none
 *            6-7 time | 8-9 flow id | 10 frame length | 11 free | frame … padding          (32-bit words)
 *
 * One ring of bytes, made once: the oldest frames give way. Places rise without end, so that an old one is known as
 * such. A record is never split; what is left at the ring's end is passed over. Nothing is allocated per packet but the
 * view that Node 20 makes of a frame to copy it.
 */
import type { Packet } from '../decode/packet.js';
import { copyBytes } from '../memory/copy.js';

const HEADER_BYTES = 48;
const FIELD = { wireLength: 1, linkType: 2, vni: 3, before: 4, timeUs: 6, flowId: 8, length: 10 } as const;

/** No place. */
export const NOWHERE = -1;

export class PacketMemory {
  readonly bytes: Uint8Array;
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private readonly size: number;
  /** Where the next record goes, and the oldest that is still whole. */
  private head = 0;
  private tail = 0;

  constructor(sizeBytes: number) {
    this.size = Math.max(HEADER_BYTES, sizeBytes) & ~7;
    const memory = new ArrayBuffer(this.size);
    this.bytes = new Uint8Array(memory);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
  }

  /** Keeps a frame. @returns its place; `NOWHERE` for one larger than the memory. */
  keep(packet: Packet, flowId: number, before: number): number {
    const need = (HEADER_BYTES + packet.frameLength + 7) & ~7;
    if (need > this.size) return NOWHERE;
    const untilEnd = this.size - (this.head % this.size);
    const place = need > untilEnd ? this.head + untilEnd : this.head;
    this.makeRoom(place, place + need - this.size);
    if (place !== this.head) this.words[(this.head % this.size) >> 2] = untilEnd;
    const at = place % this.size;
    const word = at >> 2;
    this.words[word] = need;
    this.words[word + FIELD.wireLength] = packet.wireLength;
    this.words[word + FIELD.linkType] = packet.linkType;
    this.words[word + FIELD.vni] = packet.vni;
    this.words[word + FIELD.length] = packet.frameLength;
    this.doubles[(word + FIELD.before) >> 1] = before;
    this.doubles[(word + FIELD.timeUs) >> 1] = packet.timeUs;
    this.doubles[(word + FIELD.flowId) >> 1] = flowId;
    copyBytes(this.bytes, at + HEADER_BYTES, packet.bytes, packet.frameOffset, packet.frameLength);
    this.head = place + need;
    return place;
  }

  /** Whether what was kept there still is, and is that flow's. */
  has(place: number, flowId: number): boolean {
    return place >= this.tail && place < this.head && this.double(place, FIELD.flowId) === flowId;
  }

  before(place: number): number {
    return this.double(place, FIELD.before);
  }

  timeUs(place: number): number {
    return this.double(place, FIELD.timeUs);
  }

  wireLength(place: number): number {
    return this.word(place, FIELD.wireLength);
  }

  linkType(place: number): number {
    return this.word(place, FIELD.linkType);
  }

  vni(place: number): number {
    return this.word(place, FIELD.vni);
  }

  /** Where in `bytes` the frame is. */
  frameAt(place: number): number {
    return (place % this.size) + HEADER_BYTES;
  }

  frameLength(place: number): number {
    return this.word(place, FIELD.length);
  }

  /** Forgets what is before the place `keepFrom`; where that is all, what is to come at `next` is the oldest. */
  private makeRoom(next: number, keepFrom: number): void {
    while (this.tail < keepFrom && this.tail < this.head) this.tail += this.words[(this.tail % this.size) >> 2];
    if (this.tail === this.head) this.tail = next;
  }

  private word(place: number, field: number): number {
    return this.words[((place % this.size) >> 2) + field];
  }

  private double(place: number, field: number): number {
    return this.doubles[(((place % this.size) >> 2) + field) >> 1];
  }
}
