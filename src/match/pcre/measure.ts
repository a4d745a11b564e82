/** What can be said of a node of a pattern without running it. Stage: load. */
import { childrenOf, someNode, type Assertion, type PcreNode } from './node.js';

/** Whether a node cannot match the empty text; false where that is not known. */
export function takesSomething(node: PcreNode): boolean {
  switch (node.kind) {
    case 'set':
      return true;
    case 'sequence':
      return node.items.some(takesSomething);
    case 'choice':
      return node.branches.every(takesSomething);
    case 'capture':
    case 'atomic':
      return takesSomething(node.body);
    case 'repeat':
      return node.min > 0 && takesSomething(node.body);
    default:
      return false;
  }
}

/** Whether a node may match the empty text; a back reference by itself does not count, whatever its group holds. */
export function mayTakeNothing(node: PcreNode): boolean {
  switch (node.kind) {
    case 'set':
    case 'backreference':
      return false;
    case 'sequence':
      return node.items.every(mayTakeNothing);
    case 'choice':
      return node.branches.some(mayTakeNothing);
    case 'capture':
    case 'atomic':
      return mayTakeNothing(node.body);
    case 'repeat':
      return node.min === 0 || mayTakeNothing(node.body);
    default:
      return true;
  }
}

/** Whether there is a group within a node that captures. */
export const hasCapture = (node: PcreNode): boolean => someNode(node, ({ kind }) => kind === 'capture');

/** Whether a match asks what stands before it, or whether the text begins there. */
export const looksBack = (node: PcreNode): boolean =>
  someNode(node, (inner) => (inner.kind === 'look' ? inner.behind : inner.kind === 'assert' && !isEnd(inner.what)));

const isEnd = (what: Assertion): boolean => what === 'end' || what === 'lastLine' || what === 'lineEnd';

/** The groups that back references within a node refer to. */
export function referencedGroups(node: PcreNode, found: Set<number> = new Set()): ReadonlySet<number> {
  if (node.kind === 'backreference') found.add(node.group);
  for (const child of childrenOf(node)) referencedGroups(child, found);
  return found;
}

/** Fewest bytes that a node matches. */
export function leastLength(node: PcreNode): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + leastLength(item), 0);
    case 'choice':
      return Math.min(...node.branches.map(leastLength));
    case 'capture':
    case 'atomic':
      return leastLength(node.body);
    case 'repeat':
      return node.min === 0 ? 0 : node.min * leastLength(node.body);
    default:
      return 0;
  }
}

/** Most bytes that a node matches, which may be without limit. */
export function greatestLength(node: PcreNode): number {
  switch (node.kind) {
    case 'set':
      return 1;
    case 'sequence':
      return node.items.reduce((sum, item) => sum + greatestLength(item), 0);
    case 'choice':
      return node.branches.reduce((most, branch) => Math.max(most, greatestLength(branch)), 0);
    case 'capture':
    case 'atomic':
      return greatestLength(node.body);
    case 'repeat': {
      const round = greatestLength(node.body);
      return round === 0 || node.max === 0 ? 0 : round * node.max;
    }
    case 'backreference':
      return Infinity;
    default:
      return 0;
  }
}
