/**
 * Random TCP connections, segment by segment: what both sides say, cut, out of order, sent again, overlapping, with
 * bytes that never come or come late, with all kinds of beginnings and ends. What is odd about one is in its traits.
 */
import { clientAddress } from '../../support/conversation.js';
import { ethernet, ipv4, tcp, TCP_FLAG } from '../../support/packet-builder.js';
import type { CapturedFrame } from '../../support/pcap-writer.js';
import type { Chance } from '../../app/random/chance.js';

export type Side = '>' | '<';

/** `at` and `ack` count from the first byte of their side: the number of a SYN is -1. */
export interface Segment {
  readonly side: Side;
  readonly flags: number;
  readonly at: number;
  readonly ack: number;
  readonly text: string;
  readonly urgent?: number;
  readonly window?: number;
  /** Its timestamp is older than that of its side's first segment. */
  readonly isOld?: boolean;
}

export interface Connection {
  readonly segments: readonly Segment[];
  readonly traits: readonly Trait[];
  readonly serverPort: number;
  readonly first: Readonly<Record<Side, number>>;
  readonly stepMs: number;
  /** Its segments have timestamps. */
  readonly isStamped?: boolean;
}

export const TRAITS = [
  'disorder',
  'again',
  'overlap',
  'conflict',
  'gap',
  'late',
  'urgent',
  'wrap',
  'long',
  'spoken',
  'keep-alive',
  'midstream',
  'one-sided',
  'reset',
  'data with FIN',
  'open',
  'lazy',
  'slow',
  'old timestamp',
  'invalid ack',
] as const;
export type Trait = (typeof TRAITS)[number];

const { ack: ACK, psh: PSH, fin: FIN, syn: SYN, rst: RST, urg: URG } = TCP_FLAG;
export const WORDS = ['alpha', 'beta', 'Gamma', 'abc', 'aab', 'b', 'Delta', '\r\n', 'abcabc', '\x00\x01', 'zz'];
const SPOKEN: Readonly<Record<Side, readonly string[]>> = {
  '>': ['GET /alpha HTTP/1.1\r\nHost: beta\r\n\r\n', 'SSH-2.0-abc\r\n', 'EHLO alpha\r\n'],
  '<': ['HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbeta', 'SSH-2.0-abc\r\n', '220 alpha ESMTP\r\n'],
};
const other = (side: Side): Side => (side === '>' ? '<' : '>');

/** Connections have few oddities each, or none; of those given alone. */
export function randomConnection(chance: Chance, from: readonly Trait[] = TRAITS): Connection {
  const traits = new Set(chance.some(3, () => chance.one(from)));
  return new Talking(chance, traits).connection();
}

class Talking {
  private readonly chance: Chance;
  private readonly traits: ReadonlySet<Trait>;
  private readonly out: Segment[] = [];
  private readonly next: Record<Side, number> = { '>': 0, '<': 0 };
  private readonly acked: Record<Side, number> = { '>': 0, '<': 0 };

  constructor(chance: Chance, traits: ReadonlySet<Trait>) {
    this.chance = chance;
    this.traits = traits;
  }

  connection(): Connection {
    const { chance, traits } = this;
    if (!traits.has('midstream')) this.shakeHands();
    const turns = 1 + chance.below(5);
    const spoken = traits.has('spoken') ? chance.below(SPOKEN['>'].length) : -1;
    let side: Side = chance.often(80) ? '>' : '<';
    for (let turn = 0; turn < turns; turn++) {
      const isFirst = this.next[side] === 0 && spoken >= 0;
      this.say(side, isFirst ? SPOKEN[side][spoken]! : this.text(), turn === turns - 1);
      if (chance.often(60)) side = other(side);
    }
    this.finish(side);
    const only = traits.has('one-sided') ? chance.one<Side>(['>', '<']) : undefined;
    const initial = traits.has('wrap') ? 2 ** 32 - 1 - chance.below(40) : 1001;
    return {
      segments: this.out.filter((segment) => only === undefined || segment.side === only),
      traits: TRAITS.filter((trait) => traits.has(trait)),
      serverPort: chance.one([80, 9999, 22]),
      first: { '>': initial, '<': initial + 4000 },
      stepMs: traits.has('slow') ? 100 : 1,
      isStamped: traits.has('old timestamp'),
    };
  }

  private has(trait: Trait, percent: number): boolean {
    return this.traits.has(trait) && this.chance.often(percent);
  }

  private text(): string {
    const { chance } = this;
    const words = chance.some(this.traits.has('long') ? 60 : 12, () =>
      this.has('long', 20) ? 'q'.repeat(chance.below(400)) : chance.one(WORDS),
    );
    return words.join(chance.one(['', ' ', '']));
  }

  private shakeHands(): void {
    this.send({ side: '>', flags: SYN, at: -1, ack: 0 });
    this.send({ side: '<', flags: SYN | ACK, at: -1, ack: 0 });
    this.send({ side: '>', flags: ACK, at: 0, ack: 0 });
  }

  private send(segment: Omit<Segment, 'text' | 'ack'> & { text?: string; ack?: number }): void {
    const ack = segment.ack ?? this.acked[other(segment.side)];
    this.out.push({ text: '', ...segment, ack });
  }

  private acknowledge(side: Side, until: number): void {
    this.acked[side] = Math.max(this.acked[side], until);
    this.send({ side: other(side), flags: ACK, at: this.next[other(side)] });
  }

  /** What a side says in a turn, and what the other acknowledges of it. */
  private say(side: Side, text: string, isLast: boolean): void {
    const { chance } = this;
    const start = this.next[side];
    const pieces = this.pieces(text);
    const order = this.onTheWay(pieces, text);
    const there = new Set<number>();
    const late = this.traits.has('late') && order.length > 2 ? chance.below(order.length - 1) : -1;
    let contiguous = 0;
    const send = ([from, piece]: Piece): void => {
      const isEnd = isLast && from + piece.length === text.length && this.has('data with FIN', 100);
      const isUrgent = this.has('urgent', 40);
      const flags = ACK | PSH | (isEnd ? FIN : 0) | (isUrgent ? URG : 0);
      const urgent = isUrgent ? 1 + chance.below(piece.length) : undefined;
      this.send({ side, flags, at: start + from, text: piece, ...(urgent === undefined ? {} : { urgent }) });
    };
    for (const [index, piece] of order.entries()) {
      for (let i = 0; i < piece[1].length; i++) there.add(piece[0] + i);
      this.sendFalse(side, start, piece);
      if (index !== late && !this.has('gap', 15)) send(piece);
      while (there.has(contiguous)) contiguous++;
      this.next[side] = Math.max(this.next[side], start + piece[0] + piece[1].length);
      if (!this.traits.has('lazy') || chance.often(10)) this.acknowledge(side, start + contiguous);
    }
    if (late >= 0) send(order[late]!);
    this.next[side] = start + text.length;
    if (chance.often(70)) this.acknowledge(side, start + text.length);
    this.acked[side] = start + text.length;
    if (this.has('keep-alive', 50) && this.next[side] > 0) {
      this.send({ side, flags: ACK, at: this.next[side] - 1, text: chance.one(['\x00', 'a', '']) });
      this.acknowledge(side, this.next[side]);
    }
  }

  /** Other bytes, by a segment that its receiver drops. */
  private sendFalse(side: Side, start: number, [from, piece]: Piece): void {
    const isOld = this.has('old timestamp', 25);
    if (!isOld && !this.has('invalid ack', 25)) return;
    const ack = this.acked[other(side)] + (isOld ? 0 : this.chance.one([200_000, -200_000, 5_000_000]));
    this.send({ side, flags: ACK | PSH, at: start + from, ack, isOld, text: piece.replace(/[a-z]/g, 'n') });
  }

  private pieces(text: string): Piece[] {
    const most = this.chance.one([1, 3, 10, 50, 1400]);
    const pieces: Piece[] = [];
    for (let at = 0; at < text.length;) {
      const length = Math.min(text.length - at, 1 + this.chance.below(most));
      pieces.push([at, text.slice(at, at + length)]);
      at += length;
    }
    return pieces;
  }

  /** The pieces as a network brings them. */
  private onTheWay(pieces: readonly Piece[], text: string): Piece[] {
    const { chance } = this;
    const order = pieces.flatMap((piece): Piece[] => {
      const more: Piece[] = [];
      if (this.has('again', 30)) more.push(piece);
      if (this.has('overlap', 30)) more.push(this.stretch(piece, text, text));
      if (this.has('conflict', 30)) more.push(this.stretch(piece, text, text.replace(/[a-z]/g, 'n')));
      return chance.often(50) ? [piece, ...more] : [...more, piece];
    });
    if (!this.traits.has('disorder')) return order;
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.max(0, i - chance.below(4));
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** What the piece has, and some more on both sides of it. */
  private stretch([from, piece]: Piece, text: string, source: string): Piece {
    const start = Math.max(0, from - this.chance.below(4));
    const end = Math.min(text.length, from + piece.length + this.chance.below(4));
    return [start, source.slice(start, end)];
  }

  private finish(side: Side): void {
    const { traits, next } = this;
    const far = other(side);
    if (traits.has('open')) return;
    if (traits.has('reset')) {
      const flags = this.chance.one([RST, RST | ACK]);
      this.send({ side, flags, at: next[side], text: this.chance.often(20) ? 'alpha' : '' });
      return;
    }
    const hasFin = this.out.some(({ flags }) => (flags & FIN) !== 0);
    const closed = this.out.find(({ flags }) => (flags & FIN) !== 0)?.side;
    for (const one of [side, far])
      if (!hasFin || one !== closed) this.send({ side: one, flags: FIN | ACK, at: next[one] });
    this.send({ side, flags: ACK, at: next[side] + 1, ack: next[far] + 1 });
  }
}

type Piece = readonly [from: number, text: string];

const SERVER = '10.9.0.1';
const CLIENT_PORT = 40_000;

const FIRST_STAMP = 5000;

/** No operation twice, then the timestamp of a side's segment and the last one of the other (RFC 7323). */
function timestampOption(value: number, echo: number): Uint8Array {
  const option = Buffer.from('0101080a0000000000000000', 'hex');
  option.writeUInt32BE(value, 4);
  option.writeUInt32BE(echo, 8);
  return option;
}

export function framesOf(connection: Connection, host: number): CapturedFrame[] {
  const { segments, first, serverPort, stepMs } = connection;
  const stamps = { '>': 0, '<': 0 };
  return segments.map(({ side, flags, at, ack, text, urgent, window, isOld }, index) => {
    const ends = side === '>' ? { src: clientAddress(host), dst: SERVER } : { src: SERVER, dst: clientAddress(host) };
    const ports =
      side === '>' ? { srcPort: CLIENT_PORT, dstPort: serverPort } : { srcPort: serverPort, dstPort: CLIENT_PORT };
    const numbers = {
      seq: (first[side] + at) >>> 0,
      ack: (flags & ACK) === 0 ? 0 : (first[other(side)] + ack) >>> 0,
    };
    const stamp = FIRST_STAMP + index;
    const options =
      connection.isStamped === true
        ? { options: timestampOption(isOld === true ? 1 + index : stamp, stamps[other(side)]) }
        : {};
    if (isOld !== true) stamps[side] = stamp;
    const more = {
      ...options,
      ...(urgent === undefined ? {} : { urgent }),
      ...(window === undefined ? {} : { window }),
    };
    return {
      bytes: ethernet({}, ipv4({ ...ends, id: index }, tcp({ ...ports, ...numbers, ...more, flags }, text))),
      timeNs: 1_700_000_000_000_000_000n + BigInt(host) * 10_000_000_000n + BigInt(index * stepMs) * 1_000_000n,
    };
  });
}
