/**
 * Bytes that come one by one and complete nothing: whatever a parser waits for, it does not read all that waits once
 * more with each. What it reads is counted, so that no clock decides: of twice as many bytes it may read three times as
 * much, where reading all again would be four times.
 */
import { describe, expect, it } from 'vitest';
import { Input } from '../../src/app/input.js';
import { PROTOCOLS } from '../../src/app/protocols.js';
import type { Protocol } from '../../src/app/protocol.js';
import type { Direction } from '../../src/flow/flow.js';
import { Arena, PAGE_BYTES } from '../../src/memory/arena.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import { concat, toBytes } from '../support/packet-builder.js';

const WINDOW = 65_536;
const PAGES = 16;
/** So many bytes come behind what was cut; of a parser that reads fewer than FEW for each nothing more is asked. */
const MORE = 600;
const FEW = 20;
const CUTS = 5;
const FILLERS = ['\0', '\n', '\r', ' ', '0', 'A', '\xff', '\r\n ', ' \r', 'a: ', '\0\x01'].map(toBytes);

type Part = readonly [Direction, Uint8Array];

/** Connections whose parser's reads are counted. */
class Counted {
  private reads = 0;
  private readonly protocol: Protocol;
  private readonly memory: Uint8Array;
  private readonly arena: Arena;
  private readonly input: Input;
  private readonly starts = [8, 8 + WINDOW];

  constructor(protocol: Protocol) {
    const from = 8 + 2 * WINDOW;
    this.protocol = protocol;
    this.arena = new Arena(new ArrayBuffer(from + PAGES * PAGE_BYTES), from, PAGES * PAGE_BYTES, { keptBytes: 0 });
    this.memory = this.arena.bytes;
    const counted = new Proxy(this.memory, {
      get: (target, key) => {
        if (typeof key === 'string' && key.charCodeAt(0) <= 0x39) this.reads++;
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    Object.defineProperty(this.arena, 'bytes', { value: counted });
    this.input = new Input(counted);
  }

  /** Reads for `count` bytes of `filler`, again and again, behind the parts, on the side of the last one. */
  readsOf(parts: readonly Part[], filler: Uint8Array, count: number): number {
    const connection = this.protocol.open(this.arena);
    const lengths: [number, number] = [0, 0];
    const give = (direction: Direction, data: Uint8Array): void => {
      const start = this.starts[direction]!;
      this.memory.set(data, start + lengths[direction]);
      lengths[direction] += data.length;
      while (lengths[direction] > 0 && !connection.broken && connection.successor === '') {
        this.input.begin(start, lengths[direction], 0, false, false);
        connection.parse(direction, this.input);
        const taken = this.input.position - start;
        if (taken === 0) return;
        this.memory.copyWithin(start, start + taken, start + lengths[direction]);
        lengths[direction] -= taken;
      }
    };
    for (const [direction, data] of parts) give(direction, data);
    this.reads = 0;
    const side = parts.at(-1)![0];
    for (let n = 0; n < count; n++) give(side, Uint8Array.of(filler[n % filler.length]!));
    for (const tx of connection.transactions.splice(0, connection.count)) connection.release(tx);
    connection.reset();
    return this.reads;
  }
}

/** Each text of the conversations, cut in several places, behind those before it. */
function beginningsOf(name: string): readonly (readonly Part[])[] {
  const samples = APPLICATION_SAMPLES.filter(({ application, udp }) => application === name && udp !== true);
  return samples.flatMap(({ said }) => {
    const parts = said.map(([side, text]): Part => [side === '>' ? 0 : 1, concat(toBytes(text))]);
    return parts.flatMap(([direction, text], index) =>
      Array.from({ length: CUTS + 1 }, (_, cut): readonly Part[] => [
        ...parts.slice(0, index),
        [direction, text.subarray(0, Math.round((cut * text.length) / CUTS))],
      ]),
    );
  });
}

const CASES = PROTOCOLS.map((protocol) => [protocol.name, protocol, beginningsOf(protocol.name)] as const);

describe('bytes that come one by one', () => {
  it.each(CASES.filter(([, , beginnings]) => beginnings.length > 0))(
    'are not read again: %s',
    (_name, protocol, all) => {
      const counted = new Counted(protocol);
      const dear: string[] = [];
      for (const parts of all) {
        for (const filler of FILLERS) {
          const once = counted.readsOf(parts, filler, MORE);
          if (once <= FEW * MORE) continue;
          const twice = counted.readsOf(parts, filler, 2 * MORE);
          const [side, text] = parts.at(-1)!;
          if (twice > 3 * once)
            dear.push(`side ${side}, ${text.length} bytes, then [${filler.join()}]: ${once}, ${twice}`);
        }
      }
      expect(dear).toEqual([]);
    },
  );
});
