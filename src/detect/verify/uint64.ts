/**
 * Unsigned 64-bit numbers as two words, for what byte_test and its relatives read. Stage: detect (verify).
 *
 * A `Uint64` is a register that is used again and again: operations change it in place and wrap around at 2^64.
 * Allocates only where a product or quotient exceeds 2^53 (BigInt), which real protocols do not write.
 */

const WORD = 0x100000000;
const EXACT = Number.MAX_SAFE_INTEGER;

export class Uint64 {
  high = 0;
  low = 0;

  set(high: number, low: number): void {
    this.high = high >>> 0;
    this.low = low >>> 0;
  }

  /** A non-negative integer up to 2^53. */
  setNumber(value: number): void {
    this.high = Math.floor(value / WORD) >>> 0;
    this.low = value % WORD;
  }

  /** The value as a signed number; exact between -2^53 and 2^53, and beyond any buffer otherwise. */
  toSigned(): number {
    return (this.high | 0) * WORD + this.low;
  }

  toUnsigned(): number {
    return this.high * WORD + this.low;
  }

  /** Reads `count` (0–8) bytes. BOUNDS: the caller has checked that they are present. */
  read(bytes: Uint8Array, at: number, count: number, little: boolean): void {
    this.high = 0;
    this.low = 0;
    for (let i = 0; i < count; i++) {
      this.high = ((this.high << 8) | (this.low >>> 24)) >>> 0;
      this.low = ((this.low << 8) | bytes[little ? at + count - 1 - i : at + i]) >>> 0;
    }
  }

  /** Appends a digit; false when the number no longer fits. */
  appendDigit(base: number, digit: number): boolean {
    const low = this.low * base + digit;
    const high = this.high * base + Math.floor(low / WORD);
    this.low = low % WORD;
    if (high >= WORD) return false;
    this.high = high;
    return true;
  }

  negate(): void {
    this.low = (~this.low + 1) >>> 0;
    this.high = (~this.high + (this.low === 0 ? 1 : 0)) >>> 0;
  }

  add(high: number, low: number): void {
    const sum = this.low + low;
    this.high = (this.high + high + (sum >= WORD ? 1 : 0)) >>> 0;
    this.low = sum >>> 0;
  }

  subtract(high: number, low: number): void {
    const borrow = this.low < low ? 1 : 0;
    this.low = (this.low - low) >>> 0;
    this.high = (this.high - high - borrow) >>> 0;
  }

  multiply(high: number, low: number): void {
    const product = this.toUnsigned() * (high * WORD + low);
    if (product <= EXACT) this.setNumber(product);
    else this.setBigInt(this.toBigInt() * (BigInt(high) * BigInt(WORD) + BigInt(low)));
  }

  /** BOUNDS: the divisor is not 0. */
  divide(high: number, low: number): void {
    const dividend = this.toUnsigned();
    if (dividend <= EXACT) this.setNumber(Math.floor(dividend / (high * WORD + low)));
    else this.setBigInt(this.toBigInt() / (BigInt(high) * BigInt(WORD) + BigInt(low)));
  }

  shiftLeft(count: number): void {
    if (count >= 64) this.set(0, 0);
    else if (count >= 32) this.set(this.low << (count - 32), 0);
    else if (count > 0) this.set((this.high << count) | (this.low >>> (32 - count)), this.low << count);
  }

  shiftRight(count: number): void {
    if (count >= 64) this.set(0, 0);
    else if (count >= 32) this.set(0, this.high >>> (count - 32));
    else if (count > 0) this.set(this.high >>> count, (this.low >>> count) | (this.high << (32 - count)));
  }

  and(high: number, low: number): void {
    this.set(this.high & high, this.low & low);
  }

  /** Rounds up to a multiple of 2 or 4. */
  align(unit: number): void {
    const over = this.low % unit;
    if (over !== 0) this.add(0, unit - over);
  }

  /** Negative, 0 or positive. */
  compare(high: number, low: number): number {
    return this.high !== high ? this.high - high : this.low - low;
  }

  private toBigInt(): bigint {
    return BigInt(this.high) * BigInt(WORD) + BigInt(this.low);
  }

  private setBigInt(value: bigint): void {
    this.high = Number(BigInt.asUintN(32, value >> 32n));
    this.low = Number(BigInt.asUintN(32, value));
  }
}
