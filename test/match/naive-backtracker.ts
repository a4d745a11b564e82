/**
 * A backtracking matcher in the plainest form, continuations and nothing else, that counts its steps: one for each node
 * that is tried at a place. The measure of how a pattern's cost grows, and independent of the machine's.
 */
import type { PcreNode } from '../../src/match/pcre/node.js';

export interface Outcome {
  readonly matched: boolean;
  readonly steps: number;
  /** The limit was reached, so that it is not known whether it matches. */
  readonly exceeded: boolean;
}

class LimitReached extends Error {}

type Next = (at: number) => boolean;

export function countSteps(pattern: PcreNode, text: string, limit: number): Outcome {
  const groups = new Map<number, string>();
  let steps = 0;

  function match(node: PcreNode, at: number, next: Next): boolean {
    if (++steps > limit) throw new LimitReached();
    switch (node.kind) {
      case 'set':
        return at < text.length && node.set[text.charCodeAt(at)] === 1 && next(at + 1);
      case 'sequence':
        return sequence(node.items, 0, at, next);
      case 'choice':
        return node.branches.some((branch) => match(branch, at, next));
      case 'capture':
        return capture(node, at, next);
      case 'atomic':
        return alone(node.body, at, next);
      case 'repeat':
        return node.mode === 'possessive'
          ? alone({ ...node, mode: 'greedy' }, at, next)
          : repeat(node, 0, at, -1, next);
      case 'look':
        return look(node, at) && next(at);
      case 'assert':
        return holds(node.what, at) && next(at);
      case 'backreference': {
        const group = groups.get(node.group);
        return (
          group !== undefined && same(group, text.slice(at, at + group.length), node.nocase) && next(at + group.length)
        );
      }
    }
  }

  function sequence(items: readonly PcreNode[], index: number, at: number, next: Next): boolean {
    const item = items[index];
    return item === undefined ? next(at) : match(item, at, (end) => sequence(items, index + 1, end, next));
  }

  function capture(node: PcreNode & { kind: 'capture' }, at: number, next: Next): boolean {
    const before = groups.get(node.group);
    const matched = match(node.body, at, (end) => {
      const inside = groups.get(node.group);
      groups.set(node.group, text.slice(at, end));
      if (next(end)) return true;
      if (inside === undefined) groups.delete(node.group);
      else groups.set(node.group, inside);
      return false;
    });
    if (!matched && before === undefined) groups.delete(node.group);
    return matched;
  }

  function alone(node: PcreNode, at: number, next: Next): boolean {
    let end = -1;
    match(node, at, (reached) => {
      end = reached;
      return true;
    });
    return end >= 0 && next(end);
  }

  function repeat(node: PcreNode & { kind: 'repeat' }, count: number, at: number, before: number, next: Next): boolean {
    const { body, min, max, mode } = node;
    const more = (): boolean =>
      count < max &&
      !(count > min && at === before) &&
      match(body, at, (end) => repeat(node, count + 1, end, at, next));
    if (count < min) return more();
    return mode === 'lazy' ? next(at) || more() : more() || next(at);
  }

  function look({ body, behind, negative }: PcreNode & { kind: 'look' }, at: number): boolean {
    for (let start = behind ? 0 : at; start <= at; start++) {
      if (match(body, start, (end) => !behind || end === at)) return !negative;
    }
    return negative;
  }

  function holds(what: string, at: number): boolean {
    const isWord = (index: number): boolean => /\w/.test(text.charAt(index));
    switch (what) {
      case 'start':
        return at === 0;
      case 'end':
        return at === text.length;
      case 'lastLine':
        return text.slice(at) === '' || text.slice(at) === '\n';
      case 'lineStart':
        return at === 0 || (at < text.length && text[at - 1] === '\n');
      case 'lineEnd':
        return at === text.length || text[at] === '\n';
      default:
        return (isWord(at - 1) !== isWord(at)) === (what === 'word');
    }
  }

  try {
    for (let start = 0; start <= text.length; start++) {
      groups.clear();
      if (match(pattern, start, () => true)) return { matched: true, steps, exceeded: false };
    }
    return { matched: false, steps, exceeded: false };
  } catch (error) {
    if (error instanceof LimitReached) return { matched: false, steps, exceeded: true };
    throw error;
  }
}

function same(a: string, b: string, nocase: boolean): boolean {
  const fold = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
  return nocase ? fold(a) === fold(b) : a === b;
}
