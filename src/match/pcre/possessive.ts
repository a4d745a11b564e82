/**
 * Possessive repeats that may as well give back: of one byte, where what follows takes none of its bytes, so that
 * giving back never helps. They become greedy ones, which all engines have. Stage: load.
 */
import { areDisjoint, EMPTY_SET, singleton, type ByteSet } from './byte-set.js';
import { someNode, withChildren, type Assertion, type PcreNode } from './node.js';

/** The items of a sequence from one on, and what comes behind the sequence. */
interface Rest {
  readonly items: readonly PcreNode[];
  readonly from: number;
  readonly behind: Rest | undefined;
}

const NOTHING: Rest = { items: [], from: 0, behind: undefined };

/** The pattern with greedy repeats for possessive ones where that means the same. */
export function relaxPossessive(pattern: PcreNode): PcreNode {
  return someNode(pattern, isPossessive) ? relax(pattern, NOTHING) : pattern;
}

const isPossessive = (node: PcreNode): boolean => node.kind === 'repeat' && node.mode === 'possessive';

/** `rest` is undefined where it is not known what follows. */
function relax(node: PcreNode, rest: Rest | undefined): PcreNode {
  const inside = withChildren(node, (child, index) => relax(child, restWithin(node, index, rest)));
  return inside.kind === 'repeat' && inside.mode === 'possessive' && isNeverGivenBack(inside, rest)
    ? { ...inside, mode: 'greedy' }
    : inside;
}

function restWithin(node: PcreNode, index: number, rest: Rest | undefined): Rest | undefined {
  switch (node.kind) {
    case 'sequence':
      return rest && { items: node.items, from: index + 1, behind: rest };
    case 'choice':
    case 'capture':
      return rest;
    // What follows has no say in what such a group gives back.
    case 'atomic':
      return NOTHING;
    case 'look':
      return node.behind ? undefined : NOTHING;
    default:
      return undefined;
  }
}

function isNeverGivenBack({ body, max, min }: PcreNode & { kind: 'repeat' }, next: Rest | undefined): boolean {
  if (body.kind !== 'set' || !next || max < min) return false;
  for (let rest: Rest | undefined = next; rest !== undefined; rest = rest.behind) {
    for (let i = rest.from; i < rest.items.length; i++) {
      const node = rest.items[i]!;
      if (node.kind === 'set') return areDisjoint(node.set, body.set);
      if (node.kind === 'assert') return areDisjoint(newlinesAt(node.what) ?? body.set, body.set);
      if (node.kind !== 'repeat' || node.body.kind !== 'set' || !areDisjoint(node.body.set, body.set)) return false;
      if (node.min > 0) return true;
    }
  }
  return true;
}

/** Bytes that may come right after where the assertion holds; undefined for any. */
function newlinesAt(what: Assertion): ByteSet | undefined {
  if (what === 'end') return EMPTY_SET;
  return what === 'lastLine' || what === 'lineEnd' ? singleton(0x0a) : undefined;
}
