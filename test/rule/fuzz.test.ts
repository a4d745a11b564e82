/**
 * Damaged rules never crash, hang, or load as something that they do not say. `npm test` plays a few thousand;
 * PERISCOPE_RULE_FUZZ=200000 plays so many, PERISCOPE_RULE_FUZZ_SEED others than the usual ones. A failure names the
 * seed and the rule.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diagnosticEntry } from '../../src/rule/diagnostics/catalogue.js';
import { Diagnostics } from '../../src/rule/diagnostics/diagnostic.js';
import { parseRule } from '../../src/rule/parse/parser.js';
import { printRule } from '../../src/rule/parse/printer.js';
import { describeFuzz } from '../fuzz/fuzz-target.js';
import { textTarget } from '../fuzz/text-target.js';
import { Random } from '../property/mutator.js';
import { parseOption } from '../support/rule-options.js';
import { arbitraryRule } from './support/arbitrary-rule.js';
import { naiveOptions } from './support/naive-options.js';
import { keywordRules, ODD_RULES, publicRules, shippedRules } from './support/rule-corpus.js';
import { RuleMutator } from './support/rule-mutator.js';
import { RuleOracle } from './support/rule-oracle.js';

const RULES = Number(process.env['PERISCOPE_RULE_FUZZ'] ?? 2000);
const SEED = Number(process.env['PERISCOPE_RULE_FUZZ_SEED'] ?? 20_261_122);
/** The public sets take part in long runs only: what a short run plays is the same in every clone. */
const IS_LONG = RULES > 10_000;

const newOracle = (): RuleOracle => new RuleOracle((code) => diagnosticEntry(code) !== undefined);
const times = (count: number, rules: readonly string[]): string[] => Array<readonly string[]>(count).fill(rules).flat();
/** Those that ship come as often as those with every keyword, of which few survive any damage. */
const ownRules = (): string[] => [...times(3, ODD_RULES), ...keywordRules(), ...times(4, shippedRules())];
const seeds = (): string[] => [...ownRules(), ...(IS_LONG ? publicRules(25) : [])];

/** Holds the oracle to many texts; what fails first is shown with how to get it again. */
function play(oracle: RuleOracle, count: number, next: (index: number) => string): void {
  for (let index = 0; index < count; index++) {
    const text = next(index);
    try {
      oracle.check(text);
    } catch (error) {
      const shown = text.length > 3000 ? `${text.slice(0, 3000)}… (${text.length} characters)` : text;
      throw new Error(`rule ${index} of seed ${SEED}: ${JSON.stringify(shown)}: ${(error as Error).message}`, {
        cause: error,
      });
    }
  }
}

describe(`${RULES} damaged rules`, () => {
  it(
    'load as what they say, or are reported',
    () => {
      const oracle = newOracle();
      const mutator = new RuleMutator(new Random(SEED), seeds());
      play(oracle, RULES, () => mutator.next());
      if (IS_LONG)
        console.log(
          `${RULES} rules of seed ${SEED}: ${oracle.loaded} loaded, ${oracle.waiting} of them waiting; ${oracle.verified} packets verified, ${oracle.matched} matched; ${oracle.codes.size} codes`,
        );
      // The storm must reach what it is to test.
      expect(oracle.loaded).toBeGreaterThan(0.2 * RULES);
      expect(oracle.loaded).toBeLessThan(0.8 * RULES);
      expect(oracle.verified).toBeGreaterThan(0.3 * RULES);
      expect(oracle.matched).toBeGreaterThan(0.1 * oracle.verified);
      expect(oracle.codes.size).toBeGreaterThan(40);
    },
    6 * 3_600_000,
  );
});

describeFuzz(
  textTarget('rules', ownRules(), () => {
    const oracle = newOracle();
    return (text) => oracle.check(text).diagnostics.map(({ code }) => code);
  }),
  20,
);

describe('rules that are not damaged', () => {
  const holdTo = (rules: readonly string[]): void => {
    const oracle = newOracle();
    play(oracle, rules.length, (index) => rules[index]!);
    expect(oracle.loaded).toBeGreaterThan(0.9 * rules.length);
  };

  it('hold to the same: those that ship, one for every keyword, odd ones', () => holdTo(ownRules()));

  const published = publicRules(200);
  it.runIf(published.length > 0)('hold to the same: public ones', () => holdTo(published));

  it('of any structure load or are reported', () => {
    const rules = fc.sample(arbitraryRule, { numRuns: 100, seed: SEED });
    play(newOracle(), rules.length, (index) => printRule(rules[index]!));
  });
});

describe('what is no rule', () => {
  it('is reported, whatever it is', () => {
    const texts = fc.sample(fc.string({ unit: 'binary', maxLength: 200 }), { numRuns: 1000, seed: SEED });
    const oracle = newOracle();
    play(oracle, texts.length, (index) => texts[index]!);
    expect(oracle.loaded).toBe(0);
  });

  it('is reported wherever a rule is cut', () => {
    const oracle = newOracle();
    for (const seed of ODD_RULES) play(oracle, seed.length, (end) => seed.slice(0, end));
    expect(oracle.loaded).toBe(0);
  });
});

describe('long runs of one thing', () => {
  // Where two repeats of an expression can share a run, it takes the square of its length: minutes, at these lengths.
  const FILLERS = [' ', '\t\n', ',', ', ', '"', '","', '\\', '|', '!', 'a', '0', '-', '[', '(', '/', ':', 'a,', 'a '];
  const PLACES = [
    ['alert tcp any any -> any any (msg:', '"x; sid:1;)'],
    ['alert tcp any any -> any any (metadata:a,', 'b; sid:1;)'],
    ['alert tcp any any -> any any (msg:"x', '"; sid:1;)'],
    ['alert tcp any any -> any any (msg:!', '"x; sid:1;)'],
    ['alert tcp any any -> any any (content:"x', '"; sid:1;)'],
    ['alert tcp any any -> any any (threshold:', 'type limit; sid:1;)'],
    ['alert tcp any any -> any any (reference:url,a', 'b; sid:1;)'],
    ['alert tcp any any -> any any (content:"x",', 'nocase; sid:1;)'],
    ['alert tcp any any -> any any (dsize:', '5; sid:1;)'],
    ['alert tcp any any -> any ', 'any (sid:1;)'],
    ['alert', ' tcp any any -> any any (sid:1;)'],
    ['alert tcp any any -> any any (', 'sid:1;)'],
    ['alert tcp any any -> any any (sid:1;)', ''],
    ['', 'alert tcp any any -> any any (sid:1;)'],
    ['alert:', ',x tcp any any -> any any (sid:1;)'],
    ['file_id', '(sid:1;)'],
  ] as const;

  it.each(FILLERS)('are read in one go: %j', (filler) => {
    const oracle = newOracle();
    play(oracle, PLACES.length, (index) => PLACES[index]!.join(filler.repeat(Math.floor(200_000 / filler.length))));
    expect([...oracle.codes.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
  });

  it.each([
    'dsize:1',
    'vni:1',
    'threshold:type limit',
    'byte_test:1,>,1,0',
    'reference:url,a',
    'isdataat:1',
    'http_param:a',
  ])('are read in one go by the keyword itself: %s', (option) => {
    const readings = FILLERS.flatMap((filler) => [
      `${option}${filler.repeat(Math.floor(8000 / filler.length))}x`,
      option.replace(':', `:${filler.repeat(Math.floor(8000 / filler.length))}`),
    ]).map(parseOption);
    for (const { value, diagnostics } of readings) expect(value !== undefined || diagnostics.length > 0).toBe(true);
  });

  it('are refused where a rule is longer than any', () => {
    const { program, diagnostics } = newOracle().check(
      `alert tcp any any -> any any (msg:"${'x'.repeat(1 << 20)}"; sid:1;)`,
    );
    expect(program).toBeUndefined();
    expect(diagnostics.map(({ code }) => code)).toEqual(['too-long']);
  });
});

describe('the naive splitter of this test', () => {
  it.each([
    ['(a:"x;y",z; b;)', ['a:"x;y",z', 'b']],
    ['(a:\\;;)', ['a:\\;']],
    ['(a: ! "x\\";" ;b : c ;)', ['a:! "x\\";"', 'b:c']],
    ['(a:"x"y;z";)', ['a:"x"y;z"']],
    ['()', []],
    ['(a;) b', undefined],
  ])('cuts %s', (text, options) => {
    expect(naiveOptions(text)).toEqual(options);
    expect(parseRule(`alert tcp any any -> any any ${text}`, new Diagnostics())?.options.length).toBe(options?.length);
  });
});
