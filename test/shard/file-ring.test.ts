/** What a shard says of files to be stored, where the ring to who stores them is full now and then. */
import { beforeEach, describe, expect, it } from 'vitest';
import { FILE_RECORD, FileRingReader, STORE_WORDS_BYTES } from '../../src/ring/file-ring.js';
import { NO_RECORD, allocateRing, type RingPlace } from '../../src/ring/record-ring.js';
import { FileRingWriter } from '../../src/shard/file-ring.js';
import { Doorbell, DOORBELL_BYTES } from '../../src/util/doorbell.js';

const CHUNK = 1000;
const memory = new Uint8Array(2 * CHUNK).fill(7);
let place: RingPlace;
let reader: FileRingReader;
beforeEach(() => {
  place = allocateRing(4096);
  reader = new FileRingReader(place);
});

const writer = (): FileRingWriter =>
  new FileRingWriter(place, {
    mostBytes: 1e6,
    waits: false,
    bell: new Doorbell(new SharedArrayBuffer(DOORBELL_BYTES)),
    words: new Int32Array(new SharedArrayBuffer(STORE_WORDS_BYTES)),
    memory,
  });

/** What has come, as `kind copy`. */
function read(): string[] {
  const names = Object.entries(FILE_RECORD);
  const records: string[] = [];
  for (let kind = reader.next(); kind !== NO_RECORD; kind = reader.next()) {
    records.push(`${names.find(([, value]) => value === kind)![0]} ${reader.copy}`);
    reader.release();
  }
  return records;
}

/** Fills the ring to its last byte. */
function fill(ring: FileRingWriter, copy: number): void {
  while (ring.append(copy, 0, CHUNK));
  while (ring.keep(copy));
}

describe('FileRingWriter', () => {
  it('takes bytes to whoever stores them, as they lie in memory', () => {
    const ring = writer();
    memory.set([1, 2, 3], 50);
    expect([ring.begin(), ring.append(1, 50, 3), ring.keep(1), ring.begin()]).toEqual([1, true, true, 2]);
    ring.drop(2);
    for (let i = 0; i < 2; i++) {
      reader.next();
      reader.release();
    }
    expect([reader.next(), [...reader.data]]).toEqual([FILE_RECORD.data, [1, 2, 3]]);
    expect(read()).toEqual(['data 1', 'keep 1', 'begin 2', 'drop 2']);
  });

  it('ends a copy as soon as there is room to say so, before the next begins', () => {
    const ring = writer();
    const copies = [ring.begin(), ring.begin()];
    fill(ring, 1);
    for (const copy of copies) ring.drop(copy);
    expect(ring.begin()).toBe(0);
    read();
    expect(ring.begin()).toBe(3);
    expect(read()).toEqual(['drop 1', 'drop 2', 'begin 3']);
  });

  it('begins anew before its first copy, where the shard before it has left the ring full', () => {
    const before = writer();
    fill(before, before.begin());
    const ring = writer();
    expect(ring.begin()).toBe(0);
    read();
    expect(ring.begin()).toBe(1);
    expect(read()).toEqual(['restart 0', 'begin 1']);
  });
});
