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
  /** Who ends it; the client, where nothing is said. */
  readonly closer?: '>' | '<';
  /** Packets of this side alone were seen. */
  readonly only?: '>' | '<';
  /** The server opens it, and is what `>` stands for. */
  readonly fromServer?: boolean;
  /** Other connections of the two hosts, whole, each behind so many parts of what is said. */
  readonly beside?: readonly (readonly [parts: number, connection: Omit<Conversation, 'host'>])[];
}

const SERVER = '10.9.0.1';
const CLIENT_SEQ = 1000;
const SERVER_SEQ = 5000;
const STEP_NS = 1_000_000n;

export function framesOf(conversation: Conversation): CapturedFrame[] {
  return packetsOf(conversation).map((bytes, index) => ({
    bytes,
    timeNs: 1_700_000_000_000_000_000n + BigInt(conversation.host) * 10_000_000n * 1000n + BigInt(index) * STEP_NS,
  }));
}

const packetsOf = (conversation: Conversation): Uint8Array[] =>
  conversation.udp === true ? datagrams(conversation) : new TcpTalk(conversation).frames();

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
    const { said, cut = 1400, midstream, open, closer = '>' } = this.conversation;
    if (midstream !== true) this.shakeHands();
    for (const [index, [side, text]] of said.entries()) {
      this.passOthers(index);
      const bytes = toBytes(text);
      for (let at = 0; at < bytes.length; at += cut) {
        this.send(side, TCP_FLAG.ack | TCP_FLAG.psh, bytes.slice(at, at + cut));
        this.send(side === '>' ? '<' : '>', TCP_FLAG.ack);
      }
    }
    this.passOthers(said.length);
    if (open !== true)
      for (const side of [closer, closer === '>' ? '<' : '>', closer] as const)
        this.send(side, side === closer && this.closed ? TCP_FLAG.ack : TCP_FLAG.ack | TCP_FLAG.fin);
    return this.out;
  }

  private closed = false;

  private passOthers(parts: number): void {
    const { beside = [], host } = this.conversation;
    for (const [behind, connection] of beside)
      if (behind === parts) this.out.push(...packetsOf({ ...connection, host }));
  }

  private shakeHands(): void {
    this.send('>', TCP_FLAG.syn);
    this.send('<', TCP_FLAG.syn | TCP_FLAG.ack);
    this.send('>', TCP_FLAG.ack);
  }

  private send(side: '>' | '<', flags: number, payload: Payload = []): void {
    const { host, clientPort = 40_000, serverPort, only, fromServer = false } = this.conversation;
    const other = side === '>' ? '<' : '>';
    const ends =
      (side === '>') !== fromServer
        ? { src: clientAddress(host), dst: SERVER }
        : { src: SERVER, dst: clientAddress(host) };
    const ports =
      side === '>' ? { srcPort: clientPort, dstPort: serverPort } : { srcPort: serverPort, dstPort: clientPort };
    const numbers = { seq: this.seq[side], ack: (flags & TCP_FLAG.ack) === 0 ? 0 : this.seq[other] };
    if (only === undefined || only === side)
      this.out.push(ethernet({}, ipv4(ends, tcp({ ...ports, ...numbers, flags }, payload))));
    this.seq[side] += toBytes(payload).length + ((flags & (TCP_FLAG.syn | TCP_FLAG.fin)) === 0 ? 0 : 1);
    if ((flags & TCP_FLAG.fin) !== 0) this.closed = true;
  }
}
