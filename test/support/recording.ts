/**
 * Writes down conversations as a capture would show them: handshakes, segments of both directions, acknowledgements,
 * on one clock. Used by the tests of rules and by the samples. Everything is derived from addresses and the order of
 * calls, so the same calls give the same bytes.
 */
import {
  ethernet,
  icmp,
  ipv4,
  TCP_FLAG,
  tcp,
  toBytes,
  u16,
  udp,
  type Ipv4Fields,
  type Payload,
  type TcpFields,
} from './packet-builder.js';

export interface TimedFrame {
  /** Microseconds since 1970. */
  readonly timeUs: number;
  readonly bytes: Uint8Array;
}

/** An address and a port: `10.0.0.1:80`. */
export type Endpoint = string;

const START_US = Date.UTC(2026, 10, 22, 9, 0, 0) * 1000;
const SEGMENT_BYTES = 1400;
const STEP_US = 400;

export class Recording {
  readonly frames: TimedFrame[] = [];
  #timeUs: number;
  #identification = 0x2000;

  constructor(startUs = START_US) {
    this.#timeUs = startUs;
  }

  wait(milliseconds: number): this {
    this.#timeUs += Math.round(milliseconds * 1000);
    return this;
  }

  /** Adds a whole frame and moves the clock on a little. */
  add(bytes: Uint8Array): this {
    this.frames.push({ timeUs: this.#timeUs, bytes });
    this.#timeUs += STEP_US;
    return this;
  }

  /** An IPv4 packet in an Ethernet frame between the addresses of two end points. */
  ip(from: Endpoint, to: Endpoint, payload: Payload, fields: Ipv4Fields = {}): this {
    const src = hostOf(from);
    const dst = hostOf(to);
    this.#identification = (this.#identification + 1) & 0xffff;
    const ttl = src.startsWith('10.') || src.startsWith('192.168.') ? 64 : 51;
    const packet = ipv4({ src, dst, ttl, id: this.#identification, flags: 2, ...fields }, payload);
    return this.add(ethernet({ src: macOf(src), dst: macOf(dst), padTo: 60 }, packet));
  }

  udp(from: Endpoint, to: Endpoint, payload: Payload, fields: Ipv4Fields = {}): this {
    return this.ip(from, to, udp({ srcPort: portOf(from), dstPort: portOf(to) }, payload), fields);
  }

  icmp(
    from: Endpoint,
    to: Endpoint,
    fields: Parameters<typeof icmp>[0],
    payload: Payload = '',
    ipFields: Ipv4Fields = {},
  ): this {
    return this.ip(from, to, icmp(fields, payload), ipFields);
  }

  /** One TCP segment that belongs to no conversation, as scanners send them. */
  segment(from: Endpoint, to: Endpoint, fields: TcpFields = {}, ipFields: Ipv4Fields = {}): this {
    return this.ip(from, to, tcp({ srcPort: portOf(from), dstPort: portOf(to), ...fields }), ipFields);
  }

  /** A TCP conversation; nothing is recorded before its first call. */
  tcp(client: Endpoint, server: Endpoint): Conversation {
    return new Conversation(this, client, server);
  }
}

/** Both sides of one TCP connection. */
export class Conversation {
  readonly #recording: Recording;
  readonly #client: Side;
  readonly #server: Side;

  constructor(recording: Recording, client: Endpoint, server: Endpoint) {
    this.#recording = recording;
    this.#client = { endpoint: client, next: sequenceOf(client + server) };
    this.#server = { endpoint: server, next: sequenceOf(server + client) };
  }

  open(): this {
    // Maximum segment size 1460, SACK permitted, no operation, window scale 7.
    const options = [2, 4, ...u16(1460), 4, 2, 1, 3, 3, 7];
    this.#send(this.#client, this.#server, TCP_FLAG.syn, '', { options, window: 64240, ack: 0 });
    this.#send(this.#server, this.#client, TCP_FLAG.syn | TCP_FLAG.ack, '', { options, window: 65160 });
    this.#send(this.#client, this.#server, TCP_FLAG.ack);
    return this;
  }

  client(data: Payload): this {
    return this.#say(this.#client, this.#server, data);
  }

  server(data: Payload): this {
    return this.#say(this.#server, this.#client, data);
  }

  close(): this {
    this.#send(this.#client, this.#server, TCP_FLAG.fin | TCP_FLAG.ack);
    this.#send(this.#server, this.#client, TCP_FLAG.fin | TCP_FLAG.ack);
    this.#send(this.#client, this.#server, TCP_FLAG.ack);
    return this;
  }

  #say(from: Side, to: Side, data: Payload): this {
    const bytes = toBytes(data);
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES) {
      const last = at + SEGMENT_BYTES >= bytes.length;
      this.#send(from, to, TCP_FLAG.ack | (last ? TCP_FLAG.psh : 0), bytes.subarray(at, at + SEGMENT_BYTES));
    }
    this.#send(to, from, TCP_FLAG.ack);
    return this;
  }

  #send(from: Side, to: Side, flags: number, data: Payload = '', fields: TcpFields = {}): void {
    const ports = { srcPort: portOf(from.endpoint), dstPort: portOf(to.endpoint) };
    const segment = tcp({ ...ports, seq: from.next, ack: to.next, flags, window: 501, ...fields }, data);
    this.#recording.ip(from.endpoint, to.endpoint, segment);
    const control = (flags & TCP_FLAG.syn) !== 0 || (flags & TCP_FLAG.fin) !== 0 ? 1 : 0;
    from.next = (from.next + toBytes(data).length + control) >>> 0;
  }
}

interface Side {
  readonly endpoint: Endpoint;
  /** Sequence number of the next byte. */
  next: number;
}

function hostOf(endpoint: Endpoint): string {
  return endpoint.split(':')[0] ?? '';
}

function portOf(endpoint: Endpoint): number {
  return Number(endpoint.split(':')[1] ?? 0);
}

/** A locally administered address made of the IPv4 address. */
function macOf(host: string): string {
  return ['02', '00', ...host.split('.').map((part) => Number(part).toString(16).padStart(2, '0'))].join(':');
}

/** FNV-1a: an initial sequence number that differs between conversations and not between runs. */
function sequenceOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  return hash;
}
