/**
 * The flow table of one shard: from a packet to the flow that it belongs to. Stage: flow.
 *
 *   heads[hash]  →  record  →  record …       chains through the records (record.ts); a slot is a record's number
 *   seconds[slot], kinds[slot]                what sweeps and evictions read: 5 bytes a flow, in order
 *
 * A lookup reads the chain's head and the first cache line of a record or two, and changes the second line of its own:
 * no list is kept in the order of use. `seconds` is written once a second and flow at most.
 *
 * Time. Whether a flow is over is decided when its own next packet comes, from the times of its own packets and
 * nothing else: idle for the timeout of its state, it ends and a new one starts. So the outcome is the same
 * for any number of shards, and a packet with an absurd time hurts no other flow. A flow's time never runs backward: a
 * packet with an earlier time than the flow's last counts as simultaneous with that one. `sweep` only frees memory: it
 * ends what its own next packet would end, as long as no packet comes from before the time given. Where captures break
 * that (several put together), the outcome is still the same for any number of shards, because all of them are given
 * the same time at the same place in the order of packets (ticks), and a sweep looks at every flow.
 *
 * Cap. A new flow in a full table takes the place of one that is not established, while these are half of the table or
 * more, else of one that is: a flood of opening packets displaces itself. Of EVICTION_SAMPLE slots from a hand on that
 * goes round, it is the one not seen for the longest time, by the second. A chain has a limit as well, should somebody
 * know the seed; its oldest flow gives way. Both count as evicted.
 */
import { IP_PROTOCOL, type Packet } from '../decode/packet.js';
import { ACK, RST, SYN } from '../decode/tcp.js';
import { Arena, arenaBytesFor } from '../memory/arena.js';
import { DIRECTION, Flow, FLOW_END, FLOW_STATE, type Direction, type FlowEnd } from './flow.js';
import { isIcmp, noteIcmpAnswer } from './icmp-answer.js';
import { COLUMN, FLOW_BYTES, FLOW_WORDS } from './record.js';
import { DEFAULT_FLOW_TIMEOUTS, KIND_STATES, kindOf, TimeoutTable, type FlowTimeouts } from './timeouts.js';
import { FlowTuple, TUPLE_WORDS } from './tuple.js';
import { VniGroups } from './vni-groups.js';

export interface FlowOptions {
  /** Flows at most. */
  readonly cap: number;
  /** Whether mirror sessions have flows of their own, so that address ranges of tenants may overlap. */
  readonly vniInKey: boolean;
  /** Whether VLANs have flows of their own, likewise; true when left out. */
  readonly vlanInKey?: boolean;
  /** Mirror sessions that share flows. */
  readonly vniGroups?: readonly (readonly number[])[] | undefined;
  /**
   * Whether TCP flows may start in the middle: the side with the higher port is then taken for the client, unless the
   * payload tells.
   */
  readonly midstream: boolean;
  /** Which way a segment goes by its payload; -1 where that does not tell. Asked of the first of such a flow. */
  readonly directionOf?: ((packet: Packet) => Direction | -1) | undefined;
  readonly timeouts?: FlowTimeouts;
  /**
   * Told of each flow that ends, while it is still what it was. Of those that end together, in the order of their last
   * packets and then of their ids: that of any number of shards.
   */
  readonly onEnd?: ((flow: Flow, reason: FlowEnd) => void) | undefined;
  /** Where the records and the arena of their lists lie; memory of its own when left out. */
  readonly memory?: FlowMemory | undefined;
  /**
   * Of the hash that picks the chain; a random one keeps outsiders from building long chains. Not seen in any result.
   */
  readonly seed?: number;
}

/** Records lie from byte `offset` on, `cap` times FLOW_BYTES long. */
export interface FlowMemory {
  readonly arena: Arena;
  readonly offset: number;
}

/** Counts since the table was made; `active` is a gauge. */
export interface FlowTableStats {
  active: number;
  started: number;
  /** Ended because their timeout had passed. */
  expired: number;
  /** Ended to make room in the table, and to make room for those that are parsed. */
  evicted: number;
  crowdedOut: number;
}

/** Says what a flow takes of what there is too much of; 0: nothing. */
export interface Scales {
  weight(flow: Flow): number;
}

const CHAIN_LIMIT = 64;
const EVICTION_SAMPLE = 16;
const NONE = -1;
const SYN_ACK = SYN | ACK;
/** In `seconds`: the slot is free. */
const FREE = 0xffffffff;

export class FlowTable {
  /** Direction of the packet last looked up. */
  direction: Direction = DIRECTION.toServer;
  /** Memory of what flows have beside their records. */
  readonly arena: Arena;
  readonly stats: FlowTableStats = { active: 0, started: 0, expired: 0, evicted: 0, crowdedOut: 0 };

  private readonly cap: number;
  private readonly vniInKey: boolean;
  private readonly vlanInKey: boolean;
  private readonly groups: VniGroups;
  private readonly hasGroups: boolean;
  private readonly midstream: boolean;
  private readonly seed: number;
  private readonly timeouts: TimeoutTable;
  private readonly directionOf: FlowOptions['directionOf'];
  private readonly onEnd: FlowOptions['onEnd'];
  private readonly tuple = new FlowTuple();
  /** The one flow that is handed out: a cursor. */
  private readonly flow: Flow;
  /** Word of the first record. */
  private readonly records: number;
  private readonly words: Uint32Array;
  /** By the low bits of the hash: slot plus 1, or 0. */
  private readonly heads: Uint32Array;
  /** Of each slot: the second of its latest packet, rounded down, or FREE; and its row in the timeouts. */
  private readonly seconds: Uint32Array;
  private readonly kinds: Uint8Array;
  private readonly free: Uint32Array;
  private freeCount = 0;
  /** Slots ever used. */
  private used = 0;
  private settled = 0;
  private hand = 0;
  private crowdHand = 0;
  /**
   * Slots of flows that end together, and their order: that of their last packets, the same for any number of shards.
   */
  private readonly ending: number[] = [];
  private readonly byEnd = (a: number, b: number): number =>
    this.lastUs(a) - this.lastUs(b) || this.idOf(a) - this.idOf(b);
  /** Of the chain last walked in vain: its length, and its last slot plus 1. */
  private chainLength = 0;
  private chainEnd = 0;

  constructor(options: FlowOptions) {
    if (!(options.cap >= 1)) throw new Error('a flow table needs room for one flow');
    this.cap = options.cap;
    this.vniInKey = options.vniInKey;
    this.vlanInKey = options.vlanInKey ?? true;
    this.groups = new VniGroups(options.vniGroups ?? []);
    this.hasGroups = !this.groups.isEmpty;
    this.midstream = options.midstream;
    this.seed = options.seed ?? 0x9747b28c;
    this.onEnd = options.onEnd;
    this.directionOf = options.directionOf;
    this.timeouts = new TimeoutTable(options.timeouts ?? DEFAULT_FLOW_TIMEOUTS);
    const { arena, offset } = options.memory ?? ownMemory(options.cap);
    this.arena = arena;
    this.flow = new Flow(arena, offset);
    this.words = arena.words;
    this.records = offset >>> 2;
    this.heads = new Uint32Array(2 ** Math.ceil(Math.log2(options.cap)));
    this.seconds = new Uint32Array(options.cap).fill(FREE);
    this.kinds = new Uint8Array(options.cap);
    this.free = new Uint32Array(options.cap);
  }

  /** Blocks that flows were refused since the table was made. */
  get memoryRefused(): number {
    return this.flow.arena.refused;
  }

  /**
   * The flow of a packet, made where there is none, with the packet counted in; `direction` says which way it goes. The
   * next call sets the same object on another flow.
   * @returns null for a packet that belongs to no flow: without addresses, a fragment, without its transport header, an
   * ICMP error about none.
   */
  lookup(packet: Packet): Flow | null {
    if (packet.isError) return this.lookupQuoted(packet);
    const { tuple } = this;
    if (!tuple.load(packet, this.sessionOf(packet), this.vlanInKey)) return null;
    const hash = tuple.hash(this.seed) >>> 0;
    const slot = this.find(hash);
    if (slot === NONE) return this.begin(this.insert(hash), packet);
    const flow = this.flow.use(slot);
    if (packet.timeUs - flow.lastUs >= this.timeouts.us[flow.kind]) {
      this.stats.expired++;
      this.onEnd?.(flow, FLOW_END.timeout);
      return this.begin(slot, packet);
    }
    if (flow.clientIsGuessed && packet.payloadLength > 0 && this.isOtherWay(flow, packet)) {
      this.onEnd?.(flow, FLOW_END.reused);
      return this.begin(slot, packet);
    }
    this.count(flow, packet);
    return flow;
  }

  /**
   * The flow that an ICMP error is about, which it leaves as it is: neither side has sent it. It goes to whom the
   * packet has come from that it quotes.
   */
  private lookupQuoted(packet: Packet): Flow | null {
    const { tuple } = this;
    this.direction = DIRECTION.toServer;
    if (!tuple.loadQuoted(packet, this.sessionOf(packet), this.vlanInKey)) return null;
    const slot = this.find(tuple.hash(this.seed) >>> 0);
    if (slot === NONE) return null;
    const flow = this.flow.use(slot);
    // Whether a sweep has come by must not matter.
    if (packet.timeUs - flow.lastUs >= this.timeouts.us[flow.kind]) return null;
    this.direction = tuple.sourceIsLower === flow.clientIsLower ? DIRECTION.toClient : DIRECTION.toServer;
    return flow;
  }

  /** Ends the flow of the packet last looked up and starts a new one with it: the ports are used again. */
  restart(packet: Packet): Flow {
    if (!this.tuple.load(packet, this.sessionOf(packet), this.vlanInKey)) throw new Error('the packet has no flow');
    const slot = this.find(this.tuple.hash(this.seed) >>> 0);
    if (slot === NONE) throw new Error('the packet was not looked up');
    this.onEnd?.(this.flow.use(slot), FLOW_END.reused);
    return this.begin(slot, packet);
  }

  /** Notes what a packet has made of the flow last looked up: how long it lives, and whom it displaces. */
  settle(flow: Flow): void {
    const kind = kindOf(flow.protocol, flow.state);
    if (kind === flow.kind) return;
    this.settled += Number(isSettled(kind)) - Number(isSettled(flow.kind));
    flow.kind = kind;
    this.kinds[flow.index] = kind;
  }

  /** Frees the flows whose timeout passed before `nowUs`. Linear in the flows ever held at once; meant for ticks. */
  sweep(nowUs: number): void {
    const { seconds, kinds, flow, ending } = this;
    const { us } = this.timeouts;
    for (let slot = 0; slot < this.used; slot++) {
      const second = seconds[slot];
      if (second === FREE || nowUs - second * 1e6 < us[kinds[slot]]) continue;
      if (nowUs - flow.use(slot).lastUs >= us[kinds[slot]]) ending.push(slot);
    }
    this.stats.expired += ending.length;
    for (const slot of ending.sort(this.byEnd)) this.release(slot, FLOW_END.timeout);
    ending.length = 0;
  }

  /**
   * Ends the flow of the greatest weight above 0 among a sample, the longest unseen of several. To be called between
   * packets, where more is kept for flows than may be, by whoever keeps it.
   */
  giveWay(scales: Scales): void {
    const { seconds, used } = this;
    let best = NONE;
    let most = 0;
    for (let i = Math.min(EVICTION_SAMPLE, used); i > 0; i--) {
      const slot = this.crowdHand < used ? this.crowdHand : 0;
      this.crowdHand = slot + 1;
      if (seconds[slot] === FREE) continue;
      const weight = scales.weight(this.flow.use(slot));
      if (weight > most || (weight > 0 && weight === most && seconds[slot] < seconds[best])) {
        best = slot;
        most = weight;
      }
    }
    if (best === NONE) return;
    const { arena } = this;
    const before = arena.usedBytes;
    this.stats.crowdedOut++;
    this.release(best, FLOW_END.evicted);
    arena.noteRelief(before - arena.usedBytes);
  }

  /** Forgets all flows; the counts stay. For a change of capture. */
  clear(): void {
    const { ending } = this;
    for (let slot = 0; slot < this.used; slot++) if (this.seconds[slot] !== FREE) ending.push(slot);
    for (const slot of ending.sort(this.byEnd)) this.end(slot, FLOW_END.shutdown);
    ending.length = 0;
    this.heads.fill(0);
    this.seconds.fill(FREE, 0, this.used);
    this.freeCount = 0;
    this.used = 0;
    this.settled = 0;
    this.hand = 0;
    this.crowdHand = 0;
    this.stats.active = 0;
  }

  /** The flow of this index, which is one that is not over. */
  at(index: number): Flow {
    return this.flow.use(index);
  }

  private lastUs(slot: number): number {
    return this.flow.use(slot).lastUs;
  }

  private idOf(slot: number): number {
    return this.flow.use(slot).id;
  }

  private find(hash: number): number {
    const { words } = this;
    const key = this.tuple.words;
    let length = 0;
    let last = 0;
    for (let next = this.heads[hash & (this.heads.length - 1)]; next !== 0;) {
      const at = this.records + (next - 1) * FLOW_WORDS;
      if (words[at + COLUMN.hash] === hash) {
        let i = 0;
        while (i < TUPLE_WORDS && words[at + i] === key[i]) i++;
        if (i === TUPLE_WORDS) return next - 1;
      }
      length++;
      last = next;
      next = words[at + COLUMN.next];
    }
    this.chainLength = length;
    this.chainEnd = last;
    return NONE;
  }

  /** To be called when `find` has found nothing. */
  private insert(hash: number): number {
    // New flows go to the front of their chain, so its last one is the oldest.
    if (this.chainLength >= CHAIN_LIMIT) this.evict(this.chainEnd - 1);
    const slot = this.takeSlot();
    const { words, heads } = this;
    const key = this.tuple.words;
    const at = this.records + slot * FLOW_WORDS;
    const head = hash & (heads.length - 1);
    for (let i = 0; i < TUPLE_WORDS; i++) words[at + i] = key[i];
    words[at + COLUMN.hash] = hash;
    words[at + COLUMN.next] = heads[head];
    heads[head] = slot + 1;
    this.stats.active++;
    return slot;
  }

  private takeSlot(): number {
    if (this.freeCount > 0) return this.free[--this.freeCount];
    if (this.used < this.cap) return this.unusedSlot();
    this.evict(this.longestUnseen());
    return this.free[--this.freeCount];
  }

  /** Empty: a shard that died has left records whose blocks are not of its successor's arena. */
  private unusedSlot(): number {
    const at = this.records + this.used * FLOW_WORDS;
    this.words.fill(0, at, at + FLOW_WORDS);
    return this.used++;
  }

  /** Of a full table, the slot that gives way: of its sort if there is one among the sample. */
  private longestUnseen(): number {
    const { seconds, kinds, cap } = this;
    const wanted = 2 * (cap - this.settled) < cap;
    let best = NONE;
    let bestFits = false;
    let slot = this.hand;
    for (let i = Math.min(EVICTION_SAMPLE, cap); i > 0; i--) {
      const fits = isSettled(kinds[slot]) === wanted;
      if (best === NONE || (fits && !bestFits) || (fits === bestFits && seconds[slot] < seconds[best])) {
        best = slot;
        bestFits = fits;
      }
      slot = slot + 1 === cap ? 0 : slot + 1;
    }
    this.hand = best + 1 === cap ? 0 : best + 1;
    return best;
  }

  private evict(slot: number): void {
    this.stats.evicted++;
    this.release(slot, FLOW_END.evicted);
  }

  private release(slot: number, reason: FlowEnd): void {
    const { heads, words, records } = this;
    const at = records + slot * FLOW_WORDS;
    const head = words[at + COLUMN.hash] & (heads.length - 1);
    const next = words[at + COLUMN.next];
    if (heads[head] === slot + 1) {
      heads[head] = next;
    } else {
      let before = records + (heads[head] - 1) * FLOW_WORDS;
      while (words[before + COLUMN.next] !== slot + 1)
        before = records + (words[before + COLUMN.next] - 1) * FLOW_WORDS;
      words[before + COLUMN.next] = next;
    }
    if (isSettled(this.flow.use(slot).kind)) this.settled--;
    this.end(slot, reason);
    this.seconds[slot] = FREE;
    this.free[this.freeCount++] = slot;
    this.stats.active--;
  }

  private end(slot: number, reason: FlowEnd): void {
    const flow = this.flow.use(slot);
    this.onEnd?.(flow, reason);
    flow.release();
  }

  private begin(slot: number, packet: Packet): Flow {
    const flow = this.flow.use(slot);
    if (this.seconds[slot] !== FREE && isSettled(flow.kind)) this.settled--;
    flow.reset();
    flow.id = this.tuple.flowId(packet.timeUs);
    flow.startUs = packet.timeUs;
    flow.lastUs = packet.timeUs;
    flow.idleUs = 0;
    flow.clientIsGuessed = this.isGuess(packet);
    flow.clientIsLower = this.tuple.sourceIsLower === this.sourceIsClient(packet);
    flow.kind = kindOf(packet.protocol, FLOW_STATE.new);
    if (isIcmp(packet.protocol)) flow.icmpCode = packet.bytes[packet.l4Offset + 1];
    this.kinds[slot] = flow.kind;
    this.seconds[slot] = secondOf(packet.timeUs);
    this.words[this.records + slot * FLOW_WORDS + COLUMN.second] = this.seconds[slot];
    this.stats.started++;
    this.count(flow, packet);
    return flow;
  }

  private sourceIsClient(packet: Packet): boolean {
    if (packet.protocol !== IP_PROTOCOL.tcp) return true;
    const flags = packet.bytes[packet.l4Offset + 13] & (SYN_ACK | RST);
    if (flags === SYN) return true;
    if (flags === SYN_ACK) return false;
    if (!this.midstream) return true;
    const direction = this.directionOf?.(packet) ?? NONE;
    return direction === NONE ? packet.srcPort >= packet.dstPort : direction === DIRECTION.toServer;
  }

  /** Whether nothing but ports will tell of a packet that begins a flow who its client is. */
  private isGuess({ protocol, bytes, l4Offset, payloadLength }: Packet): boolean {
    const isPickedUp = this.midstream && protocol === IP_PROTOCOL.tcp && (bytes[l4Offset + 13] & SYN) === 0;
    return isPickedUp && payloadLength === 0;
  }

  /** Whether the first payload of a flow goes the other way than was guessed. */
  private isOtherWay(flow: Flow, packet: Packet): boolean {
    flow.clientIsGuessed = false;
    const direction = this.directionOf?.(packet) ?? NONE;
    if (direction === NONE) return false;
    return (direction === DIRECTION.toServer) !== (this.tuple.sourceIsLower === flow.clientIsLower);
  }

  /** The mirror session in the packet's key. */
  private sessionOf(packet: Packet): number {
    if (!this.vniInKey) return -1;
    return this.hasGroups ? this.groups.keyOf(packet.vni) : packet.vni;
  }

  private count(flow: Flow, packet: Packet): void {
    const toServer = this.tuple.sourceIsLower === flow.clientIsLower;
    const bytes = packet.payloadOffset + packet.payloadLength - packet.ipOffset;
    this.direction = toServer ? DIRECTION.toServer : DIRECTION.toClient;
    if (toServer) {
      flow.packetsToServer++;
      flow.bytesToServer += bytes;
    } else {
      flow.packetsToClient++;
      flow.bytesToClient += bytes;
    }
    flow.idleUs = Math.max(0, packet.timeUs - flow.lastUs);
    if (flow.idleUs > 0) this.moveTime(flow, packet.timeUs);
    if (
      packet.protocol !== IP_PROTOCOL.tcp &&
      !flow.established &&
      flow.packetsToServer > 0 &&
      flow.packetsToClient > 0
    ) {
      flow.state = FLOW_STATE.established;
      flow.established = true;
      if (isIcmp(packet.protocol)) noteIcmpAnswer(flow, packet);
      this.settle(flow);
    }
  }

  /** The slot's own line of `seconds` is touched only when the second is another. */
  private moveTime(flow: Flow, timeUs: number): void {
    flow.lastUs = timeUs;
    const second = secondOf(timeUs);
    const at = this.records + flow.index * FLOW_WORDS + COLUMN.second;
    if (this.words[at] === second) return;
    this.words[at] = second;
    this.seconds[flow.index] = second;
  }
}

const isSettled = (kind: number): boolean => kind % KIND_STATES === FLOW_STATE.established;

/** Below FREE, and not above the time: a sweep that goes by it looks at the exact time before it ends anything. */
function secondOf(timeUs: number): number {
  return Math.min(Math.max(0, Math.floor(timeUs / 1e6)), FREE - 1);
}

/** The arena lies before the records, where words of 32 bits can hold its offsets for any number of flows. */
function ownMemory(cap: number): FlowMemory {
  const arenaOffset = FLOW_BYTES;
  const arenaBytes = arenaBytesFor(cap);
  const offset = arenaOffset + arenaBytes;
  return { arena: new Arena(new ArrayBuffer(offset + cap * FLOW_BYTES), arenaOffset, arenaBytes), offset };
}
