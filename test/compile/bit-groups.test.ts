/**
 * Groups of flowbits: what rules say of a group is what Snort's manual says it does to its bits, one flow's bits at a
 * time.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveBitGroups } from '../../src/compile/bit-groups.js';
import { Captures } from '../../src/detect/state/captures.js';
import { applyBitEffects, bitsHold } from '../../src/detect/state/flow-bits.js';
import { compileRules } from '../../src/compile/compile-rules.js';
import { RULE } from '../../src/block/rule-block.js';
import { RuleSet } from '../../src/block/rule-set.js';
import { Packet } from '../../src/decode/packet.js';
import { Flow } from '../../src/flow/flow.js';
import type { BitEffect, BitTest, RuleProgram } from '../../src/rule/program.js';
import { placeBlock } from '../support/detecting.js';
import { naiveTables } from '../support/naive-scanner.js';
import { programOf } from '../support/rule-options.js';
import { program } from '../support/rule-programs.js';

const NAMES = ['a', 'b', 'c', 'd'] as const;
const GROUPS = ['g', 'h', 'empty'] as const;

/** A flow's bits as a set of names; each rule runs by the words of the manual. */
class Oracle {
  readonly bits = new Set<string>();
  private readonly members = new Map<string, Set<string>>();

  constructor(rules: readonly RuleProgram[]) {
    for (const { operation, group, names } of rules.flatMap(({ effects }) => effects)) {
      if (operation === 'set' && group !== undefined)
        this.members.set(group, new Set([...(this.members.get(group) ?? []), ...names]));
    }
  }

  holds({ operation, names, group }: BitTest): boolean {
    const asked = group === undefined ? names : [...(this.members.get(group.name) ?? [])];
    const wanted = operation === 'isset';
    if (group !== undefined && asked.length === 0) return !wanted;
    return group?.join === 'all'
      ? asked.every((name) => this.bits.has(name) === wanted)
      : asked.some((name) => this.bits.has(name) === wanted);
  }

  apply({ operation, names, group, exclusive }: BitEffect): void {
    const members = group === undefined ? [] : [...(this.members.get(group) ?? [])];
    if (operation === 'reset' && group === undefined) this.bits.clear();
    else if (operation === 'set') {
      if (exclusive === true) for (const name of members) this.bits.delete(name);
      for (const name of names) this.bits.add(name);
    } else {
      for (const name of group === undefined ? names : members) {
        if (operation === 'toggle' && !this.bits.has(name)) this.bits.add(name);
        else this.bits.delete(name);
      }
    }
  }
}

const names = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 }).map((list) => list.join('&'));
const effect = fc.oneof(
  names.map((list) => `set,${list}`),
  fc.tuple(names, fc.constantFrom('g', 'h')).map(([list, group]) => `set,${list},${group}`),
  fc.tuple(names, fc.constantFrom('g', 'h')).map(([list, group]) => `setx,${list},${group}`),
  fc
    .tuple(fc.constantFrom('unset', 'toggle'), fc.constantFrom(...GROUPS))
    .map(([operation, group]) => `${operation},all,${group}`),
  fc.constantFrom(...GROUPS, '').map((group) => (group === '' ? 'reset' : `reset,${group}`)),
  fc.tuple(fc.constantFrom('unset', 'toggle'), names).map(([operation, list]) => `${operation},${list}`),
);
const test = fc.oneof(
  fc
    .tuple(fc.constantFrom('isset', 'isnotset'), fc.constantFrom('any', 'all'), fc.constantFrom(...GROUPS))
    .map((parts) => parts.join(',')),
  fc.tuple(fc.constantFrom('isset', 'isnotset'), names).map((parts) => parts.join(',')),
);

function ruleOf(flowbits: readonly string[], sid: number): RuleProgram {
  return { ...programOf(flowbits.map((each) => `flowbits:${each};`).join(' ')), sid };
}

/** The rules' rows: by sid, as the order in the block is another. */
function rowsBySid(rules: RuleSet): Map<number, number> {
  return new Map(Array.from({ length: rules.ruleCount }, (_, row) => [rules.words[rules.rowAt(row) + RULE.sid], row]));
}

describe('groups', () => {
  it('do what the manual says, whatever the rules', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.array(test, { maxLength: 2 }), fc.array(effect, { maxLength: 3 })), {
          minLength: 1,
          maxLength: 5,
        }),
        fc.array(fc.nat(4), { maxLength: 12 }),
        (written, order) => {
          const programs = written
            .map(([tests, effects], index) => ruleOf([...tests, ...effects], index + 1))
            .filter(({ bitTests, effects }) => bitTests.length + effects.length > 0);
          const rules = new RuleSet(placeBlock(compileRules(programs, { compilePatterns: naiveTables }).block));
          const rows = rowsBySid(rules);
          const oracle = new Oracle(programs);
          const flow = new Flow();
          const captures = new Captures(rules);
          const packet = new Packet();
          for (const rule of order.flatMap((index) => programs[index] ?? [])) {
            const row = rows.get(rule.sid)!;
            const expected = rule.bitTests.every((each) => oracle.holds(each));
            expect(bitsHold(rules, row, packet, flow, undefined, captures, undefined)).toBe(expected);
            if (!expected) continue;
            for (const each of rule.effects) oracle.apply(each);
            applyBitEffects(rules, row, packet, flow, undefined, captures, undefined);
            expect(flow.bitCount).toBe(oracle.bits.size);
          }
        },
      ),
      { numRuns: 300, seed: 20_261_122 },
    );
  });

  it('leave rules alone that name none', () => {
    const rules = [program({ effects: [{ scope: 'flow', operation: 'set', names: ['a'] }] })];
    expect(resolveBitGroups(rules)).toBe(rules);
  });

  it("hold what any rule sets in them, in the same order whatever the rules'", () => {
    const resolved = (texts: readonly string[]): readonly BitTest[] =>
      resolveBitGroups(texts.map((text) => programOf(text))).flatMap(({ bitTests }) => bitTests);
    const asked = [{ scope: 'flow', operation: 'isset', names: ['a', 'b', 'c'] }];
    expect(resolved(['flowbits:set,c,g;', 'flowbits:isset,any,g;', 'flowbits:setx,b&a,g;'])).toEqual(asked);
    expect(resolved(['flowbits:set,b&a,g;', 'flowbits:set,c,g;', 'flowbits:isset,any,g;'])).toEqual(asked);
  });
});
