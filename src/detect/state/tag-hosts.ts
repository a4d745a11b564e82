/**
 * The tags of hosts (`tag:host`), across flows and shared by all shards: one hash table in shared memory. Stage:
 * detect. Allocates nothing after construction.
 *
 *   words    entries in use | evicted | buckets | … | lock of each bucket
 *   doubles  bucket: 16 entries …      entry: ip version (0: free) | vni | address (4 words) | row of a tag (TAG)
 *
 * All tags of a host lie in one bucket, locked while it is read or changed. A full bucket gives up the tag that has
 * waited longest for a packet, and counts it. A tag is over when its seconds are, or, where it has none, ten minutes
 * behind the last packet of its host, by the packets' clock. Where the order of packets of different shards matters,
 * the caller runs one shard.
 */
import type { Packet } from '../../decode/packet.js';
import { bucketOf, hashAddress, hashWith, word32 } from '../../util/hash.js';
import { SOLE_OWNER, WordLocks, type LockedTable } from '../../util/word-lock.js';
import { hasSameAddresses } from '../candidates/field-tests.js';
import {
  countTagged,
  restartTag,
  TAG,
  TAG_COLUMNS,
  TAG_OUTCOME,
  writeTag,
  type TagAskers,
  type TagSource,
} from './tag-state.js';

const WORD = { used: 0, evicted: 1, buckets: 2 } as const;
const HEADER_WORDS = 16;
const ENTRY = { version: 0, vni: 1, address: 2, tag: 6 } as const;
const ENTRY_COLUMNS = ENTRY.tag + TAG_COLUMNS;
/** Entries of a bucket, and so the most tags of one host. */
const ENTRIES = 16;
const BUCKET_COLUMNS = ENTRIES * ENTRY_COLUMNS;
const FREE = 0;
const IDLE_US = 600e6;

/** Least number of tags that a table can be made for. */
export const LEAST_HOST_TAGS = ENTRIES;

const doublesAt = (buckets: number): number => Math.ceil(((HEADER_WORDS + buckets) * 4) / 64) * 64;

/** Memory for at most `cap` tags. */
export function allocateHostTags(cap: number): SharedArrayBuffer {
  const buckets = Math.max(1, Math.floor(cap / ENTRIES));
  const memory = new SharedArrayBuffer(doublesAt(buckets) + buckets * BUCKET_COLUMNS * 8);
  new Int32Array(memory)[WORD.buckets] = buckets;
  return memory;
}

export class HostTags implements LockedTable {
  private readonly words: Int32Array;
  private readonly locks: WordLocks;
  private readonly rows: Float64Array;
  private readonly buckets: number;
  private readonly vniInKey: boolean;
  /** Version, VNI and address of the host at hand. */
  private readonly key = new Float64Array(ENTRY.tag);

  /**
   * `vniInKey`: a host of one mirror session is not that of another. `owner` is the thread's number
   * (util/word-lock.ts).
   */
  constructor(memory: SharedArrayBuffer, vniInKey: boolean, owner = SOLE_OWNER) {
    this.words = new Int32Array(memory);
    this.locks = new WordLocks(this.words, owner);
    this.buckets = this.words[WORD.buckets];
    this.rows = new Float64Array(memory, doublesAt(this.buckets));
    this.vniInKey = vniInKey;
  }

  /** Tags in the table, those included whose time is over and that nobody has looked at since. */
  get used(): number {
    return Atomics.load(this.words, WORD.used);
  }

  /** Tags that were given up before their time, by all shards. */
  get evicted(): number {
    return Atomics.load(this.words, WORD.evicted);
  }

  /** Tags the packet's host with its address at `addressOffset`, or starts the host's tag of the same rule again. */
  set(packet: Packet, addressOffset: number, source: TagSource): void {
    const { rows } = this;
    const bucket = this.enter(packet, addressOffset);
    const known = this.find(bucket, source, packet.timeUs);
    if (known >= 0) restartTag(rows, known + ENTRY.tag, packet);
    else this.insert(bucket, source, packet);
    this.leave(bucket);
  }

  /** Counts the packet for the tags of both its hosts, and adds the rules that ask for it to `askers`. */
  count(packet: Packet, askers: TagAskers): void {
    const { srcIpOffset, dstIpOffset } = packet;
    this.countHost(packet, srcIpOffset, askers);
    if (!hasSameAddresses(packet)) this.countHost(packet, dstIpOffset, askers);
  }

  /** Frees the tags whose time is over at `nowUs`. Linear in the table; meant for ticks. */
  sweep(nowUs: number): void {
    for (let bucket = 0; bucket < this.buckets && this.used !== 0; bucket++) {
      this.lock(bucket);
      const end = (bucket + 1) * BUCKET_COLUMNS;
      for (let entry = bucket * BUCKET_COLUMNS; entry < end; entry += ENTRY_COLUMNS) {
        if (this.rows[entry] !== FREE && this.isOver(entry, nowUs)) this.free(entry);
      }
      this.leave(bucket);
    }
  }

  freeLocksOf(owner: number): number {
    return this.locks.freeLocksOf(owner, HEADER_WORDS, 1, this.buckets);
  }

  /** Forgets all tags; only while no other shard looks at them. */
  clear(): void {
    this.rows.fill(0);
    Atomics.store(this.words, WORD.used, 0);
  }

  private countHost(packet: Packet, addressOffset: number, askers: TagAskers): void {
    const { rows } = this;
    const bucket = this.enter(packet, addressOffset);
    const end = (bucket + 1) * BUCKET_COLUMNS;
    for (let entry = bucket * BUCKET_COLUMNS; entry < end; entry += ENTRY_COLUMNS) {
      if (rows[entry] === FREE || !this.isKey(entry)) continue;
      const tag = entry + ENTRY.tag;
      const outcome = this.isOver(entry, packet.timeUs) ? TAG_OUTCOME.over : countTagged(rows, tag, packet);
      if (outcome === TAG_OUTCOME.over) this.free(entry);
      else if (outcome === TAG_OUTCOME.record) askers.add(rows[tag + TAG.gid], rows[tag + TAG.sid]);
    }
    this.leave(bucket);
  }

  /** The host's tag of the rule, or -1; one whose time is over is freed. */
  private find(bucket: number, { gid, sid }: TagSource, nowUs: number): number {
    const { rows } = this;
    const end = (bucket + 1) * BUCKET_COLUMNS;
    for (let entry = bucket * BUCKET_COLUMNS; entry < end; entry += ENTRY_COLUMNS) {
      const tag = entry + ENTRY.tag;
      if (rows[entry] === FREE || rows[tag + TAG.sid] !== sid || rows[tag + TAG.gid] !== gid || !this.isKey(entry))
        continue;
      if (!this.isOver(entry, nowUs)) return entry;
      this.free(entry);
    }
    return -1;
  }

  /**
   * A shard may die at any point: the entry is free until it is whole, and counted before it is in use, so that none is
   * uncounted.
   */
  private insert(bucket: number, source: TagSource, packet: Packet): void {
    const entry = this.room(bucket, packet.timeUs);
    for (let i = ENTRY.vni; i < ENTRY.tag; i++) this.rows[entry + i] = this.key[i];
    writeTag(this.rows, entry + ENTRY.tag, source, packet);
    Atomics.add(this.words, WORD.used, 1);
    this.rows[entry] = this.key[ENTRY.version];
  }

  /** A free entry; where there is none, that of the tag which has waited longest. */
  private room(bucket: number, nowUs: number): number {
    const { rows } = this;
    let chosen = -1;
    let oldest = Infinity;
    const end = (bucket + 1) * BUCKET_COLUMNS;
    for (let entry = bucket * BUCKET_COLUMNS; entry < end; entry += ENTRY_COLUMNS) {
      if (rows[entry] !== FREE && this.isOver(entry, nowUs)) this.free(entry);
      if (rows[entry] === FREE) return entry;
      const lastUs = rows[entry + ENTRY.tag + TAG.lastUs];
      if (lastUs >= oldest) continue;
      oldest = lastUs;
      chosen = entry;
    }
    Atomics.add(this.words, WORD.evicted, 1);
    this.free(chosen);
    return chosen;
  }

  private free(entry: number): void {
    this.rows[entry] = FREE;
    Atomics.sub(this.words, WORD.used, 1);
  }

  private isOver(entry: number, nowUs: number): boolean {
    const tag = entry + ENTRY.tag;
    const seconds = this.rows[tag + TAG.mostSeconds];
    return seconds > 0
      ? nowUs - this.rows[tag + TAG.startUs] > seconds * 1e6
      : nowUs - this.rows[tag + TAG.lastUs] > IDLE_US;
  }

  private isKey(entry: number): boolean {
    for (let i = 0; i < ENTRY.tag; i++) if (this.rows[entry + i] !== this.key[i]) return false;
    return true;
  }

  /** Makes the key and locks its bucket. */
  private enter({ bytes, ipVersion, vni }: Packet, addressOffset: number): number {
    const { key } = this;
    key.fill(0);
    key[ENTRY.version] = ipVersion;
    key[ENTRY.vni] = this.vniInKey ? vni : 0;
    const words = ipVersion === 4 ? 1 : 4;
    for (let i = 0; i < words; i++) key[ENTRY.address + i] = word32(bytes, addressOffset + 4 * i);
    const bucket = bucketOf(hashWith(hashAddress(bytes, addressOffset, ipVersion), key[ENTRY.vni]), this.buckets);
    this.lock(bucket);
    return bucket;
  }

  private lock(bucket: number): void {
    this.locks.lock(HEADER_WORDS + bucket);
  }

  private leave(bucket: number): void {
    this.locks.unlock(HEADER_WORDS + bucket);
  }
}
