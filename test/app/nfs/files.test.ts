/** Files of NFS: what is read and written in parts, in what order, where files end, and what must not be kept. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atLeast } from '../../../src/app/at-least.js';
import { FILE_BUFFERS } from '../../../src/app/file/buffers.js';
import { NFS, NFS_EVENTS } from '../../../src/app/nfs/index.js';
import { NFS_BUFFERS } from '../../../src/app/nfs/buffers.js';
import { MOST_CALLS, MOST_FILES } from '../../../src/app/nfs/open-files.js';
import { builtIt } from '../../support/built.js';
import { framesOf, type Said } from '../../support/conversation.js';
import { concat, toBytes } from '../../support/packet-builder.js';
import { eventsOfFrames } from '../../support/reading.js';
import { GSS, NfsFiles, op } from '../support/nfs-files.js';
import { Talk } from '../support/talk.js';

const newTalk = (): Talk => new Talk(NFS, [...NFS_BUFFERS, ...FILE_BUFFERS], NFS_EVENTS, 64);
const said = (talk: Talk, ...steps: readonly (readonly Said[])[]): Talk => {
  for (const [side, text] of steps.flat()) talk.stream(side, toBytes(text));
  return talk;
};
const over = (talk: Talk): Talk => {
  for (const side of ['>', '<'] as const) talk.close(side);
  return talk;
};
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 8)) & 255);
const latin1 = (data: Uint8Array): string => Buffer.from(data).toString('latin1');
const KEPT = 102_400;

interface SeenFile {
  readonly name: unknown;
  readonly data: unknown;
  readonly size: unknown;
}
const filesOf = ({ seen }: Talk, side: '>' | '<'): SeenFile[] =>
  seen.flatMap(({ values }) => {
    const one = (name: string): unknown => values[`${side} ${name}`]?.[0];
    return one('file.data') === undefined
      ? []
      : [{ name: one('file.name'), data: one('file.data'), size: one('filesize') }];
  });
const objectsOf = (talk: Talk): Record<string, unknown>[] =>
  talk.print().map((eve) => (JSON.parse(`{${eve}}`) as { nfs: Record<string, unknown> }).nfs);
const eventsOf = ({ seen }: Talk): string[] => seen.flatMap(({ events }) => events);
const [A, B, C] = ['hello wo', 'rld, MZ evil', ' bytes'] as const;
const WHOLE = A + B + C;

describe('a file that is read', () => {
  const nfs = new NfsFiles();
  const lookUp = nfs.lookUp('a.txt');
  const [first, second, third] = [
    nfs.read('a.txt', 0, A),
    nfs.read('a.txt', 8, B),
    nfs.read('a.txt', 20, C, true),
  ] as const;
  const whole = { name: 'a.txt', data: WHOLE, size: WHOLE.length };

  it('is one with all of its calls, and ends where the server says so', () => {
    const talk = said(newTalk(), lookUp, first, second);
    expect(filesOf(talk, '<')).toEqual([{ ...whole, data: A + B, size: undefined }]);
    expect(filesOf(said(talk, third), '<')).toEqual([whole]);
    expect(talk.seen).toHaveLength(2);
    expect(talk.seen[1]!.values).toMatchObject({ '> nfs_procedure': [6], '> nfs.version': [3] });
    expect(objectsOf(talk)[1]).toMatchObject({
      procedure: 'READ',
      filename: 'a.txt',
      file_tx: true,
      status: 'OK',
      read: { first: true, last: true, last_xid: 4, chunks: 3 },
    });
  });

  it('is put in order, whatever the order of the answers to what was asked ahead', () => {
    const parts = [first, second, third];
    const calls = parts.map(([asked]) => asked!);
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const answers = order.map((index) => parts[index]![1]!);
      expect(filesOf(said(newTalk(), lookUp, calls, answers), '<')).toEqual([whole]);
    }
  });

  it('has what is behind a hole in it, and is as long as it is', () => {
    expect(filesOf(said(newTalk(), lookUp, first, third), '<')).toEqual([{ ...whole, data: A + C }]);
    expect(filesOf(said(newTalk(), lookUp, third), '<')).toEqual([{ ...whole, data: C }]);
  });

  it('has at least the bytes that came where it does not end', () => {
    const talk = over(said(newTalk(), lookUp, first, second));
    expect(filesOf(talk, '<')).toEqual([{ ...whole, data: A + B, size: atLeast(20) }]);
  });

  it('is a file again behind its end', () => {
    const again = nfs.read('a.txt', 0, 'once more', true);
    expect(filesOf(said(newTalk(), lookUp, third, again), '<').map(({ data }) => data)).toEqual([C, 'once more']);
  });

  it('is apart from others, and from what is written to it', () => {
    const other = nfs.read('b.txt', 0, 'other', true);
    const talk = said(newTalk(), lookUp, first, other, nfs.write('a.txt', 0, 'written', 2), second, third);
    expect(filesOf(talk, '<')).toEqual([whole, { name: undefined, data: 'other', size: 5 }]);
    expect(filesOf(talk, '>')).toEqual([{ name: 'a.txt', data: 'written', size: 7 }]);
  });

  it('is none where there is nothing to read, or it must not be read', () => {
    for (const step of [nfs.readFails('a.txt', 13), nfs.read('a.txt', 0, '', true)]) {
      const talk = said(newTalk(), lookUp, step);
      expect(filesOf(talk, '<')).toEqual([]);
      expect(talk.seen[1]!.progress).toEqual([5, 5]);
    }
    expect(objectsOf(said(newTalk(), nfs.readFails('a.txt', 13)))[0]).toMatchObject({ status: 'ERR_ACCES' });
  });

  it('is read over UDP, and in version 2, which says how long it is', () => {
    const over2 = new NfsFiles({ isStream: false });
    const steps = [over2.lookUp2('a.txt'), over2.read2('a.txt', 0, A, 20), over2.read2('a.txt', 8, B, 20)];
    const talk = newTalk();
    for (const [side, text] of steps.flat()) talk.datagram(side, toBytes(text));
    expect(filesOf(talk, '<')).toEqual([{ name: 'a.txt', data: A + B, size: 20 }]);
  });
});

describe('a file that is written', () => {
  const nfs = new NfsFiles();
  const create = nfs.create('b.exe');
  const [first, second] = [nfs.write('b.exe', 0, A), nfs.write('b.exe', 8, B)];
  const whole = { name: 'b.exe', data: A + B, size: 20 };

  it('ends with its commit, in whatever order its parts come', () => {
    const commit = nfs.commit('b.exe');
    for (const parts of [
      [first, second],
      [second, first],
    ]) {
      const talk = said(newTalk(), create, ...parts);
      expect(filesOf(talk, '>')[0]?.size).toBeUndefined();
      expect(filesOf(said(talk, commit), '>')).toEqual([whole]);
    }
    const talk = said(newTalk(), create, first, second, commit);
    expect(objectsOf(talk)[1]).toMatchObject({ write: { last: true, last_xid: nfs.last, chunks: 2 } });
    expect(talk.seen.map(({ progress }) => progress)).toEqual(talk.seen.map(() => [5, 5]));
  });

  it('ends where the server is to keep it at once', () => {
    const kept = nfs.write('b.exe', 8, B, 2);
    expect(filesOf(said(newTalk(), create, first, kept), '>')).toEqual([whole]);
  });

  it('goes on behind parts that are to be kept at once and are as large as parts of longer files are', () => {
    const block = 'x'.repeat(4096);
    const write = (offset: number, data: string): Said[] => nfs.write('b.exe', offset, data, 2);
    const parts = [write(0, block), write(4096, block + block)];
    const talk = said(newTalk(), create, ...parts);
    expect(filesOf(talk, '>')[0]?.size).toBeUndefined();
    const data = block + block + block;
    expect(filesOf(said(talk, write(3 * 4096, B)), '>')).toEqual([
      { ...whole, data: data + B, size: 12_288 + B.length },
    ]);
    const ended = said(newTalk(), create, ...parts, nfs.commit('b.exe'));
    expect(filesOf(ended, '>')).toEqual([{ ...whole, data, size: 12_288 }]);
  });

  it('waits for the answers of the server before it is done with', () => {
    const [asked, answered] = nfs.write('b.exe', 0, A, 2);
    const talk = said(newTalk(), [asked!]);
    expect(talk.seen[0]!.progress).toEqual([5, 0]);
    expect(said(talk, [answered!]).seen[0]!.progress).toEqual([5, 5]);
  });

  it('keeps what came first where parts lie over each other', () => {
    const talk = said(newTalk(), create, first, nfs.write('b.exe', 4, B), nfs.commit('b.exe'));
    expect(filesOf(talk, '>')).toEqual([{ ...whole, data: A + B.slice(4), size: 16 }]);
  });

  it('of version 2 does not end, as each part of it is kept at once', () => {
    const talk = said(newTalk(), nfs.lookUp2('c'), nfs.write2('c', 0, A), nfs.write2('c', 8, B));
    expect(filesOf(talk, '>')).toEqual([{ name: 'c', data: A + B, size: undefined }]);
    expect(filesOf(over(talk), '>')).toEqual([{ name: 'c', data: A + B, size: atLeast(20) }]);
  });
});

describe('version 4', () => {
  const opened = (nfs: NfsFiles, name: string): Said[] =>
    nfs.compound(op.root, op.open(name), op.handle(name), op.access, op.attributes);

  it.each([[[]], [[op.sequence]]])('reads and writes files that it opens and closes', (ahead) => {
    const nfs = new NfsFiles();
    const of = op.use('a.txt');
    const talk = said(
      newTalk(),
      nfs.compound(...ahead, op.root, op.lent('a.txt'), op.handle('a.txt'), op.attributes),
      nfs.compound(...ahead, of, op.write(8, B), op.attributes),
      nfs.compound(...ahead, of, op.write(0, A), op.attributes),
      nfs.compound(...ahead, of, op.commit),
      nfs.compound(...ahead, of, op.close),
      opened(nfs, 'a.txt'),
      nfs.compound(...ahead, of, op.read(0, A), op.attributes),
      nfs.compound(...ahead, of, op.read(8, B, true), op.attributes),
    );
    const whole = { name: 'a.txt', data: A + B, size: 20 };
    expect(filesOf(talk, '>')).toEqual([whole]);
    expect(filesOf(talk, '<')).toEqual([whole]);
    expect(objectsOf(talk).map(({ procedure }) => procedure)).toEqual([
      'OPEN',
      'WRITE',
      'COMMIT',
      'CLOSE',
      'OPEN',
      'READ',
    ]);
    expect(new Set(objectsOf(talk).map(({ filename }) => filename))).toEqual(new Set(['a.txt']));
    expect(eventsOf(talk)).toEqual([]);
  });

  it('has of a file that is closed before its end at least what came', () => {
    const nfs = new NfsFiles();
    const of = op.use('a.txt');
    const talk = said(newTalk(), opened(nfs, 'a.txt'), nfs.compound(of, op.read(0, A)), nfs.compound(of, op.close));
    expect(filesOf(talk, '<')).toEqual([{ name: 'a.txt', data: A, size: atLeast(8) }]);
  });

  it('has nothing of a server that answers a call that writes with what it would read', () => {
    const [asked] = new NfsFiles().compound(op.use('x'), op.write(0, A)) as [Said];
    const [, answered] = new NfsFiles().compound(op.use('x'), op.read(0, B)) as [Said, Said];
    const talk = said(newTalk(), [asked, answered]);
    expect(filesOf(talk, '<')).toEqual([]);
    expect(filesOf(talk, '>')).toMatchObject([{ data: A }]);
  });

  it('reads several parts in one call, with what else is in it', () => {
    const nfs = new NfsFiles();
    const talk = said(
      newTalk(),
      nfs.compound(op.use('x'), op.read(8, B), op.attributes, op.use('y'), op.read(0, 'other', true), op.use('x')),
      nfs.compound(op.use('x'), op.read(0, A), op.read(20, C, true)),
    );
    expect(filesOf(talk, '<')).toEqual([
      { name: undefined, data: WHOLE, size: WHOLE.length },
      { name: undefined, data: 'other', size: 5 },
    ]);
  });

  it('reads data between holes', () => {
    const nfs = new NfsFiles();
    const talk = said(newTalk(), nfs.compound(op.use('x'), op.readPlus(0, A, 100)));
    expect(over(talk).seen[0]!.values['< file.data']).toEqual([A]);
  });

  it('has no data of a part that fails, nor of those behind it', () => {
    const nfs = new NfsFiles();
    const talk = said(newTalk(), nfs.compound(op.use('x'), op.read(0, A, false, 70), op.read(8, B)));
    expect(filesOf(talk, '<')).toEqual([]);
    expect(objectsOf(talk)).toMatchObject([{ procedure: 'READ', status: 'ERR_STALE' }]);
    expect(talk.seen[0]!.progress).toEqual([5, 5]);
  });

  it('writes into what one call opens, writes and closes, by its name', () => {
    const nfs = new NfsFiles();
    const talk = said(newTalk(), nfs.compound(op.root, op.create('new'), op.write(0, A), op.close));
    expect(filesOf(talk, '>')).toEqual([{ name: 'new', data: A, size: 8 }]);
  });

  it('has the names of what is looked up, made, removed and renamed, and their handles', () => {
    const nfs = new NfsFiles();
    const talk = said(
      newTalk(),
      nfs.compound(op.root, op.lookUp('dir'), op.handle('dir'), op.lookUp('x'), op.handle('x'), op.attributes),
      nfs.compound(op.use('dir'), op.attributes),
      nfs.compound(op.use('x'), op.access, op.attributes),
      nfs.compound(op.use('dir'), op.directory('new'), op.handle('new')),
      nfs.compound(op.use('dir'), op.link('there'), op.handle('there')),
      nfs.compound(op.use('dir'), op.remove('old', 2)),
      nfs.compound(op.use('dir'), op.save, op.use('new'), op.rename('from', 'to'), op.restore, op.handle('dir')),
      nfs.compound(op.use('new'), op.attributes),
      nfs.compound(op.use('there'), op.attributes),
      nfs.compound(op.unknown, op.lookUp('behind')),
    );
    expect(objectsOf(talk).map(({ procedure, filename }) => `${procedure as string} ${filename as string}`)).toEqual([
      'LOOKUP x',
      'GETATTR dir',
      'ACCESS x',
      'CREATE new',
      'CREATE there',
      'REMOVE old',
      'RENAME from',
      'GETATTR new',
      'GETATTR there',
      '99 ',
    ]);
    expect(objectsOf(talk)[6]).toMatchObject({ rename: { from: 'from', to: 'to' } });
    expect(objectsOf(talk)[5]).toMatchObject({ status: 'ERR_NOENT' });
    expect(talk.seen[0]!.values['> nfs_procedure']).toEqual([24, 15, 10, 15, 10, 9]);
  });
});

describe('a call within GSS', () => {
  it('is read where it is protected, and not where it is encrypted', () => {
    const filesWith = (service: number): SeenFile[] => {
      const nfs = new NfsFiles({ service });
      const of = op.use('a.txt');
      const talk = said(
        newTalk(),
        nfs.compound(op.root, op.open('a.txt'), op.handle('a.txt')),
        nfs.compound(of, op.read(0, A)),
        nfs.compound(of, op.read(8, B, true)),
      );
      return filesOf(talk, '<');
    };
    const whole = { name: 'a.txt', data: A + B, size: 20 };
    expect(filesWith(1)).toEqual([whole]);
    expect(filesWith(GSS.integrity)).toEqual([whole]);
    expect(filesWith(GSS.privacy)).toEqual([]);
  });
});

describe('a long record', () => {
  const data = bytes(300_000);
  const whole = { name: 'big', data: latin1(data.subarray(0, KEPT)), size: data.length };
  const inPieces = (talk: Talk, steps: readonly Said[], size: number): Talk => {
    for (const [side, text] of steps) {
      const message = toBytes(text);
      for (let at = 0; at < message.length; at += size) talk.stream(side, message.subarray(at, at + size));
    }
    return talk;
  };

  it.each([1_000, 1_460, 60_000])('is read as it comes, in pieces of %i bytes', (size) => {
    const nfs = new NfsFiles();
    const written = [nfs.create('big'), nfs.write('big', 0, data), nfs.commit('big')].flat();
    expect(filesOf(inPieces(newTalk(), written, size), '>')).toEqual([whole]);
    const read = [nfs.lookUp('big'), nfs.read('big', 0, data, true), nfs.lookUp('next')].flat();
    const talk = inPieces(newTalk(), read, size);
    expect(filesOf(talk, '<')).toEqual([whole]);
    expect(objectsOf(talk).at(-1)).toMatchObject({ procedure: 'LOOKUP', filename: 'next' });
  });

  it('of version 4 has more behind its data, which is no part of the file', () => {
    const nfs = new NfsFiles();
    const steps = [
      nfs.compound(op.root, op.open('big'), op.handle('big')),
      nfs.compound(op.use('big'), op.read(0, data, true), op.attributes),
      nfs.compound(op.use('big'), op.write(0, data), op.attributes),
      nfs.compound(op.use('big'), op.close),
    ].flat();
    const talk = inPieces(newTalk(), steps, 1_460);
    expect(filesOf(talk, '<')).toEqual([whole]);
    expect(filesOf(talk, '>')).toEqual([whole]);
  });

  it('goes on behind a gap in it, and the record behind it is read', () => {
    const nfs = new NfsFiles();
    const [asked, answered] = nfs.write('big', 0, data.subarray(0, 120_000));
    const message = toBytes(asked![1]);
    const talk = newTalk();
    talk.stream('>', message.subarray(0, 10_000));
    talk.gap('>', 500);
    inPieces(talk, [['>', message.subarray(10_500)], answered!], 1_460);
    said(talk, nfs.write('big', 120_000, data.subarray(120_000, 120_100)), nfs.commit('big'));
    const [file] = filesOf(talk, '>');
    const head = message.length - 120_000;
    expect(file!.size).toBe(120_100);
    expect((file!.data as string).slice(10_000 - head, 20_000)).toBe(latin1(data.subarray(10_500 - head, 20_500)));
  });
});

describe('bounds', () => {
  it('of files that are open: the one that was not used for the longest time breaks off', () => {
    const nfs = new NfsFiles();
    const steps = Array.from({ length: MOST_FILES }, (_, index) => nfs.read(`file ${index}`, 0, A));
    const talk = said(newTalk(), ...steps, nfs.read('file 0', 8, B), nfs.read('one more', 0, C));
    const ended = filesOf(talk, '<').flatMap(({ size }, index) => (size === undefined ? [] : [index]));
    expect(ended).toEqual([1]);
    expect(talk.seen[1]!.events).toEqual(['too_many_files']);
  });

  it('of calls without an answer: the oldest is forgotten', () => {
    const nfs = new NfsFiles();
    const calls = Array.from({ length: MOST_CALLS + 1 }, (_, index) => nfs.read('a', 8 * index, A));
    const talk = said(
      newTalk(),
      calls.map(([asked]) => asked!),
      [calls[0]![1]!, calls[1]![1]!],
    );
    expect(talk.seen[0]!.events).toEqual(['too_many_calls']);
    expect(filesOf(over(talk), '<')).toEqual([{ name: undefined, data: A, size: atLeast(16) }]);
  });

  it('of memory: all is given back by files that are open when the connection ends', () => {
    const nfs = new NfsFiles();
    const talk = newTalk();
    for (let round = 0; round < 300; round++)
      said(talk, nfs.lookUp(`f${round}`), nfs.write(`f${round}`, 7, 'data'), nfs.read(`f${round}`, 9, 'data'));
    over(talk).reset();
    expect(talk.arena.usedBytes).toBe(0);
  });
});

it('is put together as if it were written at once, whatever its parts, their order and how the stream is cut', () => {
  const part = fc.record({ at: fc.integer({ min: 0, max: 60 }), length: fc.integer({ min: 1, max: 20 }) });
  const parts = fc.uniqueArray(part, { minLength: 1, maxLength: 12, selector: ({ at }) => at });
  fc.assert(
    fc.property(parts, fc.integer({ min: 1, max: 300 }), fc.constantFrom(2, 3, 4), (all, size, version) => {
      const source = bytes(100);
      const nfs = new NfsFiles();
      const write = (at: number, length: number): Said[] => {
        const data = source.subarray(at, at + length);
        if (version === 4) return nfs.compound(op.use('f'), op.write(at, data));
        return version === 3 ? nfs.write('f', at, data) : nfs.write2('f', at, data);
      };
      const stream = concat(
        ...all.flatMap(({ at, length }) => write(at, length).flatMap(([side, text]) => (side === '>' ? [text] : []))),
      );
      const talk = newTalk();
      for (let from = 0; from < stream.length; from += size) talk.stream('>', stream.subarray(from, from + size));
      const [file] = filesOf(over(talk), '>');
      const there = Array.from({ length: 100 }, (_, at) => all.some((one) => at >= one.at && at < one.at + one.length));
      expect(file!.data).toBe(latin1(source.filter((_, at) => there[at])));
      expect(file!.size).toBe(atLeast(there.lastIndexOf(true) + 1));
    }),
  );
});

builtIt('a file over UDP that does not end is cut short when its flow is over, and inspected as such', () => {
  const nfs = new NfsFiles({ isStream: false });
  const said = [nfs.lookUp('a.txt'), nfs.read('a.txt', 0, A), nfs.read('a.txt', 8, B)].flat();
  const frames = framesOf({ host: 1, serverPort: 2049, udp: true, said });
  const rules = ['alert nfs any any -> any any (filename:"a.txt"; filesize:>19; file.data; content:"evil"; sid:1;)'];
  interface Told {
    readonly alert?: { readonly signature_id: number };
    readonly fileinfo?: { readonly state: string; readonly size: number };
  }
  const events: readonly Told[] = eventsOfFrames(frames, rules, ['eve.types=alert,fileinfo']);
  expect(events.map(({ alert, fileinfo }) => alert?.signature_id ?? [fileinfo?.state, fileinfo?.size])).toEqual([
    1,
    ['TRUNCATED', 20],
  ]);
});
