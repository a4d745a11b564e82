/** What can be said of a node of a pattern without running it. Stage: load. */
import type { PcreNode } from './pcre-node.js';

/** Whether a node cannot match the empty text; false where that is not known. */
export function takesSomething(node: PcreNode): boolean {
  switch (node.kind) {
    case 'set': return true;
    case 'sequence': return node.items.some(takesSomething);
    case 'choice': return node.branches.every(takesSomething);
    case 'capture': case 'atomic': return takesSomething(node.body);
    case 'repeat': return node.min > 0 && takesSomething(node.body);
    default: return false;
  }
}

/** Whether a node may match the empty text; a back reference by itself does not count, whatever its group holds. */
export function mayTakeNothing(node: PcreNode): boolean {
  switch (node.kind) {
    case 'set': case 'backreference': return false;
    case 'sequence': return node.items.every(mayTakeNothing);
    case 'choice': return node.branches.some(mayTakeNothing);
    case 'capture': case 'atomic': return mayTakeNothing(node.body);
    case 'repeat': return node.min === 0 || mayTakeNothing(node.body);
    default: return true;
  }
}

/** The groups that back references within a node refer to. */
export function referencedGroups(node: PcreNode, found: Set<number> = new Set()): ReadonlySet<number> {
  switch (node.kind) {
    case 'backreference': found.add(node.group); break;
    case 'sequence': for (const item of node.items) referencedGroups(item, found); break;
    case 'choice': for (const branch of node.branches) referencedGroups(branch, found); break;
    case 'capture': case 'atomic': case 'look': case 'repeat': referencedGroups(node.body, found); break;
    default:
  }
  return found;
}
