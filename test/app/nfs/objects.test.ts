/**
 * The objects of events about NFS: who calls, the files that handles stand for, which parts are read and written; with
 * the values that Suricata 8.0.7 printed, but for what docs/protocols/nfs.md says.
 */
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { NFS, NFS_EVENTS } from '../../../src/app/nfs/index.js';
import { MOST_HANDLES } from '../../../src/app/nfs/handle-names.js';
import { concat, u32, type Payload } from '../../support/packet-builder.js';
import { HANDLE, opaque, record } from '../support/nfs-messages.js';
import { Talk } from '../support/talk.js';

const UNIX = concat(u32(1), opaque(concat(u32(7), opaque('client'), u32(1000), u32(100), u32(1), u32(4))));
const NULL = concat(u32(0), u32(0));
const FILE = opaque('filehandle-0001');
const FILE_HASH = 'd2b00e53';
const DIRECTORY_HASH = '24c78bd3';
const ATTRIBUTES = concat(u32(1), new Uint8Array(84));
const NO_ATTRIBUTES = u32(0);

const offset = (value: number): Uint8Array => concat(u32(0), u32(value));
const call = (id: number, procedure: number, given: Payload, version = 3, who = UNIX): Uint8Array =>
  concat(u32(id), u32(0), u32(2), u32(100003), u32(version), u32(procedure), who, NULL, given);
const answer = (id: number, ...rest: readonly Payload[]): Uint8Array =>
  concat(u32(id), u32(1), u32(0), NULL, u32(0), ...rest);

type Step = readonly [asked: Uint8Array, answered?: Uint8Array];
const LOOKUP: Step = [call(1, 3, concat(HANDLE, opaque('a.txt'))), answer(1, u32(0), FILE, ATTRIBUTES, NO_ATTRIBUTES)];
const read = (id: number, from: number, isEnd: boolean): Step => [
  call(id, 6, concat(FILE, offset(from), u32(10))),
  answer(id, u32(0), ATTRIBUTES, u32(10), u32(Number(isEnd)), opaque('hello worl')),
];
const write = (id: number, from: number, stable: number): Step => [
  call(id, 7, concat(FILE, offset(from), u32(2), u32(stable), opaque('MZ'))),
  answer(id, u32(0), NO_ATTRIBUTES, NO_ATTRIBUTES, u32(2), u32(stable), new Uint8Array(8)),
];

interface Objects {
  readonly nfs: Readonly<Record<string, unknown>>;
  readonly rpc: Readonly<Record<string, unknown>>;
}
function objectsOf(steps: readonly Step[], isStream = true): Objects[] {
  const talk = new Talk(NFS, [], NFS_EVENTS, 8);
  const said = ([asked, answered]: Step): void => {
    for (const [side, bytes] of [['>', asked] as const, ['<', answered] as const]) {
      if (bytes === undefined) continue;
      if (isStream) talk.stream(side, record(bytes));
      else talk.datagram(side, bytes);
    }
  };
  steps.forEach(said);

  return talk.print().map((eve) => JSON.parse(`{${eve}}`) as Objects);
}
const nfsOf = (...steps: readonly Step[]): Objects['nfs'][] => objectsOf(steps).map(({ nfs }) => nfs);

describe('the rpc object', () => {
  it('says who calls, with which number, and whether the server takes the call', () => {
    const creds = { machine_name: 'client', uid: 1000, gid: 100 };
    for (const isStream of [true, false])
      expect(objectsOf([LOOKUP], isStream)[0]!.rpc).toEqual({ xid: 1, status: 'ACCEPTED', auth_type: 'UNIX', creds });
    const denied = concat(u32(1), u32(1), u32(1), u32(1), u32(1));
    expect(objectsOf([[LOOKUP[0], denied]])[0]!.rpc).toMatchObject({ status: 'DENIED', creds });
    expect(objectsOf([[LOOKUP[0]]])[0]!.rpc).toEqual({ xid: 1, auth_type: 'UNIX', creds });
  });

  it('has no credentials where there are none, or they are malformed', () => {
    const by = (who: Uint8Array): Objects['rpc'] => objectsOf([[call(1, 1, FILE, 3, who), answer(1, u32(0))]])[0]!.rpc;
    expect(by(NULL)).toEqual({ xid: 1, status: 'ACCEPTED', auth_type: 'NULL' });
    expect(by(concat(u32(6), opaque('context')))).toEqual({ xid: 1, status: 'ACCEPTED', auth_type: 'GSS' });
    expect(by(concat(u32(99), opaque('?')))).toMatchObject({ auth_type: '99' });
    expect(by(concat(u32(1), opaque(concat(u32(7), u32(5000), 'x'))))).not.toHaveProperty('creds');
  });
});

describe('the handle of a file', () => {
  it('is hashed, that of an answer before that of the call', () => {
    expect(nfsOf(LOOKUP)[0]).toMatchObject({ filename: 'a.txt', hhash: FILE_HASH });
    expect(nfsOf([LOOKUP[0], answer(1, u32(2), NO_ATTRIBUTES)])[0]).not.toHaveProperty('hhash');
    const created = answer(1, u32(0), u32(1), FILE, ATTRIBUTES, NO_ATTRIBUTES, NO_ATTRIBUTES);
    const create = call(1, 8, concat(HANDLE, opaque('b.exe'), u32(0), new Uint8Array(24)));
    expect(nfsOf([create, created])[0]).toMatchObject({ filename: 'b.exe', hhash: FILE_HASH });
    const notGiven = answer(1, u32(0), u32(0), NO_ATTRIBUTES, NO_ATTRIBUTES);
    expect(nfsOf([create, notGiven])[0]).toMatchObject({ hhash: DIRECTORY_HASH });
    expect(nfsOf([call(1, 0, []), answer(1)])[0]).not.toHaveProperty('hhash');
  });

  it('has the name that it was looked up or made by', () => {
    const access: Step = [call(2, 4, concat(FILE, u32(31))), answer(2, u32(0), ATTRIBUTES, u32(31))];
    expect(nfsOf(LOOKUP, access)[1]).toMatchObject({ procedure: 'ACCESS', filename: 'a.txt', hhash: FILE_HASH });
    expect(nfsOf(access)[0]).toMatchObject({ filename: '', hhash: FILE_HASH });
    const failed: Step = [LOOKUP[0], answer(1, u32(2), NO_ATTRIBUTES)];
    expect(nfsOf(failed, access)[1]).toMatchObject({ filename: '' });
    const again: Step = [
      call(3, 3, concat(HANDLE, opaque('b.txt'))),
      answer(3, u32(0), FILE, NO_ATTRIBUTES, NO_ATTRIBUTES),
    ];
    expect(nfsOf(LOOKUP, again, access)[2]).toMatchObject({ filename: 'b.txt' });
  });

  it('of version 2 has 32 bytes without a length', () => {
    const [directory, file] = [new Uint8Array(32).fill(3), new Uint8Array(32).fill(4)];
    const steps: Step[] = [
      [call(1, 4, concat(directory, opaque('v2.txt')), 2), answer(1, u32(0), file, new Uint8Array(68))],
      [call(2, 6, concat(file, u32(0), u32(10), u32(10)), 2), answer(2, u32(0), new Uint8Array(68), opaque('hello'))],
      [call(3, 8, concat(file, u32(9), u32(5), u32(0), opaque('x')), 2), answer(3, u32(0), new Uint8Array(68))],
    ];
    const hhash = crc32(file).toString(16);
    expect(nfsOf(...steps)).toMatchObject([
      { procedure: 'LOOKUP', filename: 'v2.txt', hhash },
      { procedure: 'READ', filename: 'v2.txt', hhash, read: { first: true, last: true, last_xid: 2, chunks: 1 } },
      { procedure: 'WRITE', filename: 'v2.txt', hhash, write: { first: true, last: false, last_xid: 0, chunks: 1 } },
    ]);
  });

  it('is remembered among so many, of which the oldest gives way', () => {
    const lookUp = (number: number): Step => [
      call(number, 3, concat(HANDLE, opaque(`file ${number}`))),
      answer(number, u32(0), opaque(`handle ${number}`), NO_ATTRIBUTES, NO_ATTRIBUTES),
    ];
    const access = (number: number): Step => [call(9999, 4, concat(opaque(`handle ${number}`), u32(31)))];
    const many = Array.from({ length: MOST_HANDLES + 1 }, (_, number) => lookUp(number));
    const nameOf = (number: number): unknown => nfsOf(...many, access(number)).at(-1)!['filename'];
    expect([nameOf(0), nameOf(1), nameOf(MOST_HANDLES)]).toEqual(['', 'file 1', `file ${MOST_HANDLES}`]);
  });
});

describe('what is read and written', () => {
  it('has how it ends, and in how many parts it comes', () => {
    const part = (last: number, chunks = 1): object => ({ first: true, last: last > 0, last_xid: last, chunks });
    expect(nfsOf(LOOKUP, read(2, 0, false), read(3, 10, true)).slice(1)).toMatchObject([
      { file_tx: true, filename: 'a.txt', hhash: FILE_HASH, read: part(3, 2) },
    ]);
    expect(nfsOf(write(2, 0, 0), write(3, 2, 2))).toMatchObject([
      { file_tx: true, hhash: FILE_HASH, write: part(3, 2) },
    ]);
    expect(nfsOf([read(2, 0, true)[0], answer(2, u32(13), NO_ATTRIBUTES)])[0]).toMatchObject({
      status: 'ERR_ACCES',
      read: part(0, 0),
    });
    expect(nfsOf(LOOKUP)[0]).toMatchObject({ file_tx: false });
    expect(nfsOf(LOOKUP)[0]).not.toHaveProperty('read');
  });
});
