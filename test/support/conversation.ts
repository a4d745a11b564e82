/**
 * Whole conversations as packets, for identification and for asking a peer: a handshake, what the sides say in turn,
 * each segment acknowledged, and an orderly end; or datagrams.
 */
import { ethernet, ipv4, tcp, TCP_FLAG, toBytes, udp, type Payload } from './packet-builder.js';
import type { CapturedFrame } from './pcap-writer.js';

/** What is said: by the client (`>`) or by the server (`<`). */
export type Said = readonly [side: '>' | '<', text: Payload];

export interface Conversation {
  readonly said: readonly Said[];
  readonly udp?: boolean;
  readonly clientPort?: number;
  readonly serverPort: number;
  /** Tells flows of one capture apart: the last byte of the client's address. */
  readonly host: number;
  /** Bytes of a segment at most. */
  readonly cut?: number;
  /** No handshake was seen. */
  readonly midstream?: boolean;
  /** No orderly end. */
  readonly open?: boolean;
  /** Packets of this side alone were seen. */
  readonly only?: '>' | '<';
}

const SERVER = '10.9.0.1';
const CLIENT_SEQ = 1000;
const SERVER_SEQ = 5000;
const STEP_NS = 1_000_000n;

export function framesOf(conversation: Conversation): CapturedFrame[] {
  const frames = conversation.udp === true ? datagrams(conversation) : new TcpTalk(conversation).frames();
  return frames.map((bytes, index) => ({
    bytes,
    timeNs: 1_700_000_000_000_000_000n + BigInt(conversation.host) * 10_000_000n * 1000n + BigInt(index) * STEP_NS,
  }));
}

export const clientAddress = (host: number): string => `10.8.${host >> 8}.${host & 255}`;

/** Of the client's address. */
export function hostOf(address: string): number | undefined {
  const [, high, low] = /^10\.8\.(\d+)\.(\d+)$/.exec(address) ?? [];
  return high === undefined ? undefined : Number(high) * 256 + Number(low);
}

function datagrams({ said, host, clientPort = 40_000, serverPort, only }: Conversation): Uint8Array[] {
  return said
    .filter(([side]) => only === undefined || side === only)
    .map(([side, text]) => {
      const fromClient = side === '>';
      const ends = fromClient ? { src: clientAddress(host), dst: SERVER } : { src: SERVER, dst: clientAddress(host) };
      const ports = fromClient
        ? { srcPort: clientPort, dstPort: serverPort }
        : { srcPort: serverPort, dstPort: clientPort };
      return ethernet({}, ipv4(ends, udp(ports, text)));
    });
}

class TcpTalk {
  private readonly conversation: Conversation;
  private readonly seq = { '>': CLIENT_SEQ, '<': SERVER_SEQ };
  private readonly out: Uint8Array[] = [];

  constructor(conversation: Conversation) {
    this.conversation = conversation;
  }

  frames(): Uint8Array[] {
    const { said, cut = 1400, midstream, open } = this.conversation;
    if (midstream !== true) this.shakeHands();
    for (const [side, text] of said) {
      const bytes = toBytes(text);
      for (let at = 0; at < bytes.length; at += cut) {
        this.send(side, TCP_FLAG.ack | TCP_FLAG.psh, bytes.slice(at, at + cut));
        this.send(side === '>' ? '<' : '>', TCP_FLAG.ack);
      }
    }
    if (open !== true)
      for (const side of ['>', '<', '>'] as const)
        this.send(side, side === '>' && this.closed ? TCP_FLAG.ack : TCP_FLAG.ack | TCP_FLAG.fin);
    return this.out;
  }

  private closed = false;

  private shakeHands(): void {
    this.send('>', TCP_FLAG.syn);
    this.send('<', TCP_FLAG.syn | TCP_FLAG.ack);
    this.send('>', TCP_FLAG.ack);
  }

  private send(side: '>' | '<', flags: number, payload: Payload = []): void {
    const { host, clientPort = 40_000, serverPort, only } = this.conversation;
    const other = side === '>' ? '<' : '>';
    const ends = side === '>' ? { src: clientAddress(host), dst: SERVER } : { src: SERVER, dst: clientAddress(host) };
    const ports =
      side === '>' ? { srcPort: clientPort, dstPort: serverPort } : { srcPort: serverPort, dstPort: clientPort };
    const numbers = { seq: this.seq[side], ack: (flags & TCP_FLAG.ack) === 0 ? 0 : this.seq[other] };
    if (only === undefined || only === side)
      this.out.push(ethernet({}, ipv4(ends, tcp({ ...ports, ...numbers, flags }, payload))));
    this.seq[side] += toBytes(payload).length + ((flags & (TCP_FLAG.syn | TCP_FLAG.fin)) === 0 ? 0 : 1);
    if ((flags & TCP_FLAG.fin) !== 0) this.closed = true;
  }
}
