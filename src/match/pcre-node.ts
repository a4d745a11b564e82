/**
 * What a regular expression consists of once its syntax is gone: flags, escapes, names and comments are resolved by the
 * parser, JavaScript's ways of writing things are the printer's. Stage: load.
 */
import type { ByteSet } from './byte-set.js';

export type PcreNode =
  | { readonly kind: 'set'; readonly set: ByteSet }
  | { readonly kind: 'sequence'; readonly items: readonly PcreNode[] }
  | { readonly kind: 'choice'; readonly branches: readonly PcreNode[] }
  /** A capturing group by its number in the pattern. */
  | { readonly kind: 'capture'; readonly group: number; readonly body: PcreNode }
  /** Never tried again once it has matched: (?>...). */
  | { readonly kind: 'atomic'; readonly body: PcreNode; readonly at: number }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negative: boolean; readonly body: PcreNode }
  | { readonly kind: 'repeat'; readonly body: PcreNode; readonly min: number; readonly max: number; readonly mode: RepeatMode; readonly at: number }
  | { readonly kind: 'assert'; readonly what: Assertion }
  | { readonly kind: 'backreference'; readonly group: number; readonly nocase: boolean; readonly at: number };

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
    case 'sequence': return node.items;
    case 'choice': return node.branches;
    case 'capture': case 'atomic': case 'look': case 'repeat': return [node.body];
    default: return [];
  }
}

export function someNode(node: PcreNode, test: (node: PcreNode) => boolean): boolean {
  return test(node) || childrenOf(node).some((child) => someNode(child, test));
}
