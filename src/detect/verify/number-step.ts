/**
 * Compares the numbers of a message, or how many of them there are (rule-block.ts, OP.number). Stage: detect. At most
 * MAX_NUMBERS are looked at. Allocates nothing.
 */
import { isAtLeast, leastOf } from '../../app/at-least.js';
import { comparedHolds, holdsFrom } from '../../block/compared.js';
import { MAX_NUMBERS, NUMBER, NUMBER_TO_END, NUMBER_WHICH } from '../../block/step-layout.js';
import type { BufferSource } from './buffer-source.js';

const [ANY, ALL, ANY_OR_ABSENT, ALL_OR_ABSENT, INDEX, INDEX_OR_ABSENT, MATCHES] = NUMBER_WHICH.map((_, which) => which);

export class NumberStep {
  /** Numbers of the buffer looked at last. */
  count = 0;
  private readonly code: Int32Array;
  private step = 0;
  private source!: BufferSource;
  private buffer = 0;
  /** Those that count. */
  private first = 0;
  private size = 0;

  constructor(code: Int32Array) {
    this.code = code;
  }

  passes(step: number, source: BufferSource, buffer: number): boolean {
    this.step = step;
    this.source = source;
    this.buffer = buffer;
    this.count = 0;
    while (this.count < MAX_NUMBERS && !Number.isNaN(source.number(buffer, this.count))) this.count++;
    this.slice();
    switch (this.code[step + NUMBER.which]) {
      case ANY:
        return this.passing() > 0;
      case ALL:
        return this.size > 0 && this.passing() === this.size;
      case ANY_OR_ABSENT:
        return this.size === 0 || this.passing() > 0;
      case ALL_OR_ABSENT:
        return this.passing() === this.size;
      case INDEX:
        return this.indexPasses(false);
      case INDEX_OR_ABSENT:
        return this.indexPasses(true);
      case MATCHES:
        return this.countPasses(this.passing());
      default:
        return this.countPasses(this.size);
    }
  }

  /** Finds the numbers that count; none where one end is outside. */
  private slice(): void {
    const { code, step, count } = this;
    const from = fromEnd(code[step + NUMBER.from], count);
    const to = code[step + NUMBER.to] === NUMBER_TO_END ? count : fromEnd(code[step + NUMBER.to], count);
    const isInside = from >= 0 && from <= to && to <= count;
    this.first = isInside ? from : 0;
    this.size = isInside ? to - from : 0;
  }

  private passing(): number {
    let passing = 0;
    for (let place = 0; place < this.size; place++) if (this.numberPasses(place)) passing++;
    return passing;
  }

  private indexPasses(orAbsent: boolean): boolean {
    const place = fromEnd(this.code[this.step + NUMBER.index], this.size);
    return place < 0 || place >= this.size ? orAbsent : this.numberPasses(place);
  }

  private numberPasses(place: number): boolean {
    const { code, step } = this;
    const value = this.source.number(this.buffer, this.first + place);
    const at = step + NUMBER.end;
    const end = at + code[step + NUMBER.words];
    return isAtLeast(value) ? holdsFrom(code, at, end, leastOf(value)) : comparedHolds(code, at, end, value);
  }

  private countPasses(count: number): boolean {
    const { code, step } = this;
    return comparedHolds(code, step + NUMBER.end + code[step + NUMBER.words], step + code[step + 1], count);
  }
}

/** A negative place counts from the end. */
const fromEnd = (place: number, count: number): number => (place < 0 ? count + place : place);
