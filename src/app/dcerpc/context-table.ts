/**
 * The interfaces that a connection or a pipe has bound, by the number that calls name them with. Stage: app. At most
 * MOST_CONTEXTS; the places are used again. Most bind a few: the lists grow as far as is needed.
 */
import type { ByteReader } from '../fields/byte-reader.js';

export const MOST_CONTEXTS = 64;
export const UUID_BYTES = 16;
/** Room for their UUIDs is doubled beyond it. */
const USUAL_CONTEXTS = 4;

/** What a server has said of one. */
export const RESULT = { accepted: 0, open: -1 } as const;

/** Where the bytes of a UUID in little endian stand as it is written. */
const LITTLE_ORDER = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];

export class ContextTable {
  count = 0;
  /** By place: the context's number, version, minor version, and what became of it. */
  readonly numbers: number[] = [];
  readonly versions: number[] = [];
  readonly minors: number[] = [];
  readonly results: number[] = [];
  readonly reasons: number[] = [];
  /** Their UUIDs one behind the other, as they are written. */
  uuids = new Uint8Array(USUAL_CONTEXTS * UUID_BYTES);
  /** Place of the first of those that the last bind named, and of the next that a server answers. */
  private bound = 0;
  private answered = 0;

  /** Where those that the last bind named begin. */
  get boundFrom(): number {
    return this.bound;
  }

  beginBind(): void {
    this.bound = this.count;
    this.answered = this.count;
  }

  /** Reads a UUID and a version. @returns its place, -1 where there is no room. */
  add(number: number, reader: ByteReader): number {
    const at = reader.skip(UUID_BYTES);
    const version = reader.u16();
    const minor = reader.u16();
    if (reader.failed) return -1;
    const place = this.placeOf(number);
    if (place < 0) return -1;
    if ((place + 1) * UUID_BYTES > this.uuids.length) this.growUuids();
    copyUuid(reader.bytes, at, reader.little, this.uuids, place * UUID_BYTES);
    this.numbers[place] = number;
    this.versions[place] = version;
    this.minors[place] = minor;
    this.results[place] = RESULT.open;
    this.reasons[place] = 0;
    return place;
  }

  /** The server's answer to the next one that was named. */
  answer(result: number, reason: number): void {
    if (this.answered >= this.count) return;
    this.results[this.answered] = result;
    this.reasons[this.answered++] = reason;
  }

  /** The place of what a call names; -1 where it is not known. */
  find(number: number): number {
    let place = this.count - 1;
    while (place >= 0 && this.numbers[place] !== number) place--;
    return place;
  }

  /** Whether the server has not refused it. */
  mayBeCalled(place: number): boolean {
    return this.results[place] <= RESULT.accepted;
  }

  clear(): void {
    this.count = 0;
    this.bound = 0;
    this.answered = 0;
  }

  private growUuids(): void {
    const grown = new Uint8Array(2 * this.uuids.length);
    grown.set(this.uuids);
    this.uuids = grown;
  }

  /** A connection that binds the same number again and again needs no more room. */
  private placeOf(number: number): number {
    if (this.count < MOST_CONTEXTS) return this.count++;
    for (let place = 0; place < this.bound; place++) if (this.numbers[place] === number) return place;
    return -1;
  }
}

/** Copies a UUID as it is written. */
export function copyUuid(
  from: Uint8Array,
  at: number,
  little: boolean,
  to: number[] | Uint8Array,
  place: number,
): void {
  for (let index = 0; index < UUID_BYTES; index++)
    to[place + index] = from[at + (little ? LITTLE_ORDER[index] : index)];
}
