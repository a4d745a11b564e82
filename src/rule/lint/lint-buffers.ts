/**
 * Steps over buffers that cannot all pass: contents that do not fit into the length asked for, or exclude each other.
 * Stage: rule (lint).
 */
import { ALL_BUFFERS, type BufferName } from '../../app/buffers.js';
import type { OptionNode } from '../ast.js';
import type { OpenBuffer, OpenMatch } from '../compile/buffer-builder.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { RuleTrace } from '../compile/rule-builder.js';
import { BufferExtent, type LengthBound } from './buffer-extent.js';
import { lintContents } from './content-conflict.js';
import { never, optionText, valueSpan, type LintedRule } from './lint-context.js';

/** Bytes that a buffer has at most, undefined where nothing is known. */
const longestOf = (buffer: BufferName | undefined): number | undefined =>
  buffer === undefined ? undefined : ALL_BUFFERS.spec(buffer).longest;
const DIGESTS: Readonly<Record<string, number>> = { to_md5: 16, to_sha1: 20, to_sha256: 32 };
const SIZES: ReadonlySet<string> = new Set(['dsize', 'bsize', 'bufferlen']);
const EVERY: LengthBound = { value: Infinity, node: undefined };

export function lintBuffers({ trace }: LintedRule, diagnostics: Diagnostics): void {
  const payload = payloadBound(trace);
  for (const open of trace.buffers) {
    if (open.matches.length === 0 || open.absent !== undefined) continue;
    if (isLimited(open, payload) || canConflict(open.matches)) lintBuffer(open, payload, diagnostics);
  }
}

/** Whether something other than the steps says what the buffer can hold. */
function isLimited({ buffer, transforms, lowercase }: OpenBuffer, payload: LengthBound): boolean {
  return (
    transforms.length > 0 || lowercase || (buffer === 'payload' ? payload !== EVERY : longestOf(buffer) !== undefined)
  );
}

/**
 * Whether one of the steps limits what another can find. PERF: most rules have no such steps, and need no closer look.
 */
function canConflict(matches: readonly OpenMatch[]): boolean {
  let present = 0;
  let bounded = 0;
  let excluded = 0;
  for (const match of matches) {
    if (match.kind === 'bsize' || (match.kind === 'isdataat' && match.negated)) return true;
    if (match.kind !== 'content') continue;
    if (match.negated) {
      excluded++;
      continue;
    }
    present++;
    const ahead = match.startswith || match.depth !== undefined || match.within !== undefined;
    if (ahead || match.endswith) bounded++;
    // A content that limits the length, and one that would be before the start.
    if ((ahead && match.endswith) || (typeof match.distance === 'number' && match.distance < 0)) return true;
  }
  return bounded > 1 || (excluded > 0 && present > 0);
}

function lintBuffer(open: OpenBuffer, payload: LengthBound, diagnostics: Diagnostics): void {
  const extent = new BufferExtent(...initialBounds(open, payload), open);
  const { shortest, longest, impossible } = extent;
  if (impossible !== undefined) {
    never(
      diagnostics,
      'this content would have to be before the start of the buffer',
      valueSpan(impossible),
      'distance goes back too far for within: correct one of them',
    );
  } else if (shortest.value > longest.value) {
    reportLength(shortest, longest, open, diagnostics);
  } else {
    lintContents(open, extent, diagnostics);
  }
}

function initialBounds(
  { buffer, transforms }: OpenBuffer,
  payload: LengthBound,
): [shortest: LengthBound, longest: LengthBound] {
  const last = transforms[transforms.length - 1];
  if (last !== undefined) {
    const digest = DIGESTS[last.kind];
    return [
      { value: digest ?? 0, node: undefined },
      { value: digest ?? Infinity, node: undefined },
    ];
  }
  // A packet without payload has no such buffer.
  if (buffer === 'payload') return [{ value: 1, node: undefined }, { ...payload }];
  return [
    { value: 0, node: undefined },
    { value: longestOf(buffer) ?? Infinity, node: undefined },
  ];
}

/** The longest payload that `dsize` lets pass. */
function payloadBound({ tests, testNodes }: RuleTrace): LengthBound {
  let bound = EVERY;
  for (let i = 0; i < tests.length; i++) {
    const test = tests[i]!;
    if (test.kind !== 'field' || test.field !== 'dsize' || test.negated || test.mask !== undefined) continue;
    const longest = test.ranges[test.ranges.length - 1]![1];
    if (longest < bound.value) bound = { value: longest, node: testNodes[i] };
  }
  return bound;
}

/** What is short of the length that is needed, and what to write instead. */
function reportLength(shortest: LengthBound, longest: LengthBound, open: OpenBuffer, diagnostics: Diagnostics): void {
  if (longest.value <= 0 && open.buffer === 'payload' && open.transforms.length === 0) {
    never(
      diagnostics,
      'a packet without payload has nothing to look at',
      valueSpan(longest.node!),
      'leave out what is looked for in the payload: dsize:0; alone asks that there is none',
    );
    return;
  }
  const at =
    shortest.node ?? (longest.node !== undefined && open.nodes.includes(longest.node) ? longest.node : open.nodes[0]!);
  const limit = longest.node === undefined || longest.node === at ? 'it' : optionText(longest.node);
  const needed =
    shortest.node === undefined
      ? `this buffer has ${bytes(shortest.value)}`
      : `the buffer must have ${bytes(shortest.value)} for this`;
  const allowed = longest.value <= 0 ? 'none' : `at most ${longest.value}`;
  never(
    diagnostics,
    `${needed}, and ${limit} ${limit === 'it' ? 'has' : 'allows'} ${allowed}`,
    valueSpan(at),
    remedy(shortest.value, longest.node),
  );
}

function remedy(needed: number, limit: OptionNode | undefined): string {
  if (limit === undefined) return 'correct the position, or look in another buffer';
  const name = limit.name.text.toLowerCase();
  return SIZES.has(name) ? `write ${name}:>=${needed}; or ask for less` : 'correct one of the two';
}

const bytes = (count: number): string => (count === 1 ? '1 byte' : `${count} bytes`);
