/**
 * Damages inputs: pieces left out, doubled, exchanged, cut in two, put together, missing; bytes as the mutator of
 * frames does it, and left out or put in, so that lengths lie. Seeded, so that a run can be repeated.
 */
import { Mutator, type Random } from '../property/mutator.js';
import type { FuzzInput, Piece } from './fuzz-input.js';
import type { FuzzTarget } from './fuzz-target.js';

/** Nothing grows beyond it. */
const MOST_BYTES = 100_000;
const MOST_PIECES = 64;
const MOST_INSERTED = 24;
const NUMBERS = [0, 1, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];
/** What texts turn on. */
const TOKENS = ['\r\n', '\n', '\r\n\r\n', ' ', ':', ';', '"', '%', '=', '--', '.', '\0', '..\r\n', '{9}', '0', '-1'];

export class PieceMutator {
  private readonly random: Random;
  private readonly scratch = new Uint8Array(MOST_BYTES + 64);
  private readonly mutator: Mutator;

  constructor(random: Random) {
    this.random = random;
    this.mutator = new Mutator(random, this.scratch);
  }

  /** One of `from`, changed as the target wants it. */
  next({ change, pieces }: Pick<FuzzTarget, 'change' | 'pieces'>, from: readonly FuzzInput[]): FuzzInput {
    const { random } = this;
    const input = random.pick(from);
    if (change !== undefined) return change(input, random);
    const other = random.pick(from);
    const changed = input.slice(0, MOST_PIECES);
    for (let left = 1 + random.below(4); left > 0 && changed.length > 0; left--) {
      if (pieces === 'one' || !random.oneIn(4)) this.changeBytes(changed, other);
      else this.changePieces(changed, other, pieces === 'of a stream');
    }
    return changed.length === 0 ? input : changed;
  }

  private changeBytes(input: Piece[], other: FuzzInput): void {
    const { random } = this;
    const index = random.below(input.length);
    const [tag, bytes] = input[index]!;
    if (typeof bytes === 'number') return;
    const spliced = random.pick(other)[1];
    input[index] = [tag, this.changed(bytes, typeof spliced === 'number' ? bytes : spliced)];
  }

  private changed(bytes: Uint8Array, other: Uint8Array): Uint8Array {
    const { random } = this;
    const at = random.below(bytes.length + 1);
    switch (random.below(8)) {
      case 0:
        return joined(bytes.subarray(0, at), bytes.subarray(Math.min(bytes.length, at + 1 + random.below(8))));
      case 1:
        return joined(bytes.subarray(0, at), this.noise(), bytes.subarray(at));
      case 2:
        return joined(bytes.subarray(0, at), Buffer.from(random.pick(TOKENS), 'latin1'), bytes.subarray(at));
      case 3:
        return this.withNumber(bytes);
      case 4: {
        const from = random.below(other.length + 1);
        const part = other.subarray(from, from + random.below(other.length - from + 1));
        return joined(bytes.subarray(0, at), part, bytes.subarray(random.oneIn(2) ? at : bytes.length));
      }
      default: {
        const length = this.mutator.write(bytes, other, 0, MOST_BYTES);
        return this.scratch.slice(0, length);
      }
    }
  }

  private noise(): Uint8Array {
    const bytes = new Uint8Array(1 + this.random.below(MOST_INSERTED));
    for (let i = 0; i < bytes.length; i++) bytes[i] = this.random.below(256);
    return bytes;
  }

  /** A number of four, three or two bytes, in either order. */
  private withNumber(bytes: Uint8Array): Uint8Array {
    const { random } = this;
    const copy = Uint8Array.from(bytes);
    const size = 2 + random.below(3);
    if (copy.length < size) return copy;
    const at = random.below(copy.length - size + 1);
    const value = random.oneIn(4) ? copy.length - random.below(16) : random.pick(NUMBERS);
    const isLittle = random.oneIn(2);
    for (let i = 0; i < size; i++) copy[at + i] = value >>> (8 * (isLittle ? i : size - 1 - i));
    return copy;
  }

  private changePieces(input: Piece[], other: FuzzInput, isStream: boolean): void {
    const { random } = this;
    const index = random.below(input.length);
    const [tag, bytes] = input[index]!;
    switch (random.below(isStream ? 7 : 4)) {
      case 0:
        input.splice(index, 1);
        return;
      case 1:
        if (input.length < MOST_PIECES) input.splice(random.below(input.length), 0, input[index]!);
        return;
      case 2:
        if (input.length < MOST_PIECES) input.splice(index, 0, random.pick(other));
        return;
      case 3:
        input.splice(random.below(input.length), 0, ...input.splice(index, 1));
        return;
      case 4:
        input[index] = [random.oneIn(2) ? tag : tag === '>' ? '<' : '>', bytes];
        return;
      case 5:
        input.splice(index, 0, [tag, 1 + random.below(random.oneIn(4) ? 100_000 : 100)]);
        return;
      default: {
        if (typeof bytes === 'number' || bytes.length === 0) return;
        const at = random.below(bytes.length);
        input.splice(index, 1, [tag, bytes.subarray(0, at)], [tag, bytes.subarray(at)]);
      }
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    Math.min(
      MOST_BYTES,
      parts.reduce((sum, { length }) => sum + length, 0),
    ),
  );
  let at = 0;
  for (const part of parts) {
    const fits = part.subarray(0, whole.length - at);
    whole.set(fits, at);
    at += fits.length;
  }
  return whole;
}
