/**
 * Windows of thresholds that are full: what matches within one is held back whatever comes, so that a shard need not
 * write the alert first. One hash table in shared memory: the main thread, which decides, writes it; shards read it.
 * Stage: detect and output. Allocates nothing after construction.
 *
 *   entry: version | rule | capture, IP version | vni | address (4) | address (4) | from (2) | until (2)
 *   behind the entries, of each rule: what its threshold counts by, once a window of it was full
 *
 * A version is odd while its entry changes; who reads one that changes meanwhile has read nothing. An entry gives way
 * to the next one at its place: its alerts are then written and held back behind the merge, as they are without this.
 *
 * What is decided must not change by it. The main thread begins a window anew at an alert that is behind it, or before
 * it. So a shard believes no window that has begun before an alert at the same place behind which time ran backward;
 * and writes what is older than an alert before it, as the end of a flow may have.
 */
import type { RuleSetHandle } from '../../block/rule-set-handle.js';
import type { Track } from '../../block/terms.js';
import type { Packet } from '../../decode/packet.js';
import { bucketOf, hashWith, orderPair, word32 } from '../../util/hash.js';

const ENTRY = { version: 0, rule: 1, capture: 2, vni: 3, first: 4, second: 8, from: 12, until: 14 } as const;
const ENTRY_WORDS = 16;
const ENTRIES = 2048;
/** Words of a key, from `rule` on. */
const KEY_WORDS = ENTRY.from - ENTRY.rule;
const TRACKS: readonly (Track | undefined)[] = [undefined, 'by_rule', 'by_src', 'by_dst', 'by_both', 'by_flow'];
const HIGH = 0x1_0000_0000;

/** For so many rules. */
export const allocateFullWindows = (ruleCount: number): SharedArrayBuffer =>
  new SharedArrayBuffer(4 * (ENTRIES * ENTRY_WORDS + ruleCount));

/** Those of a rule set, where shards are told of them. */
export function fullWindowsOf(
  { generation, fullWindows }: Pick<RuleSetHandle, 'generation' | 'fullWindows'>,
  vniInKey: boolean,
): FullWindows | undefined {
  return fullWindows === undefined ? undefined : new FullWindows(fullWindows, generation, vniInKey);
}

/** Whom an alert is about; addresses have 4 or 16 bytes by the IP version, which is 0 where there are none. */
interface Subject {
  readonly rule: number;
  readonly capture: number;
  readonly vni: number;
  readonly flowId: number;
  readonly ipVersion: number;
}

/** As a `CandidateView` has it. */
export interface WindowSubject extends Subject {
  readonly srcIp: Uint8Array;
  readonly dstIp: Uint8Array;
}

export class FullWindows {
  /** Of the rule set. */
  readonly generation: number;
  private readonly words: Int32Array;
  private readonly vniInKey: boolean;
  private readonly key = new Int32Array(KEY_WORDS);
  private capture = -1;
  /** The latest time of all alerts; what is over by then may be forgotten. */
  private newestUs = 0;
  /** By place: the time of the latest alert, and of the latest one behind which time ran backward; microseconds. */
  private readonly latestUs = new Float64Array(ENTRIES);
  private readonly steppedUs = new Float64Array(ENTRIES);
  /** The time of the latest alert of a rule while nothing was known of its threshold. */
  private readonly blindUs = new Map<number, number>();

  /** `vniInKey`: a host of one mirror session is not that of another. */
  constructor(memory: SharedArrayBuffer, generation: number, vniInKey: boolean) {
    this.generation = generation;
    this.words = new Int32Array(memory);
    this.vniInKey = vniInKey;
  }

  /**
   * Shard: whether an alert of the rule on this packet is held back. To be asked once for each alert, in their order.
   * `flowId` is 0 without a flow.
   */
  holdBack(rule: number, packet: Packet, flowId: number): boolean {
    const { timeUs, bytes, srcIpOffset, dstIpOffset, capture, vni, ipVersion } = packet;
    if (capture !== this.capture) this.begin(capture);
    const isOld = timeUs < this.newestUs;
    if (!isOld) this.newestUs = timeUs;
    const track = TRACKS[Atomics.load(this.words, trackAt(rule))];
    if (track === undefined) this.blindUs.set(rule, Math.max(timeUs, this.blindUs.get(rule) ?? 0));
    if (track === undefined || !canCount(track, ipVersion, flowId)) return false;
    this.fillKey(track, { rule, capture, vni, flowId, ipVersion }, bytes, srcIpOffset, bytes, dstIpOffset);
    const place = this.place();
    return (
      !this.runsBackward(place, timeUs) &&
      !isOld &&
      this.isWithin(place, timeUs, Math.max(this.steppedUs[place], this.blindUs.get(rule) ?? 0))
    );
  }

  /** Main thread: what the rule's threshold counts by. Told late, the windows that are open then are not believed. */
  expect(rule: number, track: Track): void {
    Atomics.store(this.words, trackAt(rule), TRACKS.indexOf(track));
  }

  /** Main thread: no alert of the rule about these is written from the one time to the other, both included. */
  close(track: Track, subject: WindowSubject, fromUs: number, untilUs: number): void {
    const { words } = this;
    const first = Math.ceil(fromUs);
    this.fillKeyOf(track, subject);
    const entry = this.place() * ENTRY_WORDS;
    if (this.holdsKey(entry) && this.timeAt(entry + ENTRY.from) === first) return;
    const version = this.change(entry);
    for (let i = 0; i < KEY_WORDS; i++) Atomics.store(words, entry + ENTRY.rule + i, this.key[i]);
    this.setTime(entry + ENTRY.from, first);
    this.setTime(entry + ENTRY.until, Math.floor(untilUs));
    Atomics.store(words, entry, version + 1);
    this.expect(subject.rule, track);
  }

  /** Main thread: an alert about these was written, so that a window of theirs that was full is over. */
  open(track: Track, subject: WindowSubject): void {
    const { words } = this;
    this.fillKeyOf(track, subject);
    const entry = this.place() * ENTRY_WORDS;
    if (!this.holdsKey(entry)) return;
    const version = this.change(entry);
    Atomics.store(words, entry + ENTRY.rule, 0);
    Atomics.store(words, entry, version + 1);
  }

  private begin(capture: number): void {
    this.capture = capture;
    this.newestUs = 0;
    this.latestUs.fill(0);
    this.steppedUs.fill(0);
    this.blindUs.clear();
  }

  private runsBackward(place: number, timeUs: number): boolean {
    const { latestUs, steppedUs } = this;
    if (timeUs < latestUs[place]) {
      steppedUs[place] = latestUs[place];
      return true;
    }
    latestUs[place] = timeUs;
    return false;
  }

  /** Whether the key's window at that place has begun behind `behindUs` and lasts at `timeUs`. */
  private isWithin(place: number, timeUs: number, behindUs: number): boolean {
    const { words } = this;
    const entry = place * ENTRY_WORDS;
    const version = Atomics.load(words, entry);
    if ((version & 1) === 1 || !this.holdsKey(entry)) return false;
    const fromUs = this.timeAt(entry + ENTRY.from);
    const untilUs = this.timeAt(entry + ENTRY.until);
    if (Atomics.load(words, entry) !== version) return false;
    return fromUs > behindUs && timeUs >= fromUs && timeUs <= untilUs;
  }

  private holdsKey(entry: number): boolean {
    const { words, key } = this;
    for (let i = 0; i < KEY_WORDS; i++) if (Atomics.load(words, entry + ENTRY.rule + i) !== key[i]) return false;
    return true;
  }

  /** Begins to change an entry. @returns its version meanwhile. */
  private change(entry: number): number {
    return Atomics.add(this.words, entry, 1) + 1;
  }

  /** The place of the key. */
  private place(): number {
    const { key } = this;
    let hash = 0;
    for (let i = 0; i < KEY_WORDS; i++) hash = hashWith(hash, key[i]);
    return bucketOf(hash, ENTRIES);
  }

  private fillKeyOf(track: Track, subject: WindowSubject): void {
    this.fillKey(track, subject, subject.srcIp, 0, subject.dstIp, 0);
  }

  private fillKey(
    track: Track,
    { rule, capture, vni, flowId, ipVersion }: Subject,
    src: Uint8Array,
    srcAt: number,
    dst: Uint8Array,
    dstAt: number,
  ): void {
    const { key } = this;
    key.fill(0);
    key[ENTRY.rule - 1] = rule + 1;
    key[ENTRY.capture - 1] = capture << 3;
    if (track === 'by_rule') return;
    if (track === 'by_flow') {
      key[ENTRY.first - 1] = Math.floor(flowId / HIGH);
      key[ENTRY.first] = (flowId % HIGH) | 0;
      return;
    }
    key[ENTRY.capture - 1] |= ipVersion;
    key[ENTRY.vni - 1] = this.vniInKey ? vni : 0;
    if (track !== 'by_dst') this.addAddress(ENTRY.first - 1, src, srcAt, ipVersion);
    if (track !== 'by_src') this.addAddress(ENTRY.second - 1, dst, dstAt, ipVersion);
    if (track === 'by_both') orderPair(key, ENTRY.first - 1, ENTRY.second - 1);
  }

  private addAddress(word: number, bytes: Uint8Array, at: number, ipVersion: number): void {
    const count = ipVersion === 4 ? 1 : 4;
    for (let i = 0; i < count; i++) this.key[word + i] = word32(bytes, at + 4 * i);
  }

  private timeAt(word: number): number {
    return Atomics.load(this.words, word) * HIGH + (Atomics.load(this.words, word + 1) >>> 0);
  }

  private setTime(word: number, timeUs: number): void {
    Atomics.store(this.words, word, Math.floor(timeUs / HIGH));
    Atomics.store(this.words, word + 1, (timeUs % HIGH) | 0);
  }
}

const trackAt = (rule: number): number => ENTRIES * ENTRY_WORDS + rule;

/** Without addresses, or without a flow, there is nothing to count by (output/threshold.ts). */
const canCount = (track: Track, ipVersion: number, flowId: number): boolean =>
  track === 'by_rule' || (ipVersion !== 0 && (track !== 'by_flow' || flowId !== 0));
