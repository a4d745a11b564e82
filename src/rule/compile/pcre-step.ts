/**
 * PCREs of a rule under construction. Stage: rule (compile).
 *
 * What an expression must tell shows only when all steps over its buffer are known: where a match starts and ends, or,
 * where no step behind it asks for that, just whether there is one, for which much simpler expressions do. So the
 * translation waits for the end of the rule, and with it what is to be said about the expression's cost.
 */
import { findBacktracking } from '../../match/pcre/backtracking.js';
import { boundOf, longestProven } from '../../match/pcre/bound.js';
import { looksBack } from '../../match/pcre/measure.js';
import { isForMachine, readPcre, translatePattern, type ReadPcre, type TranslatedPcre } from '../../match/pcre/pcre.js';
import type { PcreUse } from '../../match/pcre/simplify.js';
import type { Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { partSpan } from '../options/value.js';
import type { BufferMatch, CapturedGroup, PcreMatch } from '../buffer-match.js';
import { DEPENDENCE, dependenceOf } from './step-dependence.js';

/** A pattern that was read, and its place in the option's value. */
export interface PlacedPcre {
  readonly read: ReadPcre;
  readonly word: Word;
  readonly start: number;
}

/** A PCRE before it is known what it is to tell. */
export interface OpenPcre extends Pick<PcreMatch, 'kind' | 'negated' | 'relative' | 'looksBack' | 'captures'> {
  readonly place: PlacedPcre;
}

/** A PCRE whose flags are read, for `addMatch`. */
export const openPcre = (
  place: PlacedPcre,
  negated: boolean,
  relative: boolean,
  captures: readonly CapturedGroup[] = [],
): OpenPcre => ({
  kind: 'pcre',
  negated,
  relative,
  captures: captures.length > 0 ? captures : undefined,
  looksBack: looksBack(place.read.pattern.body),
  place,
});

/** Reads the pattern that stands from `start` to `end` of a value; undefined, and reported, where it is none. */
export function readPattern(
  word: Word,
  start: number,
  end: number,
  flags: string,
  diagnostics: Diagnostics,
): ReadPcre | undefined {
  const read = readPcre(word.text.slice(start, end), flags);
  if (read.ok) return read;
  const at = Math.min(start + read.offset, end);
  diagnostics.error(
    'bad-pcre',
    read.message,
    partSpan(word, at, at + 1),
    'patterns are those of PCRE, see pcresyntax(3)',
  );
  return undefined;
}

/** Reports what this use of a pattern may cost. */
export function settlePcre({ read, word, start }: PlacedPcre, use: PcreUse, diagnostics: Diagnostics): void {
  if (!diagnostics.advise) return;
  const translated = translatePattern(read, use);
  reportObstacle(translated, word, start, diagnostics);
  reportBacktracking(translated, read.pattern.groupCount, word, start, diagnostics);
}

/** The steps over one buffer, with each of their PCREs as an expression that tells what the others ask for. */
export function settlePcres(
  steps: readonly (BufferMatch | OpenPcre)[],
  diagnostics: Diagnostics,
): readonly BufferMatch[] {
  if (steps.every(isSettled)) return steps;
  const dependence = dependenceOf(steps);
  const settled: BufferMatch[] = [];
  for (let index = 0; index < steps.length; index++) {
    const isRetried = (dependence[index]! & DEPENDENCE.retried) !== 0;
    settled.push(settle(steps[index]!, isRetried ? 'position' : 'existence', diagnostics));
  }
  return settled;
}

function settle(step: BufferMatch | OpenPcre, use: PcreUse, diagnostics: Diagnostics): BufferMatch {
  if (isSettled(step)) return step;
  const { kind, negated, relative, looksBack, captures, place } = step;
  const asked = captures === undefined ? use : 'groups';
  settlePcre(place, asked, diagnostics);
  const { source: pattern, flags } = place.read;
  return { kind, negated, relative, looksBack, pattern, flags, use: asked, captures };
}

const isSettled = (step: BufferMatch | OpenPcre): step is BufferMatch => step.kind !== 'pcre' || 'use' in step;

function reportObstacle(translated: TranslatedPcre, word: Word, start: number, diagnostics: Diagnostics): void {
  const { obstacle } = translated;
  if (obstacle === undefined) return;
  const span = partSpan(word, start + obstacle.at, start + obstacle.end);
  diagnostics.hint(
    'pcre-not-linear',
    `the ${obstacle.construct} keeps the pattern from the linear-time engine; ${placeOf(translated)}`,
    span,
    ADVICE[obstacle.construct],
  );
}

/** Where a pattern runs that the linear-time engine does not take. */
function placeOf({ body, flags }: TranslatedPcre): string {
  const longest = isForMachine(flags) ? -1 : longestProven(boundOf(body), LONGEST_TEXT);
  if (longest === undefined) return "it runs on V8's engine, which is proven not to backtrack much";
  const counted = 'runs step by step, up to a limit';
  return longest < 0 ? `it ${counted}` : `on texts of more than ${longest} bytes it ${counted}`;
}

/** As long as a buffer gets. */
const LONGEST_TEXT = 65_536;

const ADVICE: Readonly<Record<NonNullable<TranslatedPcre['obstacle']>['construct'], string>> = {
  'back-reference':
    'nothing else compares two parts of a text; keep what may be long between them short, as in [^"]{1,64}',
  lookahead: 'say what may stand there instead, as in [^b] for (?!b).; at the end of a pattern, short ones are fine',
  lookbehind: 'say what may stand there instead; at the start of a pattern, short ones are fine',
  'atomic group': 'leave out (?>, or make what follows it begin with a byte that it cannot take',
  'possessive repeat': 'leave out the +, or make what follows it begin with a byte that it cannot take',
  'line anchor': 'write (?:^|\\n) and (?:\\r?\\n|$) for line anchors in the middle of a pattern',
  'counted repeat': 'write + or * for counts that need not be exact',
};

function reportBacktracking(
  { body, flags, obstacle }: TranslatedPcre,
  groupCount: number,
  word: Word,
  start: number,
  diagnostics: Diagnostics,
): void {
  const isCovered = obstacle === undefined && !isForMachine(flags);
  const found = findBacktracking(body, groupCount, isCovered);
  if (found === undefined) return;
  const { kind, at, end, witness, steps } = found;
  const growth = kind === 'exponential' ? 'exponentially' : `with the power ${found.degree.toFixed(1)} of the length`;
  const advice =
    kind === 'exponential'
      ? 'let each round of the repeat begin with something that no other part of it takes, as in (?:,[a-z]+)*, or make one repeat of the two'
      : 'bound the repeat, as in {0,64}, or let it exclude what ends it, as in [^;]*;';
  const report = isCovered ? 'hint' : 'warning';
  diagnostics[report](
    'pcre-backtracks',
    `backtracking grows ${growth}: it takes ${steps} steps to fail on ${quote(witness)}`,
    partSpan(word, start + at, start + end),
    advice,
  );
}

/** A text in few characters. */
function quote(text: string): string {
  const shown = text.length > 60 ? `${text.slice(0, 56)}… (${text.length} bytes)` : text;
  return JSON.stringify(shown).replace(/[\x7f-\xff]/g, (letter) => `\\x${letter.charCodeAt(0).toString(16)}`);
}
