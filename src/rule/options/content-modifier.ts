/**
 * What may be said about a content: where it is looked for, whether case counts, whether the prefilter uses it. Shared
 * by the modifiers that follow a content (Suricata, Snort 2) and those written inside its value (Snort 3). Stage: rule.
 *
 * `modifierProblem` holds every check that needs only the content itself; `applyModifier` writes the modifier to it.
 */
import type { DiagnosticCode } from '../diagnostics/diagnostic.js';
import type { Value } from '../buffer-match.js';
import type { Operand } from './value.js';

export type PositionModifier = 'offset' | 'depth' | 'distance' | 'within';

export type ContentModifier =
  | { readonly kind: 'nocase' | 'rawbytes' | 'startswith' | 'endswith' }
  | { readonly kind: PositionModifier; readonly value: Operand }
  | {
      readonly kind: 'fast_pattern';
      readonly only: boolean;
      readonly offset?: number | undefined;
      readonly length?: number | undefined;
    };

/** The part of a content under construction that modifiers read and write. */
export interface ModifiedContent {
  readonly bytes: Uint8Array;
  readonly negated: boolean;
  nocase: boolean;
  offset?: Value | undefined;
  depth?: Value | undefined;
  distance?: Value | undefined;
  within?: Value | undefined;
  startswith: boolean;
  endswith: boolean;
  fastPattern?: { only: boolean; offset?: number | undefined; length?: number | undefined } | undefined;
}

export interface ModifierProblem {
  readonly severity: 'error' | 'warning';
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint: string;
}

/** Suricata's limit of distance and within. */
const MAXIMUM_DISTANCE = 1_048_576;
const MAXIMUM_OFFSET = 65_535;

/** Why the modifier cannot be added to what the content has already; undefined when it can. */
export function modifierProblem(modifier: ContentModifier, content: ModifiedContent): ModifierProblem | undefined {
  switch (modifier.kind) {
    case 'rawbytes':
      return undefined;
    case 'nocase':
    case 'endswith':
      return content[modifier.kind] ? repeated(modifier.kind) : undefined;
    case 'startswith':
      return startswithProblem(content);
    case 'fast_pattern':
      return fastPatternProblem(modifier, content);
    default:
      return valueProblem(modifier.kind, modifier.value, content) ?? positionProblem(modifier.kind, content);
  }
}

/** Adds a modifier that `modifierProblem` let pass; `value` is the resolved argument of a position. */
export function applyModifier(modifier: ContentModifier, content: ModifiedContent, value: Value): void {
  switch (modifier.kind) {
    case 'rawbytes':
      return;
    case 'nocase':
    case 'startswith':
    case 'endswith':
      content[modifier.kind] = true;
      return;
    case 'fast_pattern':
      content.fastPattern = { only: modifier.only, offset: modifier.offset, length: modifier.length };
      return;
    default:
      content[modifier.kind] = value;
  }
}

/** Offset and length as in `fast_pattern:8,4`, also where Snort 3 leaves the length to the content. */
export function printModifier(modifier: ContentModifier): string | undefined {
  if (modifier.kind !== 'fast_pattern') return 'value' in modifier ? String(modifier.value) : undefined;
  if (modifier.only) return 'only';
  return modifier.offset === undefined ? undefined : `${modifier.offset},${modifier.length}`;
}

function valueProblem(kind: PositionModifier, value: Operand, content: ModifiedContent): ModifierProblem | undefined {
  if (typeof value === 'string') return undefined;
  const length = content.bytes.length;
  if (kind === 'offset' && (value < 0 || value > MAXIMUM_OFFSET)) {
    return {
      severity: 'error',
      code: 'number-out-of-range',
      message: `offset is ${value}`,
      hint: `write a number from 0 to ${MAXIMUM_OFFSET}; distance takes negative ones`,
    };
  }
  if (Math.abs(value) > MAXIMUM_DISTANCE) {
    return {
      severity: 'error',
      code: 'number-out-of-range',
      message: `${kind} is ${value}`,
      hint: `write at most ${MAXIMUM_DISTANCE}`,
    };
  }
  if ((kind === 'depth' || kind === 'within') && value <= 0) {
    return {
      severity: 'error',
      code: 'number-out-of-range',
      message: `${kind} is ${value}, where nothing can be found`,
      hint: `write at least the length of the content, ${length}`,
    };
  }
  if ((kind === 'depth' || kind === 'within') && value < length) {
    return {
      severity: 'error',
      code: 'shorter-than-content',
      message: `${kind} ${value} is less than the ${length} bytes of the content`,
      hint: `write ${kind}:${length} or more`,
    };
  }
  return undefined;
}

function positionProblem(kind: PositionModifier, content: ModifiedContent): ModifierProblem | undefined {
  if (content[kind] !== undefined) return duplicate(kind);
  if (content.startswith) return startswithConflict();
  const relative = kind === 'distance' || kind === 'within';
  const others: readonly PositionModifier[] = relative ? ['offset', 'depth'] : ['distance', 'within'];
  const other = others.find((name) => content[name] !== undefined);
  if (other !== undefined) {
    return {
      severity: 'error',
      code: 'mixed-modifiers',
      message: `${kind} and ${other} cannot be said of one content`,
      hint: 'offset and depth count from the start of the buffer, distance and within from the last match',
    };
  }
  if (content.fastPattern === undefined) return undefined;
  return content.negated ? negatedFastPattern() : content.fastPattern.only ? positionedOnly() : undefined;
}

function startswithProblem(content: ModifiedContent): ModifierProblem | undefined {
  if (content.startswith) return repeated('startswith');
  if (isPositioned(content)) return startswithConflict();
  if (content.fastPattern === undefined) return undefined;
  return content.negated ? negatedFastPattern() : content.fastPattern.only ? positionedOnly() : undefined;
}

function fastPatternProblem(
  modifier: ContentModifier & { kind: 'fast_pattern' },
  content: ModifiedContent,
): ModifierProblem | undefined {
  if (content.fastPattern !== undefined) return duplicate('fast_pattern');
  const positioned = isPositioned(content) || content.startswith;
  if (content.negated && (positioned || modifier.only)) return negatedFastPattern();
  if (modifier.only && positioned) return positionedOnly();
  const { offset, length } = modifier;
  if (offset === undefined || length === undefined) return undefined;
  if (length > 0 && offset + length <= content.bytes.length) return undefined;
  return {
    severity: 'error',
    code: 'fast-pattern-out-of-range',
    message: `bytes ${offset} to ${offset + length} are not all within the ${content.bytes.length} bytes of the content`,
    hint: 'write fast_pattern:<offset>,<length> with at least one byte, none behind the end of the content',
  };
}

function isPositioned(content: ModifiedContent): boolean {
  return (
    content.offset !== undefined ||
    content.depth !== undefined ||
    content.distance !== undefined ||
    content.within !== undefined
  );
}

/** Changes nothing, so it is no more than a warning. */
function repeated(name: string): ModifierProblem {
  return {
    severity: 'warning',
    code: 'duplicate-modifier',
    message: `${name} is said twice of one content`,
    hint: 'keep one of them',
  };
}

function duplicate(name: string): ModifierProblem {
  return {
    severity: 'error',
    code: 'duplicate-modifier',
    message: `${name} is said twice of one content`,
    hint: 'keep one of them',
  };
}

function startswithConflict(): ModifierProblem {
  return {
    severity: 'error',
    code: 'startswith-conflict',
    message: 'startswith cannot stand with offset, depth, distance or within',
    hint: 'startswith alone means offset 0 and the depth of the content',
  };
}

function negatedFastPattern(): ModifierProblem {
  return {
    severity: 'error',
    code: 'fast-pattern-negated',
    message:
      'fast_pattern cannot be said of a negated content that has a position, nor fast_pattern:only of any negated content',
    hint: 'put fast_pattern on a content that must be there',
  };
}

function positionedOnly(): ModifierProblem {
  return {
    severity: 'error',
    code: 'fast-pattern-only-positioned',
    message: 'fast_pattern:only leaves out positions, so it cannot stand with one',
    hint: 'write fast_pattern; without only',
  };
}
