/** Records of ONC RPC in several fragments: read as they are in one. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FILE_BUFFERS } from '../../../src/app/file/buffers.js';
import { NFS_BUFFERS } from '../../../src/app/nfs/buffers.js';
import { NFS, NFS_EVENTS } from '../../../src/app/nfs/index.js';
import { ANSWER } from '../../../src/app/probe/answer.js';
import { probeNfsTcp } from '../../../src/app/probe/nfs.js';
import { builtIt } from '../../support/built.js';
import type { Said } from '../../support/conversation.js';
import { concat, toBytes, u32 } from '../../support/packet-builder.js';
import { alertsOfEach } from '../../support/reading.js';
import { NfsFiles, op } from '../support/nfs-files.js';
import { answer, call, inFragments, record } from '../support/nfs-messages.js';
import { describeDamaged } from '../support/protocol-suite.js';
import { Talk, talkInPieces, talksCutOnce, type Part, type Seen } from '../support/talk.js';

const SPECS = [...NFS_BUFFERS, ...FILE_BUFFERS];
const newTalk = (pages = 4): Talk => new Talk(NFS, SPECS, NFS_EVENTS, pages);
const parts = (steps: readonly Said[]): Part[] => steps.map(([side, text]) => [side, toBytes(text)]);
const broken = (steps: readonly Said[], sizes: readonly number[]): Part[] =>
  steps.map(([side, text]) => [side, inFragments(toBytes(text), sizes)]);
const seen = (all: readonly Part[], size = Infinity, pages?: number): readonly Seen[] => {
  const talk = talkInPieces(newTalk(pages), all, size);
  for (const side of ['>', '<'] as const) talk.close(side);
  return talk.seen;
};
const bytes = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (index * 31 + (index >>> 8)) & 255);

const steps = (nfs: NfsFiles): Said[] =>
  [
    nfs.lookUp('evil.exe'),
    nfs.read('evil.exe', 0, 'hello wo'),
    nfs.read('evil.exe', 8, 'rld, MZ evil', true),
    nfs.write('evil.exe', 0, 'written'),
    nfs.commit('evil.exe'),
    nfs.compound(op.root, op.open('a'), op.handle('a')),
    nfs.compound(op.use('a'), op.write(0, bytes(40)), op.attributes),
    nfs.compound(op.use('a'), op.close),
  ].flat();
const STEPS = steps(new NfsFiles());

/** Long reads and writes, with something behind each record. */
const long = (data: Uint8Array): Said[] => {
  const nfs = new NfsFiles();
  return [
    nfs.create('big'),
    nfs.write('big', 0, data),
    nfs.commit('big'),
    nfs.read('big', 0, data, true),
    nfs.compound(op.root, op.open('four'), op.handle('four')),
    nfs.compound(op.use('four'), op.write(0, data), op.attributes),
    nfs.compound(op.use('four'), op.close),
    nfs.lookUp('next'),
  ].flat();
};

describe('a record in several fragments', () => {
  const whole = seen(parts(STEPS));

  it.each([[1], [4], [7, 0, 30], [0, 0, 1000], [20, 1]])('is read as in one: of %i bytes …', (...sizes) => {
    const all = broken(STEPS, sizes);
    expect(seen(all)).toEqual(whole);
    expect(seen(all, 1)).toEqual(whole);
    for (const talk of talksCutOnce(newTalk, all)) {
      for (const side of ['>', '<'] as const) talk.close(side);
      expect(talk.seen).toEqual(whole);
    }
  });

  it('has the same frames, but for its marks', () => {
    const framesOf = (all: readonly Part[]): string[] =>
      talkInPieces(newTalk().watchFrames(), all, Infinity).seenFrames.filter(
        (frame) => !/^. nfs\.rpc\.(pdu|hdr) /.test(frame),
      );
    expect(framesOf(broken(STEPS, [30, 5]))).toEqual(framesOf(parts(STEPS)));
  });

  it('may be long: data of files is taken as it comes', () => {
    const data = bytes(300_000);
    const clear = seen(parts(long(data)), 1460, 64);
    expect(clear.filter(({ values }) => JSON.stringify(values).includes('300000'))).toHaveLength(3);
    for (const sizes of [[65_536], [65_500, 100], [9000], [40_000, 0, 3]])
      for (const size of [1460, 7001, 60_000]) expect(seen(broken(long(data), sizes), size, 64)).toEqual(clear);
  });

  it('may be as long as what is kept whole, or a little longer', () => {
    for (const more of [-200, -128, -100, -96, -64, 0, 1, 4]) {
      const all = long(bytes(65_536 + more));
      const clear = seen(parts(all), 1460, 64);
      for (const sizes of [[65_536], [32_768], [65_436, 1]]) expect(seen(broken(all, sizes), 1460, 64)).toEqual(clear);
    }
  });

  it('is read however it is divided, and however the stream is', () => {
    const sizes = fc.array(fc.oneof(fc.nat(8), fc.nat(200)), { minLength: 1, maxLength: 6 });
    const size = fc.integer({ min: 1, max: 400 });
    fc.assert(
      fc.property(sizes, size, (all, pieces) => {
        expect(seen(broken(STEPS, [...all, 9]), pieces)).toEqual(whole);
      }),
    );
  });

  it('ends early where its data says more than there is', () => {
    const nfs = new NfsFiles();
    const [asked] = nfs.write('short', 0, bytes(200_000));
    const cut = toBytes(asked![1]).subarray(0, 120_000);
    const next = parts(nfs.lookUp('next'));
    const last = seen([['>', inFragments(cut, [30_000])], ...next]).at(-1)!;
    expect(last.values['> filename'] ?? last.eve).toContain('next');
  });
});

describe('bytes that are missing of fragments', () => {
  const nfs = new NfsFiles();
  const [asked] = nfs.lookUp('lost');
  const after = parts(nfs.lookUp('after'));
  const names = (all: readonly Part[]): string[] =>
    seen(all).map(({ eve }) => /"filename":"(\w+)"/.exec(eve)?.[1] ?? '');

  it('give up the record', () => {
    const text = inFragments(toBytes(asked![1]), [20]);
    for (const at of [2, 10, 24, 26, 50])
      expect(names([['>', text.subarray(0, at)], ['>', text.length - at], ...after])).toEqual(['after']);
  });

  it('are a gap in a file, if they are of its data, and of one fragment', () => {
    const data = bytes(200_000);
    const files = new NfsFiles();
    const [write, answered] = files.write('gap', 0, data);
    const text = inFragments(toBytes(write![1]), [100_000]);
    const all = (missing: number): Part[] => [
      ['>', text.subarray(0, 80_000)],
      ['>', missing],
      ['>', text.subarray(80_000 + missing, 150_000)],
      ['>', text.subarray(150_000)],
      ...parts([answered!, ...files.commit('gap'), ...files.lookUp('after')]),
    ];
    expect(names(all(500)).at(-1)).toBe('after');
    expect(seen(all(500)).some(({ values }) => values['> filesize']?.[0] === 200_000)).toBe(true);
    expect(names(all(40_000)).at(-1)).toBe('after');
  });
});

describe('what tells NFS', () => {
  const [asked, answered] = [call(1, 3, 1), answer(1)];

  it.each([[1], [4], [11], [0, 0, 12], [19]])('may come in fragments: of %i bytes …', (...sizes) => {
    for (const [message, direction, told] of [
      [asked, 0, ANSWER.yes],
      [answered, 1, ANSWER.open],
    ] as const) {
      const text = inFragments(record(message), sizes);
      expect(probeNfsTcp(text, 0, text.length, direction)).toBe(told);
      const answers = Array.from({ length: text.length }, (_, length) => probeNfsTcp(text, 0, length, direction));
      expect(answers.filter((one) => one !== ANSWER.more).every((one) => one === told)).toBe(true);
    }
  });

  it.each([
    ['another program', inFragments(record(call(1, 3, 1).fill(9, 12, 16)), [5])],
    ['a record that ends in front of it', inFragments(record(asked.subarray(0, 16)), [5])],
    ['a record of nothing', concat(u32(0), u32(0x8000_0000))],
  ])('is not %s', (_name, text) => {
    expect(probeNfsTcp(text, 0, text.length, 0)).toBe(ANSWER.no);
  });
});

builtIt('raises alerts of what comes in fragments, whatever the first of them tells', () => {
  const rules = ['alert nfs any any -> any any (file.name; content:"evil.exe"; file.data; content:"MZ evil"; sid:1;)'];
  const said = STEPS.slice(0, 6);
  const fragments = (sizes: readonly number[]): Said[] =>
    said.map(([side, text]) => [side, inFragments(toBytes(text), sizes)]);
  const talks = [said, fragments([3]), fragments([0, 16]), fragments([100])].map((one) => ({
    serverPort: 2049,
    said: one,
  }));
  expect(alertsOfEach(talks, rules)).toEqual([['1<'], ['1<'], ['1<'], ['1<']]);
});

it('gives back all memory of fragments', () => {
  const talk = talkInPieces(newTalk(), [['>', inFragments(toBytes(STEPS[0]![1]), [20]).subarray(0, 60)]], Infinity);
  expect(talk.arena.usedBytes).toBeGreaterThan(0);
  talk.reset();
  expect(talk.arena.usedBytes).toBe(0);
});

it('passes over a record in fragments that there is no memory for', () => {
  const talk = talkInPieces(newTalk(0), broken(STEPS, [20]), Infinity);
  expect(talk.connection.broken).toBe(false);
});

describeDamaged(
  NFS,
  { specs: SPECS, events: NFS_EVENTS },
  [[3], [20, 0], [100]].map((sizes) => ({
    name: `fragments of ${sizes.join()}`,
    talk: {
      serverPort: 2049,
      said: broken(STEPS, sizes) as readonly Said[],
    },
  })),
);
