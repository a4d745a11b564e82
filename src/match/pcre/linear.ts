/**
 * Patterns for V8's linear-time engine (flag `l`, or the fall-back after excessive backtracking). Stage: load.
 * Reference: V8, src/regexp/experimental.
 *
 * The engine runs all ways through a pattern at once. It knows no back references and no lookarounds, hence neither
 * atomic groups nor those assertions that JavaScript needs lookarounds for, and it copies the body of a counted repeat:
 * at most 16 copies, nested counts multiplied. Longer counts are unfolded into such that it takes, up to a size.
 */
import { hasCapture } from './measure.js';
import { someNode, withChildren, type Extent, type PcreNode } from './node.js';

/** Copies of a body that the engine makes, and what we write for it in all. */
const MAX_COPIES = 16;
const MAX_SIZE = 2048;

/** What keeps a pattern from the linear engine, and where it stands. */
export interface Obstacle extends Extent {
  readonly construct:
    | 'back-reference'
    | 'lookahead'
    | 'lookbehind'
    | 'atomic group'
    | 'possessive repeat'
    | 'line anchor'
    | 'counted repeat';
}

const LINE_ANCHORS = ['lastLine', 'lineStart', 'lineEnd'];

/** The first construct that the linear engine does not have, counts apart. */
function findConstruct(pattern: PcreNode): Obstacle | undefined {
  let found: Obstacle | undefined;
  someNode(pattern, (node) => {
    const construct = constructOf(node);
    if (construct !== undefined && 'at' in node) found = { construct, at: node.at, end: node.end };
    return construct !== undefined;
  });
  return found;
}

function constructOf(node: PcreNode): Obstacle['construct'] | undefined {
  switch (node.kind) {
    case 'backreference':
      return 'back-reference';
    case 'look':
      return node.behind ? 'lookbehind' : 'lookahead';
    case 'atomic':
      return 'atomic group';
    case 'repeat':
      return node.mode === 'possessive' ? 'possessive repeat' : undefined;
    case 'assert':
      return LINE_ANCHORS.includes(node.what) ? 'line anchor' : undefined;
    default:
      return undefined;
  }
}

/** A pattern as the linear engine takes it, with the number of bytes that are written for it, or what is in the way. */
export type LinearForm = { readonly pattern: PcreNode; readonly size: number } | { readonly obstacle: Obstacle };

export function linearForm(pattern: PcreNode): LinearForm {
  const obstacle = findConstruct(pattern);
  return obstacle === undefined ? new CountUnfolder().unfold(pattern) : { obstacle };
}

type Repeat = PcreNode & { kind: 'repeat' };

class CountUnfolder {
  #size = 0;
  #widest: Repeat | undefined;

  /** How often the engine copies the innermost parts of the node last written. */
  #copies = 1;

  unfold(pattern: PcreNode): LinearForm {
    const node = this.#node(pattern, 1);
    const widest = this.#widest;
    if (this.#size <= MAX_SIZE || widest === undefined) return { pattern: node, size: this.#size };
    return { obstacle: { construct: 'counted repeat', at: widest.at, end: widest.end } };
  }

  /** `written`: how often the node is written down or copied. */
  #node(node: PcreNode, written: number): PcreNode {
    if (node.kind === 'repeat') return this.#repeat(node, written);
    let most = 1;
    const inside = withChildren(node, (child) => {
      const other = this.#node(child, written);
      most = Math.max(most, this.#copies);
      return other;
    });
    this.#copies = most;
    if (node.kind === 'set' || node.kind === 'assert' || (node.kind === 'sequence' && node.items.length === 0))
      this.#size += written;
    return inside;
  }

  #repeat(node: Repeat, written: number): PcreNode {
    const count = copiesOf(node);
    if (this.#widest === undefined || count > copiesOf(this.#widest)) this.#widest = node;
    const body = this.#node(node.body, written * count);
    const repeated = body === node.body ? node : { ...node, body };
    const copies = this.#copies;
    this.#copies = Math.min(count * copies, MAX_COPIES);
    if (count * copies <= MAX_COPIES) return repeated;
    // A group is written once.
    if (hasCapture(body)) this.#size = Infinity;
    return this.#size > MAX_SIZE ? repeated : unfoldCount(repeated, Math.floor(MAX_COPIES / copies));
  }
}

const copiesOf = ({ min, max }: Repeat): number => Math.max(1, max === Infinity ? min + 1 : max);

/**
 * A count as counts of at most `limit`, such that a text still divides in one way only, and in the same order of
 * preference: x{40} as x{16}x{16}x{8}, x{0,20} as (?:x{16}x{0,4}|x{0,15}).
 */
function unfoldCount(node: Repeat, limit: number): PcreNode {
  const { min, max } = node;
  const items: PcreNode[] = [];
  for (let left = min; left > 0; left -= limit) items.push(times(node, Math.min(left, limit), Math.min(left, limit)));
  if (max === Infinity) items.push(times(node, 0, Infinity));
  else if (max > min) items.push(unfoldOptional(node, max - min, limit));
  return { kind: 'sequence', items };
}

function unfoldOptional(node: Repeat, max: number, limit: number): PcreNode {
  let result = times(node, 0, max % limit);
  for (let count = max % limit; count < max; count += limit) {
    const more: PcreNode = { kind: 'sequence', items: [times(node, limit, limit), result] };
    const few = times(node, 0, limit - 1);
    result = { kind: 'choice', branches: node.mode === 'lazy' ? [few, more] : [more, few] };
  }
  return result;
}

function times(node: Repeat, min: number, max: number): PcreNode {
  if (max === 0) return { kind: 'sequence', items: [] };
  return min === 1 && max === 1 ? node.body : { ...node, min, max };
}
