/**
 * Flowbits, host bits and numbers of flows across all rules of a load: those that are asked for and never set, and
 * those that rules without alerts set for nobody. Stage: load.
 *
 * Waiting rules set and ask like others. Of each rule only its tests and effects are kept; the places in its text are
 * found again when there is something to say about them.
 */
import type { OptionNode, RuleNode } from '../rule/ast.js';
import type { Diagnostic, Span } from '../rule/diagnostics/diagnostic.js';
import type { BitEffect, BitTest, RuleProgram } from '../rule/program.js';

/** What a rule asks for and what it sets. */
export interface StateUse {
  readonly tests: readonly BitTest[];
  readonly effects: readonly BitEffect[];
  /** The rule is there for what it sets alone. */
  readonly silent: boolean;
}

export interface StateFinding<R> {
  readonly rule: R;
  readonly kind: 'never-set' | 'never-read';
  /** The test or effect that it is about. */
  readonly subject: BitTest | BitEffect;
}

/** Undefined where a rule has nothing to do with state. */
export function stateUse({ bitTests, effects, noalert, action }: RuleProgram): StateUse | undefined {
  if (bitTests.length === 0 && effects.length === 0) return undefined;
  return { tests: bitTests, effects, silent: noalert && action !== 'pass' };
}

/** What is asked for or set in vain, rule by rule. */
export function unmatchedState<R extends { readonly state: StateUse | undefined }>(
  rules: Iterable<R>,
): StateFinding<R>[] {
  const stateful = [...rules].flatMap((rule) => (rule.state === undefined ? [] : [{ rule, state: rule.state }]));
  const index = new StateIndex(stateful.map(({ state }) => state));
  return stateful.flatMap(({ rule, state }) => {
    const findings: StateFinding<R>[] = [];
    const test = state.tests.find((each) => index.isNeverSet(each, state));
    if (test !== undefined) findings.push({ rule, kind: 'never-set', subject: test });
    const [effect] = state.effects;
    if (state.silent && effect !== undefined && index.isInVain(state.effects))
      findings.push({ rule, kind: 'never-read', subject: effect });
    return findings;
  });
}

/** Who sets and who asks for what, by the keys of the names. */
class StateIndex {
  private readonly setters = new Map<string, StateUse | 'several'>();
  private readonly read = new Set<string>();
  /** Names that some rule puts into a group, by the group's name. */
  private readonly groups = new Map<string, Set<string>>();

  constructor(uses: readonly StateUse[]) {
    for (const use of uses) for (const effect of use.effects) this.addEffect(effect, use);
    for (const { tests } of uses)
      for (const test of tests) for (const key of this.keysAsked(test, test.names.length)) this.read.add(key);
  }

  /** What a rule sets once it has matched does not help it to match. */
  isNeverSet(test: BitTest, by: StateUse): boolean {
    const needed = test.integer === undefined ? test.operation === 'isset' : test.integer.operator !== 'isnotset';
    if (!needed) return false;
    // Of two numbers that are compared, the first must be there.
    const keys = this.keysAsked(test, test.integer === undefined ? test.names.length : 1);
    return !keys.some((key) => this.setters.has(key) && this.setters.get(key) !== by);
  }

  isInVain(effects: readonly BitEffect[]): boolean {
    // What is captured is shown in events.
    return effects.every(
      (effect) =>
        effect.operation === 'set' &&
        effect.capture === undefined &&
        effect.names.length > 0 &&
        !keysOf(effect).some((key) => this.read.has(key)),
    );
  }

  private addEffect(effect: BitEffect, use: StateUse): void {
    if (effect.operation !== 'set' && effect.operation !== 'toggle') return;
    const keys = keysOf(effect);
    // A number may be set from another one, which is read then.
    for (const key of effect.change === undefined ? keys : keys.slice(0, 1))
      this.setters.set(key, this.setters.has(key) && this.setters.get(key) !== use ? 'several' : use);
    if (effect.change !== undefined) for (const key of keys.slice(1)) this.read.add(key);
    if (effect.group === undefined) return;
    const members = this.groups.get(effect.group) ?? new Set();
    for (const key of keys) members.add(key);
    this.groups.set(effect.group, members);
  }

  private keysAsked(test: BitTest, names: number): readonly string[] {
    return test.group === undefined ? keysOf(test).slice(0, names) : [...(this.groups.get(test.group.name) ?? [])];
  }
}

/** Texts of rules that are not loaded, by the names that they would set and ask for. */
export class UnloadedState {
  private readonly setters = new Map<string, string>();
  private readonly askers = new Map<string, string>();

  /** `why` it is not loaded. */
  add(text: string, sidOf: (text: string) => number | undefined, why: string): void {
    if (!text.includes('bits') && !text.includes('flowint')) return;
    for (const [, operation, bits, number, change] of text.matchAll(STATE_OPTION)) {
      const sets = change === undefined ? /^(?:set|setx|toggle)$/.test(operation!) : /^[=+-]$/.test(change);
      for (const name of (bits ?? number!).split(/[|&]/)) {
        const table = sets ? this.setters : this.askers;
        if (!table.has(name.trim()))
          table.set(
            name.trim(),
            `the rule with sid ${sidOf(text) ?? '?'}, which ${sets ? 'sets' : 'asks for'} it, ${why}`,
          );
      }
    }
  }

  setter(name: string): string | undefined {
    return this.setters.get(name);
  }

  asker(name: string): string | undefined {
    return this.askers.get(name);
  }
}

const STATE_OPTION =
  /\b(?:flow|x|host)bits\s*:\s*(set|setx|toggle|isset|isnotset)\s*,\s*([^,;]+)|\bflowint\s*:\s*([\w.-]+)\s*,\s*([=+<>!-]|is)/g;

/** Says what was found, at its place in the rule. */
export function describeState(
  { kind, subject }: StateFinding<unknown>,
  node: RuleNode,
  unloaded: UnloadedState,
): Pick<Diagnostic, 'code' | 'severity' | 'message' | 'hint' | 'span'> {
  const names = namesOf(subject);
  const span = spanOf(node, names);
  const found = (text: (name: string) => string | undefined): string | undefined =>
    names.map(text).find((each) => each !== undefined);
  if (kind === 'never-read') {
    const message = `no rule asks for ${names.join(' or ')}, and this rule does nothing but set it`;
    return {
      code: 'state-never-read',
      severity: 'hint',
      message,
      hint: found((name) => unloaded.asker(name)) ?? 'load the rules that ask for it too, or leave this one out',
      span,
    };
  }
  const what = names.length > 1 ? `no other rule sets any of ${names.join(', ')}` : `no other rule sets ${names[0]!}`;
  return {
    code: 'state-never-set',
    severity: 'warning',
    message: `${what}, so the rule never matches`,
    hint: found((name) => unloaded.setter(name)) ?? 'load the rules that set it too, or correct the name',
    span,
  };
}

/** As written: of a test of a group, the group; of numbers that are compared or changed, the first. */
function namesOf(subject: BitTest | BitEffect): readonly string[] {
  if (subject.names.length === 0 && subject.group !== undefined)
    return [typeof subject.group === 'string' ? subject.group : subject.group.name];
  const isPrefixed =
    ('change' in subject && subject.change !== undefined) ||
    ('capture' in subject && subject.capture !== undefined) ||
    ('integer' in subject && subject.integer !== undefined) ||
    ('variable' in subject && subject.variable !== undefined);
  return isPrefixed ? subject.names.slice(0, 1).map(withoutPrefix) : subject.names;
}

/** Names of one kind of holder do not meet those of another. */
const HOLDERS: Readonly<Record<BitTest['scope'], string>> = {
  flow: 'flow',
  ip_pair: 'pair',
  host_src: 'host',
  host_dst: 'host',
  host_both: 'host',
  tx: 'tx',
};
const keysOf = ({ scope, names }: BitTest | BitEffect): string[] => names.map((name) => `${HOLDERS[scope]} ${name}`);

const withoutPrefix = (name: string): string => name.replace(/^(?:int|flowvar|pktvar):/, '');
const KEYWORDS: ReadonlySet<string> = new Set(['flowbits', 'xbits', 'hostbits', 'flowint', 'flowvar', 'pktvar']);

/** From the first of the names to the last, in the option that has them all. */
function spanOf({ options, action }: RuleNode, names: readonly string[]): Span {
  for (const option of options) {
    const span = KEYWORDS.has(option.name.text.toLowerCase()) ? spanIn(option, names) : undefined;
    if (span !== undefined) return span;
  }
  return action.span;
}

function spanIn({ value }: OptionNode, names: readonly string[]): Span | undefined {
  if (value === undefined) return undefined;
  const words = [...value.text.matchAll(/[^\s,|&]+/g)];
  const found = names.map((name) => words.find(([word]) => word === name));
  if (found.some((each) => each === undefined)) return undefined;
  const starts = found.map((each) => each!.index);
  const ends = found.map((each) => each!.index + each![0].length);
  return { start: value.span.start + Math.min(...starts), end: value.span.start + Math.max(...ends) };
}
