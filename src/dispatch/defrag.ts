/**
 * Putting IP fragments together, before routing: a later fragment has no ports. Stage: dispatch.
 *
 * Overlaps. IPv4: the BSD policy, Suricata's default: bytes stay with a stored fragment that begins at or before the
 * new one, and go to the new one where the stored begins later (Ptacek and Newsham 1998; Novak 2005). Recent Linux
 * discards such datagrams instead; inspecting what the receiver discards costs a false alert at most, discarding what
 * it accepts would hide an attack. IPv6: RFC 5722, an overlap discards the datagram and every later fragment of it; an
 * exact repetition is not an overlap (RFC 8200).
 *
 * A fragment that the mirror cut is taken with the length it claims; the datagram then ends at the first byte missing,
 * and decodes as truncated. Fragments of two VNIs, or of two outer tunnels, never mix.
 *
 * Invariant: frames given to `add` = `datagramFrames` of all completed + `droppedFrames` of all reasons +
 * `pendingFrames`. Memory is bounded by the options, the oldest datagram makes room; nothing is allocated per fragment.
 */
import { onesComplementSum } from '../decode/checksum.js';
import { FAULT, FAULTS } from '../decode/fault.js';
import type { DecodeCounts } from '../decode/layer.js';
import { LAYER, LAYER_WORDS, type DecodedFrame } from '../decode/packet.js';
import { u16 } from '../decode/protocol.js';
import { hashWith } from '../util/hash.js';
import { Fragment, IPV6_HEADER_LENGTH, MAX_DATAGRAM } from './fragment.js';
import { FragmentStore, PREFIX_BYTES } from './fragment-store.js';

export interface DefragOptions {
  /** Datagrams in progress. */
  readonly maxDatagrams: number;
  /** Bytes of fragment data held in all. */
  readonly maxBytes: number;
  /** Fragments of one datagram. */
  readonly maxFragments: number;
  /** From the first fragment on, by packet time. */
  readonly timeoutIpv4Us: number;
  readonly timeoutIpv6Us: number;
}

/**
 * Timeouts as in Linux (30 s) and RFC 8200 (60 s). 256 fragments are a full datagram at an MTU of 576, and one of 1500
 * bytes in the smallest pieces there are, 8 bytes each, as tools that hide attacks make them.
 */
export const DEFAULT_DEFRAG_OPTIONS: DefragOptions = {
  maxDatagrams: 4096,
  maxBytes: 16 * 1024 * 1024,
  maxFragments: 256,
  timeoutIpv4Us: 30_000_000,
  timeoutIpv6Us: 60_000_000,
};

/** Outcomes of `Defragmenter.add`; a negative one is the code of a fault, negated. */
export const DEFRAG = { stored: 0, complete: 1 } as const;

const NONE = -1;
/** Datagrams that are looked through for one fragment. */
const MAX_CHAIN = 64;

/** Hash of the tunnels and the VLAN that layer `layerIndex` lies in, for `add`: 0 for the first layer without a tag. */
export function fragmentContext(frame: DecodedFrame, layerIndex: number): number {
  let hash = frame.layers[layerIndex * LAYER_WORDS + LAYER.vlans];
  for (let index = 0; index < layerIndex; index++)
    hash = hashWith(hash, frame.layers[index * LAYER_WORDS + LAYER.addressHash]);
  return hash;
}

export class Defragmenter {
  /** The datagram completed last: a whole IP packet, valid until the next `add`. */
  readonly datagram = new Uint8Array(IPV6_HEADER_LENGTH + MAX_DATAGRAM + 1);
  /** Bytes of it that are present. */
  datagramLength = 0;
  /** Received frames that it is made of. */
  datagramFrames = 0;
  /** Fault met while putting it together (overlap, tiny fragments), 0 for none. */
  datagramFault = 0;
  /** Received frames whose datagrams are not complete. */
  pendingFrames = 0;
  /** Received frames lost, by reason (a fault's code); includes those that `add` refused. Only rises. */
  readonly droppedFrames = new Float64Array(FAULTS.length);

  private readonly options: DefragOptions;
  private readonly counts: DecodeCounts;
  private readonly store: FragmentStore;

  private readonly fragment = new Fragment();

  constructor(options: DefragOptions, counts: DecodeCounts) {
    this.options = options;
    this.counts = counts;
    this.store = new FragmentStore(options.maxDatagrams, options.maxBytes, options.maxFragments);
  }

  /** Datagrams in progress, those given up but still remembered included. */
  get datagrams(): number {
    return this.store.used;
  }

  /**
   * Takes the fragment that is layer `layerIndex` of `frame` (`frame.fragmentLayer`), which lies in `bytes`; these may
   * be
   * `datagram` itself. `context` keeps tunnels apart (`fragmentContext`); `frames` is how many received frames it
   * stands for. When the outcome is `complete`, the datagram includes this fragment; a fault drops this fragment, and
   * has been counted in `droppedFrames`.
   */
  add(
    bytes: Uint8Array,
    frame: DecodedFrame,
    layerIndex: number,
    vni: number,
    context: number,
    timeUs: number,
    frames = 1,
  ): number {
    const { store, fragment } = this;
    fragment.load(bytes, frame.layers, layerIndex * LAYER_WORDS);
    const unfit = fragment.unfitness();
    if (unfit !== 0) return this.refuse(unfit, frames);
    const slot = this.locate(fragment.writeKey(bytes, store.key, vni, context), timeUs);
    const refusal = store.refused[slot] || this.admit(slot, bytes);
    if (refusal !== 0) return this.refuse(refusal, frames);

    if (fragment.isTiny()) this.note(slot, FAULT.fragment_tiny);
    if (fragment.offset === 0 && store.prefixLength[slot] === 0) {
      store.prefixLength[slot] = fragment.writePrefix(bytes, store.prefixes, slot * PREFIX_BYTES, PREFIX_BYTES);
    }
    store.frames[slot] += frames;
    this.pendingFrames += frames;
    return store.covered[slot] === store.total[slot] ? this.complete(slot, frames) : DEFRAG.stored;
  }

  /** Gives up datagrams that are out of time, and returns how many frames were lost with them. */
  expire(nowUs: number): number {
    const pending = this.pendingFrames;
    for (let family = 0; family < 2; family++) {
      for (
        let slot = this.store.oldest(family);
        slot !== NONE && this.isExpired(slot, family, nowUs);
        slot = this.store.oldest(family)
      ) {
        this.lose(slot, FAULT.fragment_timeout);
      }
    }
    return pending - this.pendingFrames;
  }

  /** Gives up everything, as at the end of a capture, and returns how many frames were lost. */
  flush(): number {
    const pending = this.pendingFrames;
    for (let family = 0; family < 2; family++) {
      for (let slot = this.store.oldest(family); slot !== NONE; slot = this.store.oldest(family))
        this.lose(slot, FAULT.fragment_incomplete);
    }
    return pending - this.pendingFrames;
  }

  /** The slot of the datagram that the fragment belongs to; a new one makes room for itself. */
  private locate(hash: number, timeUs: number): number {
    const family = this.fragment.isIpv6 ? 1 : 0;
    const found = this.store.find(hash);
    if (found !== NONE && !this.isExpired(found, family, timeUs)) return found;
    if (found !== NONE) this.lose(found, FAULT.fragment_timeout);
    // Whoever chooses addresses and ids can aim at one bucket.
    if (this.store.chainLength >= MAX_CHAIN) this.lose(this.store.chainEnd, FAULT.fragment_evicted);
    if (this.store.used === this.options.maxDatagrams) this.evict(NONE);
    return this.store.insert(hash, family, timeUs);
  }

  private isExpired(slot: number, family: number, nowUs: number): boolean {
    return nowUs - this.store.startUs[slot] > (family === 1 ? this.options.timeoutIpv6Us : this.options.timeoutIpv4Us);
  }

  /** Stores the fragment's bytes, or returns the fault for which it is dropped. */
  private admit(slot: number, bytes: Uint8Array): number {
    const { store } = this;
    const { offset, end, present, more } = this.fragment;
    if (this.contradictsEnd(slot)) return FAULT.fragment_bad_end;
    const at = this.firstRangeAfter(slot, offset);
    const stored = at > 0 ? store.rangeEnd[slot * store.maxRanges + at - 1] : 0;
    const overlaps =
      stored > offset || (at < store.rangeCount[slot] && store.rangeStart[slot * store.maxRanges + at] < end);
    if (overlaps) {
      if (this.repeats(slot, at, bytes)) return FAULT.duplicate_fragment;
      if (this.fragment.isIpv6) return this.giveUp(slot, FAULT.fragment_overlap);
      if (stored >= end) return FAULT.fragment_overlap;
    }
    if (store.fragments[slot] === this.options.maxFragments) return this.giveUp(slot, FAULT.fragment_too_many);
    if (overlaps) this.note(slot, FAULT.fragment_overlap);
    this.insertRange(slot, at, Math.max(stored, offset), bytes);
    if (!more) store.total[slot] = end;
    if (offset + present < end) store.cutAt[slot] = Math.min(store.cutAt[slot], offset + present);
    store.fragments[slot]++;
    return 0;
  }

  private contradictsEnd(slot: number): boolean {
    const { store } = this;
    const { end, more } = this.fragment;
    const total = store.total[slot];
    if (total >= 0) return end > total || (!more && end !== total);
    const ranges = store.rangeCount[slot];
    return !more && ranges > 0 && store.rangeEnd[slot * store.maxRanges + ranges - 1] > end;
  }

  /** Index of the first range of a slot that begins behind `offset`. */
  private firstRangeAfter(slot: number, offset: number): number {
    const { store } = this;
    const base = slot * store.maxRanges;
    let at = store.rangeCount[slot];
    // From the back: fragments mostly come in order.
    while (at > 0 && store.rangeStart[base + at - 1] > offset) at--;
    return at;
  }

  /** Whether the fragment brings only bytes that are stored as one range already, and the same ones. */
  private repeats(slot: number, at: number, bytes: Uint8Array): boolean {
    const { store } = this;
    const { offset, end, present, isIpv6, dataAt } = this.fragment;
    if (at === 0) return false;
    const range = slot * store.maxRanges + at - 1;
    const covers = isIpv6
      ? store.rangeStart[range] === offset && store.rangeEnd[range] === end
      : store.rangeEnd[range] >= end;
    const comparable = Math.min(end, offset + present, store.cutAt[slot]);
    return covers && store.equals(slot, offset, comparable, bytes, dataAt);
  }

  /**
   * Puts the fragment's range from `start` on in before range `at`, over the heads of later ones, and copies its bytes.
   */
  private insertRange(slot: number, at: number, start: number, bytes: Uint8Array): void {
    const { store } = this;
    const { offset, end, dataAt } = this.fragment;
    while (!store.reserve(slot, start, end)) this.evict(slot);
    const base = slot * store.maxRanges;
    let gone = at;
    while (gone < store.rangeCount[slot] && store.rangeEnd[base + gone] <= end) {
      store.covered[slot] -= store.rangeEnd[base + gone] - store.rangeStart[base + gone];
      gone++;
    }
    if (gone < store.rangeCount[slot] && store.rangeStart[base + gone] < end) {
      store.covered[slot] -= end - store.rangeStart[base + gone];
      store.rangeStart[base + gone] = end;
    }
    store.rangeStart.copyWithin(base + at + 1, base + gone, base + store.rangeCount[slot]);
    store.rangeEnd.copyWithin(base + at + 1, base + gone, base + store.rangeCount[slot]);
    store.rangeCount[slot] += 1 - (gone - at);
    store.rangeStart[base + at] = start;
    store.rangeEnd[base + at] = end;
    store.covered[slot] += end - start;
    store.write(slot, start, Math.min(end, offset + this.fragment.present), bytes, dataAt + start - offset);
  }

  private complete(slot: number, frames: number): number {
    const { store, datagram } = this;
    const { isIpv6 } = this.fragment;
    const header = store.prefixLength[slot];
    const total = store.total[slot];
    if (header + total - (isIpv6 ? IPV6_HEADER_LENGTH : 0) > MAX_DATAGRAM) return this.discardTooLarge(slot, frames);
    const present = Math.min(total, store.cutAt[slot]);
    for (let i = 0; i < header; i++) datagram[i] = store.prefixes[slot * PREFIX_BYTES + i];
    store.read(slot, present, datagram, header);
    if (isIpv6) writeU16(datagram, 4, header - IPV6_HEADER_LENGTH + total);
    else rebuildIpv4Header(datagram, header, total);
    this.datagramLength = header + present;
    this.datagramFrames = store.frames[slot];
    this.datagramFault = store.fault[slot];
    this.pendingFrames -= store.frames[slot];
    store.remove(slot);
    return DEFRAG.complete;
  }

  /**
   * The header of the first fragment and the data of the last are too large together. The fragment at hand is lost,
   * too.
   */
  private discardTooLarge(slot: number, frames: number): number {
    this.pendingFrames -= frames;
    this.store.frames[slot] -= frames;
    return this.refuse(this.giveUp(slot, FAULT.fragment_too_large), frames);
  }

  /** Loses a datagram's frames, but remembers it, so that the fragments still to come are dropped as well. */
  private giveUp(slot: number, fault: number): number {
    this.loseFrames(slot, fault);
    this.store.releaseData(slot);
    this.store.refused[slot] = fault;
    return fault;
  }

  /** Makes room: loses the oldest datagram but `except`. */
  private evict(except: number): void {
    const slot = this.store.oldestOther(except);
    if (slot === NONE) throw new Error('the fragment store cannot hold one datagram');
    this.lose(slot, FAULT.fragment_evicted);
  }

  private lose(slot: number, fault: number): void {
    if (this.store.frames[slot] > 0) this.counts.faults[fault]++;
    this.loseFrames(slot, fault);
    this.store.remove(slot);
  }

  private loseFrames(slot: number, fault: number): void {
    this.droppedFrames[fault] += this.store.frames[slot];
    this.pendingFrames -= this.store.frames[slot];
  }

  /** Counts a fault of a datagram that is put together all the same. */
  private note(slot: number, fault: number): void {
    this.counts.faults[fault]++;
    if (this.store.fault[slot] === 0) this.store.fault[slot] = fault;
  }

  private refuse(fault: number, frames: number): number {
    this.counts.faults[fault]++;
    this.droppedFrames[fault] += frames;
    return -fault;
  }
}

function rebuildIpv4Header(datagram: Uint8Array, header: number, total: number): void {
  const DONT_FRAGMENT = 0x4000;
  writeU16(datagram, 2, header + total);
  writeU16(datagram, 6, u16(datagram, 6) & DONT_FRAGMENT);
  writeU16(datagram, 10, 0);
  writeU16(datagram, 10, ~onesComplementSum(datagram, 0, header, 0));
}

function writeU16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
