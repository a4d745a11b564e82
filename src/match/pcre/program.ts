/**
 * Patterns as code for the matching machine (pcre-machine.ts). Stage: load, or the shard at first use.
 *
 * One list of words: operations with their operands, jumps as places in the list. Registers hold where groups start and
 * end (two for each, group 0 is the match), and behind those what loops and lookbehinds remember.
 */
import { addSet, type ByteSet } from './byte-set.js';
import { greatestLength, leastLength, takesSomething } from './measure.js';
import { type Assertion, type PcreNode, type RepeatMode } from './node.js';

export const PCRE_OP = {
  /** The program, or the inside of a group that is run by itself, has matched. */
  match: 0,
  /** set */
  byte: 1,
  /** preferred, other */
  split: 2,
  /** to */
  jump: 3,
  /** register: becomes the position. */
  save: 4,
  /** register, value */
  set: 5,
  /** place in ASSERTIONS */
  assert: 6,
  /** group, nocase */
  reference: 7,
  /** next; the inside follows */
  atomic: 8,
  /** next, negative; the inside follows */
  lookahead: 9,
  /** next, negative, register of the end, least and greatest length; the inside follows */
  lookbehind: 10,
  /** register: fails where the position is not what it holds. */
  at: 11,
  /** counter, register of the round's start, min, max, lazy, next; `round` and the inside follow and jump back here. */
  loop: 12,
  /** counter, register of the round's start: one more round begins. */
  round: 13,
  /** to, from: registers */
  copy: 14,
  /**
   * set, min, max, mode (SPAN_MODE), follow: set of the byte behind it or -1; a repeat of one byte, `resume` stands
   * behind.
   */
  span: 15,
  /** set, mode, follow: another length for the span before it. */
  resume: 16,
} as const;

export const SPAN_MODE: Readonly<Record<RepeatMode, number>> = { greedy: 0, lazy: 1, possessive: 2 };

export const ASSERTIONS: readonly Assertion[] = ['start', 'end', 'lastLine', 'lineStart', 'lineEnd', 'word', 'notWord'];

export interface PcreProgram {
  readonly code: Int32Array;
  /** 256 flags for each set. */
  readonly sets: Uint8Array;
  readonly registers: number;
  readonly groups: number;
  /** Can only match at the text's start. */
  readonly anchored: boolean;
  /** Can only match at the start of a line. */
  readonly lineStart: boolean;
  /** Bytes that a match may start with; undefined where it may be empty, or that is not known. */
  readonly first: ByteSet | undefined;
}

/** Infinity as an operand. */
const UNLIMITED = 0x7fffffff;

/** `plain`: a step for each byte and each choice, to count what a backtracking engine does. */
export function compileProgram(pattern: PcreNode, groupCount: number, plain = false): PcreProgram {
  return new ProgramWriter(groupCount, plain).write(pattern);
}

class ProgramWriter {
  readonly #code: number[] = [];
  readonly #sets: Uint8Array[] = [];
  readonly #setIndex = new Map<Uint8Array, number>();
  readonly #groups: number;
  readonly #spans: boolean;
  #registers: number;

  constructor(groupCount: number, plain: boolean) {
    this.#spans = !plain;
    this.#groups = groupCount;
    this.#registers = 2 * (groupCount + 1);
  }

  write(pattern: PcreNode): PcreProgram {
    this.#node(pattern);
    this.#code.push(PCRE_OP.match);
    const sets = new Uint8Array(256 * this.#sets.length);
    this.#sets.forEach((set, i) => {
      sets.set(set, 256 * i);
    });
    return {
      code: Int32Array.from(this.#code),
      sets,
      registers: this.#registers,
      groups: this.#groups,
      anchored: startsAnchored(pattern),
      lineStart: startsWith(pattern, 'lineStart'),
      first: firstBytes(pattern),
    };
  }

  /** `next` follows it in its sequence. */
  #node(node: PcreNode, next?: PcreNode): void {
    switch (node.kind) {
      case 'set':
        this.#code.push(PCRE_OP.byte, this.#setOf(node.set));
        return;
      case 'sequence':
        node.items.forEach((item, i) => {
          this.#node(item, node.items[i + 1]);
        });
        return;
      case 'choice':
        this.#choice(node.branches);
        return;
      case 'capture':
        this.#capture(node.group, node.body);
        return;
      case 'atomic':
        this.#inside([PCRE_OP.atomic], node.body);
        return;
      case 'look':
        this.#look(node);
        return;
      case 'repeat':
        this.#repeat(node, next);
        return;
      case 'assert':
        this.#code.push(PCRE_OP.assert, ASSERTIONS.indexOf(node.what));
        return;
      case 'backreference':
        this.#code.push(PCRE_OP.reference, node.group, Number(node.nocase));
    }
  }

  #setOf(set: Uint8Array): number {
    let index = this.#setIndex.get(set);
    if (index === undefined) {
      index = this.#sets.push(set) - 1;
      this.#setIndex.set(set, index);
    }
    return index;
  }

  #choice(branches: readonly PcreNode[]): void {
    const code = this.#code;
    const jumps: number[] = [];
    branches.forEach((branch, i) => {
      if (i + 1 === branches.length) {
        this.#node(branch);
        return;
      }
      const split = code.push(PCRE_OP.split, 0, 0) - 3;
      code[split + 1] = code.length;
      this.#node(branch);
      jumps.push(code.push(PCRE_OP.jump, 0) - 1);
      code[split + 2] = code.length;
    });
    for (const jump of jumps) code[jump] = code.length;
  }

  #capture(group: number, body: PcreNode): void {
    // The start is kept aside until the group has matched: references within it see the round before.
    const start = this.#registers++;
    this.#code.push(PCRE_OP.save, start);
    this.#node(body);
    this.#code.push(PCRE_OP.save, 2 * group + 1, PCRE_OP.copy, 2 * group, start);
  }

  /** An operation whose first operand is where to go on, and the inside that it runs by itself. */
  #inside([operation, ...operands]: [number, ...number[]], body: PcreNode, check: readonly number[] = []): void {
    const code = this.#code;
    const next = code.push(operation, 0, ...operands) - operands.length - 1;
    this.#node(body);
    code.push(...check, PCRE_OP.match);
    code[next] = code.length;
  }

  #look(node: PcreNode & { kind: 'look' }): void {
    const negative = Number(node.negative);
    if (!node.behind) {
      this.#inside([PCRE_OP.lookahead, negative], node.body);
      return;
    }
    const end = this.#registers++;
    const greatest = greatestLength(node.body);
    this.#inside(
      [PCRE_OP.lookbehind, negative, end, leastLength(node.body), Math.min(greatest, UNLIMITED)],
      node.body,
      [PCRE_OP.at, end],
    );
  }

  #repeat(node: PcreNode & { kind: 'repeat' }, next: PcreNode | undefined): void {
    if (this.#spans && node.body.kind === 'set' && node.max > 0)
      this.#span(node, node.body.set, next?.kind === 'set' ? this.#setOf(next.set) : -1);
    else if (node.mode === 'possessive') this.#inside([PCRE_OP.atomic], { ...node, mode: 'greedy' });
    else if (node.min === 0 && node.max === 1) this.#optional(node);
    else if (node.min <= 1 && node.max === Infinity && takesSomething(node.body)) this.#plain(node);
    else this.#loop(node);
  }

  #span({ min, max, mode }: PcreNode & { kind: 'repeat' }, set: ByteSet, follow: number): void {
    const index = this.#setOf(set);
    this.#code.push(PCRE_OP.span, index, min, Math.min(max, UNLIMITED), SPAN_MODE[mode], follow);
    this.#code.push(PCRE_OP.resume, index, SPAN_MODE[mode], follow);
  }

  #split(lazy: boolean): { readonly inside: number; readonly next: number } {
    const split = this.#code.push(PCRE_OP.split, 0, 0) - 3;
    return lazy ? { inside: split + 2, next: split + 1 } : { inside: split + 1, next: split + 2 };
  }

  #optional({ body, mode }: PcreNode & { kind: 'repeat' }): void {
    const code = this.#code;
    const { inside, next } = this.#split(mode === 'lazy');
    code[inside] = code.length;
    this.#node(body);
    code[next] = code.length;
  }

  /** X* and X+ where a round always takes something. */
  #plain({ body, min, mode }: PcreNode & { kind: 'repeat' }): void {
    const code = this.#code;
    const skip = min === 1 ? code.push(PCRE_OP.jump, 0) - 1 : -1;
    const start = code.length;
    const { inside, next } = this.#split(mode === 'lazy');
    code[inside] = code.length;
    if (skip >= 0) code[skip] = code.length;
    this.#node(body);
    code.push(PCRE_OP.jump, start);
    code[next] = code.length;
  }

  #loop({ body, min, max, mode }: PcreNode & { kind: 'repeat' }): void {
    const code = this.#code;
    const counter = this.#registers++;
    const start = this.#registers++;
    code.push(PCRE_OP.set, counter, -1);
    const loop = code.length;
    code.push(
      PCRE_OP.loop,
      counter,
      start,
      min,
      Math.min(max, UNLIMITED),
      Number(mode === 'lazy'),
      0,
      PCRE_OP.round,
      counter,
      start,
    );
    this.#node(body);
    code.push(PCRE_OP.jump, loop);
    code[loop + 6] = code.length;
  }
}

/** The bytes that what a node matches starts with; undefined where it may be empty. */
function firstBytes(node: PcreNode): ByteSet | undefined {
  switch (node.kind) {
    case 'set':
      return node.set;
    case 'capture':
    case 'atomic':
      return firstBytes(node.body);
    case 'repeat':
      return node.min > 0 ? firstBytes(node.body) : undefined;
    case 'choice':
      return union(node.branches.map(firstBytes));
    case 'sequence': {
      const taken = node.items.findIndex(takesSomething);
      const parts = node.items.slice(0, taken + 1).filter((item) => item.kind !== 'assert' && item.kind !== 'look');
      return union(parts.map((part) => firstBytes(part.kind === 'repeat' ? part.body : part)));
    }
    default:
      return undefined;
  }
}

function union(sets: readonly (ByteSet | undefined)[]): ByteSet | undefined {
  const all = new Uint8Array(256);
  for (const set of sets) {
    if (set === undefined) return undefined;
    addSet(all, set);
  }
  return sets.length === 0 ? undefined : all;
}

/** Whether a pattern can match at the text's start alone. */
export const startsAnchored = (node: PcreNode): boolean => startsWith(node, 'start');

/** Whether each way through a pattern begins with this assertion. */
function startsWith(node: PcreNode, what: (typeof ASSERTIONS)[number]): boolean {
  switch (node.kind) {
    case 'assert':
      return node.what === what;
    case 'sequence':
      return node.items[0] !== undefined && startsWith(node.items[0], what);
    case 'choice':
      return node.branches.every((branch) => startsWith(branch, what));
    case 'capture':
    case 'atomic':
      return startsWith(node.body, what);
    default:
      return false;
  }
}
