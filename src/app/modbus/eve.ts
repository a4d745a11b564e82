/**
 * The `modbus` object of events, from the data units of both sides as they were kept: | unit | function | data |.
 * Stage: app; called for events alone, so it allocates. Bound: that of events, as units have 254 bytes.
 */
import { eventObject, type EventMembers } from '../fields/event-object.js';
import { printedText } from '../printed-text.js';
import { CATEGORY } from './buffers.js';
import { categoryOf } from './functions.js';
import { isMisfit, WRONG, wrongWithAnswer, wrongWithRequest } from './judge.js';

const ERROR_BIT = 0x80;
const READ = 'READ | ';
const WRITE = 'WRITE | ';
const ONE = ' | SINGLE | WRITE_SINGLE';
const MANY = ' | MULTIPLE | WRITE_MULTIPLE';
/** What reads, and writes, how much, in which form. */
type Shape = 'read' | 'write one' | 'write many' | 'mask' | 'both' | 'diagnostic' | 'mei' | 'empty' | 'bytes';
type FunctionLine = readonly [name: string, shape: Shape, access?: string];

const FUNCTIONS: Readonly<Record<number, FunctionLine>> = {
  1: ['RdCoils', 'read', `${READ}COILS`],
  2: ['RdDiscreteInputs', 'read', `${READ}DISCRETES`],
  3: ['RdHoldRegs', 'read', `${READ}HOLDING`],
  4: ['RdInputRegs', 'read', `${READ}INPUT`],
  5: ['WrSingleCoil', 'write one', `${WRITE}COILS${ONE}`],
  6: ['WrSingleReg', 'write one', `${WRITE}HOLDING${ONE}`],
  7: ['RdExcStatus', 'empty'],
  8: ['Diagnostic', 'diagnostic'],
  9: ['Program484', 'bytes'],
  10: ['Poll484', 'bytes'],
  11: ['GetCommEventCtr', 'empty'],
  12: ['GetCommEventLog', 'empty'],
  13: ['ProgramController', 'bytes'],
  14: ['PollController', 'bytes'],
  15: ['WrMultCoils', 'write many', `${WRITE}COILS${MANY}`],
  16: ['WrMultRegs', 'write many', `${WRITE}HOLDING${MANY}`],
  17: ['ReportServerID', 'empty'],
  18: ['Program884', 'bytes'],
  19: ['ResetCommLink', 'bytes'],
  20: ['RdFileRec', 'bytes'],
  21: ['WrFileRec', 'bytes'],
  22: ['MaskWrReg', 'mask', `${WRITE}HOLDING`],
  23: ['RdWrMultRegs', 'both', `${READ}${WRITE}HOLDING${MANY}`],
  24: ['RdFIFOQueue', 'bytes'],
  43: ['MEI', 'mei'],
};
const UNKNOWN: FunctionLine = ['Unknown', 'bytes'];
const CATEGORIES: Readonly<Record<number, string>> = {
  [CATEGORY.assigned]: 'PUBLIC_ASSIGNED',
  [CATEGORY.unassigned]: 'PUBLIC_UNASSIGNED',
  [CATEGORY.user]: 'USER_DEFINED',
  [CATEGORY.reserved]: 'RESERVED',
};
const EXCEPTIONS: Readonly<Record<number, string>> = {
  1: 'IllegalFunction',
  2: 'IllegalDataAddr',
  3: 'IllegalDataValue',
  4: 'ServerDeviceFail',
  5: 'Ack',
  6: 'ServerDeviceBusy',
  7: 'NegAck',
  8: 'MemParityErr',
  10: 'GatewayPathUnavailable',
  11: 'GatewayTargetFailToResp',
};
const DIAGNOSTICS: Readonly<Record<number, string>> = {
  0: 'RetQueryData',
  1: 'RestartCommOpt',
  2: 'RetDiagReg',
  3: 'ChangeInputDelimiter',
  4: 'ForceListenOnlyMode',
  10: 'ClearCtrDiagReg',
  11: 'RetBusMsgCount',
  12: 'RetBusCommErrCount',
  13: 'RetBusExcErrCount',
  14: 'RetServerMsgCount',
  15: 'RetServerNoRespCount',
  16: 'RetServerNAKCount',
  17: 'RetServerBusyCount',
  18: 'RetBusCharOverrunCount',
  19: 'RetOverrunErrCount',
  20: 'ClearOverrunCounterFlag',
  21: 'GetClearPlusStats',
};
const INTERFACES: Readonly<Record<number, string>> = { 13: 'CANOpenGenRefReqResp', 14: 'RdDevId' };
/** What is wrong, as events have it. */
const FLAGS = [
  [WRONG.value, 'DATA_VALUE'],
  [WRONG.length, 'DATA_LENGTH'],
  [WRONG.exception, 'EXC_CODE'],
  [WRONG.function, 'FUNC_CODE'],
] as const;

/** What a data unit says. */
class Unit {
  readonly code: number;
  readonly function: FunctionLine;
  private readonly bytes: Buffer;
  private readonly data: Buffer;
  private readonly isError: boolean;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.data = bytes.subarray(2);
    this.isError = (bytes[1]! & ERROR_BIT) !== 0;
    this.code = bytes[1]! & ~ERROR_BIT;
    this.function = FUNCTIONS[this.code] ?? UNKNOWN;
  }

  members(id: number, request: Unit | null): EventMembers {
    const what = this.isError ? this.exception() : request === null ? this.asked() : this.answered();
    const subfunction = this.data.length > 1 && this.code === 8 ? this.data.readUInt16BE(0) : (this.data[0] ?? 0);
    return {
      transaction_id: id,
      protocol_id: 0,
      unit_id: this.bytes[0],
      function_raw: this.bytes[1],
      function_code: this.function[0],
      access_type: this.function[2] ?? 'NONE',
      category: CATEGORIES[categoryOf(this.code, subfunction)],
      error_flags: this.flags(request),
      ...what,
    };
  }

  private flags(request: Unit | null): string {
    const wrong = this.wrong(request);
    const names = FLAGS.filter(([bit]) => (wrong & bit) !== 0).map(([, name]) => name);
    return names.join(' | ') || 'NONE';
  }

  private wrong(request: Unit | null): number {
    const { bytes } = this;
    if (request === null) return wrongWithRequest(bytes, 1, bytes.length - 1);
    const wrong = wrongWithAnswer(bytes, 1, bytes.length - 1);
    if (this.isError || request.code !== this.code) return wrong;
    const both = Buffer.concat([request.bytes, bytes]);
    const { length } = request.bytes;
    return wrong | (isMisfit(both, 1, length - 1, length + 1, bytes.length - 1) ? WRONG.value : 0);
  }

  private asked(): EventMembers {
    switch (this.function[1]) {
      case 'read':
        return this.has(4) ? { read: this.range(0) } : this.rest();
      case 'write many':
        return this.has(5) ? { write: this.written(0) } : this.rest();
      case 'both':
        return this.has(9) ? { read: this.range(0), write: this.written(4) } : this.rest();
      default:
        return this.either();
    }
  }

  private answered(): EventMembers {
    const { data } = this;
    switch (this.function[1]) {
      case 'read':
      case 'both':
        return { read: { data: text(data.subarray(1, 1 + (data[0] ?? 0))) } };
      case 'write many':
        if (!this.has(4)) return this.rest();
        return { write: { address: data.readUInt16BE(0), data: data.readUInt16BE(2) } };
      default:
        return this.either();
    }
  }

  /** What has the same form in requests and answers. */
  private either(): EventMembers {
    const { data } = this;
    switch (this.function[1]) {
      case 'write one':
        if (!this.has(4)) return this.rest();
        return { write: { address: data.readUInt16BE(0), data: data.readUInt16BE(2) } };
      case 'mask':
        if (!this.has(6)) return this.rest();
        return {
          write: { address: data.readUInt16BE(0), and_mask: data.readUInt16BE(2), or_mask: data.readUInt16BE(4) },
        };
      case 'diagnostic': {
        if (!this.has(2)) return this.rest();
        const raw = data.readUInt16BE(0);
        return { diagnostic: { raw, code: DIAGNOSTICS[raw] ?? 'Reserved', data: text(data.subarray(2)) } };
      }
      case 'mei':
        if (!this.has(1)) return this.rest();
        return { mei: { raw: data[0], code: INTERFACES[data[0]!] ?? 'Unknown', data: text(data.subarray(1)) } };
      default:
        return this.rest();
    }
  }

  private exception(): EventMembers {
    if (!this.has(1)) return this.rest();
    return { exception: { raw: this.data[0], code: EXCEPTIONS[this.data[0]!] ?? 'Unknown' } };
  }

  private range(at: number): EventMembers {
    return { address: this.data.readUInt16BE(at), quantity: this.data.readUInt16BE(at + 2) };
  }

  private written(at: number): EventMembers {
    return { ...this.range(at), data: text(this.data.subarray(at + 5)) };
  }

  private has(bytes: number): boolean {
    return this.data.length >= bytes;
  }

  private rest(): EventMembers {
    return { data: text(this.data) };
  }
}

const text = (bytes: Buffer): string => printedText(bytes, 0, bytes.length);
const NO_REQUEST = new Unit(Buffer.alloc(2));

/** Of the transaction's number in the flow and on the wire, and the units that came. */
export function modbusObject(
  number: number,
  id: number,
  request: Uint8Array | undefined,
  response: Uint8Array | undefined,
): string {
  const asked = request === undefined ? null : new Unit(Buffer.from(request));
  return eventObject('modbus', {
    id: number,
    request: asked?.members(id, null),
    response: response === undefined ? undefined : new Unit(Buffer.from(response)).members(id, asked ?? NO_REQUEST),
  });
}
