/** Variables of flows against a map. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  flowVariableHolds,
  flowVariables,
  MAX_FLOW_VARIABLES,
  MAX_VARIABLE_BYTES,
  setFlowVariable,
} from '../../src/flow/flow-variables.js';
import { changeInteger } from '../../src/detect/state/flow-integers.js';
import { INTEGER_CHANGES } from '../../src/block/rule-block.js';
import { Flow } from '../../src/flow/flow.js';

const valuesOf = (flow: Flow): [number, string][] =>
  [...flowVariables(flow)].map(([id, start, length]) => [
    id,
    Buffer.from(flow.arena.bytes.slice(start, start + length)).toString('latin1'),
  ]);

const entryBytes = (value: string): number => 8 + 4 * Math.ceil(value.length / 4);

/** The same, plainly: in the order in which they were first set. */
class Variables {
  readonly values = new Map<number, string>();

  set(id: number, value: string): boolean {
    const others = [...this.values].filter(([other]) => other !== id);
    const bytes = others.reduce((sum, [, other]) => sum + entryBytes(other), 8 + entryBytes(value));
    if (others.length === MAX_FLOW_VARIABLES || bytes > MAX_VARIABLE_BYTES) {
      this.values.delete(id);
      return false;
    }
    this.values.set(id, value);
    return true;
  }
}

describe('variables of a flow', () => {
  it('are what was set last, in their order, beside integers', () => {
    const text = fc.oneof(
      { weight: 4, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 40 }) },
      fc.integer({ min: 0, max: 1024 }).map((length) => '\xff'.repeat(length)),
    );
    const step = fc.tuple(fc.integer({ min: 1, max: 40 }), text);
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const flow = new Flow();
        const plain = new Variables();
        for (const [index, [id, value]] of steps.entries()) {
          expect(setFlowVariable(flow, id, value)).toBe(plain.set(id, value));
          // A list of integers that moves takes them along.
          changeInteger(Int32Array.of(0, 0, INTEGER_CHANGES.indexOf('='), index + 1, 0, 7), 0, flow);
        }
        expect(valuesOf(flow)).toEqual([...plain.values]);
        expect(flow.integerPairs()).toHaveLength(Math.min(32, steps.length));
        const used = flow.arena.usedBytes;
        flow.release();
        expect(steps.length === 0 || used > 0).toBe(true);
        expect(flow.arena.usedBytes).toBe(0);
      }),
    );
  });

  it('have bytes in them, or have not', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', 'b', '\xfe'), maxLength: 12 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '\xfe'), minLength: 1, maxLength: 4 }),
        (value, content) => {
          const flow = new Flow();
          const pool = Buffer.from(`..${content}..`, 'latin1');
          setFlowVariable(flow, 1, 'aaaabbbb');
          setFlowVariable(flow, 2, value);
          setFlowVariable(flow, 3, 'aaaabbbb');
          expect(flowVariableHolds(flow, 2, pool, 2, content.length)).toBe(value.includes(content));
          expect(flowVariableHolds(flow, 4, pool, 2, content.length)).toBe(false);
        },
      ),
    );
  });
});
