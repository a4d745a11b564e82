/** Reassembly against a naive oracle, and the sums and caps under random fragments. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOST_POLICIES, type HostPolicy } from '../../src/util/host-policy.js';
import { DefragmentationHarness } from '../support/defragmentation.js';
import { NaiveDatagram, type NaiveFragment, type NaiveOutcome } from '../support/naive-defrag.js';
import { fragmentIpv4, fragmentIpv6, ipv4, ipv6, ipv6FragmentBody, udp } from '../support/packet-builder.js';

/** Overlap in any way, with ends that contradict each other, lengths that are no multiples of 8, and repetitions. */
const UNITS = 12;
const fragment = fc.record({
  unit: fc.nat(UNITS - 1),
  units: fc.integer({ min: 0, max: 5 }),
  less: fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
  more: fc.oneof({ weight: 5, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  /** That one is sent once more. */
  again: fc.option(fc.nat(20), { freq: 5 }),
});
/** Then all of the datagram, unit by unit, up to twice. */
const traffic = fc.tuple(fc.array(fragment, { maxLength: 8 }), fc.nat(2));

function fragmentsOf([random, times]: typeof traffic extends fc.Arbitrary<infer Value>
  ? Value
  : never): NaiveFragment[] {
  const sent: NaiveFragment[] = [];
  const send = (offset: number, length: number, more: boolean): void => {
    sent.push({ offset, data: new Uint8Array(length).fill(65 + sent.length), more });
  };
  for (const { unit, units, less, more, again } of random) {
    if (again !== null && sent.length > 0) sent.push(sent[again % sent.length]!);
    // At 0 and without more it were no fragment.
    else send(8 * unit, Math.max(0, 8 * units - less), more || unit === 0);
  }
  for (let time = 0; time < times; time++) {
    for (let unit = 0; unit < UNITS; unit++) send(8 * unit, unit < UNITS - 1 ? 8 : 5, unit < UNITS - 1);
  }
  return sent;
}

const OUTCOMES: Readonly<Record<NaiveOutcome, RegExp>> = {
  kept: /^stored$/,
  whole: /^complete$/,
  dropped: /fragment/,
  discarded: /fragment/,
};

/** By name of a policy: what it is of IPv4, and of IPv6. */
const WAYS: Readonly<Record<HostPolicy, readonly [ipv4: string, ipv6: string]>> = {
  first: ['first', 'first'],
  last: ['last', 'last'],
  bsd: ['bsd', 'discard'],
  'bsd-right': ['bsd-right', 'bsd-right'],
  windows: ['windows', 'windows'],
  macos: ['bsd', 'discard'],
  linux: ['linux', 'linux'],
  'old-linux': ['old-linux', 'old-linux'],
  solaris: ['solaris', 'solaris'],
  vista: ['discard', 'discard'],
};

describe.each(HOST_POLICIES)(
  'fragments in any order, with repetitions and overlaps, to a host that is %s',
  (policy) => {
    it.each([4, 6])('yield what the oracle says: IPv%i', (version) => {
      const packetOf = ({ offset, data, more }: NaiveFragment): Uint8Array =>
        version === 4
          ? ipv4({ id: 1, protocol: 200, flags: more ? 1 : 0, fragmentOffset: offset }, data)
          : ipv6({ protocol: 200, extensions: [{ type: 44, body: ipv6FragmentBody({ offset, more }) }] }, data);
      let whole = 0;
      fc.assert(
        fc.property(traffic, (random) => {
          const harness = new DefragmentationHarness({ policy });
          const naive = new NaiveDatagram(WAYS[policy][version === 4 ? 0 : 1], version === 6);
          const expected: string[] = [];
          const sent = fragmentsOf(random);
          for (const [i, each] of sent.entries()) {
            const outcome = naive.take(each);
            if (outcome === 'whole') expected.push(naive.whole.toString('latin1'));
            expect([i, harness.add(packetOf(each))]).toEqual([i, expect.stringMatching(OUTCOMES[outcome])]);
            if (outcome === 'discarded') expect(harness.defragmenter.pendingFrames).toBe(0);
            expect(harness.balance()).toBe(0);
          }
          const header = version === 4 ? 20 : 40;
          const seen = harness.completed.map((packet) => Buffer.from(packet.subarray(header)).toString('latin1'));
          expect(seen).toEqual(expected);
          whole += seen.length;
        }),
        { seed: 11, numRuns: 600 },
      );
      expect(whole).toBeGreaterThan(200);
    });
  },
);

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
