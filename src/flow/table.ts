/**
 * The flow table of one shard: from a packet to the flow that it belongs to. Stage: flow.
 *
 * Chained hashing over typed arrays; `Flow` objects are made when a slot is first used and re-used ever after, so a
 * lookup allocates nothing once the table has been as full as it gets.
 *
 * Time. Whether a flow is over is decided when its own next packet comes, from the times of its own packets and
 * nothing else: idle longer than the timeout of its state, it ends and a new one starts. So the outcome is the same
 * for any number of shards, and a packet with an absurd time hurts no other flow. A flow's time never runs backward: a
 * packet with an earlier time than the flow's last counts as simultaneous with that one. `sweep` only frees memory: it
 * ends what its own next packet would end, as long as no packet comes from before the time given. Where captures break
 * that (several put together), the outcome is still the same for any number of shards, because all of them are given the
 * same time at the same place in the order of packets (ticks), and a sweep looks at every flow.
 *
 * Cap. A new flow in a full table takes the place of the least recently seen one among those that are not established,
 * while these are half of the table or more, else among those that are: a flood of opening packets displaces itself.
 * A chain has a limit as well, should somebody know the seed; its least recent flow gives way. Both count as evicted.
 */
import { IP_PROTOCOL, type Packet } from '../decode/packet.js';
import { ACK, RST, SYN } from '../decode/tcp.js';
import { DIRECTION, Flow, FLOW_STATE, type Direction } from './flow.js';
import { LruLists } from './lru.js';
import { DEFAULT_FLOW_TIMEOUTS, TimeoutTable, type FlowTimeouts } from './timeouts.js';
import { FlowTuple, TUPLE_WORDS } from './tuple.js';

export interface FlowOptions {
  /** Flows at most. */
  readonly cap: number;
  /** Whether mirror sessions have flows of their own, so that address ranges of tenants may overlap. */
  readonly vniInKey: boolean;
  /** Whether TCP flows may start in the middle: the side with the higher port is then taken for the client. */
  readonly midstream: boolean;
  readonly timeouts?: FlowTimeouts;
  /** Told of each flow that ends, while it is still what it was. */
  readonly onEnd?: ((flow: Flow) => void) | undefined;
  /** Of the hash that picks the chain; a random one keeps outsiders from building long chains. Not seen in any result. */
  readonly seed?: number;
}

/** Counts since the table was made; `active` is a gauge. */
export interface FlowTableStats {
  active: number;
  started: number;
  /** Ended because their timeout had passed. */
  expired: number;
  /** Ended to make room. */
  evicted: number;
}

const CHAIN_LIMIT = 64;
const NONE = -1;
const LIST = { unsettled: 0, established: 1 } as const;
const SYN_ACK = SYN | ACK;

export class FlowTable {
  /** Direction of the packet last looked up. */
  direction: Direction = DIRECTION.toServer;
  readonly stats: FlowTableStats = { active: 0, started: 0, expired: 0, evicted: 0 };

  private readonly cap: number;
  private readonly vniInKey: boolean;
  private readonly midstream: boolean;
  private readonly seed: number;
  private readonly timeouts: TimeoutTable;
  private readonly onEnd: ((flow: Flow) => void) | undefined;
  private readonly tuple = new FlowTuple();
  private readonly heads: Int32Array;
  private readonly next: Int32Array;
  private readonly hashes: Int32Array;
  private readonly keys: Int32Array;
  private readonly lru: LruLists;
  /** Of each slot: `Flow.lastUs`, or Infinity while it is free. A sweep reads these before it reads any flow. */
  private readonly lastUs: Float64Array;
  private readonly flows: Flow[] = [];
  private readonly free: Int32Array;
  private freeCount = 0;

  constructor(options: FlowOptions) {
    if (!(options.cap >= 1)) throw new Error('a flow table needs room for one flow');
    this.cap = options.cap;
    this.vniInKey = options.vniInKey;
    this.midstream = options.midstream;
    this.seed = options.seed ?? 0x9747b28c;
    this.onEnd = options.onEnd;
    this.timeouts = new TimeoutTable(options.timeouts ?? DEFAULT_FLOW_TIMEOUTS);
    this.heads = new Int32Array(2 ** Math.ceil(Math.log2(options.cap))).fill(NONE);
    this.next = new Int32Array(options.cap);
    this.hashes = new Int32Array(options.cap);
    this.keys = new Int32Array(options.cap * TUPLE_WORDS);
    this.lru = new LruLists(options.cap, 2);
    this.free = new Int32Array(options.cap);
    this.lastUs = new Float64Array(options.cap).fill(Infinity);
  }

  /**
   * The flow of a packet, made where there is none, with the packet counted in; `direction` says which way it goes.
   * @returns null for a packet that belongs to no flow: without addresses, a fragment, without its transport header.
   */
  lookup(packet: Packet): Flow | null {
    const { tuple } = this;
    if (!tuple.load(packet, this.vniInKey)) return null;
    const hash = tuple.hash(this.seed);
    const slot = this.find(hash);
    if (slot === NONE) return this.begin(this.insert(hash), packet);
    const flow = this.flows[slot];
    if (packet.timeUs - flow.lastUs > this.timeouts.of(flow.protocol, flow.state)) {
      this.stats.expired++;
      this.onEnd?.(flow);
      return this.begin(slot, packet);
    }
    this.count(flow, packet);
    return flow;
  }

  /** Ends the flow of the packet last looked up and starts a new one with it: the ports are used again. */
  restart(packet: Packet): Flow {
    if (!this.tuple.load(packet, this.vniInKey)) throw new Error('the packet has no flow');
    const slot = this.find(this.tuple.hash(this.seed));
    if (slot === NONE) throw new Error('the packet was not looked up');
    this.onEnd?.(this.flows[slot]);
    return this.begin(slot, packet);
  }

  /** Frees the flows whose timeout passed before `nowUs`. Linear in the flows ever held at once; meant for ticks. */
  sweep(nowUs: number): void {
    const { lastUs, timeouts } = this;
    for (let slot = 0; slot < this.flows.length; slot++) {
      const idleUs = nowUs - lastUs[slot];
      if (idleUs <= timeouts.shortest) continue;
      const flow = this.flows[slot];
      if (idleUs <= timeouts.of(flow.protocol, flow.state)) continue;
      this.stats.expired++;
      this.release(slot);
    }
  }

  /** Forgets all flows; the counts stay. For a change of capture. */
  clear(): void {
    for (let slot = 0; slot < this.flows.length; slot++) if (this.lastUs[slot] !== Infinity) this.onEnd?.(this.flows[slot]);
    this.heads.fill(NONE);
    this.lru.clear();
    this.lastUs.fill(Infinity);
    this.freeCount = 0;
    for (let slot = this.flows.length - 1; slot >= 0; slot--) this.free[this.freeCount++] = slot;
    this.stats.active = 0;
  }

  private find(hash: number): number {
    const { keys, hashes, next } = this;
    const { words } = this.tuple;
    for (let slot = this.heads[hash & (this.heads.length - 1)]; slot !== NONE; slot = next[slot]) {
      if (hashes[slot] !== hash) continue;
      const at = slot * TUPLE_WORDS;
      let i = 0;
      while (i < TUPLE_WORDS && keys[at + i] === words[i]) i++;
      if (i === TUPLE_WORDS) return slot;
    }
    return NONE;
  }

  private insert(hash: number): number {
    this.boundChain(hash);
    const slot = this.takeSlot();
    const bucket = hash & (this.heads.length - 1);
    this.next[slot] = this.heads[bucket];
    this.heads[bucket] = slot;
    this.hashes[slot] = hash;
    this.keys.set(this.tuple.words, slot * TUPLE_WORDS);
    this.stats.active++;
    return slot;
  }

  private takeSlot(): number {
    if (this.freeCount > 0) return this.free[--this.freeCount];
    if (this.flows.length < this.cap) return this.flows.push(new Flow()) - 1;
    const unsettled = this.lru.size(LIST.unsettled);
    this.evict(this.lru.oldest(2 * unsettled >= this.cap ? LIST.unsettled : LIST.established));
    return this.free[--this.freeCount];
  }

  /** New flows go to the front of their chain, so the last one is the oldest. */
  private boundChain(hash: number): void {
    let length = 0;
    let last = NONE;
    for (let slot = this.heads[hash & (this.heads.length - 1)]; slot !== NONE; slot = this.next[slot]) {
      length++;
      last = slot;
    }
    if (length >= CHAIN_LIMIT) this.evict(last);
  }

  private evict(slot: number): void {
    this.stats.evicted++;
    this.release(slot);
  }

  private release(slot: number): void {
    const { heads, next } = this;
    const bucket = this.hashes[slot] & (heads.length - 1);
    if (heads[bucket] === slot) {
      heads[bucket] = next[slot];
    } else {
      let before = heads[bucket];
      while (next[before] !== slot) before = next[before];
      next[before] = next[slot];
    }
    this.onEnd?.(this.flows[slot]);
    this.lru.remove(slot);
    this.lastUs[slot] = Infinity;
    this.free[this.freeCount++] = slot;
    this.stats.active--;
  }

  private begin(slot: number, packet: Packet): Flow {
    const flow = this.flows[slot];
    flow.reset();
    flow.index = slot;
    flow.id = this.tuple.flowId(packet.timeUs);
    flow.protocol = packet.protocol;
    flow.ipVersion = packet.ipVersion;
    flow.vni = packet.vni;
    flow.startUs = packet.timeUs;
    flow.lastUs = packet.timeUs;
    flow.clientIsLower = this.tuple.sourceIsLower === this.sourceIsClient(packet);
    this.stats.started++;
    this.count(flow, packet);
    return flow;
  }

  private sourceIsClient(packet: Packet): boolean {
    if (packet.protocol !== IP_PROTOCOL.tcp) return true;
    const flags = packet.bytes[packet.l4Offset + 13] & (SYN_ACK | RST);
    if (flags === SYN) return true;
    if (flags === SYN_ACK) return false;
    return !this.midstream || packet.srcPort >= packet.dstPort;
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
    if (packet.timeUs > flow.lastUs) flow.lastUs = packet.timeUs;
    this.lastUs[flow.index] = flow.lastUs;
    if (flow.protocol !== IP_PROTOCOL.tcp && !flow.established && flow.packetsToServer > 0 && flow.packetsToClient > 0) {
      flow.state = FLOW_STATE.established;
      flow.established = true;
    }
    this.lru.touch(flow.index, flow.state === FLOW_STATE.established ? LIST.established : LIST.unsettled);
  }
}
