/**
 * What a stranger may send to make a shard lose the streams of others, at any length: packets one after the other, made
 * as they are asked for. Each begins and ends whole connections, or leaves them open on purpose.
 */
import { TCP_FLAG } from './packet-builder.js';

export interface Segment {
  /** Whose connection: client (its address and port) and server port. */
  readonly client: number;
  readonly serverPort: number;
  readonly toServer: boolean;
  readonly flags: number;
  readonly seq: number;
  readonly ack: number;
  readonly payload: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const CLIENT_SEQ = 1000;
const SERVER_SEQ = 5000;

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

/** Both sides of one connection, segment by segment. */
class Ends {
  private readonly client: number;
  private readonly serverPort: number;
  readonly next: { toServer: number; toClient: number };

  constructor(client: number, serverPort: number, clientSeq = CLIENT_SEQ) {
    this.client = client;
    this.serverPort = serverPort;
    this.next = { toServer: clientSeq, toClient: SERVER_SEQ };
  }

  /** Of the client, or the server; `at`: where its bytes lie, from the next on. */
  segment(toServer: boolean, flags: number, payload: Uint8Array = NOTHING, at = 0): Segment {
    const { client, serverPort, next } = this;
    const [seq, ack] = toServer ? [next.toServer, next.toClient] : [next.toClient, next.toServer];
    return {
      client,
      serverPort,
      toServer,
      flags,
      seq: (seq + at) >>> 0,
      ack: (flags & TCP_FLAG.ack) === 0 ? 0 : ack >>> 0,
      payload,
    };
  }

  /** What was sent in order; SYN and FIN take a number each. */
  pass(toServer: boolean, count: number): void {
    if (toServer) this.next.toServer += count;
    else this.next.toClient += count;
  }

  *handshake(): Generator<Segment> {
    yield this.segment(true, TCP_FLAG.syn);
    this.pass(true, 1);
    yield this.segment(false, TCP_FLAG.syn | TCP_FLAG.ack);
    this.pass(false, 1);
    yield this.segment(true, TCP_FLAG.ack);
  }

  *close(): Generator<Segment> {
    yield this.segment(true, TCP_FLAG.fin | TCP_FLAG.ack);
    this.pass(true, 1);
    yield this.segment(false, TCP_FLAG.fin | TCP_FLAG.ack);
    this.pass(false, 1);
    yield this.segment(true, TCP_FLAG.ack);
  }
}

const PUSH = TCP_FLAG.ack | TCP_FLAG.psh;

/** In the request and the response of each healthy connection, across segments. */
export const HEALTHY_RULES = [
  'alert http any any -> any any (flow:to_server; http.uri; content:"/healthy-end"; sid:1;)',
  'alert tcp any any -> any any (flow:to_client,established; content:"healthy-answer"; sid:2;)',
];

/** A request in three segments, of which the last two come the wrong way round, and a response in two. */
export function* healthy(client: number): Generator<Segment> {
  const ends = new Ends(client, 80);
  yield* ends.handshake();
  const request = ['GET /some/where/heal', 'thy-end HTTP/1.1\r\nHo', 'st: a.example\r\n\r\n'].map(bytesOf);
  yield ends.segment(true, PUSH, request[0]);
  yield ends.segment(true, PUSH, request[2], request[0].length + request[1].length);
  yield ends.segment(true, PUSH, request[1], request[0].length);
  ends.pass(true, request[0].length + request[1].length + request[2].length);
  yield ends.segment(false, TCP_FLAG.ack);
  for (const part of ['HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nheal', 'thy-answer'].map(bytesOf)) {
    yield ends.segment(false, PUSH, part);
    ends.pass(false, part.length);
    yield ends.segment(true, TCP_FLAG.ack);
  }
  yield* ends.close();
}

const LINE = bytesOf(`${'nothing to be found in here '.repeat(50)}`);

/** Connections that go on behind a byte that never comes, both sides, with a little and with more. */
export function* holes(count: number): Generator<Segment> {
  for (let i = 0; i < count; i++) {
    const ends = new Ends(i, 9000);
    yield* ends.handshake();
    for (let n = 0; n < (i % 2 === 0 ? 1 : 4); n++) {
      yield ends.segment(true, PUSH, LINE, 1 + n * LINE.length);
      yield ends.segment(false, PUSH, LINE, 1 + n * LINE.length);
    }
  }
}

/** One connection: bytes at every second place, then those between, from the last to the first. */
export function* sieve(count: number): Generator<Segment> {
  const ends = new Ends(1, 9000);
  yield* ends.handshake();
  for (let i = 0; i < count; i++) yield ends.segment(true, PUSH, LINE.subarray(0, 1), 2 * i + 1);
  for (let i = count - 1; i >= 0; i--) yield ends.segment(true, PUSH, LINE.subarray(0, 1), 2 * i);
  ends.pass(true, 2 * count);
  yield ends.segment(false, TCP_FLAG.ack);
  yield* ends.close();
}

/** One connection of as many bytes, acknowledged every second segment; from `clientSeq`, so that numbers may wrap. */
export function* long(bytes: number, clientSeq = CLIENT_SEQ): Generator<Segment> {
  const ends = new Ends(1, 9000, clientSeq);
  yield* ends.handshake();
  for (let sent = 0, n = 0; sent < bytes; sent += LINE.length, n++) {
    yield ends.segment(true, PUSH, LINE);
    ends.pass(true, LINE.length);
    if (n % 2 === 1) yield ends.segment(false, TCP_FLAG.ack);
  }
  yield* ends.close();
}

/** The same as an HTTP response without an end. */
export function* body(bytes: number): Generator<Segment> {
  const ends = new Ends(1, 80);
  yield* ends.handshake();
  const request = bytesOf('GET /big HTTP/1.1\r\nHost: a.example\r\n\r\n');
  yield ends.segment(true, PUSH, request);
  ends.pass(true, request.length);
  const head = bytesOf('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n');
  yield ends.segment(false, PUSH, head);
  ends.pass(false, head.length);
  for (let sent = 0, n = 0; sent < bytes; sent += LINE.length, n++) {
    yield ends.segment(false, PUSH, LINE);
    ends.pass(false, LINE.length);
    if (n % 2 === 1) yield ends.segment(true, TCP_FLAG.ack);
  }
  yield* ends.close();
}

/** SYNs with data, from ever new clients, that nobody answers. */
export function* halfOpen(count: number): Generator<Segment> {
  for (let i = 0; i < count; i++) yield new Ends(i, 9000).segment(true, TCP_FLAG.syn, LINE);
}

/** The beginning of a request each, of connections that nobody saw begin, and that never go on. */
export function* begun(count: number): Generator<Segment> {
  const start = bytesOf('GET /never-ends HTTP/1.1\r\nHost: a.exa');
  for (let i = 0; i < count; i++) yield new Ends(i, 80).segment(true, PUSH, start);
}

/** The same with whole handshakes, a server that acknowledges, and much that has to be kept. */
export function* openRequests(count: number): Generator<Segment> {
  const start = bytesOf(`GET /never-ends HTTP/1.1\r\nHost: a.example\r\nCookie: ${'c'.repeat(1300)}`);
  yield* unanswered(count, 80, [start]);
}

/** Whole requests, each of a connection of its own, that nobody answers. */
export function* unansweredRequests(count: number): Generator<Segment> {
  yield* unanswered(count, 80, [bytesOf('GET /index.html HTTP/1.1\r\nHost: a.example\r\n\r\n')]);
}

const CALLS_OF_SEGMENT = 16;
const CALLS_OF_CONNECTION = 256;

/** Connections of NFS, each with as many reads as are kept, that nobody answers. */
export function* unansweredReads(count: number): Generator<Segment> {
  const segments = Array.from({ length: CALLS_OF_CONNECTION / CALLS_OF_SEGMENT }, (_, n) => {
    const calls = Array.from({ length: CALLS_OF_SEGMENT }, (_, k) => nfsRead(n * CALLS_OF_SEGMENT + k + 1));
    return new Uint8Array(calls.flatMap((call) => [...call]));
  });
  yield* unanswered(count, 2049, segments);
}

/** Connections to a port whose clients send these segments, and whose server acknowledges them and says no word. */
function* unanswered(count: number, port: number, segments: readonly Uint8Array[]): Generator<Segment> {
  for (let i = 0; i < count; i++) {
    const ends = new Ends(i, port);
    yield* ends.handshake();
    for (const segment of segments) {
      yield ends.segment(true, PUSH, segment);
      ends.pass(true, segment.length);
    }
    yield ends.segment(false, TCP_FLAG.ack);
  }
}

/** A call of NFS 3, READ, in a record of its own (RFC 5531, RFC 1813). */
function nfsRead(xid: number): Uint8Array {
  const words = [xid, 0, 2, 100_003, 3, 6, 0, 0, 0, 0, 8, 1, 2, 0, 0, 4096];
  const view = new DataView(new ArrayBuffer(4 + 4 * words.length));
  view.setUint32(0, 0x8000_0000 + 4 * words.length);
  words.forEach((word, place) => view.setUint32(4 + 4 * place, word));
  return new Uint8Array(view.buffer);
}

const TEMPLATE_BYTES = 54;
const CHECKSUM_AT = 50;

/** Writes a segment as an Ethernet frame. @returns its length in bytes. */
export function writeFrame(
  { client, serverPort, toServer, flags, seq, ack, payload }: Segment,
  to: Uint8Array,
): number {
  const view = new DataView(to.buffer, to.byteOffset, to.byteLength);
  to.fill(0, 0, TEMPLATE_BYTES);
  to[0] = to[6] = 2;
  view.setUint16(12, 0x0800);
  view.setUint16(14, 0x4500);
  view.setUint16(16, 40 + payload.length);
  view.setUint16(22, (64 << 8) | 6);
  const host = 0x0a_00_00_00 + (client >>> 14);
  const server = 0xc0_a8_00_01;
  view.setUint32(26, toServer ? host : server);
  view.setUint32(30, toServer ? server : host);
  const clientPort = 20_000 + (client & 0x3fff);
  view.setUint16(34, toServer ? clientPort : serverPort);
  view.setUint16(36, toServer ? serverPort : clientPort);
  view.setUint32(38, seq);
  view.setUint32(42, ack);
  view.setUint16(46, 0x5000 | flags);
  view.setUint16(48, 0xffff);
  to.set(payload, TEMPLATE_BYTES);
  view.setUint16(24, checksum(view, 14, 34, 0));
  const length = TEMPLATE_BYTES + payload.length;
  view.setUint16(CHECKSUM_AT, checksum(view, 26, length, 6 + length - 34));
  return length;
}

/** RFC 1071. */
function checksum(view: DataView, from: number, to: number, start: number): number {
  let sum = start;
  let at = from;
  for (; at + 1 < to; at += 2) sum += view.getUint16(at);
  if (at < to) sum += view.getUint8(at) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
