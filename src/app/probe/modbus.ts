/**
 * Modbus: requests and answers whose counts and lengths fit each other. Stage: app. Modbus messaging on TCP/IP 1.0b,
 * Modbus application protocol 1.1b3. There is no fixed word in it: functions without a count are left to the port.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { ANSWER, u16, type Answer } from './answer.js';

const HEADER = 8;
const LONGEST = 254;
const EXCEPTION = 0x80;
const LAST_EXCEPTION = 11;
/** Requests to read or to write one value are of six bytes. */
const FIXED_REQUESTS = 6;
const FIXED = 6;
const FUNCTION = {
  readDiscretes: 2,
  readInputs: 4,
  writeCoil: 5,
  writeRegister: 6,
  writeCoils: 15,
  writeRegisters: 16,
  readWrite: 23,
  encapsulated: 43,
} as const;
const MOST_BITS = 2000;
const MOST_REGISTERS = 125;
const ON = 0xff00;
const IDENTIFICATION = 14;
const IDENTIFICATION_REQUEST = 5;

export function probeModbus(bytes: Uint8Array, start: number, length: number, direction: Direction): Answer {
  if (length > 2 && bytes[start + 2] !== 0) return ANSWER.no;
  if (length > 3 && bytes[start + 3] !== 0) return ANSWER.no;
  if (length > 4 && bytes[start + 4] !== 0) return ANSWER.no;
  if (length < HEADER) return ANSWER.more;
  const size = u16(bytes, start + 4);
  const code = bytes[start + 7];
  if (size < 2 || size > LONGEST || code === 0 || code === EXCEPTION) return ANSWER.no;
  const body = start + HEADER;
  const has = length - HEADER;
  if (direction === DIRECTION.toServer) {
    if (code > EXCEPTION || (code <= FIXED_REQUESTS && size !== FIXED)) return ANSWER.no;
    return fitsRequest(bytes, body, has, code, size) ? ANSWER.yes : ANSWER.open;
  }
  if (code > EXCEPTION && size !== 3) return ANSWER.no;
  return fitsAnswer(bytes, body, has, code, size) ? ANSWER.yes : ANSWER.open;
}

/** `size` counts the unit and the function, too. */
function fitsRequest(bytes: Uint8Array, body: number, has: number, code: number, size: number): boolean {
  if (code === FUNCTION.encapsulated)
    return has >= 2 && size === IDENTIFICATION_REQUEST && bytes[body] === IDENTIFICATION && bytes[body + 1] <= 4;
  if (has < 4) return false;
  const value = u16(bytes, body + 2);
  if (code <= FUNCTION.readInputs) return isCount(value, code <= FUNCTION.readDiscretes ? MOST_BITS : MOST_REGISTERS);
  if (code === FUNCTION.writeCoil) return value === 0 || value === ON;
  if (code === FUNCTION.writeCoils || code === FUNCTION.writeRegisters) {
    const data = code === FUNCTION.writeCoils ? (value + 7) >>> 3 : 2 * value;
    return has >= 5 && value > 0 && bytes[body + 4] === data && size === 7 + data;
  }
  if (code !== FUNCTION.readWrite || has < 9) return false;
  const data = 2 * u16(bytes, body + 6);
  return isCount(value, MOST_REGISTERS) && data > 0 && bytes[body + 8] === data && size === 11 + data;
}

function fitsAnswer(bytes: Uint8Array, body: number, has: number, code: number, size: number): boolean {
  if (code > EXCEPTION)
    return code <= EXCEPTION + FUNCTION.encapsulated && has > 0 && isCount(bytes[body], LAST_EXCEPTION);
  if (code <= FUNCTION.readInputs || code === FUNCTION.readWrite)
    return has > 0 && size > 3 && size === 3 + bytes[body] && (code <= FUNCTION.readDiscretes || (size & 1) === 1);
  if (has < 4 || size !== FIXED) return false;
  const value = u16(bytes, body + 2);
  if (code === FUNCTION.writeCoil) return value === 0 || value === ON;
  return (code === FUNCTION.writeCoils || code === FUNCTION.writeRegisters) && isCount(value, MOST_BITS);
}

const isCount = (value: number, most: number): boolean => value > 0 && value <= most;
