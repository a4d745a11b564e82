/**
 * A pattern's tree without what its use does not need: the same matches with less to do. Stage: load.
 *
 * Groups that nothing refers to capture nothing, choices between single bytes are sets, and a lookahead for one byte
 * narrows the set that follows it. Where only the existence of a match is asked for, edges are trimmed (pcre-edges.ts).
 */
import { addSet, complement, EMPTY_SET, type ByteSet } from './byte-set.js';
import { trimEdges, trimEnd } from './edges.js';
import { greatestLength, hasCapture, referencedGroups } from './measure.js';
import { someNode, withChildren, type PcreNode } from './node.js';
import { relaxPossessive } from './possessive.js';

/** What is asked of a pattern: whether it matches, also where a match starts and ends, or also what its groups hold. */
export const PCRE_USES = ['existence', 'position', 'groups'] as const;
export type PcreUse = (typeof PCRE_USES)[number];

export function simplify(pattern: PcreNode, use: PcreUse): PcreNode {
  const referenced = referencedGroups(pattern);
  const simple = reduce(relaxPossessive(pattern), (group) => use === 'groups' || referenced.has(group));
  return use === 'existence' ? trimEdges(simple) : simple;
}

function reduce(node: PcreNode, isKept: (group: number) => boolean): PcreNode {
  const inside = withChildren(node, (child) => reduce(child, isKept));
  switch (inside.kind) {
    case 'sequence':
      return reduceSequence(inside);
    case 'choice':
      return reduceChoice(inside);
    case 'capture':
      return isKept(inside.group) ? inside : inside.body;
    case 'look':
      return reduceLook(inside);
    case 'repeat':
      return reduceRepeat(inside);
    default:
      return inside;
  }
}

/** Behind a lookahead's text nothing comes. */
function reduceLook(node: PcreNode & { kind: 'look' }): PcreNode {
  return node.behind || hasCapture(node.body) ? node : { ...node, body: trimEnd(node.body) };
}

/** A round that takes nothing finds what the one before it found. */
function reduceRepeat(node: PcreNode & { kind: 'repeat' }): PcreNode {
  const { body, min, max, mode } = node;
  if (min === 1 && max === 1) return mode === 'possessive' ? node : body;
  if (max <= 1 || greatestLength(body) > 0 || someNode(body, ({ kind }) => kind === 'backreference')) return node;
  return reduceRepeat({ ...node, min: Math.min(min, 1), max: 1 });
}

function reduceChoice(node: PcreNode & { kind: 'choice' }): PcreNode {
  if (!node.branches.every(({ kind }) => kind === 'set')) return node;
  const set = new Uint8Array(256);
  for (const branch of node.branches) if (branch.kind === 'set') addSet(set, branch.set);
  return { kind: 'set', set };
}

function reduceSequence(node: PcreNode & { kind: 'sequence' }): PcreNode {
  if (node.items.length === 1) return node.items[0]!;
  if (!node.items.some(({ kind }) => kind === 'sequence' || kind === 'assert' || kind === 'look')) return node;
  const flat = node.items
    .flatMap((item) => (item.kind === 'sequence' ? item.items : [item]))
    .filter((item, i, all) => !isSaidBefore(item, all[i - 1]));
  for (let i = flat.length - 2; i >= 0; i--) {
    const narrowed = narrow(flat[i]!, flat[i + 1]!);
    if (narrowed !== undefined) flat.splice(i, 2, ...narrowed);
  }
  return flat.length === 1 ? flat[0]! : { kind: 'sequence', items: flat };
}

/** The same assertion twice in one place. */
const isSaidBefore = (node: PcreNode, before: PcreNode | undefined): boolean =>
  node.kind === 'assert' && before?.kind === 'assert' && node.what === before.what;

/** What a lookahead for one byte and the node behind it are together, if that takes a byte of a set first. */
function narrow(look: PcreNode, next: PcreNode): readonly PcreNode[] | undefined {
  if (look.kind !== 'look' || look.behind || look.body.kind !== 'set') return undefined;
  const allowed = look.negative ? complement(look.body.set) : look.body.set;
  if (next.kind === 'set') return [{ kind: 'set', set: intersection(next.set, allowed) }];
  if (next.kind !== 'repeat' || next.body.kind !== 'set' || next.min === 0) return undefined;
  const first: PcreNode = { kind: 'set', set: intersection(next.body.set, allowed) };
  return next.max === 1 ? [first] : [first, { ...next, min: next.min - 1, max: next.max - 1 }];
}

const intersection = (a: ByteSet, b: ByteSet): ByteSet => EMPTY_SET.map((_, byte) => a[byte]! & b[byte]!);
