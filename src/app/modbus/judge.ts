/**
 * What is wrong with a message of Modbus (Application Protocol 1.1b3, chapters 6 and 7): its function, its length, its
 * values, its exception, and whether an answer fits what was asked. Stage: app. Looks at bytes where they lie, and
 * keeps none.
 */
import { DIAGNOSTICS, ENCAPSULATED } from './functions.js';

/** What may be wrong, a bit each. */
export const WRONG = { function: 1, value: 2, length: 4, exception: 8 } as const;
/** Of a message that reads or writes: its answer does not fit. */
export const MISFIT = WRONG.value | WRONG.length;

const ERROR_BIT = 0x80;
const READ_AND_WRITE = 23;
const MASK_WRITE = 22;
const FILES: readonly number[] = [20, 21];
/** Functions whose request has no data; those whose answer has just so much. */
const EMPTY: readonly number[] = [7, 11, 12, 17];
const FIFO = 24;
const ANSWER_BYTES: Readonly<Record<number, number>> = { 7: 1, 11: 4 };
/** Most coils or registers that are read, and that are written. */
const MOST_READ: Readonly<Record<number, number>> = { 1: 2000, 2: 2000, 3: 125, 4: 125, 23: 125 };
const MOST_WRITTEN: Readonly<Record<number, number>> = { 15: 1968, 16: 123, 23: 121 };
const MOST_BYTES_READ = 250;
const COIL = { write: 5, on: 0xff00 } as const;
const REGISTER_WRITE = 6;
const MEMORY_PARITY = 8;
const EXCEPTIONS: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 10, 11];
const SUBFUNCTION = { restart: 1, delimiter: 3, from: 10, to: 20 } as const;
/** Those in between that the specification leaves out. */
const NO_SUBFUNCTION = 19;

const u16 = (bytes: Uint8Array, at: number): number => (bytes[at] << 8) | bytes[at + 1];
const isOfBits = (code: number): boolean => code < 3 || code === 15;
const bytesOf = (code: number, quantity: number): number => (isOfBits(code) ? (quantity + 7) >>> 3 : 2 * quantity);
/** It reads or writes coils or registers. */
export const isAccess = (code: number): boolean =>
  MOST_READ[code] !== undefined ||
  MOST_WRITTEN[code] !== undefined ||
  code === COIL.write ||
  code === REGISTER_WRITE ||
  code === MASK_WRITE;

/** A request: `length` bytes from its function on. */
export function wrongWithRequest(bytes: Uint8Array, at: number, length: number): number {
  const code = bytes[at];
  const [data, left] = [at + 1, length - 1];
  if (code === 0) return WRONG.function;
  if (code >= ERROR_BIT) return WRONG.function | (left < 1 ? WRONG.length : 0);
  if (code === DIAGNOSTICS) return diagnostics(bytes, data, left);
  if (code === ENCAPSULATED || FILES.includes(code)) return left < 1 ? WRONG.length : 0;
  if (EMPTY.includes(code)) return left > 0 ? WRONG.length : 0;
  if (code === FIFO) return left !== 2 ? WRONG.length : 0;
  if (code === COIL.write || code === REGISTER_WRITE) return single(bytes, data, left, code === COIL.write);
  if (code === MASK_WRITE) return left !== 6 ? WRONG.length : 0;
  const read = MOST_READ[code] === undefined ? 0 : reading(bytes, code, data, left);
  const written = code === READ_AND_WRITE ? 4 : 0;
  return MOST_WRITTEN[code] === undefined ? read : read | writing(bytes, code, data + written, left - written);
}

/** An answer, by itself. */
export function wrongWithAnswer(bytes: Uint8Array, at: number, length: number): number {
  const code = bytes[at];
  const [data, left] = [at + 1, length - 1];
  if (code >= ERROR_BIT) return left < 1 ? WRONG.length : exception(code & ~ERROR_BIT, bytes[data]);
  if (code === DIAGNOSTICS) return left < 2 ? WRONG.length : 0;
  if (code === ENCAPSULATED) return left < 1 ? WRONG.length : 0;
  if (ANSWER_BYTES[code] !== undefined) return left !== ANSWER_BYTES[code] ? WRONG.length : 0;
  if (MOST_READ[code] !== undefined) {
    if (left < 1) return WRONG.length;
    const count = bytes[data];
    return count === 0 || count > MOST_BYTES_READ || count !== left - 1 ? WRONG.value : 0;
  }
  if (code === MASK_WRITE) return left !== 6 ? WRONG.length : 0;
  if (!isAccess(code)) return 0;
  return left !== 4 ? WRONG.length : MOST_WRITTEN[code] !== undefined && u16(bytes, data + 2) === 0 ? WRONG.value : 0;
}

/** Whether an answer of the same function, right by itself, says something else than what was asked. */
export function isMisfit(bytes: Uint8Array, asked: number, askedLength: number, at: number, length: number): boolean {
  const code = bytes[at];
  if (MOST_READ[code] !== undefined)
    return askedLength >= 5 && length - 2 !== bytesOf(code, u16(bytes, asked + 3)) && length > 1;
  if (!isAccess(code)) return false;
  const echoed = code === MASK_WRITE ? 7 : 5;
  if (askedLength < echoed || length < echoed) return false;
  for (let index = 1; index < echoed; index++) if (bytes[asked + index] !== bytes[at + index]) return true;
  return false;
}

function diagnostics(bytes: Uint8Array, data: number, left: number): number {
  if (left !== 4) return WRONG.length;
  const subfunction = u16(bytes, data);
  const value = u16(bytes, data + 2);
  if (subfunction === SUBFUNCTION.restart) return value !== 0 && value !== COIL.on ? WRONG.value : 0;
  if (subfunction === SUBFUNCTION.delimiter) return (value & 0xff) !== 0 ? WRONG.value : 0;
  const isCounter =
    subfunction === 2 ||
    (subfunction >= SUBFUNCTION.from && subfunction <= SUBFUNCTION.to && subfunction !== NO_SUBFUNCTION);
  return isCounter && value !== 0 ? WRONG.value : 0;
}

function single(bytes: Uint8Array, data: number, left: number, isCoil: boolean): number {
  const value = left < 4 || !isCoil ? 0 : u16(bytes, data + 2);
  return (left !== 4 ? WRONG.length : 0) | (value !== 0 && value !== COIL.on ? WRONG.value : 0);
}

function reading(bytes: Uint8Array, code: number, data: number, left: number): number {
  if (left < 4) return WRONG.length;
  const quantity = u16(bytes, data + 2);
  const isLong = code !== READ_AND_WRITE && left > 4;
  return (isLong ? WRONG.length : 0) | (quantity === 0 || quantity > MOST_READ[code]! ? WRONG.value : 0);
}

function writing(bytes: Uint8Array, code: number, data: number, left: number): number {
  if (left < 5) return WRONG.length;
  const quantity = u16(bytes, data + 2);
  const count = bytes[data + 4];
  const isValue = quantity === 0 || quantity > MOST_WRITTEN[code]! || count !== bytesOf(code, quantity);
  return (count !== left - 5 ? WRONG.length : 0) | (isValue ? WRONG.value : 0);
}

/** Of a parity error only files tell. */
function exception(code: number, number: number): number {
  const isKnown = EXCEPTIONS.includes(number) || (number === MEMORY_PARITY && FILES.includes(code));
  return isKnown ? 0 : WRONG.exception;
}
