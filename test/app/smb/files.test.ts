/** Files of SMB: messages that are longer than what is kept whole, what is missing of them, and what outlives what. */
import { describe, expect, it } from 'vitest';
import { atLeast } from '../../../src/app/at-least.js';
import { FILE_BUFFERS } from '../../../src/app/file/buffers.js';
import { SMB, SMB_EVENTS } from '../../../src/app/smb/index.js';
import { SMB_BUFFERS } from '../../../src/app/smb/buffers.js';
import type { Arena } from '../../../src/memory/arena.js';
import { concat } from '../../support/packet-builder.js';
import * as smb from '../support/smb-messages.js';
import { Talk } from '../support/talk.js';

const { frame, smb2 } = smb;
const newTalk = (...arena: Arena[]): Talk => new Talk(SMB, [...SMB_BUFFERS, ...FILE_BUFFERS], SMB_EVENTS, 32, ...arena);
const opened = (talk: Talk): Talk => {
  talk.stream('>', frame(smb2(5, smb.create2('big.bin'), { messageId: 1 })));
  talk.stream('<', frame(smb2(5, smb.created2(), { messageId: 1, response: true })));
  return talk;
};
const write = (data: Uint8Array, offset: number, messageId = 2): Uint8Array =>
  frame(smb2(9, smb.write2(data, smb.FILE_ID, offset), { messageId }));
const askToClose = (talk: Talk): void => talk.stream('>', frame(smb2(6, smb.close2(), { messageId: 9 })));
const close = (talk: Talk): void => {
  askToClose(talk);
  talk.stream('<', frame(smb2(6, new Uint8Array(60), { messageId: 9, response: true })));
};
const inPieces = (talk: Talk, side: '>' | '<', bytes: Uint8Array, size: number): void => {
  for (let at = 0; at < bytes.length; at += size) talk.stream(side, bytes.subarray(at, at + size));
};
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 8)) & 255);
const latin1 = (data: Uint8Array): string => Buffer.from(data).toString('latin1');
/** Of the transaction of the file. */
const dataOf = (talk: Talk, side: '>' | '<' = '>') => {
  const { values } = talk.seen.find((one) => one.values[`${side} file.data`] !== undefined)!;
  return { data: values[`${side} file.data`]![0] as string, size: values[`${side} filesize`]?.[0] };
};
/** Of the object of the event of a command: the file's id, and where the message belongs. */
const eventOf = (talk: Talk, command: string): Record<string, unknown> =>
  talk.seen
    .map(({ eve }) => (JSON.parse(`{${eve}}`) as { smb: Record<string, unknown> }).smb)
    .find((smb) => smb['command'] === command)!;
const KEPT = 102_400;

it('that is never closed has at least the bytes that came', () => {
  const talk = opened(newTalk());
  talk.stream('>', write(bytes(10), 0));
  talk.close('>');
  talk.close('<');
  expect(dataOf(talk)).toEqual({ data: latin1(bytes(10)), size: atLeast(10) });
});

describe('a long message', () => {
  const data = bytes(300_000);

  it.each([1_000, 1_460, 60_000])('is read as it comes, in pieces of %i bytes', (size) => {
    const talk = opened(newTalk());
    inPieces(talk, '>', write(data, 0), size);
    close(talk);
    expect(dataOf(talk)).toEqual({ data: latin1(data.subarray(0, KEPT)), size: data.length });
  });

  it('may be an answer', () => {
    const talk = opened(newTalk());
    talk.stream('>', frame(smb2(8, smb.read2(data.length), { messageId: 4 })));
    inPieces(talk, '<', frame(smb2(8, smb.readAnswer2(data), { messageId: 4, response: true })), 1_460);
    close(talk);
    expect(dataOf(talk, '<')).toEqual({ data: latin1(data.subarray(0, KEPT)), size: data.length });
  });

  it('goes on behind a gap in it, and the message behind it is read', () => {
    const talk = opened(newTalk());
    const message = write(data.subarray(0, 120_000), 0);
    talk.stream('>', message.subarray(0, 10_000));
    talk.gap('>', 500);
    inPieces(talk, '>', message.subarray(10_500), 1_460);
    talk.stream('>', write(data.subarray(120_000, 120_100), 120_000, 3));
    close(talk);
    const { data: seen, size } = dataOf(talk);
    const head = message.length - 120_000;
    expect(seen.startsWith(latin1(data.subarray(0, 10_000 - head)))).toBe(true);
    expect(seen.slice(10_000 - head, 20_000)).toBe(latin1(data.subarray(10_500 - head, 20_500)));
    expect(size).toBe(120_100);
  });

  it.each([1_000, 150_000])(
    'may have more behind its data, which is no part of the file, in pieces of %i bytes',
    (size) => {
      const data = bytes(110_000);
      const request = smb.write2(data, smb.FILE_ID);
      const talk = opened(newTalk());
      inPieces(talk, '>', frame(concat(smb2(9, request, { messageId: 2 }), new Uint8Array(20_000).fill(7))), size);
      talk.stream('>', write(bytes(10), data.length, 3));
      close(talk);
      expect(dataOf(talk).size).toBe(data.length + 10);
    },
  );

  it('is given up with a gap over its end', () => {
    const talk = opened(newTalk());
    const message = write(data.subarray(0, 120_000), 0);
    talk.stream('>', message.subarray(0, 110_000));
    talk.gap('>', 60_000);
    talk.stream('>', write(bytes(100), 200_000, 3));
    close(talk);
    expect(dataOf(talk).size).toBe(200_100);
  });
});

describe('what comes of a file that was closed meanwhile', () => {
  it('belongs to it until the server has closed it, too', () => {
    const talk = opened(newTalk());
    talk.stream('>', frame(smb2(8, smb.read2(4), { messageId: 4 })));
    askToClose(talk);
    talk.stream('<', frame(smb2(8, smb.readAnswer2('data'), { messageId: 4, response: true })));
    expect(dataOf(talk, '<')).toEqual({ data: 'data', size: undefined });
    talk.stream('<', frame(smb2(6, new Uint8Array(60), { messageId: 9, response: true })));
    expect(dataOf(talk, '<')).toEqual({ data: 'data', size: 4 });
  });

  it('is no part of the file of another connection', () => {
    const talk = opened(newTalk());
    const answer = frame(smb2(8, smb.readAnswer2(bytes(300_000)), { messageId: 4, response: true }));
    talk.stream('>', frame(smb2(8, smb.read2(300_000), { messageId: 4 })));
    talk.stream('<', answer.subarray(0, 50_000));
    askToClose(talk);
    const other = opened(newTalk(talk.arena));
    other.stream('>', frame(smb2(8, smb.read2(5), { messageId: 4 })));
    other.stream('<', frame(smb2(8, smb.readAnswer2('short'), { messageId: 4, response: true })));
    talk.stream('<', answer.subarray(50_000, 90_000));
    close(other);
    expect(dataOf(other, '<')).toEqual({ data: 'short', size: 5 });
  });
});

describe('a file that is written to ahead of the answer that opens it', () => {
  it('has no id of one before it', () => {
    const talk = opened(newTalk());
    close(talk);
    const created = { command: 5, body: smb.create2('new.bin') };
    const other = newTalk(talk.arena);
    other.stream('>', frame(smb.compound(created, { command: 9, body: smb.write2('data', smb.RELATED) })));
    expect(other.seen.at(-1)!.eve).toContain('new.bin');
    expect(other.seen.at(-1)!.eve).toContain('"fuid":""');
  });

  it('has the id that the server gives it', () => {
    const talk = newTalk();
    const fields = { messageId: 1 };
    talk.stream(
      '>',
      frame(
        smb.compound(
          { command: 5, body: smb.create2('new.bin'), fields },
          { command: 9, body: smb.write2('data', smb.RELATED), fields: { messageId: 2, flags: 4 } },
        ),
      ),
    );
    talk.stream('<', frame(smb2(5, smb.created2(), { ...fields, response: true })));
    expect(eventOf(talk, 'SMB2_COMMAND_WRITE')['fuid']).toBe(eventOf(talk, 'SMB2_COMMAND_CREATE')['fuid']);
  });
});

describe('the tree of a message', () => {
  const DATA = '\\\\server\\Data';
  const connect = (talk: Talk, path: string, tree: number, session: number, messageId: number): void => {
    const fields = { tree, session, messageId };
    talk.stream('>', frame(smb2(3, smb.tree2(path), fields)));
    talk.stream('<', frame(smb2(3, smb.treed2(path === DATA ? 1 : 2), { ...fields, response: true })));
  };

  it('is one of its session', () => {
    const talk = newTalk();
    connect(talk, DATA, 5, 9, 0);
    connect(talk, '\\\\server\\IPC$', 5, 10, 1);
    const fields = { tree: 5, session: 9 };
    talk.stream('>', frame(smb2(5, smb.create2('a.bin'), { ...fields, messageId: 2 })));
    talk.stream('<', frame(smb2(5, smb.created2(), { ...fields, messageId: 2, response: true })));
    talk.stream('>', frame(smb2(9, smb.write2('data'), { ...fields, messageId: 3 })));
    expect(eventOf(talk, 'SMB2_COMMAND_WRITE')['share']).toBe(DATA);
  });

  it('is that of the message before it in a compound, where it is related to that', () => {
    const talk = newTalk();
    connect(talk, DATA, 5, 9, 0);
    talk.stream(
      '>',
      frame(
        smb.compound(
          { command: 5, body: smb.create2('a.bin'), fields: { tree: 5, session: 9, messageId: 1 } },
          {
            command: 9,
            body: smb.write2('data', smb.RELATED),
            fields: { tree: 0xffff_ffff, session: 0xffff_ffff, messageId: 2, flags: 4 },
          },
        ),
      ),
    );
    expect(eventOf(talk, 'SMB2_COMMAND_WRITE')).toMatchObject({ share: DATA, tree_id: 5, session_id: 9 });
  });

  it('is its own where it is the first one, whatever its flags', () => {
    const talk = newTalk();
    connect(talk, DATA, 5, 9, 0);
    talk.stream('>', frame(smb2(5, smb.create2('a.bin'), { tree: 6, session: 10, messageId: 1, flags: 4 })));
    expect(eventOf(talk, 'SMB2_COMMAND_CREATE')).toMatchObject({ tree_id: 6, session_id: 10 });
  });
});

describe('pieces of a file', () => {
  it('have their place, whatever their order, and what was there first stays', () => {
    const data = bytes(9_000);
    const talk = opened(newTalk());
    for (const at of [8, 2, 4, 3, 1, 7, 6, 5, 0])
      talk.stream('>', write(data.subarray(1_000 * at, 1_000 * (at + 1)), 1_000 * at, 10 + at));
    talk.stream('>', write(new Uint8Array(3_000), 2_000, 30));
    close(talk);
    expect(dataOf(talk)).toEqual({ data: latin1(data), size: data.length });
  });

  it('wait in a bounded number: then what is missing is a gap', () => {
    const talk = opened(newTalk());
    for (let at = 1; at < 40; at++) talk.stream('>', write(Uint8Array.of(at), 2 * at, 10 + at));
    expect(dataOf(talk).data.length).toBeGreaterThan(20);
    close(talk);
    expect(dataOf(talk)).toEqual({ data: latin1(Uint8Array.from({ length: 39 }, (_, at) => at + 1)), size: 79 });
  });
});

describe('an offset beyond what numbers tell apart', () => {
  it('brings nothing into a file but what was written', () => {
    const talk = opened(newTalk());
    talk.stream('>', write(bytes(1024), 0));
    const far = smb.write2('far', smb.FILE_ID);
    // 2^63 + 2048, of which 1024 less is the middle between two numbers.
    far.set([0, 8, 0, 0, 0, 0, 0, 0x80], 8);
    talk.stream('>', frame(smb2(9, far, { messageId: 3 })));
    close(talk);
    expect(dataOf(talk).data).toBe(`${latin1(bytes(1024))}far`);
  });
});

describe('memory', () => {
  it('is given back by files that are open when the connection ends, or that are forgotten', () => {
    const talk = newTalk();
    for (let round = 0; round < 300; round++) {
      const id = Uint8Array.from({ length: 16 }, (_, at) => (at === 0 ? round & 255 : at === 1 ? round >>> 8 : 7));
      talk.stream('>', frame(smb2(5, smb.create2(`file${round}`), { messageId: round })));
      talk.stream('<', frame(smb2(5, smb.created2(id), { messageId: round, response: true })));
      talk.stream('>', frame(smb2(9, smb.write2('data', id, 7), { messageId: 1000 + round })));
    }
    for (const side of ['>', '<'] as const) talk.close(side);
    talk.reset();
    expect(talk.arena.usedBytes).toBe(0);
  });
});
