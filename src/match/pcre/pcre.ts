/**
 * PCRE patterns as JavaScript regular expressions that mean the same on bytes. Stage: load.
 *
 * The result runs on latin1 strings (one character a byte). Patterns are rule authors' input: they are parsed to the
 * last byte and printed anew, never handed to RegExp as they are. What JavaScript has no form for is left to a matcher
 * of our own (pcre-machine.ts): a back reference that ignores case where all else does not, or to a group that may have
 * taken no part; and, where it is asked, where a match ends whose repeats have rounds that take nothing, and what
 * groups within repeats hold. So is every text on which JavaScript might backtrack too much (pcre-expression.ts).
 */
import { linearForm, type Obstacle } from './linear.js';
import { PcreMachine } from './machine.js';
import { hasCapture, mayTakeNothing } from './measure.js';
import { PcreError, someNode, type PcreNode, type PcrePattern } from './node.js';
import { parsePcre } from './parser.js';
import { printPattern, type PrintedPattern } from './printer.js';
import { compileProgram } from './program.js';
import { simplify, type PcreUse } from './simplify.js';

export interface ReadPcre {
  readonly ok: true;
  readonly source: string;
  readonly flags: string;
  readonly pattern: PcrePattern;
}

export interface TranslatedPcre {
  readonly ok: true;
  /**
   * For `new RegExp(source, flags)`; add `g` or `y` to get at positions. With `isForMachine(flags)` for
   * `createMachine`.
   */
  readonly source: string;
  readonly flags: string;
  /** For the same with flag `l`, V8's linear-time engine; undefined where that does not take it. */
  readonly linearSource: string | undefined;
  /** The pattern as it is run, without what this use of it does not need. */
  readonly body: PcreNode;
  /** What V8's linear-time engine does not take; undefined if it takes all. */
  readonly obstacle: Obstacle | undefined;
  /** Bytes that are written for it; 0 where there is an obstacle. */
  readonly size: number;
  /** JavaScript's number of each of the pattern's groups, from 1; [0] is 0, as is one that is not kept. */
  readonly groups: readonly number[];
  /** Names of groups with the pattern's own numbers: look these up in `groups`. */
  readonly captureNames: ReadonlyMap<string, number>;
}

export interface PcreFailure {
  readonly ok: false;
  readonly message: string;
  /** Where in the pattern, from 0. */
  readonly offset: number;
}

/**
 * Reads the pattern between the slashes with PCRE's and Snort's flags among `ismxAEG`, of which others have no effect.
 */
export function readPcre(source: string, flags: string): ReadPcre | PcreFailure {
  try {
    return { ok: true, source, flags, pattern: parsePcre(source, flags) };
  } catch (error) {
    if (error instanceof PcreError) return { ok: false, message: error.message, offset: error.offset };
    throw error;
  }
}

/** An expression for this use of a pattern. */
export function translatePattern({ source, flags, pattern }: ReadPcre, use: PcreUse): TranslatedPcre {
  const { groupCount, names } = pattern;
  const body = simplify(pattern.body, use);
  const linear = linearForm(body);
  const printed = isDifferent(body, use) ? undefined : print(body, groupCount);
  // Counts that are unfolded are for that engine alone: backtracking may take more ways through them.
  const unfolded =
    printed === undefined || 'obstacle' in linear
      ? undefined
      : linear.pattern === body
        ? printed
        : print(linear.pattern, groupCount);
  const run = printed ?? {
    ...forMachine({ source, flags }),
    groups: Array.from({ length: groupCount + 1 }, (_, group) => group),
  };
  return {
    ok: true,
    ...run,
    linearSource: unfolded?.source,
    body,
    obstacle: 'obstacle' in linear ? linear.obstacle : undefined,
    size: 'size' in linear ? linear.size : 0,
    captureNames: names,
  };
}

/** Reads and translates in one go. */
export function translatePcre(source: string, flags: string, use: PcreUse): TranslatedPcre | PcreFailure {
  const read = readPcre(source, flags);
  return read.ok ? translatePattern(read, use) : read;
}

/**
 * Whether JavaScript finds other positions or groups than PCRE: it undoes a round of a repeat that takes nothing, and
 * forgets at each round what groups within the repeat held.
 */
function isDifferent(body: PcreNode, use: PcreUse): boolean {
  if (use === 'existence') return false;
  return someNode(
    body,
    (node) =>
      node.kind === 'repeat' &&
      node.max > 1 &&
      (mayTakeNothing(node.body) || (use === 'groups' && hasCapture(node.body))),
  );
}

/** Undefined for what has no form in JavaScript. */
function print(body: PcreNode, groupCount: number): PrintedPattern | undefined {
  try {
    return printPattern(body, groupCount);
  } catch (error) {
    if (error instanceof PcreError) return undefined;
    throw error;
  }
}

/** Stands before the pattern's own flags where it is not JavaScript's. */
const MACHINE_FLAG = 'pcre:';
/** Of one search: some milliseconds. */
const MAX_STEPS = 200_000;

/** A pattern as it is, for `createMachine`. */
const forMachine = ({ source, flags }: Pick<ReadPcre, 'source' | 'flags'>): { source: string; flags: string } => ({
  source,
  flags: `${MACHINE_FLAG}${flags}`,
});

export const isForMachine = (flags: string): boolean => flags.startsWith(MACHINE_FLAG);

/** A matcher for what was translated to flags that are for the machine. */
export function createMachine(source: string, flags: string): PcreMachine {
  const { body, groupCount } = parsePcre(source, flags.slice(MACHINE_FLAG.length));
  return new PcreMachine(compileProgram(body, groupCount), MAX_STEPS);
}
