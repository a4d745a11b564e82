/**
 * A matcher for PCRE patterns by backtracking, as PCRE itself does it, with its steps counted and limited. Stage:
 * detect (patterns that JavaScript cannot express), and load (what a pattern costs on a given text).
 *
 * Choices wait on a stack, and with them the old values of registers, so that going back restores those. The inside of
 * lookarounds and atomic groups is run by itself, at a recursion as deep as groups are nested. The stack grows to a
 * limit; beyond that, and beyond the limit of steps, the text counts as not matching, and `exceeded` says so. All that
 * a search does costs steps: what is done in a tight loop, like a byte passed over by a repeat of one byte, costs an
 * eighth of one.
 */
import { ASSERTIONS, PCRE_OP, SPAN_MODE, type PcreProgram } from './program.js';

const NEWLINE = 0x0a;
/** Words of the stack, two for each entry, at the start and at most. */
const FIRST_STACK = 1 << 12;
const MAX_STACK = 1 << 22;

const LOOP_WORDS = 7;
const SPAN_WORDS = 6;
const RESUME_WORDS = 4;
/** Bytes, or entries of the stack, that a tight loop goes through for one step, as a power of two. */
const TIGHT = 3;

/** Where choices wait: machines that run one after the other can share one. */
export class PcreStack {
  words = new Int32Array(FIRST_STACK);
}

const START = ASSERTIONS.indexOf('start');
const END = ASSERTIONS.indexOf('end');
const LAST_LINE = ASSERTIONS.indexOf('lastLine');
const LINE_START = ASSERTIONS.indexOf('lineStart');
const LINE_END = ASSERTIONS.indexOf('lineEnd');
const WORD = ASSERTIONS.indexOf('word');

export class PcreMachine {
  /** Since the last `find` began. */
  steps = 0;
  exceeded = false;
  private readonly program: PcreProgram;
  private readonly maxSteps: number;
  private readonly registers: Int32Array;
  private readonly memory: PcreStack;
  private stack: Int32Array;
  private top = 0;
  private text = '';
  private limit = 0;

  constructor(program: PcreProgram, maxSteps: number, memory = new PcreStack()) {
    this.program = program;
    this.maxSteps = maxSteps;
    this.memory = memory;
    this.stack = memory.words;
    this.registers = new Int32Array(program.registers);
  }

  /**
   * Looks for a match in latin1 text that starts at or behind `from`, with fewer steps than usual where a limit is
   * given.
   */
  find(text: string, from: number, limit = this.maxSteps): boolean {
    this.text = text;
    this.stack = this.memory.words;
    this.limit = Math.min(limit, this.maxSteps);
    this.steps = this.registers.length >> TIGHT;
    this.exceeded = false;
    // A run that fails leaves them so.
    this.registers.fill(-1);
    this.top = 0;
    const last = this.program.anchored ? 0 : text.length;
    for (let start = this.nextStart(from); start <= last && !this.exceeded; start = this.nextStart(start + 1)) {
      const end = this.run(0, start);
      if (end < 0) continue;
      this.registers[0] = start;
      this.registers[1] = end;
      return true;
    }
    return false;
  }

  /** The first place from `start` on where a match may start; behind the text if there is none. */
  private nextStart(start: number): number {
    const { text } = this;
    const { first, lineStart } = this.program;
    let next = start;
    if (lineStart) next = this.lineFrom(start);
    else if (first !== undefined) {
      while (next < text.length && first[text.charCodeAt(next)] === 0) next++;
      if (next === text.length) next++;
    }
    this.steps += (next - start) >> TIGHT;
    return next;
  }

  /** The first start of a line from `start` on; behind the text if there is none. */
  private lineFrom(start: number): number {
    if (start === 0) return 0;
    const end = this.text.indexOf('\n', start - 1);
    return end < 0 ? this.text.length + 1 : end + 1;
  }

  get matchStart(): number {
    return this.registers[0]!;
  }

  get matchEnd(): number {
    return this.registers[1]!;
  }

  /** What a group of the last match holds; undefined if it took no part. */
  group(number: number): string | undefined {
    const end = this.registers[2 * number + 1]!;
    return end < 0 ? undefined : this.text.slice(this.registers[2 * number], end);
  }

  /** Runs from a place in the code up to `match`; where it ended in the text, or -1. Choices left stay on the stack. */
  private run(from: number, start: number): number {
    const { text, registers } = this;
    const { code, sets } = this.program;
    const base = this.top;
    let at = from;
    let position = start;
    for (;;) {
      if (++this.steps > this.limit) this.exceeded = true;
      if (this.exceeded) return this.abandon(base);
      let passed = true;
      switch (code[at]) {
        case PCRE_OP.match:
          return position;
        case PCRE_OP.byte:
          passed = position < text.length && sets[256 * code[at + 1]! + text.charCodeAt(position)] === 1;
          position++;
          at += 2;
          break;
        case PCRE_OP.split:
          this.push(code[at + 2]!, position);
          at = code[at + 1]!;
          break;
        case PCRE_OP.jump:
          at = code[at + 1]!;
          break;
        case PCRE_OP.save:
          this.assign(code[at + 1]!, position);
          at += 2;
          break;
        case PCRE_OP.copy:
          this.assign(code[at + 1]!, registers[code[at + 2]!]!);
          at += 3;
          break;
        case PCRE_OP.set:
          this.assign(code[at + 1]!, code[at + 2]!);
          at += 3;
          break;
        case PCRE_OP.assert:
          passed = this.holds(code[at + 1]!, position);
          at += 2;
          break;
        case PCRE_OP.at:
          passed = position === registers[code[at + 1]!];
          at += 2;
          break;
        case PCRE_OP.reference: {
          const length = this.referred(code[at + 1]!, code[at + 2] === 1, position);
          passed = length >= 0;
          position += length;
          at += 3;
          break;
        }
        case PCRE_OP.atomic: {
          const before = this.top;
          const end = this.run(at + 2, position);
          passed = end >= 0;
          this.commit(before);
          position = end;
          at = code[at + 1]!;
          break;
        }
        case PCRE_OP.lookahead:
          passed = this.looksAhead(at, position);
          at = code[at + 1]!;
          break;
        case PCRE_OP.lookbehind:
          passed = this.looksBehind(at, position);
          at = code[at + 1]!;
          break;
        case PCRE_OP.round:
          this.assign(code[at + 1]!, registers[code[at + 1]!]! + 1);
          this.assign(code[at + 2]!, position);
          at += 3;
          break;
        case PCRE_OP.span:
          position = this.span(at, position);
          passed = position >= 0;
          at += SPAN_WORDS + RESUME_WORDS;
          break;
        case PCRE_OP.resume:
          position = code[at + 2] === SPAN_MODE.lazy ? this.extend(at, position) : this.shorten(at, position);
          passed = position >= 0;
          at += RESUME_WORDS;
          break;
        default:
          at = this.loop(at, position);
      }
      if (passed) continue;
      while (this.top > base && this.stack[this.top - 2]! < 0) this.restore();
      if (this.top === base) return -1;
      this.top -= 2;
      at = this.stack[this.top]!;
      position = this.stack[this.top + 1]!;
    }
  }

  /** A round of a counted repeat is over, or none has begun: where to go on. */
  private loop(at: number, position: number): number {
    const { registers } = this;
    const { code } = this.program;
    const counter = code[at + 1]!;
    const start = code[at + 2]!;
    const count = registers[counter]! + 1;
    const next = code[at + 6]!;
    // A round that took nothing is the last, once there are enough.
    const isOver = count >= code[at + 4]! || (count > code[at + 3]! && registers[start] === position);
    if (count < code[at + 3]!) return at + LOOP_WORDS;
    if (isOver) return next;
    const lazy = code[at + 5] === 1;
    this.push(lazy ? at + LOOP_WORDS : next, position);
    return lazy ? next : at + LOOP_WORDS;
  }

  /** A repeat of one byte begins: where it ends at first, or -1. Other lengths wait on the stack. */
  private span(at: number, position: number): number {
    const { text } = this;
    const { code, sets } = this.program;
    const set = 256 * code[at + 1]!;
    const least = position + code[at + 2]!;
    const most = Math.min(position + code[at + 3]!, text.length);
    const mode = code[at + 4]!;
    const farthest = mode === SPAN_MODE.lazy ? Math.min(least, most) : most;
    let end = position;
    while (end < farthest && sets[set + text.charCodeAt(end)] === 1) end++;
    this.steps += (end - position) >> TIGHT;
    if (end < least) return -1;
    if (mode === SPAN_MODE.possessive) return end;
    if (mode === SPAN_MODE.lazy) return this.wait(at + SPAN_WORDS, end, most);
    return this.shortenTo(at + SPAN_WORDS, end, least);
  }

  /** Another, shorter length for a span, tried before with one more than up to `position`. */
  private shorten(at: number, position: number): number {
    this.top -= 2;
    return this.shortenTo(at, position, this.stack[this.top + 1]!);
  }

  /** The longest length up to `end` that what follows may stand behind; shorter ones wait. */
  private shortenTo(at: number, end: number, least: number): number {
    const { text } = this;
    const { code, sets } = this.program;
    const follow = 256 * code[at + 3]!;
    let found = end;
    if (follow >= 0) {
      while (found >= least && !(found < text.length && sets[follow + text.charCodeAt(found)] === 1)) found--;
      this.steps += (end - found) >> TIGHT;
      if (found < least) return -1;
    }
    if (found > least) {
      this.push(0, least);
      this.push(at, found - 1);
    }
    return found;
  }

  /** Another, longer length for a span, tried before up to `position`. */
  private extend(at: number, position: number): number {
    const { text } = this;
    const { code, sets } = this.program;
    this.top -= 2;
    const most = this.stack[this.top + 1]!;
    const set = 256 * code[at + 1]!;
    const follow = 256 * code[at + 3]!;
    let end = position;
    let fits = false;
    while (!fits && end < most && sets[set + text.charCodeAt(end)] === 1) {
      end++;
      fits = follow < 0 || (end < text.length && sets[follow + text.charCodeAt(end)] === 1);
    }
    this.steps += (end - position) >> TIGHT;
    return fits ? this.wait(at, end, most) : -1;
  }

  /** A length to go on from when `end` turns out too short. */
  private wait(at: number, end: number, most: number): number {
    if (end < most) {
      this.push(0, most);
      this.push(at, end);
    }
    return end;
  }

  private looksAhead(at: number, position: number): boolean {
    const { code } = this.program;
    const before = this.top;
    const found = this.run(at + 3, position) >= 0;
    return this.conclude(before, found, code[at + 2] === 1);
  }

  private looksBehind(at: number, position: number): boolean {
    const { code } = this.program;
    const before = this.top;
    const least = code[at + 4]!;
    const greatest = Math.min(code[at + 5]!, position);
    let found = false;
    this.assign(code[at + 3]!, position);
    for (let length = least; length <= greatest && !found && !this.exceeded; length++)
      found = this.run(at + 6, position - length) >= 0;
    return this.conclude(before, found, code[at + 2] === 1);
  }

  /** Ends a lookaround: what groups in it hold stays where it was to match and did. */
  private conclude(before: number, found: boolean, negative: boolean): boolean {
    if (found && !negative) this.commit(before);
    else this.unwind(before);
    return found !== negative && !this.exceeded;
  }

  private holds(what: number, position: number): boolean {
    const { text } = this;
    const { length } = text;
    switch (what) {
      case START:
        return position === 0;
      case END:
        return position === length;
      case LAST_LINE:
        return position === length || (position + 1 === length && text.charCodeAt(position) === NEWLINE);
      case LINE_START:
        return position === 0 || (position < length && text.charCodeAt(position - 1) === NEWLINE);
      case LINE_END:
        return position === length || text.charCodeAt(position) === NEWLINE;
      default:
        return (isWord(text, position - 1) !== isWord(text, position)) === (what === WORD);
    }
  }

  /** How much of the text a group's own text takes here; -1 if something else stands here, or it took no part. */
  private referred(group: number, nocase: boolean, position: number): number {
    const { text, registers } = this;
    const start = registers[2 * group]!;
    const length = registers[2 * group + 1]! - start;
    if (registers[2 * group + 1]! < 0 || position + length > text.length) return -1;
    this.steps += length >> TIGHT;
    for (let i = 0; i < length; i++) {
      const a = text.charCodeAt(start + i);
      const b = text.charCodeAt(position + i);
      if (a !== b && !(nocase && (a ^ b) === 0x20 && isLetter(a))) return -1;
    }
    return length;
  }

  // ------------------------------------------------------------- the stack

  private push(first: number, second: number): void {
    if (this.top + 2 > this.stack.length && !this.grow()) return;
    this.stack[this.top] = first;
    this.stack[this.top + 1] = second;
    this.top += 2;
  }

  private grow(): boolean {
    if (this.stack.length >= MAX_STACK) {
      this.exceeded = true;
      return false;
    }
    const larger = new Int32Array(4 * this.stack.length);
    larger.set(this.stack);
    this.stack = larger;
    this.memory.words = larger;
    return true;
  }

  private assign(register: number, value: number): void {
    if (this.registers[register] === value) return;
    this.push(-1 - register, this.registers[register]!);
    this.registers[register] = value;
  }

  /** Takes the old value of a register from the stack. */
  private restore(): void {
    this.top -= 2;
    this.registers[-1 - this.stack[this.top]!] = this.stack[this.top + 1]!;
  }

  /** Forgets the choices above `before`, and keeps the registers. */
  private commit(before: number): void {
    let kept = before;
    this.steps += (this.top - before) >> (TIGHT + 1);
    for (let entry = before; entry < this.top; entry += 2) {
      if (this.stack[entry]! >= 0) continue;
      this.stack[kept] = this.stack[entry]!;
      this.stack[kept + 1] = this.stack[entry + 1]!;
      kept += 2;
    }
    this.top = kept;
  }

  /** Back to where the stack was, with the registers of then. */
  private unwind(before: number): void {
    while (this.top > before) {
      if (this.stack[this.top - 2]! < 0) this.restore();
      else this.top -= 2;
    }
  }

  private abandon(base: number): number {
    this.unwind(base);
    return -1;
  }
}

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

function isWord(text: string, at: number): boolean {
  if (at < 0 || at >= text.length) return false;
  const byte = text.charCodeAt(at);
  return isLetter(byte) || (byte >= 0x30 && byte <= 0x39) || byte === 0x5f;
}
