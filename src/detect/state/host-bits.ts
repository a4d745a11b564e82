/**
 * Marks of hosts and of pairs of hosts (hostbits, xbits), across flows and shared by all shards: one hash table in
 * shared memory. Stage: detect. Allocates nothing after construction.
 *
 *   header | bucket: lock … | 8 entries | bucket …
 *   entry:  kind | vni | address A (4) | address B (4) | bit | expiry (2) | …      32-bit words; kind 0 is free
 *
 * A bucket is locked while it is read or changed. A mark lives until its time, which is packet time. A full bucket
 * gives up what ends first, and counts it. Where the order of packets of different shards matters, the caller runs one
 * shard.
 */
import type { Packet } from '../../decode/packet.js';
import { bucketOf, hashAddress, hashPair, hashWith, orderPair, word32 } from '../../util/hash.js';
import { SOLE_OWNER, WordLocks, type LockedTable } from '../../util/word-lock.js';
import { HOST_SCOPE } from '../../block/rule-block.js';

const HEADER_WORDS = 16;
const ENTRY = { kind: 0, vni: 1, first: 2, second: 6, bit: 10, expiryHigh: 11, expiryLow: 12 } as const;
const ENTRY_WORDS = 16;
const ENTRIES = 8;
const BUCKET_WORDS = 16 + ENTRIES * ENTRY_WORDS;
const BUCKETS = 8192;
const FREE = 0;
const HIGH = 0x100000000;
/** Words of a key: all of an entry up to its bit. */
const KEY_WORDS = ENTRY.bit + 1;

export const allocateHostBits = (): SharedArrayBuffer =>
  new SharedArrayBuffer(4 * (HEADER_WORDS + BUCKETS * BUCKET_WORDS));

export class HostBits implements LockedTable {
  private readonly words: Int32Array;
  private readonly locks: WordLocks;
  private readonly vniInKey: boolean;
  private readonly key = new Int32Array(KEY_WORDS);
  private nowMs = 0;

  /**
   * `vniInKey`: a host of one mirror session is not that of another. `owner` is the thread's number
   * (util/word-lock.ts).
   */
  constructor(memory: SharedArrayBuffer, vniInKey: boolean, owner = SOLE_OWNER) {
    this.words = new Int32Array(memory);
    this.locks = new WordLocks(this.words, owner);
    this.vniInKey = vniInKey;
  }

  /** Marks that were given up before their time, by all shards. */
  get evicted(): number {
    return Atomics.load(this.words, 0);
  }

  has(packet: Packet, scope: number, bit: number): boolean {
    const bucket = this.enter(packet, scope, bit);
    const found = this.find(bucket) >= 0;
    this.leave(bucket);
    return found;
  }

  /** Sets the mark anew, to live so many seconds from this packet on. */
  set(packet: Packet, scope: number, bit: number, seconds: number): void {
    const bucket = this.enter(packet, scope, bit);
    this.write(bucket, seconds);
    this.leave(bucket);
  }

  unset(packet: Packet, scope: number, bit: number): void {
    const bucket = this.enter(packet, scope, bit);
    const entry = this.find(bucket);
    if (entry >= 0) this.words[entry] = FREE;
    this.leave(bucket);
  }

  toggle(packet: Packet, scope: number, bit: number, seconds: number): void {
    const bucket = this.enter(packet, scope, bit);
    const entry = this.find(bucket);
    if (entry >= 0) this.words[entry] = FREE;
    else this.write(bucket, seconds);
    this.leave(bucket);
  }

  freeLocksOf(owner: number): number {
    return this.locks.freeLocksOf(owner, HEADER_WORDS, BUCKET_WORDS, BUCKETS);
  }

  /** Forgets all marks; only while no other shard looks at them. */
  clear(): void {
    this.words.fill(0, HEADER_WORDS);
  }

  /** The entry is free until it is whole: a shard may die at any point. */
  private write(bucket: number, seconds: number): void {
    const { words, key } = this;
    const known = this.find(bucket);
    const entry = known >= 0 ? known : this.room(bucket);
    words[entry] = FREE;
    for (let i = ENTRY.vni; i < KEY_WORDS; i++) words[entry + i] = key[i];
    const expiry = this.nowMs + seconds * 1000;
    words[entry + ENTRY.expiryHigh] = Math.floor(expiry / HIGH);
    words[entry + ENTRY.expiryLow] = (expiry % HIGH) | 0;
    words[entry] = key[ENTRY.kind];
  }

  /** The entry with the key, or -1; one whose time is over is freed. */
  private find(bucket: number): number {
    const { words } = this;
    for (let entry = bucket + 16; entry < bucket + BUCKET_WORDS; entry += ENTRY_WORDS) {
      if (words[entry] === FREE || !this.isKey(entry)) continue;
      if (this.expiryOf(entry) >= this.nowMs) return entry;
      words[entry] = FREE;
    }
    return -1;
  }

  private isKey(entry: number): boolean {
    for (let i = 0; i < KEY_WORDS; i++) if (this.words[entry + i] !== this.key[i]) return false;
    return true;
  }

  /** A free entry; that which ends first where there is none. */
  private room(bucket: number): number {
    const { words } = this;
    let chosen = -1;
    let soonest = Infinity;
    for (let entry = bucket + 16; entry < bucket + BUCKET_WORDS; entry += ENTRY_WORDS) {
      if (words[entry] === FREE) return entry;
      const expiry = this.expiryOf(entry);
      if (expiry >= soonest) continue;
      soonest = expiry;
      chosen = entry;
    }
    if (soonest >= this.nowMs) Atomics.add(words, 0, 1);
    return chosen;
  }

  private expiryOf(entry: number): number {
    return this.words[entry + ENTRY.expiryHigh] * HIGH + (this.words[entry + ENTRY.expiryLow] >>> 0);
  }

  /** Makes the key and locks its bucket. */
  private enter(packet: Packet, scope: number, bit: number): number {
    const { key } = this;
    this.nowMs = Math.floor(packet.timeUs / 1000);
    key.fill(0);
    key[ENTRY.kind] = packet.ipVersion * 2 + Number(scope === HOST_SCOPE.pair);
    key[ENTRY.vni] = this.vniInKey ? packet.vni : 0;
    key[ENTRY.bit] = bit;
    let hash = this.addAddress(
      packet,
      scope === HOST_SCOPE.destination ? packet.dstIpOffset : packet.srcIpOffset,
      ENTRY.first,
    );
    if (scope === HOST_SCOPE.pair) {
      hash = hashPair(hash, this.addAddress(packet, packet.dstIpOffset, ENTRY.second), 0);
      orderPair(key, ENTRY.first, ENTRY.second);
    }
    const bucket = HEADER_WORDS + bucketOf(hashWith(hashWith(hash, key[ENTRY.vni]), bit), BUCKETS) * BUCKET_WORDS;
    this.locks.lock(bucket);
    return bucket;
  }

  private leave(bucket: number): void {
    this.locks.unlock(bucket);
  }

  /** Puts the address at `at` into the key; returns its hash. */
  private addAddress({ bytes, ipVersion }: Packet, at: number, word: number): number {
    const count = ipVersion === 4 ? 1 : 4;
    for (let i = 0; i < count; i++) this.key[word + i] = word32(bytes, at + 4 * i);
    return hashAddress(bytes, at, ipVersion);
  }
}
