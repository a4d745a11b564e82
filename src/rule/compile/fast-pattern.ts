/**
 * Which content of a rule the prefilter looks for. Stage: rule (compile).
 *
 * An explicit fast_pattern wins; otherwise the strongest positive content of any buffer. The choice never changes what
 * is found, only how often the rest of the rule is looked at. Strength is Suricata's measure: rare and varied bytes
 * count more than letters, and a byte seen before counts one, so that length counts too.
 */
import type { BufferName } from '../../app/buffers.js';
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { FastPattern } from '../program.js';
import type { Transform, Value } from '../buffer-match.js';

/** A content and what fast_pattern said of it. */
export interface PatternCandidate {
  readonly buffer: BufferName;
  readonly transforms: readonly Transform[];
  /** Whether that is the buffer it is looked for in: of one that is not parsed yet, nothing is known here. */
  readonly isParsed: boolean;
  readonly content: {
    readonly bytes: Uint8Array;
    readonly negated: boolean;
    readonly nocase: boolean;
    readonly offset?: Value | undefined;
    readonly depth?: Value | undefined;
    readonly startswith: boolean;
    readonly node: OptionNode;
    readonly fastPattern?:
      | { readonly only: boolean; readonly offset?: number | undefined; readonly length?: number | undefined }
      | undefined;
  };
}

/** Undefined where no content must be present. Reports a second explicit fast_pattern. */
export function chooseFastPattern(
  candidates: readonly PatternCandidate[],
  diagnostics: Diagnostics,
): FastPattern | undefined {
  let explicit: PatternCandidate | undefined;
  let second: PatternCandidate | undefined;
  let best: PatternCandidate | undefined;
  let bestStrength = 0;
  for (const candidate of candidates) {
    const { content } = candidate;
    if (content.negated) continue;
    if (content.fastPattern !== undefined) {
      if (explicit === undefined) explicit = candidate;
      else second ??= candidate;
    }
    const strength = explicit === undefined ? patternStrength(content.bytes) : 0;
    if (strength <= bestStrength) continue;
    best = candidate;
    bestStrength = strength;
  }
  if (second !== undefined) reportSecond(explicit!, second, diagnostics);
  const chosen = explicit ?? best;
  return chosen && patternOf(chosen);
}

function reportSecond(first: PatternCandidate, second: PatternCandidate, diagnostics: Diagnostics): void {
  const { span } = second.content.node.name;
  if (first.isParsed && second.isParsed && first.buffer === second.buffer) {
    diagnostics.error(
      'duplicate-fast-pattern',
      'fast_pattern is set on two contents',
      span,
      'keep it on one content of the rule',
    );
  } else {
    diagnostics.warning(
      'second-fast-pattern',
      'fast_pattern is set on contents of two buffers, and the first one counts',
      span,
      'keep it on one content of the rule',
    );
  }
}

/** By byte, whether the pattern at hand has it already. */
const seen = new Uint8Array(256);

/** Of the bytes from `start` to `end`: at least their number; up to six times as much. */
export function patternStrength(bytes: Uint8Array, start = 0, end = bytes.length): number {
  seen.fill(0);
  let strength = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!;
    strength += seen[byte] === 1 ? 1 : WEIGHTS[byte]!;
    seen[byte] = 1;
  }
  return strength;
}

const WEIGHTS = Uint8Array.from({ length: 256 }, (_, byte) => weight(byte));

function weight(byte: number): number {
  const letter = byte | 0x20;
  if (letter >= 0x61 && letter <= 0x7a) return 3;
  const common = (byte >= 0x20 && byte < 0x7f) || byte === 0 || byte === 1 || byte === 0xff;
  return common ? 4 : 6;
}

const WHOLE: NonNullable<PatternCandidate['content']['fastPattern']> = { only: false };

function patternOf({ buffer, transforms, content }: PatternCandidate): FastPattern {
  const { bytes } = content;
  const { offset = 0, length = bytes.length - offset, only = false } = content.fastPattern ?? WHOLE;
  const start = fixedPlace(content);
  return {
    buffer,
    bytes: offset === 0 && length === bytes.length ? bytes : bytes.slice(offset, offset + length),
    nocase: content.nocase,
    only,
    transforms: transforms.length > 0 ? transforms : undefined,
    place: start === undefined ? undefined : start + offset,
  };
}

/** Where the content is, where that can only be one place. */
function fixedPlace({ bytes, offset = 0, depth, startswith }: PatternCandidate['content']): number | undefined {
  if (startswith) return 0;
  return typeof offset === 'number' && depth === bytes.length ? offset : undefined;
}
