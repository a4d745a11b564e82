/** Reassembly against a naive oracle, and the sums and caps under random fragments. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DefragmentationHarness } from '../support/defragmentation.js';
import { fragmentIpv4, fragmentIpv6, ipv4, ipv6, ipv6FragmentBody, udp } from '../support/packet-builder.js';

interface Piece {
  readonly start: number;
  readonly units: number;
}
const UNITS = 12;

/** Any pieces (in units of 8 bytes) before a last one at the end. */
const pieces = fc.array(
  fc
    .record({ start: fc.nat(UNITS - 1), units: fc.integer({ min: 1, max: 5 }) })
    .map(({ start, units }) => ({ start, units: Math.min(units, UNITS - start) })),
  { maxLength: 20 },
);

/**
 * The BSD policy, unit by unit: a new piece yields to the piece that holds the unit it begins with, and beats all
 * others.
 */
function bsdOracle(all: readonly Piece[]): number[] {
  const owner = new Array<number>(UNITS).fill(-1);
  all.forEach(({ start, units }, id) => {
    const holder = owner[start];
    let at = start;
    while (holder !== -1 && at < start + units && owner[at] === holder) at++;
    for (; at < start + units; at++) owner[at] = id;
  });
  return owner;
}

/** Data of piece `id`: each of its units tells the piece. */
const content = (id: number, units: number): string => String.fromCharCode(65 + id).repeat(8 * units);
const END = 'end';

describe('IPv4 fragments in any order, with duplicates and overlaps', () => {
  it('yield what the oracle says', () => {
    fc.assert(
      fc.property(pieces, (random) => {
        const harness = new DefragmentationHarness();
        const all: Piece[] = [];
        const add = (piece: Piece): void => {
          harness.add(
            ipv4({ id: 1, protocol: 200, flags: 1, fragmentOffset: 8 * piece.start }, content(all.length, piece.units)),
          );
          all.push(piece);
        };
        random.forEach(add);
        // Whatever is missing comes at the end, unit by unit, then the last fragment.
        for (let unit = 0; unit < UNITS; unit++) if (bsdOracle(all)[unit] === -1) add({ start: unit, units: 1 });
        expect(harness.completed).toEqual([]);
        harness.add(ipv4({ id: 1, protocol: 200, fragmentOffset: 8 * UNITS }, END));
        const expected =
          bsdOracle(all)
            .map((id) => content(id, 1))
            .join('') + END;
        expect(harness.completed.map((packet) => Buffer.from(packet.subarray(20)).toString('latin1'))).toEqual([
          expected,
        ]);
        expect(harness.balance()).toBe(0);
        expect(harness.defragmenter.pendingFrames).toBe(0);
      }),
      { seed: 11, numRuns: 2000 },
    );
  });
});

describe('IPv6 fragments in any order', () => {
  it('yield a datagram if and only if none overlaps another, repetitions left aside', () => {
    fc.assert(
      fc.property(pieces, (random) => {
        const harness = new DefragmentationHarness();
        const add = ({ start, units }: Piece): string =>
          harness.add(
            ipv6(
              { protocol: 200, extensions: [{ type: 44, body: ipv6FragmentBody({ offset: 8 * start, more: true }) }] },
              'x'.repeat(8 * units),
            ),
          );
        const kept: Piece[] = [];
        let overlap = false;
        for (const piece of random) {
          add(piece);
          const repeated = kept.some(({ start, units }) => start === piece.start && units === piece.units);
          if (
            !repeated &&
            kept.some(({ start, units }) => start < piece.start + piece.units && piece.start < start + units)
          )
            overlap = true;
          if (!repeated) kept.push(piece);
        }
        for (let unit = 0; unit < UNITS; unit++) {
          if (!kept.some(({ start, units }) => start <= unit && unit < start + units)) add({ start: unit, units: 1 });
        }
        harness.add(
          ipv6({ protocol: 200, extensions: [{ type: 44, body: ipv6FragmentBody({ offset: 8 * UNITS }) }] }, END),
        );
        expect(harness.completed).toHaveLength(overlap ? 0 : 1);
        expect(harness.defragmenter.pendingFrames).toBe(0);
        expect(harness.balance()).toBe(0);
      }),
      { seed: 12, numRuns: 2000 },
    );
  });
});

describe('whole packets, shuffled together', () => {
  it('are put together whatever the order', () => {
    const packet = fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 400 }));
    const shuffled = fc.array(packet, { minLength: 1, maxLength: 6 }).chain((packets) => {
      const whole = packets.map(([isIpv6, , length], i) => {
        const data = udp(
          { srcPort: i },
          Uint8Array.from({ length: length + 40 }, (_, at) => at * 7 + i),
        );
        return isIpv6 ? ipv6({ src: `fd00::${i + 1}` }, data) : ipv4({ id: i }, data);
      });
      const fragments = packets.flatMap(([isIpv6, step], i) =>
        isIpv6 ? fragmentIpv6(whole[i], 48 + 7 + step, i) : fragmentIpv4(whole[i], 20 + 7 + step),
      );
      return fc.tuple(fc.constant(whole), fc.shuffledSubarray(fragments, { minLength: fragments.length }));
    });
    fc.assert(
      fc.property(shuffled, ([whole, fragments]) => {
        const harness = new DefragmentationHarness();
        const parts = fragments.filter((fragment) =>
          fragment[0] >>> 4 === 6
            ? ((fragment[42] << 8) | fragment[43]) !== 0
            : ((fragment[6] & 0x3f) | fragment[7]) !== 0,
        );
        harness.addAll(parts);
        const hex = (packet: Uint8Array): string => Buffer.from(packet).toString('hex');
        const split = whole.filter((packet) =>
          parts.some((part) =>
            part[0] >>> 4 === 6
              ? part[23] === packet[23] && packet[0] >>> 4 === 6
              : part[5] === packet[5] && packet[0] >>> 4 === 4,
          ),
        );
        expect(harness.completed.map(hex).sort()).toEqual(split.map(hex).sort());
        expect(harness.balance()).toBe(0);
      }),
      { seed: 13, numRuns: 300 },
    );
  });
});

describe('a flood of random fragments', () => {
  it('stays within the caps, and the sums close at every step', () => {
    const options = { maxDatagrams: 8, maxBytes: 80_000, maxFragments: 4 };
    const fragment = fc.record({
      version: fc.constantFrom(4, 6),
      id: fc.nat(20),
      offset: fc.nat(3),
      units: fc.integer({ min: 0, max: 700 }),
      more: fc.boolean(),
      step: fc.nat(9_000_000),
    });
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 60 }), (flood) => {
        const harness = new DefragmentationHarness(options);
        let timeUs = 0;
        for (const { version, id, offset, units, more, step } of flood) {
          timeUs += step;
          const data = new Uint8Array(8 * units);
          const at = offset * 2800;
          if (version === 4 && (more || at > 0))
            harness.add(ipv4({ id, protocol: 200, flags: more ? 1 : 0, fragmentOffset: at }, data), timeUs);
          if (version === 6 && (more || at > 0))
            harness.add(
              ipv6(
                { protocol: 200, extensions: [{ type: 44, body: ipv6FragmentBody({ offset: at, more, id }) }] },
                data,
              ),
              timeUs,
            );
          if (step % 3 === 0) harness.defragmenter.expire(timeUs);
          expect(harness.balance()).toBe(0);
          expect(harness.defragmenter.datagrams).toBeLessThanOrEqual(options.maxDatagrams);
          expect(harness.defragmenter.pendingFrames).toBeGreaterThanOrEqual(0);
        }
        harness.defragmenter.flush();
        expect(harness.defragmenter).toMatchObject({ datagrams: 0, pendingFrames: 0 });
        expect(harness.balance()).toBe(0);
      }),
      { seed: 14, numRuns: 400 },
    );
  });
});
