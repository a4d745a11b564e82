/**
 * Where the packets of flows came from, for events about a flow of which no packet is at hand. Stage: flow; one for
 * each shard, by the flows' places in the table.
 *
 *   captures   the number of the latest packet of each direction
 *   live       outer addresses and ports of the mirror session, as the flow's first packet had them
 *
 * Allocated once, 38 bytes a flow (memory/budget.ts); live traffic costs nothing but for a flow's first packet.
 */
import type { Packet } from '../decode/packet.js';
import { DIRECTION, type Direction, type Flow } from './flow.js';

/** Source and destination of a mirror session, 16 bytes each. */
const ADDRESS_BYTES = 32;
const PORTS = 2;

export class FlowOrigins {
  private readonly isLive: boolean;
  private readonly numbers: Uint32Array;
  private readonly addresses: Uint8Array;
  private readonly ports: Uint16Array;
  /** IP version of the mirror session, 0 for none, and how many tunnels it is. */
  private readonly versions: Uint8Array;
  private readonly depths: Uint8Array;

  constructor(cap: number, isLive: boolean) {
    const live = isLive ? cap : 0;
    this.isLive = isLive;
    this.numbers = new Uint32Array(isLive ? 0 : 2 * cap);
    this.addresses = new Uint8Array(ADDRESS_BYTES * live);
    this.ports = new Uint16Array(PORTS * live);
    this.versions = new Uint8Array(live);
    this.depths = new Uint8Array(live);
  }

  /** Takes in a packet that its flow has counted. */
  note(flow: Flow, packet: Packet, direction: Direction): void {
    if (this.isLive) {
      if (flow.packetsToServer + flow.packetsToClient === 1) this.noteMirror(flow.index, packet);
      return;
    }
    const at = 2 * flow.index;
    if (flow.packetsToServer + flow.packetsToClient === 1) this.numbers[at + 1 - direction] = 0;
    this.numbers[at + direction] = packet.captureNumber;
  }

  /** Of the latest packet of a direction in its capture; of the other one where there is none. 0 for live traffic. */
  number(flow: Flow, direction: Direction): number {
    if (this.isLive) return 0;
    const at = 2 * flow.index;
    return this.numbers[at + direction] || this.numbers[at + 1 - direction];
  }

  /** Lets a packet that stands for the flow have its origin; `room` is where its bytes have place for addresses. */
  load(flow: Flow, packet: Packet, room: number): void {
    packet.captureNumber = this.number(flow, DIRECTION.toServer);
    packet.otherNumber = this.number(flow, DIRECTION.toClient);
    packet.tunnelIpVersion = this.isLive ? this.versions[flow.index] : 0;
    packet.tunnelOffset = -1;
    packet.tunnelDepth = 0;
    if (packet.tunnelIpVersion === 0) return;
    const from = ADDRESS_BYTES * flow.index;
    for (let i = 0; i < ADDRESS_BYTES; i++) packet.bytes[room + i] = this.addresses[from + i];
    packet.tunnelOffset = room;
    packet.tunnelSrcPort = this.ports[PORTS * flow.index];
    packet.tunnelDstPort = this.ports[PORTS * flow.index + 1];
    packet.tunnelDepth = this.depths[flow.index];
  }

  private noteMirror(index: number, packet: Packet): void {
    const isKnown = packet.tunnelOffset >= 0 && packet.tunnelIpVersion !== 0;
    this.versions[index] = isKnown ? packet.tunnelIpVersion : 0;
    if (!isKnown) return;
    const to = ADDRESS_BYTES * index;
    for (let i = 0; i < ADDRESS_BYTES; i++) this.addresses[to + i] = packet.bytes[packet.tunnelOffset + i];
    this.ports[PORTS * index] = packet.tunnelSrcPort;
    this.ports[PORTS * index + 1] = packet.tunnelDstPort;
    this.depths[index] = packet.tunnelDepth + packet.layerIndex;
  }
}
