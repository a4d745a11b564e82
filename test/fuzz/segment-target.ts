/**
 * Reassembly as a target: segments of one connection, in any order, over one another, with any numbers. Streams never
 * go back but to their start, and the arena is empty behind the end. A piece is 8 bytes of numbers, then data.
 */
import assert from 'node:assert/strict';
import { DIRECTION, type Direction } from '../../src/flow/flow.js';
import { FLUSH } from '../../src/stream/reassembler.js';
import { StreamSpan } from '../../src/stream/stream-span.js';
import { packetOf, CLIENT, SERVER } from '../flow/packet-of.js';
import { ipv4, tcp } from '../support/packet-builder.js';
import { Streams } from '../support/streams.js';
import type { FuzzInput, Piece } from './fuzz-input.js';
import type { FuzzTarget, Taker } from './fuzz-target.js';

const HEAD_BYTES = 8;
const START = [1000, 5000] as const;
const STEP_US = 50_000;
const SYN = 2;
const ACK = 0x10;
const FIN = 1;

/** Numbers are small and relative to the side's first one, so that segments meet; the first byte has the flags. */
function piece(side: '>' | '<', flags: number, seq: number, ack: number, data = ''): Piece {
  const numbers = [flags, 0, (seq >> 8) & 255, seq & 255, (ack >> 8) & 255, ack & 255, 255, 255];
  return [side, Uint8Array.from([...numbers, ...Buffer.from(data)])];
}

const OPENING = [piece('>', SYN, 0, 0), piece('<', SYN | ACK, 0, 1), piece('>', ACK, 1, 1)];

export function segmentTarget(): FuzzTarget {
  const seeds: readonly FuzzInput[] = [
    [...OPENING, piece('>', ACK, 1, 1, 'abcdef'), piece('<', ACK, 1, 7), piece('<', ACK | FIN, 1, 7, 'xyz')],
    [...OPENING, piece('>', ACK, 4, 1, 'def'), piece('>', ACK, 1, 1, 'abcd'), piece('<', ACK, 1, 7, 'answer')],
    [piece('>', ACK, 300, 9, 'x'.repeat(3000)), piece('>', ACK, 2000, 9, 'y'.repeat(3000)), piece('<', ACK, 9, 5000)],
  ];
  return { name: 'segments', seeds, pieces: 'whole', open };
}

function open(): Taker {
  const reader = new Reader();
  return (input) => reader.read(input);
}

class Reader extends Streams {
  private readonly span = new StreamSpan();
  private next = [0, 0];
  private gaps = 0;

  constructor() {
    super({ depthBytes: 0 });
    this.onEnd = (flow) => {
      this.reassembler.flush(flow, FLUSH.end);
      this.flow = flow;
      this.readBoth();
      this.next = [0, 0];
    };
  }

  read(input: FuzzInput): readonly string[] {
    this.gaps = 0;
    this.next = [0, 0];
    input.forEach(([side, bytes], index) => {
      if (typeof bytes !== 'number' && bytes.length >= HEAD_BYTES) this.give(side, bytes, index * STEP_US);
    });
    this.flows.clear();
    assert.equal(this.flows.arena.usedBytes, 0, 'bytes of the arena that are still in use');
    return [`${this.gaps} gaps, ${Math.log2(1 + this.next[0]!) | 0} ${Math.log2(1 + this.next[1]!) | 0}`];
  }

  private give(side: string, bytes: Uint8Array, timeUs: number): void {
    const direction = side === '>' ? DIRECTION.toServer : DIRECTION.toClient;
    const [src, dst] = side === '>' ? [CLIENT, SERVER] : [SERVER, CLIENT];
    const [srcPort, dstPort] = side === '>' ? [40_000, 80] : [80, 40_000];
    const numbers = Buffer.from(bytes.buffer, bytes.byteOffset, HEAD_BYTES);
    const [flags, seq, ack, window] = [
      numbers[0]! & 0x3f,
      (START[direction] + numbers.readUInt16BE(2)) >>> 0,
      (START[1 - direction]! + numbers.readUInt16BE(4)) >>> 0,
      numbers.readUInt16BE(6),
    ];
    const data = bytes.subarray(HEAD_BYTES);
    const packet = packetOf(ipv4({ src, dst }, tcp({ srcPort, dstPort, seq, ack, window, flags }, data)), { timeUs });
    this.take(packet);
    this.readBoth();
  }

  private readBoth(): void {
    this.readSide(DIRECTION.toServer);
    this.readSide(DIRECTION.toClient);
  }

  private readSide(direction: Direction): void {
    const { span, reassembler, flow } = this;
    while (reassembler.usable(flow, direction, span)) {
      const { length, offset, cut, gap } = span;
      if (gap > 0) this.gaps++;
      // A SYN of another number begins a stream anew.
      assert.ok(length >= 0 && gap >= 0, 'a length below nothing');
      assert.ok(offset === 0 || offset >= this.next[direction]!, 'a stream that goes back');
      this.next[direction] = offset + length;
      reassembler.consumed(flow, direction, length);
      if (!cut) return;
    }
  }
}
