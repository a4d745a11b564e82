/**
 * Putting IP fragments together, before routing: a later fragment has no ports. Stage: dispatch.
 *
 * Overlaps are settled as the host does that the datagram goes to (fragment-policy.ts, decision 48). A datagram that is
 * discarded is forgotten, as most systems do: if later fragments of its id were dropped, too, whoever has one datagram
 * discarded could have the next one of that id unseen.
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
import type { HostPolicy, PolicyNetworks } from '../util/host-policy.js';
import { Fragment, IPV6_HEADER_LENGTH, MAX_DATAGRAM } from './fragment.js';
import { FragmentPolicies, type FragmentPolicy } from './fragment-policy.js';
import { FragmentStore, KEY_DESTINATION, PREFIX_BYTES, UNIT_BYTES, unitsOf } from './fragment-store.js';

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
  /** Whose way of settling overlaps counts: that of these networks, and of all other hosts. */
  readonly hostPolicies: PolicyNetworks;
  readonly policy: HostPolicy;
}

/**
 * Timeouts as in Linux (30 s) and RFC 8200 (60 s). 8192 fragments are the largest datagram in the smallest pieces there
 * are, 8 bytes each, as tools that hide attacks make them.
 */
export const DEFAULT_DEFRAG_OPTIONS: DefragOptions = {
  maxDatagrams: 4096,
  maxBytes: 16 * 1024 * 1024,
  maxFragments: 8192,
  timeoutIpv4Us: 30_000_000,
  timeoutIpv6Us: 60_000_000,
  hostPolicies: {},
  policy: 'linux',
};

/** Outcomes of `Defragmenter.add`; a negative one is the code of a fault, negated. */
export const DEFRAG = { stored: 0, complete: 1 } as const;

/** What becomes of a fragment that overlaps others: something of it counts, it is dropped, it ends its datagram. */
const OVERLAP = { counts: 0, repeats: 1, lies: 2, ends: 3 } as const;

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
  private readonly policies: FragmentPolicies;

  /** The fragment at hand, and the hash of its datagram's key, which is the store's. */
  private readonly fragment = new Fragment();
  private hash = 0;

  constructor(options: DefragOptions, counts: DecodeCounts) {
    this.options = options;
    this.counts = counts;
    this.store = new FragmentStore(options.maxDatagrams, options.maxBytes);
    this.policies = new FragmentPolicies(options.policy, options.hostPolicies);
  }

  /** Datagrams in progress, those given up but still remembered included. */
  get datagrams(): number {
    return this.store.used;
  }

  /**
   * Takes the fragment that is layer `layerIndex` of `frame` (`frame.fragmentLayer`), which lies in `bytes`; these may
   * be `datagram` itself. `context` keeps tunnels apart (`fragmentContext`); `frames` is how many received frames it
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
    const policy = this.load(bytes, frame, layerIndex, vni, context);
    const unfit = fragment.unfitness();
    if (unfit !== 0) {
      if (policy.isLinux && fragment.endsDatagram) this.discardFound(unfit);
      return this.refuse(unfit, frames);
    }
    const slot = this.locate(timeUs);
    const refusal = store.refused[slot] || this.admit(slot, policy, bytes);
    if (refusal !== 0) return this.refuse(refusal, frames);

    if (fragment.isTiny()) this.note(slot, FAULT.fragment_tiny);
    store.frames[slot] += frames;
    this.pendingFrames += frames;
    return store.isWhole(slot) ? this.complete(slot, frames) : DEFRAG.stored;
  }

  /**
   * Whether `add` will drop the fragment, or its datagram, for an overlap: then no datagram tells of it, and the
   * fragment has to. What are parameters of `add` are those of that.
   */
  foreseesOverlap(
    bytes: Uint8Array,
    frame: DecodedFrame,
    layerIndex: number,
    vni: number,
    context: number,
    timeUs: number,
  ): boolean {
    const { store, fragment } = this;
    if (store.used === 0) return false;
    const policy = this.load(bytes, frame, layerIndex, vni, context);
    const slot = store.find(this.hash);
    if (slot === NONE || store.refused[slot] !== 0 || this.isExpired(slot, fragment.isIpv6 ? 1 : 0, timeUs))
      return false;
    if (fragment.unfitness() !== 0 || this.contradictsEnd(slot)) return false;
    const from = fragment.offset / UNIT_BYTES;
    const to = unitsOf(fragment.end);
    return store.overlaps(slot, from, to) && this.meet(slot, policy, from, to, bytes) >= OVERLAP.lies;
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

  /** Reads a fragment and its datagram's key. @returns the policy of the host that it goes to. */
  private load(
    bytes: Uint8Array,
    frame: DecodedFrame,
    layerIndex: number,
    vni: number,
    context: number,
  ): FragmentPolicy {
    const { store, fragment } = this;
    fragment.load(bytes, frame.layers, layerIndex * LAYER_WORDS);
    this.hash = fragment.writeKey(bytes, store.key, vni, context);
    const policy = this.policies.of(store.key, KEY_DESTINATION, fragment.isIpv6);
    if (policy.isLinux && !fragment.isIpv6 && fragment.isUneven) fragment.roundDown();
    return policy;
  }

  /** The slot of the datagram that the fragment belongs to; a new one makes room for itself. */
  private locate(timeUs: number): number {
    const family = this.fragment.isIpv6 ? 1 : 0;
    const { hash } = this;
    const found = this.store.find(hash);
    if (found !== NONE && !this.isExpired(found, family, timeUs)) return found;
    if (found !== NONE) this.lose(found, FAULT.fragment_timeout);
    // Whoever chooses addresses and ids can aim at one bucket.
    if (this.store.chainLength >= MAX_CHAIN) this.lose(this.store.chainEnd, FAULT.fragment_evicted);
    while (this.store.isFull) this.evict(NONE);
    return this.store.insert(hash, family, timeUs);
  }

  private isExpired(slot: number, family: number, nowUs: number): boolean {
    return nowUs - this.store.startUs[slot] > (family === 1 ? this.options.timeoutIpv6Us : this.options.timeoutIpv4Us);
  }

  /** Stores the fragment's bytes, or returns the fault for which it is dropped. */
  private admit(slot: number, policy: FragmentPolicy, bytes: Uint8Array): number {
    const { store } = this;
    const { offset, end, present, more } = this.fragment;
    if (this.contradictsEnd(slot)) {
      return policy.isLinux ? this.discard(slot, FAULT.fragment_bad_end) : FAULT.fragment_bad_end;
    }
    const from = offset / UNIT_BYTES;
    const to = unitsOf(end);
    const overlaps = store.overlaps(slot, from, to);
    if (overlaps) {
      if (policy.isLinux && !more) store.total[slot] = end;
      const outcome = this.meet(slot, policy, from, to, bytes);
      if (outcome === OVERLAP.repeats) return FAULT.duplicate_fragment;
      if (outcome === OVERLAP.lies) return FAULT.fragment_overlap;
      if (outcome === OVERLAP.ends) return this.discard(slot, FAULT.fragment_overlap);
    }
    if (store.fragments[slot] === this.options.maxFragments) return this.giveUp(slot, FAULT.fragment_too_many);
    while (!store.reserve(slot, offset, end)) this.evict(slot);
    if (overlaps) {
      this.note(slot, FAULT.fragment_overlap);
      this.trim(slot, policy, from, to, bytes);
    } else {
      // What comes in order at the end is one run of Linux's.
      this.take(slot, from, to, policy.isLinux && from > 0 && offset === store.top[slot], bytes);
    }
    store.top[slot] = Math.max(store.top[slot], end);
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
    return !more && store.top[slot] > end;
  }

  /** What becomes of a fragment that overlaps others; one of `OVERLAP`. */
  private meet(slot: number, policy: FragmentPolicy, from: number, to: number, bytes: Uint8Array): number {
    const { store } = this;
    if (policy.isLinux) {
      if (!store.isPresent(slot, from) || store.pieceEnd(slot, from) < to) return OVERLAP.ends;
      return this.repeats(slot, bytes) ? OVERLAP.repeats : OVERLAP.lies;
    }
    if (this.isPiece(slot, from, to) && this.repeats(slot, bytes)) return OVERLAP.repeats;
    if (policy.discards) return OVERLAP.ends;
    if (this.wins(slot, policy, from, to)) return OVERLAP.counts;
    return this.repeats(slot, bytes) ? OVERLAP.repeats : OVERLAP.lies;
  }

  /** Whether one fragment brought these units, and no others. */
  private isPiece(slot: number, from: number, to: number): boolean {
    const { store } = this;
    return store.isPresent(slot, from) && store.pieceStart(slot, from) === from && store.pieceEnd(slot, from) === to;
  }

  /** Whether the fragment brings only bytes that are there already; all its units are. */
  private repeats(slot: number, bytes: Uint8Array): boolean {
    const { offset, end, present, dataAt } = this.fragment;
    const comparable = Math.min(end, offset + present, this.store.cutAt[slot]);
    return this.store.equals(slot, offset, comparable, bytes, dataAt);
  }

  /** Whether any unit of the fragment counts. */
  private wins(slot: number, policy: FragmentPolicy, from: number, to: number): boolean {
    const { store } = this;
    for (let at = from; at < to;) {
      if (!store.isPresent(slot, at)) return true;
      const pieceEnd = store.pieceEnd(slot, at);
      if (policy.newWins(from, to, store.pieceStart(slot, at), pieceEnd)) return true;
      at = pieceEnd;
    }
    return false;
  }

  /** Takes of the fragment what is not there, and what wins over the pieces that are. */
  private trim(slot: number, policy: FragmentPolicy, from: number, to: number, bytes: Uint8Array): void {
    const { store } = this;
    let goesOn = false;
    for (let at = from; at < to;) {
      let stop = store.nextPresent(slot, at, to);
      let isNew = stop > at;
      if (!isNew) {
        const pieceEnd = store.pieceEnd(slot, at);
        isNew = policy.newWins(from, to, store.pieceStart(slot, at), pieceEnd);
        if (isNew && pieceEnd > to) store.splitAt(slot, to);
        stop = Math.min(pieceEnd, to);
      }
      if (isNew) this.take(slot, at, stop, goesOn, bytes);
      goesOn = isNew;
      at = stop;
    }
  }

  /** Takes units `from` … `to` - 1 of the fragment; room is reserved. */
  private take(slot: number, from: number, to: number, goesOn: boolean, bytes: Uint8Array): void {
    const { store, fragment } = this;
    const { offset, end, present, dataAt } = fragment;
    store.cover(slot, from, to, goesOn);
    const start = from * UNIT_BYTES;
    store.write(slot, start, Math.min(to * UNIT_BYTES, end, offset + present), bytes, dataAt + start - offset);
    // The header is that of the fragment whose data come first.
    if (from === 0) {
      store.prefixLength[slot] = fragment.writePrefix(bytes, store.prefixes, slot * PREFIX_BYTES, PREFIX_BYTES);
    }
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

  /** Loses a datagram, for the fault with which the fragment at hand is dropped, and forgets it. */
  private discard(slot: number, fault: number): number {
    this.loseFrames(slot, fault);
    this.store.remove(slot);
    return fault;
  }

  private discardFound(fault: number): void {
    const slot = this.store.find(this.hash);
    if (slot !== NONE) this.discard(slot, fault);
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
