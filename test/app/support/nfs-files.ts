/** Calls of NFS 2 to 4 about files and their answers for tests, each with the next number. */
import type { Said } from '../../support/conversation.js';
import { concat, toBytes, u32, type Payload } from '../../support/packet-builder.js';
import { call, HANDLE, opaque, record } from './nfs-messages.js';

const u64 = (value: number): Uint8Array => concat(u32(Math.floor(value / 2 ** 32)), u32(value >>> 0));
const lengthOf = (data: Payload): number => toBytes(data).length;
const ATTRIBUTES_2 = 68;
const ATTRIBUTES = concat(u32(1), new Uint8Array(84));
const NONE = u32(0);
const STATE = new Uint8Array(16).fill(9);
const CHANGE = concat(u32(0), u64(1), u64(2));
const MASK = concat(u32(2), u32(0x18), u32(2));
const MODE = concat(u32(2), u32(0), u32(2), opaque(u32(0o644)));

/**
 * The handle of a file by its name, as a server might make it: in whole words, as Suricata does not read others.
 * Version 2 has 32 bytes.
 */
export const handleOf = (name: string): Uint8Array => opaque(`${name}-`.padEnd(16, 'h'));
const handle2 = (name: string): Uint8Array => Uint8Array.from({ length: 32 }, (_, at) => toBytes(`2-${name}`)[at] ?? 0);

/** An operation of version 4: its number, what it is given, and what it answers where the status is 0. */
export interface Operation {
  readonly number: number;
  readonly given: Payload;
  readonly answered: Payload;
  readonly status: number;
}
const operation = (number: number, given: Payload, answered: Payload, status = 0): Operation => ({
  number,
  given,
  answered,
  status,
});
const opened = (creates: boolean, name: string, status: number, delegation: Payload = u32(0)): Operation =>
  operation(
    18,
    concat(
      concat(u32(1), u32(creates ? 2 : 1), u32(0), u64(77), opaque('owner'), u32(creates ? 1 : 0)),
      creates ? concat(u32(0), MODE) : [],
      u32(0),
      opaque(name),
    ),
    concat(STATE, CHANGE, u32(2), MASK, delegation),
    status,
  );

export const op = {
  root: operation(24, [], []),
  use: (name: string) => operation(22, handleOf(name), []),
  handle: (name: string) => operation(10, [], handleOf(name)),
  save: operation(32, [], []),
  restore: operation(31, [], []),
  lookUp: (name: string, status = 0) => operation(15, opaque(name), [], status),
  attributes: operation(9, MASK, concat(MASK, opaque(new Uint8Array(16)))),
  access: operation(3, u32(31), concat(u32(31), u32(31))),
  sequence: operation(53, new Uint8Array(32), new Uint8Array(36)),
  open: (name: string, status = 0) => opened(false, name, status),
  create: (name: string) => opened(true, name, 0),
  lent: (name: string) =>
    opened(true, name, 0, concat(u32(2), STATE, u32(0), u32(1), u64(1000), new Uint8Array(12), opaque('who'))),
  directory: (name: string) => operation(6, concat(u32(2), opaque(name), MODE), concat(CHANGE, MASK)),
  link: (name: string) => operation(6, concat(u32(5), opaque('target'), opaque(name), MODE), concat(CHANGE, MASK)),
  remove: (name: string, status = 0) => operation(28, opaque(name), CHANGE, status),
  rename: (from: string, to: string) => operation(29, concat(opaque(from), opaque(to)), concat(CHANGE, CHANGE)),
  read: (offset: number, data: Payload, isEnd = false, status = 0) =>
    operation(25, concat(STATE, u64(offset), u32(lengthOf(data))), concat(u32(Number(isEnd)), opaque(data)), status),
  /** Data, and a hole behind it. */
  readPlus: (offset: number, data: Payload, hole: number) =>
    operation(
      68,
      concat(STATE, u64(offset), u32(lengthOf(data) + hole)),
      concat(
        concat(u32(1), u32(2), u32(1), u64(offset + lengthOf(data)), u64(hole)),
        concat(u32(0), u64(offset), opaque(data)),
      ),
    ),
  write: (offset: number, data: Payload) =>
    operation(
      38,
      concat(STATE, u64(offset), u32(0), opaque(data)),
      concat(u32(lengthOf(data)), u32(0), new Uint8Array(8)),
    ),
  commit: operation(5, concat(u64(0), u32(0)), new Uint8Array(8)),
  close: operation(4, concat(u32(5), STATE), STATE),
  unknown: operation(99, u32(1), u32(1)),
};

/** How the client and the server wrap what they say in GSS, where they do. */
export const GSS = { integrity: 2, privacy: 3 } as const;

export class NfsFiles {
  private readonly isStream: boolean;
  private readonly service: number | undefined;
  private next = 1;

  constructor({ isStream = true, service = undefined as number | undefined } = {}) {
    this.isStream = isStream;
    this.service = service;
  }

  /** The number of the last call. */
  get last(): number {
    return this.next - 1;
  }

  /** A call and its answer, or the call alone. */
  exchange(version: number, procedure: number, given: Payload, answered: Payload | null): Said[] {
    const id = this.next++;
    const asked: Said = ['>', this.sent(this.asked(id, version, procedure, given))];
    return answered === null ? [asked] : [asked, ['<', this.sent(this.answer(id, answered))]];
  }

  lookUp(name: string, status = 0): Said[] {
    return this.exchange(
      3,
      3,
      concat(HANDLE, opaque(name)),
      status === 0 ? concat(u32(0), handleOf(name), ATTRIBUTES, NONE) : concat(u32(status), NONE),
    );
  }

  create(name: string): Said[] {
    const given = concat(HANDLE, opaque(name), u32(0), new Uint8Array(24));
    return this.exchange(3, 8, given, concat(u32(0), u32(1), handleOf(name), ATTRIBUTES, NONE, NONE));
  }

  read(name: string, offset: number, data: Payload, isEnd = false): Said[] {
    return this.exchange(
      3,
      6,
      concat(handleOf(name), u64(offset), u32(lengthOf(data))),
      concat(u32(0), ATTRIBUTES, u32(lengthOf(data)), u32(Number(isEnd)), opaque(data)),
    );
  }

  readFails(name: string, status: number): Said[] {
    return this.exchange(3, 6, concat(handleOf(name), u64(0), u32(10)), concat(u32(status), NONE));
  }

  /** `stable`: 2 is to be kept at once. */
  write(name: string, offset: number, data: Payload, stable = 0): Said[] {
    const length = u32(lengthOf(data));
    return this.exchange(
      3,
      7,
      concat(handleOf(name), u64(offset), length, u32(stable), opaque(data)),
      concat(u32(0), NONE, NONE, length, u32(stable), new Uint8Array(8)),
    );
  }

  commit(name: string): Said[] {
    const given = concat(handleOf(name), u64(0), u32(0));
    return this.exchange(3, 21, given, concat(u32(0), NONE, NONE, new Uint8Array(8)));
  }

  lookUp2(name: string): Said[] {
    const given = concat(new Uint8Array(32).fill(3), opaque(name));
    return this.exchange(2, 4, given, concat(u32(0), handle2(name), new Uint8Array(ATTRIBUTES_2)));
  }

  /** `size`: of the whole file. */
  read2(name: string, offset: number, data: Payload, size: number): Said[] {
    const attributes = new Uint8Array(ATTRIBUTES_2);
    attributes.set(u32(size), 20);
    return this.exchange(
      2,
      6,
      concat(handle2(name), u32(offset), u32(lengthOf(data)), u32(0)),
      concat(u32(0), attributes, opaque(data)),
    );
  }

  write2(name: string, offset: number, data: Payload): Said[] {
    return this.exchange(
      2,
      8,
      concat(handle2(name), u32(0), u32(offset), u32(lengthOf(data)), opaque(data)),
      concat(u32(0), new Uint8Array(ATTRIBUTES_2)),
    );
  }

  /** Operations of version 4, up to the first that fails in the answer. */
  compound(...operations: readonly Operation[]): Said[] {
    const failed = operations.findIndex(({ status }) => status !== 0);
    const done = failed < 0 ? operations : operations.slice(0, failed + 1);
    const given = concat(...operations.map(({ number, given }) => concat(u32(number), given)));
    const answers = done.map(({ number, answered, status }) =>
      concat(u32(number), u32(status), status === 0 ? answered : []),
    );
    return this.exchange(
      4,
      1,
      concat(opaque(''), u32(0), u32(operations.length), given),
      concat(u32(operations[failed]?.status ?? 0), opaque(''), u32(done.length), ...answers),
    );
  }

  private asked(id: number, version: number, procedure: number, given: Payload): Uint8Array {
    if (this.service === undefined) return call(id, version, procedure, given);
    const who = concat(u32(6), opaque(concat(u32(1), u32(0), u32(id), u32(this.service), opaque('context'))));
    const verified = concat(u32(6), opaque('checksum'));
    return concat(
      concat(u32(id), u32(0), u32(2), u32(100003), u32(version), u32(procedure)),
      who,
      verified,
      this.wrapped(id, given),
    );
  }

  private answer(id: number, answered: Payload): Uint8Array {
    const verified = this.service === undefined ? concat(u32(0), u32(0)) : concat(u32(6), opaque('checksum'));
    return concat(u32(id), u32(1), u32(0), verified, u32(0), this.wrapped(id, answered));
  }

  /** RFC 2203, 5.3.2. */
  private wrapped(id: number, text: Payload): Payload {
    if (this.service === GSS.integrity) return concat(opaque(concat(u32(id), text)), opaque('checksum'));
    return this.service === GSS.privacy ? opaque(toBytes(text).map((byte) => byte ^ 0x5a)) : text;
  }

  private sent(message: Uint8Array): Uint8Array {
    return this.isStream ? record(message) : message;
  }
}
