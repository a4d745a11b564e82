/**
 * The line of an event as it is put together, in bytes: numbers, addresses and times are written where they go, and no
 * text is made of them. Stage: detect, in the shard. Allocates only where a line is longer than any before, and in
 * texts that are long or not ASCII.
 */
const FIRST_BYTES = 4096;
/** Texts up to this length are copied unit by unit: TextEncoder is dear to call, and fast only in long ones. */
const SHORT = 96;
/** A number takes so many digits at most: integers are exact below 2^53. */
const NUMBER_DIGITS = 16;
const TIME_BYTES = 32;
const ADDRESS_BYTES = 39;
/** Beyond it a number is written as two, as division of 32-bit integers is fast. */
const SPLIT = 1e9;
const [ZERO, DOT, COLON] = [0x30, 0x2e, 0x3a];
/** 9999-12-31T23:59:59: captures may hold any 64-bit time, ISO years have four digits. */
const LAST_US = 253402300799000000;

/** Powers of ten up to the largest below 2^32. */
const POWERS: readonly number[] = Array.from({ length: 10 }, (_, exponent) => 10 ** exponent);
const DAY_S = 86_400;
const HOUR_S = 3600;
const MINUTE_S = 60;
const ZONE = fragment('+0000');

/** A part of lines that is always the same, for `put`. */
export function fragment(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export const COMMA = fragment(',');
export const CLOSE = fragment('}');
/** Ends a text, with the comma before what follows. */
export const QUOTE_COMMA = fragment('",');

/** The text of the day before `T`, that of most events. */
let day = -1;
let dayText = fragment('');

export class EventLine {
  private bytes = new Uint8Array(FIRST_BYTES);
  length = 0;
  private readonly encoder = new TextEncoder();

  /** What is written so far, where it lies: valid until the next call. */
  get written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** The same, as text. */
  text(): string {
    return Buffer.from(this.bytes.buffer, 0, this.length).toString('utf8');
  }

  /** UTF-8. */
  append(text: string): this {
    // UTF-8 takes at most three bytes for a UTF-16 unit.
    this.reserve(text.length * 3);
    if (text.length > SHORT || !this.appendAscii(text)) {
      this.length += this.encoder.encodeInto(text, this.bytes.subarray(this.length)).written;
    }
    return this;
  }

  appendBytes(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.length);
    this.length += bytes.length;
    return this;
  }

  /** A few bytes, as those of `fragment`. PERF: faster than `append` and `appendBytes` are (test/bench/pair.mjs). */
  put(bytes: Uint8Array): this {
    this.reserve(bytes.length);
    const { length } = this;
    for (let i = 0; i < bytes.length; i++) this.bytes[length + i] = bytes[i];
    this.length = length + bytes.length;
    return this;
  }

  /** An integer from 0 on, below 2^53. */
  decimal(value: number): this {
    this.reserve(NUMBER_DIGITS);
    if (value < SPLIT) {
      this.digits(value, 1);
    } else {
      const low = value % SPLIT;
      this.digits((value - low) / SPLIT, 1);
      this.digits(low, 9);
    }
    return this;
  }

  /** `2024-03-01T12:34:56.123456+0000` for microseconds since 1970. */
  time(timeUs: number): this {
    this.reserve(TIME_BYTES);
    const bounded = timeUs >= 0 ? Math.min(timeUs, LAST_US) : 0;
    let second = Math.floor(bounded / 1e6);
    let micros = bounded - second * 1e6;
    // Neither is exact in years that no clock has.
    if (micros < 0 || bounded > Number.MAX_SAFE_INTEGER) {
      micros = bounded % 1e6;
      second = Math.round((bounded - micros) / 1e6);
    }
    const inDay = second % DAY_S;
    this.put(textOfDay((second - inDay) / DAY_S));
    this.digits(inDay / HOUR_S, 2);
    this.bytes[this.length++] = COLON;
    this.digits((inDay % HOUR_S) / MINUTE_S, 2);
    this.bytes[this.length++] = COLON;
    this.digits(inDay % MINUTE_S, 2);
    this.bytes[this.length++] = DOT;
    this.digits(micros, 6);
    return this.put(ZONE);
  }

  /** Dotted IPv4, or IPv6 as eight groups of four digits; nothing for version 0. */
  address(from: Uint8Array, at: number, version: number): this {
    this.reserve(ADDRESS_BYTES);
    if (version === 4) {
      for (let i = 0; i < 4; i++) {
        if (i > 0) this.bytes[this.length++] = DOT;
        this.digits(from[at + i], 1);
      }
    } else if (version === 6) {
      for (let i = 0; i < 16; i++) {
        if (i > 0 && (i & 1) === 0) this.bytes[this.length++] = COLON;
        this.bytes[this.length++] = hexDigit(from[at + i] >>> 4);
        this.bytes[this.length++] = hexDigit(from[at + i] & 0xf);
      }
    }
    return this;
  }

  /** Digits of the whole part of a number below 2^32, at least `least` of them. There is room. */
  private digits(value: number, least: number): void {
    let rest = value >>> 0;
    let count = least;
    while (count < POWERS.length && rest >= POWERS[count]) count++;
    for (let at = this.length + count - 1; at >= this.length; at--) {
      const next = (rest / 10) >>> 0;
      this.bytes[at] = ZERO + rest - next * 10;
      rest = next;
    }
    this.length += count;
  }

  /** @returns false where it is not ASCII: nothing is appended then. There is room. */
  private appendAscii(text: string): boolean {
    const { bytes, length } = this;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit > 0x7f) return false;
      bytes[length + i] = unit;
    }
    this.length = length + text.length;
    return true;
  }

  private reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.written);
    this.bytes = grown;
  }
}

/** `2024-03-01T` for days since 1970. */
function textOfDay(number: number): Uint8Array {
  if (number !== day) {
    day = number;
    dayText = fragment(new Date(number * DAY_S * 1000).toISOString().slice(0, 11));
  }
  return dayText;
}

/** Of 0 to 15, as a byte. */
const hexDigit = (value: number): number => (value < 10 ? ZERO : 0x57) + value;
