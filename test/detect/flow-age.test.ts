/** flow.age counts seconds of the clock, as the age in flow events does. */
import { describe, expect, it } from 'vitest';
import { inspect } from '../support/inspect.js';
import { ethernet, ipv4, udp } from '../support/packet-builder.js';

const START_US = 1_700_000_000_900_000;
const datagram = ethernet({}, ipv4({}, udp({}, 'x')));

/** Frames that the rule alerts on, of one flow; times in milliseconds from its first packet. */
const framesOf = (options: string, timesMs: readonly number[]): number[] =>
  inspect(
    `alert udp any any -> any any (${options} sid:1;)`,
    timesMs.map((ms) => ({ timeUs: START_US + ms * 1000, bytes: datagram })),
  ).map(({ frame }) => frame);

describe('flow.age', () => {
  const times = [0, 99, 100, 1_099, 1_100, 2_100];

  it.each<[string, number[]]>([
    ['flow.age:0;', [0, 1]],
    ['flow.age:1;', [2, 3]],
    ['flow.age:>1;', [4, 5]],
    ['flow.age:3;', [5]],
  ])('%s', (options, expected) => expect(framesOf(options, times)).toEqual(expected));

  it('is 0 where the clock went back', () => expect(framesOf('flow.age:0;', [0, -5_000])).toEqual([0, 1]));
});
