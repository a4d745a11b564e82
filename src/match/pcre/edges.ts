/**
 * What a pattern need not do when all that is asked is whether it matches somewhere. Stage: load.
 *
 * Where a match starts and ends is then free. A repeat at an edge need not be longer than it must (`\s*foo.*` is
 * `foo`), an assertion at an edge may take in what it looks at (`$` the newline, a lookahead its text), and an atomic
 * group at the end has nothing to give back. Each step keeps, for every place within the text, whether the pattern up
 * to or from there can match: so captures, back references and possessive parts elsewhere see no difference. With that
 * most anchors and many lookarounds come within reach of V8's linear-time engine, and unanchored patterns get cheaper.
 */
import { singleton } from './byte-set.js';
import { withoutWords } from './complement.js';
import { hasCapture, takesSomething } from './measure.js';
import { someNode, type PcreNode } from './node.js';

const NEWLINE: PcreNode = { kind: 'set', set: singleton(0x0a) };
const EMPTY: PcreNode = { kind: 'sequence', items: [] };
const isEmpty = (node: PcreNode): boolean => node.kind === 'sequence' && node.items.length === 0;

/** Trims both edges of a pattern whose captures nobody asks for but its own references. */
export function trimEdges(pattern: PcreNode): PcreNode {
  return trimStart(trimEnd(pattern), false);
}

/** A node behind which nothing of the pattern comes. */
export function trimEnd(node: PcreNode): PcreNode {
  switch (node.kind) {
    case 'sequence':
      return trimLast(node.items);
    case 'choice':
      return choice(node, node.branches.map(trimEnd));
    case 'atomic':
      return trimEnd(node.body);
    case 'repeat':
      return trimLastRound(node);
    case 'look':
      if (node.behind) return node;
      return node.negative ? (withoutWords(node.body, false) ?? node) : trimEnd(node.body);
    case 'assert':
      if (node.what === 'lineEnd') return { kind: 'choice', branches: [NEWLINE, { ...node, what: 'end' }] };
      if (node.what !== 'lastLine') return node;
      return {
        kind: 'sequence',
        items: [
          { kind: 'repeat', body: NEWLINE, min: 0, max: 1, mode: 'greedy', at: node.at, end: node.end },
          { ...node, what: 'end' },
        ],
      };
    default:
      return node;
  }
}

function trimLast(items: readonly PcreNode[]): PcreNode {
  for (let i = items.length - 1; i >= 0; i--) {
    const last = trimEnd(items[i]!);
    if (!isEmpty(last))
      return last === items[i] && i + 1 === items.length
        ? { kind: 'sequence', items }
        : sequence([...items.slice(0, i), last]);
  }
  return EMPTY;
}

function trimLastRound(node: PcreNode & { kind: 'repeat' }): PcreNode {
  const { body, min } = node;
  if (hasCapture(body)) return node;
  if (min === 0) return EMPTY;
  if (min > 1 && isLarge(body)) return node;
  const last = trimEnd(body);
  return min === 1 ? last : sequence([repeat(node, min - 1), last]);
}

/** A node before which nothing of the pattern comes; `taken` tells whether what follows cannot match the empty text. */
function trimStart(node: PcreNode, taken: boolean): PcreNode {
  switch (node.kind) {
    case 'sequence':
      return trimFirst(node.items, taken);
    case 'choice':
      return choice(
        node,
        node.branches.map((branch) => trimStart(branch, taken)),
      );
    case 'repeat':
      return trimFirstRound(node, taken);
    case 'look':
      if (!node.behind) return node;
      return node.negative ? (withoutWords(node.body, true) ?? node) : trimStart(node.body, taken);
    case 'assert':
      // Not behind a newline that ends the text: there, nothing could be taken.
      if (node.what !== 'lineStart' || !taken) return node;
      return { kind: 'choice', branches: [{ ...node, what: 'start' }, NEWLINE] };
    default:
      return node;
  }
}

function trimFirst(items: readonly PcreNode[], taken: boolean): PcreNode {
  for (let i = 0; i < items.length; i++) {
    const first = trimStart(items[i]!, taken || items.slice(i + 1).some(takesSomething));
    if (!isEmpty(first))
      return first === items[i] && i === 0 ? { kind: 'sequence', items } : sequence([first, ...items.slice(i + 1)]);
  }
  return EMPTY;
}

function trimFirstRound(node: PcreNode & { kind: 'repeat' }, taken: boolean): PcreNode {
  const { body, min } = node;
  // A possessive repeat takes all it can get.
  if (node.mode === 'possessive' || hasCapture(body)) return node;
  if (min === 0) return EMPTY;
  if (min > 1 && isLarge(body)) return node;
  const first = trimStart(body, taken || (min > 1 && takesSomething(body)));
  return min === 1 ? first : sequence([first, repeat(node, min - 1)]);
}

/** A repeat whose first or last round is written apart has its body twice, and counts nest. */
const MAX_COPIED = 100;

function isLarge(body: PcreNode): boolean {
  let nodes = 0;
  return someNode(body, () => ++nodes > MAX_COPIED);
}

const repeat = (node: PcreNode & { kind: 'repeat' }, count: number): PcreNode =>
  count === 1 ? node.body : { ...node, min: count, max: count, mode: 'greedy' };

function sequence(items: readonly PcreNode[]): PcreNode {
  const flat = items.flatMap((item) => (item.kind === 'sequence' ? item.items : [item]));
  return flat.length === 1 ? flat[0]! : { kind: 'sequence', items: flat };
}

/**
 * What can be empty at the edge is, but for groups: references want the text that one takes, neither left out nor
 * twice.
 */
const choice = (node: PcreNode, branches: readonly PcreNode[]): PcreNode =>
  branches.some(isEmpty) ? (hasCapture(node) ? node : EMPTY) : { kind: 'choice', branches };
