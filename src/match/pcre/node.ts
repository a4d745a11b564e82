/**
 * What a regular expression consists of once its syntax is gone: flags, escapes, names and comments are resolved by the
 * parser, JavaScript's ways of writing things are the printer's. Stage: load.
 */
import type { ByteSet } from './byte-set.js';

/** From where to where something stands in the pattern as written. */
export interface Extent {
  readonly at: number;
  readonly end: number;
}

export type PcreNode =
  | { readonly kind: 'set'; readonly set: ByteSet }
  | { readonly kind: 'sequence'; readonly items: readonly PcreNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly PcreNode[] }
  /** A capturing group by its number in the pattern. */
  | { readonly kind: 'capture'; readonly group: number; readonly body: PcreNode }
  /** Never tried again once it has matched: (?>...). */
  | ({ readonly kind: 'atomic'; readonly body: PcreNode } & Extent)
  | ({ readonly kind: 'look'; readonly behind: boolean; readonly negative: boolean; readonly body: PcreNode } & Extent)
  | ({
      readonly kind: 'repeat';
      readonly body: PcreNode;
      readonly min: number;
      readonly max: number;
      readonly mode: RepeatMode;
    } & Extent)
  | ({ readonly kind: 'assert'; readonly what: Assertion } & Extent)
  | ({ readonly kind: 'backreference'; readonly group: number; readonly nocase: boolean } & Extent);

export type RepeatMode = 'greedy' | 'lazy' | 'possessive';

/** `lastLine`: at the end or before a newline that is the last byte. */
export type Assertion = 'start' | 'end' | 'lastLine' | 'lineStart' | 'lineEnd' | 'word' | 'notWord';

export interface PcrePattern {
  readonly body: PcreNode;
  readonly groupCount: number;
  readonly names: ReadonlyMap<string, number>;
}

/** What is wrong with a pattern; `offset` is where in the pattern. */
export class PcreError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

/** The nodes directly within a node. */
export function childrenOf(node: PcreNode): readonly PcreNode[] {
  switch (node.kind) {
    case 'sequence':
      return node.items;
    case 'choice':
      return node.branches;
    case 'capture':
    case 'atomic':
    case 'look':
    case 'repeat':
      return [node.body];
    default:
      return [];
  }
}

export function someNode(node: PcreNode, test: (node: PcreNode) => boolean): boolean {
  if (test(node)) return true;
  switch (node.kind) {
    case 'sequence':
      return someOf(node.items, test);
    case 'choice':
      return someOf(node.branches, test);
    case 'capture':
    case 'atomic':
    case 'look':
    case 'repeat':
      return someNode(node.body, test);
    default:
      return false;
  }
}

function someOf(nodes: readonly PcreNode[], test: (node: PcreNode) => boolean): boolean {
  for (const node of nodes) if (someNode(node, test)) return true;
  return false;
}

/** The node with others for those within it; itself where none is another. */
export function withChildren(node: PcreNode, change: (child: PcreNode, index: number) => PcreNode): PcreNode {
  switch (node.kind) {
    case 'sequence': {
      const items = changed(node.items, change);
      return items === node.items ? node : { kind: 'sequence', items };
    }
    case 'choice': {
      const branches = changed(node.branches, change);
      return branches === node.branches ? node : { kind: 'choice', branches };
    }
    case 'capture':
    case 'atomic':
    case 'look':
    case 'repeat': {
      const body = change(node.body, 0);
      return body === node.body ? node : { ...node, body };
    }
    default:
      return node;
  }
}

function changed(
  nodes: readonly PcreNode[],
  change: (child: PcreNode, index: number) => PcreNode,
): readonly PcreNode[] {
  let copy: PcreNode[] | undefined;
  for (let i = 0; i < nodes.length; i++) {
    const other = change(nodes[i]!, i);
    if (other === nodes[i]) continue;
    copy ??= [...nodes];
    copy[i] = other;
  }
  return copy ?? nodes;
}
