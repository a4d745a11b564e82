/** Which UDP ports carry tunnels. VXLAN has one by its RFC and one that Linux had before; both are in use. */
import { PROTOCOL } from './protocol.js';

export interface TunnelPortOptions {
  readonly vxlanPorts: readonly number[];
  readonly genevePorts: readonly number[];
}

/** 8472 is what flannel and Cilium use, as Linux did before there was a number. */
export const DEFAULT_TUNNEL_PORTS: TunnelPortOptions = { vxlanPorts: [4789, 8472], genevePorts: [6081] };
export const MAX_TUNNEL_PORTS = 16;
const VXLAN_GPE_PORT = 4790;
const TEREDO_PORT = 3544;

export class TunnelPorts {
  /** Port, protocol, port, protocol … */
  private readonly entries: Int32Array;
  /** PERF: bits of the ports modulo 32, so that most ports need not be compared (bench: decode). */
  private filter = 0;

  constructor({ vxlanPorts, genevePorts }: TunnelPortOptions = DEFAULT_TUNNEL_PORTS) {
    this.entries = Int32Array.from([
      ...vxlanPorts.flatMap((port) => [port, PROTOCOL.vxlan]),
      ...genevePorts.flatMap((port) => [port, PROTOCOL.geneve]),
      VXLAN_GPE_PORT,
      PROTOCOL.vxlanGpe,
      TEREDO_PORT,
      PROTOCOL.teredo,
    ]);
    for (let i = 0; i < this.entries.length; i += 2) this.filter |= 1 << (this.entries[i] & 31);
  }

  /**
   * What a datagram between these ports carries, or `PROTOCOL.end`. Teredo's servers and relays answer from its port.
   */
  protocolOf(src: number, dst: number): number {
    const next = ((this.filter >>> (dst & 31)) & 1) === 0 ? PROTOCOL.end : this.find(dst);
    return next === PROTOCOL.end && src === TEREDO_PORT ? PROTOCOL.teredo : next;
  }

  private find(port: number): number {
    const { entries } = this;
    for (let i = 0; i < entries.length; i += 2) if (entries[i] === port) return entries[i + 1];
    return PROTOCOL.end;
  }
}
