/**
 * Modbus over TCP (Modbus Messaging on TCP/IP, 3.1). Stage: app. A request and its answer are one transaction.
 *
 *   | transaction (2) | 0 (2) | length (2) | unit | function | data |
 */
import type { Direction } from '../../flow/flow.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { FieldTable } from '../fields/field-table.js';
import { SIDE } from '../fields/field-list.js';
import { MESSAGE } from '../fields/field-transaction.js';
import { MessageConnection } from '../fields/message-connection.js';
import { MOST_SEARCHED, type PlainLayout, type PlainTransaction } from '../fields/plain-transaction.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { probeModbus } from '../probe/modbus.js';
import { ACCESS, MODBUS_BUFFERS } from './buffers.js';
import { modbusObject } from './eve.js';
import { modbusEvent } from './events.js';
import { categoryOf, DIAGNOSTICS, ENCAPSULATED } from './functions.js';
import { isAccess, isMisfit, MISFIT, WRONG, wrongWithAnswer, wrongWithRequest } from './judge.js';

const FIELDS = new FieldTable(MODBUS_BUFFERS, ['request', 'response']);
const F = (name: string): number => FIELDS.of(name);
const FIELD = {
  data: F('modbus_data'),
  function: F('modbus_func'),
  unit: F('modbus_unit'),
  askedUnit: F('modbus.unit'),
  askedFunction: F('modbus.function'),
  subfunction: F('modbus.subfunction'),
  category: F('modbus.category'),
  access: F('modbus.access'),
  first: F('modbus.first'),
  last: F('modbus.last'),
  value: F('modbus.value'),
  units: [F('request'), F('response')] as const,
};
export const MODBUS_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 2048,
  mostFields: 160,
  overflow: modbusEvent('too_many_fields'),
  print: (tx) => modbusObject(tx.id + 1, tx.key & 0xffff, tx.bytesOf(FIELD.units[0]), tx.bytesOf(FIELD.units[1])),
};
const HEADER_BYTES = 6;
const LEAST_LENGTH = 2;
const MOST_LENGTH = 254;
const ERROR_BIT = 0x80;
/** By function: what it reads or writes. */
const ACCESSES: Readonly<Record<number, number>> = {
  1: ACCESS.read | ACCESS.coils,
  2: ACCESS.read | ACCESS.discretes,
  3: ACCESS.read | ACCESS.holding,
  4: ACCESS.read | ACCESS.input,
  5: ACCESS.write | ACCESS.coils,
  6: ACCESS.write | ACCESS.holding,
  15: ACCESS.write | ACCESS.coils,
  16: ACCESS.write | ACCESS.holding,
  22: ACCESS.write | ACCESS.holding,
  23: ACCESS.read | ACCESS.write | ACCESS.holding,
};
const WRITES_ONE = new Set([5, 6, 22]);
const WRITES_REGISTERS = 16;
const READS_AND_WRITES = 23;
const COIL_ON = 0xff00;

export class ModbusConnection extends MessageConnection<PlainTransaction> {
  protected override probe(): Probe {
    return probeModbus;
  }

  protected override message(direction: Direction, input: Input): boolean {
    const { position, available } = input;
    if (available < HEADER_BYTES) return false;
    const { reader } = this.share;
    reader.begin(position, position + available);
    const id = reader.u16();
    const protocol = reader.u16();
    const length = reader.u16();
    const isLost = length < LEAST_LENGTH || length > MOST_LENGTH;
    if (!isLost && available < HEADER_BYTES + length) return false;
    const at = position + HEADER_BYTES;
    const open = direction === 0 || isLost ? null : this.asked(id, at, length);
    const tx = open ?? this.begin();
    if (tx === null) return false;
    tx.key = isLost ? id : keyOf(id, input.bytes, at);
    if (protocol !== 0) tx.raise(modbusEvent('invalid_protocol_id'), direction);
    if (isLost) {
      tx.raise(modbusEvent('invalid_length'), direction);
      this.completeAlone(tx, direction);
      this.broken = true;
      return false;
    }
    this.judge(tx, open, direction, at, length);
    reader.begin(at, at + length);
    this.unit(tx, direction, reader);
    tx.advance(direction, MESSAGE);
    if (direction === 1) tx.advance(0, MESSAGE);
    input.take(HEADER_BYTES + length);
    return true;
  }

  /** The request of an answer: of the same number, unit and function, and of what that has of functions within it. */
  private asked(id: number, at: number, length: number): PlainTransaction | null {
    const { bytes } = this.share.arena;
    const key = keyOf(id, bytes, at);
    const code = bytes[at + 1];
    const within = code === DIAGNOSTICS && length >= 4 ? 2 : code === ENCAPSULATED && length >= 3 ? 1 : 0;
    const end = Math.min(this.count, MOST_SEARCHED);
    for (let index = 0; index < end; index++) {
      const tx = this.transactions[index] as PlainTransaction;
      if (tx.key !== key || tx.progressToClient >= MESSAGE) continue;
      const asked = within === 0 ? undefined : tx.numberOf(FIELD.subfunction);
      if (asked === undefined || asked === (within === 1 ? bytes[at + 2] : (bytes[at + 2] << 8) | bytes[at + 3]))
        return tx;
    }
    return null;
  }

  private judge(
    tx: PlainTransaction,
    open: PlainTransaction | null,
    direction: Direction,
    at: number,
    length: number,
  ): void {
    const { bytes } = this.share.arena;
    if (direction === 0) {
      this.raiseWrong(tx, wrongWithRequest(bytes, at + 1, length - 1), 0);
      return;
    }
    if (open === null) tx.raise(modbusEvent('unsolicited_response'), 1);
    const wrong = wrongWithAnswer(bytes, at + 1, length - 1);
    const asked = open === null ? null : tx.placeOf(FIELD.units[0]);
    const isOther = asked !== null && isMisfit(bytes, asked.start + 1, asked.length - 1, at + 1, length - 1);
    if (isAccess(bytes[at + 1] & ~ERROR_BIT) && (isOther || (wrong & MISFIT) !== 0))
      tx.raise(modbusEvent('value_mismatch'), 1);
    else this.raiseWrong(tx, wrong, 1);
  }

  private raiseWrong(tx: PlainTransaction, wrong: number, direction: Direction): void {
    if (wrong === 0) return;
    if ((wrong & WRONG.function) !== 0) tx.raise(modbusEvent('invalid_function_code'), direction);
    if ((wrong & WRONG.value) !== 0) tx.raise(modbusEvent('invalid_value'), direction);
    if ((wrong & WRONG.length) !== 0) tx.raise(modbusEvent('invalid_length'), direction);
    if ((wrong & WRONG.exception) !== 0) tx.raise(modbusEvent('invalid_exception_code'), direction);
  }

  private unit(tx: PlainTransaction, direction: Direction, reader: ByteReader): void {
    const sides = 1 << direction;
    tx.keep(FIELD.units[direction], sides, reader.at, reader.left, MODBUS_LAYOUT.mostBytes);
    const unit = reader.u8();
    tx.addNumber(FIELD.unit, sides, unit);
    if (direction === 0) tx.addNumber(FIELD.askedUnit, SIDE.toServer, unit);
    const code = reader.u8();
    tx.addNumber(FIELD.function, sides, code & ~ERROR_BIT);
    tx.addText(FIELD.data, sides, reader.at, reader.left);
    if (direction !== 0) return;
    let subfunction = 0;
    if (code === DIAGNOSTICS) subfunction = reader.u16();
    else if (code === ENCAPSULATED) subfunction = reader.u8();
    tx.addNumber(FIELD.askedFunction, SIDE.toServer, code);
    tx.addNumber(FIELD.category, SIDE.toServer, categoryOf(code, subfunction));
    if (code === DIAGNOSTICS || code === ENCAPSULATED) tx.addNumber(FIELD.subfunction, SIDE.toServer, subfunction);
    else if (ACCESSES[code] !== undefined) this.access(tx, code, reader);
  }

  private access(tx: PlainTransaction, code: number, reader: ByteReader): void {
    tx.addNumber(FIELD.access, SIDE.toServer, ACCESSES[code]!);
    const first = reader.u16() + 1;
    tx.addNumber(FIELD.first, SIDE.toServer, first);
    if (WRITES_ONE.has(code)) {
      const value = reader.u16();
      tx.addNumber(FIELD.last, SIDE.toServer, first);
      tx.addNumber(FIELD.value, SIDE.toServer, code === 5 ? Number(value === COIL_ON) : value);
      return;
    }
    tx.addNumber(FIELD.last, SIDE.toServer, first + Math.max(1, reader.u16()) - 1);
    if (code === READS_AND_WRITES) reader.skip(4);
    if (code !== WRITES_REGISTERS && code !== READS_AND_WRITES) return;
    reader.skip(1);
    while (reader.left >= 2) tx.addNumber(FIELD.value, SIDE.toServer, reader.u16());
  }
}

/** Number, unit and function; an answer that refuses is of the function as well. */
function keyOf(id: number, bytes: Uint8Array, at: number): number {
  return id | (bytes[at] << 16) | ((bytes[at + 1] & ~ERROR_BIT) << 24);
}
