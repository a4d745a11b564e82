/** Messages of Modbus that are wrong, each in its own way. */
import { MODBUS, MODBUS_EVENTS } from '../../../src/app/modbus/index.js';
import type { Said } from '../../support/conversation.js';
import { concat, u16 } from '../../support/packet-builder.js';
import type { EventCases } from './event-cases.js';

const message = (id: number, ...body: number[]): Uint8Array => concat(u16(id), u16(0), u16(body.length), body);
const asked = (...body: number[]): readonly Said[] => [['>', message(2, 1, ...body)]];
const answered = (request: readonly number[], answer: readonly number[]): readonly Said[] => [
  ['>', message(2, 1, ...request)],
  ['<', message(2, 1, ...answer)],
];
const READ = [3, 0, 0, 0, 1];

const FUNCTIONS = [0, 1, 2, 3, 5, 6, 7, 8, 9, 11, 15, 16, 17, 20, 21, 22, 23, 24, 25, 43, 100, 127, 131];
const EXCEPTIONS = [0, 1, 7, 8, 9, 10, 11, 12, 255];

export const MODBUS_CASES: EventCases = {
  application: 'modbus',
  protocol: MODBUS,
  events: MODBUS_EVENTS,
  port: 502,
  first: [
    ['>', message(1, 1, 7)],
    ['<', message(1, 1, 7, 0)],
  ],
  cases: {
    ...Object.fromEntries(FUNCTIONS.map((code) => [`function ${code} without data`, asked(code)])),
    ...Object.fromEntries(FUNCTIONS.map((code) => [`function ${code} with four bytes`, asked(code, 0, 1, 0, 1)])),
    ...Object.fromEntries(
      EXCEPTIONS.map((number) => [`function 3 refused by ${number}`, answered(READ, [0x83, number])]),
    ),
    'a parity error of a file': answered([20, 7], [0x94, 8]),
    'an exception without a number': answered(READ, [0x83]),
    'no register': asked(3, 0, 0, 0, 0),
    'too many registers': asked(3, 0, 0, 0, 126),
    'too many coils': asked(1, 0, 0, 7, 209),
    'a read with more behind it': asked(3, 0, 0, 0, 1, 9),
    'a coil that is neither on nor off': answered([5, 0, 0, 1, 0], [5, 0, 0, 1, 0]),
    'a write of registers': answered([16, 0, 0, 0, 1, 2, 0, 9], [16, 0, 0, 0, 1]),
    'a write of coils with another count': asked(15, 0, 0, 0, 9, 3, 0, 9),
    'a restart with a wrong value': asked(8, 0, 1, 5, 0),
    'a restart': asked(8, 0, 1, 255, 0),
    'a delimiter with a wrong value': asked(8, 0, 3, 5, 1),
    'a counter with a value': asked(8, 0, 10, 5, 0),
    'a diagnosis that is short': asked(8, 0, 0, 5),
    'registers that were asked for': answered([3, 0, 0, 0, 2], [3, 4, 0, 0, 0, 0]),
    'fewer registers than asked for': answered([3, 0, 0, 0, 2], [3, 2, 0, 0]),
    'coils that were asked for': answered([1, 0, 0, 0, 9], [1, 2, 0, 0]),
    'fewer coils than asked for': answered([1, 0, 0, 0, 9], [1, 1, 0]),
    'a value of an answer that was not written': answered([6, 0, 0, 0, 9], [6, 0, 0, 0, 8]),
    'a number of an answer that was not written': answered([16, 0, 0, 0, 1, 2, 0, 9], [16, 0, 0, 0, 2]),
    'masks that were not written': answered([22, 0, 0, 0, 1, 0, 2], [22, 0, 0, 0, 1, 0, 3]),
    'registers read and written': answered([23, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 1], [23, 2, 0, 0]),
    'more registers than asked for, and written': answered([23, 0, 0, 0, 1, 0, 0, 0, 1, 2, 0, 1], [23, 4, 0, 0, 0, 0]),
    'an answer of another function': answered(READ, [4, 2, 0, 0]),
    'an answer of another unit': [
      ['>', message(2, 1, ...READ)],
      ['<', message(2, 2, 6, 0, 0, 0, 0)],
    ],
    'an answer of another diagnosis': answered([8, 0, 0, 5, 5], [8, 0, 1, 5, 5]),
    'an answer of another interface': answered([43, 14, 1, 0], [43, 13, 1, 0]),
    'another protocol, and what follows it': [
      ['>', concat(u16(2), u16(5), u16(6), [1, ...READ])],
      ['>', message(3, 1, 0)],
    ],
  },
  differs: {
    'registers that were asked for': 'there a register is taken for a bit, so that none is right',
  },
};
