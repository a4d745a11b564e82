/** flowint: numbers of a flow through rules, and against plain arithmetic. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeInteger, integerHolds, MAX_FLOW_INTEGERS } from '../../../src/detect/state/flow-integers.js';
import { Flow } from '../../../src/flow/flow.js';
import { programOf } from '../../support/rule-options.js';
import { Sensor } from '../../support/detecting.js';
import { ethernet, ipv4, udp } from '../../support/packet-builder.js';
import { INTEGER_TESTS, INTEGER_CHANGES } from '../../../src/block/rule-block.js';

const frame = (payload: string, srcPort = 1000) =>
  ethernet({}, ipv4({ protocol: 17 }, udp({ srcPort, dstPort: 53 }, payload)));
const rules = (...options: string[]) => options.map((text, index) => ({ ...programOf(text), sid: index + 1 }));

describe('flowint', () => {
  it('counts in its own flow', () => {
    const sensor = new Sensor(
      rules(
        'content:"fail"; flowint:n,+,1; noalert;',
        'content:"fail"; flowint:n,>=,3;',
        'content:"ask"; flowint:n,isset;',
        'content:"ask"; flowint:n,isnotset;',
      ),
    );
    expect(sensor.sids(frame('ask'))).toEqual([4]);
    expect([1, 2, 3, 4].map(() => sensor.sids(frame('fail')))).toEqual([[], [], [2], [2]]);
    expect(sensor.sids(frame('ask'))).toEqual([3]);
    expect(sensor.sids(frame('ask', 1001))).toEqual([4]);
  });

  it('takes nothing from a number that was never set', () => {
    const sensor = new Sensor(
      rules('content:"take"; flowint:n,-,1;', 'content:"ask"; flowint:n,isset;', 'content:"ask"; flowint:n,>,0;'),
    );
    expect(sensor.sids(frame('take'))).toEqual([1]);
    expect(sensor.sids(frame('ask'))).toEqual([]);
  });

  it('compares and adds other numbers', () => {
    const sensor = new Sensor(
      rules(
        'content:"set"; flowint:a,=,5; flowint:b,=,7; noalert;',
        'content:"ask"; flowint:a,<,b;',
        'content:"ask"; flowint:b,<,a;',
        'content:"add"; flowint:a,+,b; noalert;',
      ),
    );
    sensor.send(frame('set'));
    expect(sensor.sids(frame('ask'))).toEqual([2]);
    sensor.send(frame('add'));
    expect(sensor.sids(frame('ask'))).toEqual([3]);
  });

  it('is apart from a flowbit of that name', () => {
    const sensor = new Sensor(
      rules(
        'content:"set"; flowbits:set,n; noalert;',
        'content:"ask"; flowint:n,isset;',
        'content:"ask"; flowbits:isset,n;',
      ),
    );
    sensor.send(frame('set'));
    expect(sensor.sids(frame('ask'))).toEqual([3]);
  });
});

describe('arithmetic', () => {
  const number = fc.oneof(fc.nat(5), fc.integer({ min: 0xffff_fff0, max: 0xffff_ffff }));

  it('is modulo 2^32, and comparisons are unsigned', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...INTEGER_CHANGES), number), { maxLength: 6 }),
        fc.constantFrom(...INTEGER_TESTS),
        number,
        (changes, operator, wanted) => {
          const flow = new Flow();
          let value: bigint | undefined;
          for (const [change, by] of changes) {
            expect(changeInteger(Int32Array.of(0, 6, INTEGER_CHANGES.indexOf(change), 9, 0, by | 0), 0, flow)).toBe(0);
            if (value === undefined && change === '-') continue;
            value = BigInt.asUintN(
              32,
              change === '=' ? BigInt(by) : change === '+' ? (value ?? 0n) + BigInt(by) : (value ?? 0n) - BigInt(by),
            );
          }
          const holds = integerHolds(Int32Array.of(0, 6, INTEGER_TESTS.indexOf(operator), 9, 0, wanted | 0), 0, flow);
          if (operator === 'isnotset') expect(holds).toBe(value === undefined);
          else if (value === undefined) expect(holds).toBe(false);
          else
            expect(holds).toBe(
              {
                isset: true,
                '<': value < wanted,
                '<=': value <= wanted,
                '==': value === BigInt(wanted),
                '!=': value !== BigInt(wanted),
                '>=': value >= wanted,
                '>': value > wanted,
              }[operator],
            );
        },
      ),
      { numRuns: 300, seed: 20_261_122 },
    );
  });

  it('keeps so many numbers of a flow, and none of its predecessor', () => {
    const flow = new Flow();
    const refused = Array.from({ length: MAX_FLOW_INTEGERS + 3 }, (_, id) =>
      changeInteger(Int32Array.of(0, 6, 0, id + 1, 0, 1), 0, flow),
    );
    expect(refused.filter((each) => each === 1)).toHaveLength(3);
    flow.reset();
    expect(flow.integers).toBe(0);
    expect(flow.arena.usedBytes).toBe(0);
  });
});
