/**
 * How the steps over a buffer depend on each other. Stage: rule (compile).
 *
 * A content or PCRE chooses one of its occurrences. The steps behind it see the choice through the position that
 * relative steps start from, and through variables read from there. A step whose choice nobody sees need only say
 * whether it has an occurrence at all.
 */
import type { BufferMatch, ContentMatch, PcreMatch } from '../buffer-match.js';

/** A step, also before it is known what a PCRE is to say. */
type Step = BufferMatch | Pick<PcreMatch, 'kind' | 'negated' | 'relative' | 'looksBack'>;

/** Whether the content's place counts from the last match. */
export const isRelative = (match: ContentMatch): boolean => match.distance !== undefined || match.within !== undefined;

function readsPosition(match: Step): boolean {
  if (match.kind === 'entropy' || match.kind === 'dataset' || match.kind === 'datarep' || match.kind === 'number')
    return false;
  if (match.kind === 'ber') return true;
  if (match.kind === 'bsize') return match.relative === true;
  return match.kind === 'content' ? isRelative(match) : match.relative;
}

/** Whether what follows may start from where the step ended. */
export function movesPosition(match: Step): boolean {
  if (match.kind === 'content' || match.kind === 'pcre') return !match.negated;
  return (
    match.kind === 'ber' || match.kind === 'byte_jump' || match.kind === 'byte_extract' || match.kind === 'byte_math'
  );
}

const isChoice = (match: Step): boolean => (match.kind === 'content' || match.kind === 'pcre') && !match.negated;

function variablesRead(match: Step): number[] {
  return Object.values(match).flatMap((value: unknown) =>
    typeof value === 'object' && value !== null && 'variable' in value ? [value.variable as number] : [],
  );
}

const variableSet = (match: Step): number =>
  match.kind === 'byte_extract' || match.kind === 'byte_math' ? match.variable : -1;

/** Whether a step from `index` on reads a variable that a step before sets. */
function readsVariableOf(matches: readonly Step[], index: number): boolean {
  let setsAny = false;
  for (let i = 0; i < index; i++) if (variableSet(matches[i]) >= 0) setsAny = true;
  if (!setsAny) return false;
  const before = new Set(matches.slice(0, index).map(variableSet));
  return matches.slice(index).some((match) => variablesRead(match).some((variable) => before.has(variable)));
}

/** Whether the steps from `index` on can come out differently for different choices before. */
export function dependsOnBefore(matches: readonly Step[], index: number): boolean {
  if (readsVariableOf(matches, index)) return true;
  for (let i = index; i < matches.length; i++) {
    const match = matches[i];
    if (readsPosition(match)) return true;
    if (movesPosition(match)) return false;
  }
  return false;
}

/** Whether a step may have to try another occurrence for what follows, which then sees where that one ends. */
export function isRetried(matches: readonly Step[], index: number): boolean {
  return (
    isChoice(matches[index]) &&
    index + 1 < matches.length &&
    dependsOnBefore(matches, index + 1) &&
    !firstWillDo(matches, index)
  );
}

/**
 * Whether the first occurrence of a content leaves what follows all that a later one would: what follows sees it only
 * through a content or an expression that may stand anywhere behind it, and sees then where that one ends.
 */
function firstWillDo(matches: readonly Step[], index: number): boolean {
  if (matches[index].kind !== 'content') return false;
  for (let i = index + 1; i < matches.length; i++)
    if (readsPosition(matches[i]) || movesPosition(matches[i])) return isForward(matches, i);
  return false;
}

/**
 * Whether the step looks at all that stands behind a content, so that it only has less to find as that one moves on: a
 * content without an end, or an expression that does not see where its text begins.
 */
export function isForward(matches: readonly Step[], index: number): boolean {
  const match = matches[index];
  if (match === undefined || !looksAtTheRest(match)) return false;
  for (let i = index - 1; i >= 0; i--) if (movesPosition(matches[i])) return matches[i].kind === 'content';
  return false;
}

function looksAtTheRest(match: Step): boolean {
  if (match.kind === 'pcre') return match.relative && !match.negated && !match.looksBack;
  if (match.kind !== 'content' || match.negated || !isRelative(match)) return false;
  return match.within === undefined && match.depth === undefined;
}
