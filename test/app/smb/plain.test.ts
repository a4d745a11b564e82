/** Reads and writes of old clients of SMB 1, and what servers answer in the old way. */
import { describe, expect, it } from 'vitest';
import { FILE_BUFFERS } from '../../../src/app/file/buffers.js';
import { SMB_BUFFERS } from '../../../src/app/smb/buffers.js';
import { SMB, SMB_EVENTS } from '../../../src/app/smb/index.js';
import { concat } from '../../support/packet-builder.js';
import * as smb from '../support/smb-messages.js';
import { Talk } from '../support/talk.js';

const { command1, frame, smb1 } = smb;
const ID = 7;
const u16le = (value: number): number[] => [value & 255, value >>> 8];
const u32le = (value: number): number[] => [...u16le(value & 0xffff), ...u16le(value >>> 16)];
const ask = (talk: Talk, command: number, body: Uint8Array, messageId: number): void =>
  talk.stream('>', frame(smb1(command, body, { messageId })));
const answer = (talk: Talk, command: number, body: Uint8Array, messageId: number, status = 0): void =>
  talk.stream('<', frame(smb1(command, body, { messageId, status, response: true })));
const opened = (): Talk => {
  const talk = new Talk(SMB, [...SMB_BUFFERS, ...FILE_BUFFERS], SMB_EVENTS, 32);
  ask(talk, 0xa2, smb.create1('old.txt'), 1);
  answer(talk, 0xa2, smb.created1(ID), 1);
  return talk;
};
const plain = (text: string): Uint8Array => concat([1], u16le(text.length), text);
const write = (offset: number, text: string): Uint8Array =>
  command1([...u16le(ID), ...u16le(text.length), ...u32le(offset), 0, 0], plain(text));
const found = (talk: Talk, name: string): unknown => talk.seen.flatMap(({ values }) => values[name] ?? []).at(-1);
const objects = (talk: Talk): Record<string, unknown>[] =>
  talk.seen.map(({ eve }) => (JSON.parse(`{${eve}}`) as { smb: Record<string, unknown> }).smb);

describe('SMB 1', () => {
  it('writes files by WRITE, the last time by WRITE_AND_CLOSE', () => {
    const talk = opened();
    ask(talk, 0x0b, write(0, 'hello '), 2);
    answer(talk, 0x0b, command1(u16le(6), []), 2);
    const words = [...u16le(ID), ...u16le(5), ...u32le(6), 0, 0, 0, 0];
    ask(talk, 0x2c, command1(words, concat([0], 'world')), 3);
    expect(found(talk, '> file.data')).toBe('hello world');
    expect(found(talk, '> filesize')).toBe(11);
    expect(objects(talk)).toContainEqual(
      expect.objectContaining({ command: 'SMB1_COMMAND_WRITE', filename: 'old.txt', status: 'STATUS_SUCCESS' }),
    );
  });

  it('reads files by READ', () => {
    const talk = opened();
    ask(talk, 0x0a, command1([...u16le(ID), ...u16le(100), ...u32le(0), 0, 0], []), 2);
    answer(talk, 0x0a, command1([...u16le(4), 0, 0, 0, 0, 0, 0, 0, 0], plain('data')), 2);
    ask(talk, 4, smb.close1(ID), 3);
    answer(talk, 4, command1([], []), 3);
    expect(found(talk, '< file.data')).toBe('data');
    expect(found(talk, '< filesize')).toBe(4);
  });

  it('leaves what goes to an unknown file a transaction of its own', () => {
    const talk = opened();
    ask(talk, 0x0b, concat(command1([9, 9, 1, 0, 0, 0, 0, 0, 0, 0], plain('x'))), 2);
    ask(talk, 0x0a, command1([9, 9, 1, 0, 0, 0, 0, 0, 0, 0], []), 3);
    expect(objects(talk).map(({ command }) => command)).toEqual([
      'SMB1_COMMAND_NT_CREATE_ANDX',
      'SMB1_COMMAND_WRITE',
      'SMB1_COMMAND_READ',
    ]);
  });

  it('gives a file the name of the create that the server has answered with it, not of one that has failed', () => {
    const talk = new Talk(SMB, [...SMB_BUFFERS, ...FILE_BUFFERS], SMB_EVENTS, 32);
    ask(talk, 0xa2, smb.create1('none.txt'), 1);
    answer(talk, 0xa2, command1([], []), 1, 0xc000_0034);
    ask(talk, 0xa2, smb.create1('old.txt'), 1);
    answer(talk, 0xa2, smb.created1(ID), 1);
    ask(talk, 0x0b, write(0, 'hello'), 2);
    expect(objects(talk).at(-1)).toMatchObject({ command: 'SMB1_COMMAND_WRITE', filename: 'old.txt' });
  });

  it('reads at the place of the read, whatever else the message has written', () => {
    const talk = opened();
    const read = smb.read1(ID).slice();
    read[7] = 5; // its offset
    const written = smb.written1(5);
    const wrote = smb.write1(ID, 'hello');
    ask(talk, 0x2f, smb.chain1(wrote, [0x2e, read]), 2);
    answer(talk, 0x2f, smb.chain1(written, [0x2e, smb.readAnswer1('data', 32 + written.length + 1)]), 2);
    ask(talk, 4, smb.close1(ID), 3);
    answer(talk, 4, command1([], []), 3);
    expect(found(talk, '> file.data')).toBe('hello');
    expect(found(talk, '< filesize')).toBe(9);
  });

  it('answers what stands behind a command that failed with its answer', () => {
    const talk = new Talk(SMB, [...SMB_BUFFERS, ...FILE_BUFFERS], SMB_EVENTS, 32);
    const login = smb.session1(smb.ntlmssp('Alice', 'CORP', 'HOST7'));
    ask(talk, 0x73, smb.chain1(login, [0x75, smb.tree1('\\\\server\\Data', '?????')]), 1);
    ask(talk, 0x2b, command1([1, 0], []), 2);
    answer(talk, 0x73, command1([], []), 1, 0xc000_006d);
    expect(objects(talk)).toMatchObject([
      { command: 'SMB1_COMMAND_SESSION_SETUP_ANDX', status: 'STATUS_LOGON_FAILURE' },
      { command: 'SMB1_COMMAND_TREE_CONNECT_ANDX', status: 'STATUS_LOGON_FAILURE' },
      { command: 'SMB1_COMMAND_ECHO' },
    ]);
    expect(talk.seen.map(({ progress }) => progress[1] > 0)).toEqual([true, true, false]);
    expect(objects(talk)[2]).not.toHaveProperty('status');
  });
});
