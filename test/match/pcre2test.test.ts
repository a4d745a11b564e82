/** Our readings of patterns against PCRE2's own, on the recorded cases and on patterns made at random. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PcreExpression } from '../../src/match/pcre/expression.js';
import { PcreStack } from '../../src/match/pcre/machine.js';
import { createMachine, isForMachine, readPcre, translatePattern } from '../../src/match/pcre/pcre.js';
import { PCRE_CASES } from './pcre-cases.js';
import { patternFlags, patterns, subjects } from './pcre-support.js';
import { hasPcre2test, runPcre2, type Pcre2Result, type Subject } from './pcre2test.js';

if (!hasPcre2test)
  console.warn('skipped: pcre2test (Debian: pcre2-utils) is not installed; the recorded results stand alone');

const trimmed = (result: Pcre2Result): Pcre2Result =>
  Array.isArray(result) ? result.slice(0, result.findLastIndex((group) => group !== undefined) + 1) : result;

/** PCRE 1 and Perl take a hyphen beside a set as such, PCRE 2 and its test program do not. */
const REFUSED_BY_PCRE2 = ['[a-\\d]'];

describe.skipIf(!hasPcre2test)('PCRE2', () => {
  it('finds what is written down', () => {
    const cases = Object.values(PCRE_CASES)
      .flat()
      .map(([pattern, flags, subject, match]) => ({ pattern, flags, subject, match }));
    const results = runPcre2(cases).map(trimmed);
    const wrong = cases.filter(
      ({ pattern, match }, i) =>
        !REFUSED_BY_PCRE2.includes(pattern) && JSON.stringify(results[i]) !== JSON.stringify(match),
    );
    expect(wrong).toEqual([]);
  });

  it('finds what we find, in patterns made at random', () => {
    const cases: Subject[] = fc
      .sample(fc.tuple(patterns, patternFlags, fc.array(subjects, { minLength: 4, maxLength: 4 })), {
        numRuns: 1500,
        seed: 7,
      })
      .flatMap(([pattern, flags, texts]) => texts.map((subject) => ({ pattern, flags, subject })));
    const results = runPcre2(cases).map(trimmed);
    const differences: string[] = [];
    const stack = new PcreStack();
    let compared = 0;
    let matched = 0;
    cases.forEach(({ pattern, flags, subject }, i) => {
      const wanted = results[i]!;
      const read = readPcre(pattern, flags);
      if (wanted === 'refused' || !read.ok) {
        if (wanted !== 'refused') differences.push(`refused by us: ${pattern}`);
        return;
      }
      compared++;
      if (wanted !== null) matched++;
      const machine = createMachine(pattern, `pcre:${flags}`);
      const groups = machine.find(subject, 0)
        ? trimmed(Array.from({ length: read.pattern.groupCount + 1 }, (_, group) => machine.group(group)))
        : null;
      const say = (what: string, found: unknown): void => {
        differences.push(
          `${what}: /${pattern}/${flags} on ${JSON.stringify(subject)}: ${JSON.stringify(found)}, not ${JSON.stringify(wanted)}`,
        );
      };
      if (JSON.stringify(groups) !== JSON.stringify(wanted)) say('machine', groups);
      for (const use of ['existence', 'position', 'groups'] as const) {
        // As a rule has it where V8 is not trusted with the text.
        const { machine: own } = new PcreExpression(read, use, stack);
        const spans = own.find(subject, 0)
          ? [
              own.group(0),
              ...(use === 'groups'
                ? Array.from({ length: read.pattern.groupCount }, (_, group) => own.group(group + 1))
                : []),
            ]
          : null;
        if (
          use === 'existence'
            ? (spans === null) !== (wanted === null)
            : JSON.stringify(spans && trimmed(spans)) !==
              JSON.stringify(wanted && (use === 'groups' ? wanted : [wanted[0]]))
        )
          say(`machine for ${use}`, spans);
        const { source, flags: letters, groups: numbers } = translatePattern(read, use);
        if (isForMachine(letters)) continue;
        const match = new RegExp(source, letters).exec(subject);
        const found = match && (use === 'groups' ? trimmed(numbers.map((group) => match[group])) : [match[0]]);
        const asked = wanted && (use === 'groups' ? wanted : [wanted[0]]);
        if (
          use === 'existence' ? (match === null) !== (wanted === null) : JSON.stringify(found) !== JSON.stringify(asked)
        )
          say(use, found);
      }
    });
    expect(differences).toEqual([]);
    expect(compared).toBeGreaterThan(3000);
    expect(matched).toBeGreaterThan(1000);
  });
});
