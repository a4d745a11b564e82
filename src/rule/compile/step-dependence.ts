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

/** What the steps behind, or before, have to do with a step. */
export const DEPENDENCE = {
  /** It may have to try another occurrence for what follows, which then sees where that one ends. */
  retried: 1,
  /** It and what follows come out the same whatever was chosen before. */
  cut: 2,
  /**
   * It looks at all that stands behind a content, so that it only has less to find as that one moves on: a content
   * without an end, or an expression that does not see where its text begins.
   */
  forward: 4,
} as const;

/** What of a step matters to the others. */
const TRAIT = {
  /** It starts from where a step before ended. */
  reads: 1,
  /** What follows may start from where it ends. */
  moves: 2,
  /** It chooses one of its occurrences. */
  chooses: 4,
  isContent: 8,
  /** It starts from where a step before ended, and looks at all that stands behind. */
  looksAtRest: 16,
  setsVariable: 32,
} as const;

/** Whether the content's place counts from the last match. */
export const isRelative = (match: ContentMatch): boolean => match.distance !== undefined || match.within !== undefined;

/** A set of DEPENDENCE for each of the steps over one buffer. */
export function dependenceOf(matches: readonly Step[]): readonly number[] {
  if (matches.length < 2) return matches.length === 0 ? [] : ALONE;
  // PERF: each step is looked at once; there are many kinds of them.
  const traits: number[] = [];
  for (const match of matches) traits.push(traitsOf(match));
  const found: number[] = [];
  let moved = 0;
  for (let i = 0; i < traits.length; i++) {
    const own = traits[i];
    found.push((own & TRAIT.looksAtRest) !== 0 && (moved & TRAIT.isContent) !== 0 ? DEPENDENCE.forward : 0);
    if ((own & TRAIT.moves) !== 0) moved = own;
  }
  const setsVariables = traits.some((own) => (own & TRAIT.setsVariable) !== 0);
  /** Whether the steps behind see where the one at hand ends, and the first of them that reads or moves that. */
  let isSeen = false;
  let next = -1;
  for (let i = traits.length - 1; i >= 0; i--) {
    const own = traits[i];
    const sees = isSeen || (setsVariables && readsVariableOf(matches, i + 1));
    // The first occurrence of a content leaves what only looks forward all that a later one would.
    const firstWillDo = (own & TRAIT.isContent) !== 0 && next >= 0 && (found[next] & DEPENDENCE.forward) !== 0;
    if ((own & TRAIT.chooses) !== 0 && sees && !firstWillDo) found[i] |= DEPENDENCE.retried;
    if ((own & TRAIT.reads) !== 0) isSeen = true;
    else if ((own & TRAIT.moves) !== 0) isSeen = false;
    if ((own & (TRAIT.reads | TRAIT.moves)) !== 0) next = i;
    if (i > 0 && !isSeen && !(setsVariables && readsVariableOf(matches, i))) found[i] |= DEPENDENCE.cut;
  }
  return found;
}

const ALONE: readonly number[] = [0];

/** A set of TRAIT. */
function traitsOf(match: Step): number {
  switch (match.kind) {
    case 'content':
      return contentTraits(match);
    case 'pcre':
      return pcreTraits(match);
    case 'ber':
      return TRAIT.reads | TRAIT.moves;
    case 'byte_jump':
      return readsIf(match.relative) | TRAIT.moves;
    case 'byte_extract':
    case 'byte_math':
      return readsIf(match.relative) | TRAIT.moves | TRAIT.setsVariable;
    case 'isdataat':
    case 'bsize':
    case 'byte_test':
    case 'base64_decode':
    case 'asn1':
      return readsIf(match.relative === true);
    default:
      return 0;
  }
}

const readsIf = (isRelative: boolean): number => (isRelative ? TRAIT.reads : 0);

function contentTraits(match: ContentMatch): number {
  if (match.negated) return TRAIT.isContent | readsIf(isRelative(match));
  const positive = TRAIT.isContent | TRAIT.chooses | TRAIT.moves;
  if (!isRelative(match)) return positive;
  const hasEnd = match.within !== undefined || match.depth !== undefined;
  return positive | TRAIT.reads | (hasEnd ? 0 : TRAIT.looksAtRest);
}

function pcreTraits({ negated, relative, looksBack }: Pick<PcreMatch, 'negated' | 'relative' | 'looksBack'>): number {
  if (negated) return readsIf(relative);
  return TRAIT.chooses | TRAIT.moves | readsIf(relative) | (relative && !looksBack ? TRAIT.looksAtRest : 0);
}

/** Whether a step from `index` on reads a variable that a step before sets. */
function readsVariableOf(matches: readonly Step[], index: number): boolean {
  const before = new Set(matches.slice(0, index).map(variableSet));
  return matches.slice(index).some((match) => variablesRead(match).some((variable) => before.has(variable)));
}

const variableSet = (match: Step): number =>
  match.kind === 'byte_extract' || match.kind === 'byte_math' ? match.variable : -1;

function variablesRead(match: Step): number[] {
  return Object.values(match).flatMap((value: unknown) =>
    typeof value === 'object' && value !== null && 'variable' in value ? [value.variable as number] : [],
  );
}
