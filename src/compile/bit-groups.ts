/**
 * Groups of flowbits (Snort 2): which bits are in a group is known once all rules are, so here what rules say of a
 * group becomes what they say of its bits. Stage: load.
 */
import type { BitEffect, BitTest, RuleProgram } from '../rule/program.js';

type BitUser = Pick<RuleProgram, 'bitTests' | 'effects'>;
type Groups = ReadonlyMap<string, readonly string[]>;

/** The same rules without groups; those that name none are not copied. */
export function resolveBitGroups<T extends BitUser>(rules: readonly T[]): readonly T[] {
  if (!rules.some(namesGroup)) return rules;
  const groups = membersOf(rules);
  return rules.map((rule) =>
    namesGroup(rule)
      ? {
          ...rule,
          bitTests: rule.bitTests.flatMap((test) => testsOf(test, groups)),
          effects: rule.effects.flatMap((effect) => effectsOf(effect, groups)),
        }
      : rule,
  );
}

const namesGroup = ({ bitTests, effects }: BitUser): boolean =>
  bitTests.some(({ group }) => group !== undefined) || effects.some(({ group }) => group !== undefined);

/** The bits that rules set in each group, in alphabetical order. */
function membersOf(rules: readonly BitUser[]): Groups {
  const groups = new Map<string, Set<string>>();
  for (const { operation, group, names } of rules.flatMap(({ effects }) => effects)) {
    if (operation !== 'set' || group === undefined) continue;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, new Set(names));
    else for (const name of names) members.add(name);
  }
  return new Map([...groups].map(([name, members]) => [name, [...members].sort()]));
}

/** A group that no rule puts a bit into has nothing that is set. */
function testsOf({ group, ...test }: BitTest, groups: Groups): BitTest[] {
  if (group === undefined) return [test];
  const names = groups.get(group.name) ?? [];
  if (names.length === 0) return test.operation === 'isset' ? [{ ...test, names }] : [];
  return group.join === 'any' ? [{ ...test, names }] : names.map((name) => ({ ...test, names: [name] }));
}

function effectsOf({ group, exclusive, ...effect }: BitEffect, groups: Groups): BitEffect[] {
  if (group === undefined) return [effect];
  const members = groups.get(group) ?? [];
  if (effect.operation === 'set') {
    const others = exclusive === true ? members.filter((name) => !effect.names.includes(name)) : [];
    return others.length === 0 ? [effect] : [{ ...effect, operation: 'unset', names: others }, effect];
  }
  return [{ ...effect, operation: effect.operation === 'reset' ? 'unset' : effect.operation, names: members }];
}
