/**
 * Rules over transactions against looking for every rule in every whole buffer: the same matches, however a transaction
 * comes in pieces and wherever it is looked at between them.
 */
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { FAKE_APPLICATION, FAKE_BUFFERS, FAKE_STATE } from '../support/fake-buffers.js';

vi.mock('../../src/app/packet-buffers.js', async (original) => {
  const { PACKET_BUFFERS } = await original<typeof import('../../src/app/packet-buffers.js')>();
  return { PACKET_BUFFERS: [...PACKET_BUFFERS, ...FAKE_BUFFERS] };
});

const { applicationId } = await import('../../src/app/applications.js');
const { compileRules } = await import('../../src/compile/compile-rules.js');
const { RuleSet } = await import('../../src/block/rule-set.js');
const { Detector } = await import('../../src/detect/detect.js');
const { Flow } = await import('../../src/flow/flow.js');
const { Arena, PAGE_BYTES } = await import('../../src/memory/arena.js');
const { AlertList, placeBlock } = await import('../support/detecting.js');
const { FakeTransaction } = await import('../support/fake-application.js');
const { naiveTables, NaiveScanner } = await import('../support/naive-scanner.js');
const { naiveVerify } = await import('../support/naive-verify.js');
const { IP_PROTOCOL } = await import('../../src/decode/packet.js');
const { payloadPacket } = await import('../support/payload-packet.js');
const { bsize, content, isdataat, program } = await import('../support/rule-programs.js');
type BufferMatch = import('../../src/rule/buffer-match.js').BufferMatch;
type BufferProgram = import('../../src/rule/program.js').BufferProgram;
type RuleProgram = import('../../src/rule/program.js').RuleProgram;

type Side = 0 | 1;
const APPLICATION = applicationId(FAKE_APPLICATION);
const COMPLETE = [FAKE_STATE.requestComplete, FAKE_STATE.answerComplete] as const;
const FIRST_LOOK = [32_768, 40_960] as const;

/** One side of a transaction: all that it will have said. */
interface Said {
  readonly head: Uint8Array | undefined;
  /** fake.request, or fake.answer. */
  readonly single: Uint8Array | undefined;
  readonly words: readonly Uint8Array[];
  readonly body: Uint8Array | undefined;
}

const text = fc.array(fc.constantFrom(...'aAbB.'), { maxLength: 6 }).map((letters) => Buffer.from(letters.join('')));
/** Long bodies of nothing, with a few letters in them. */
const body = fc
  .tuple(fc.oneof(fc.nat(40), fc.nat(9000), fc.nat(50_000)), fc.array(fc.tuple(fc.nat(50_000), text), { maxLength: 4 }))
  .map(([length, marks]) => {
    const bytes = new Uint8Array(length).fill(0x2d);
    for (const [at, mark] of marks) if (length > 0) bytes.set(mark.subarray(0, length - (at % length)), at % length);
    return bytes;
  });
const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 6 });
const said: fc.Arbitrary<Said> = fc.record({
  head: maybe(text),
  single: maybe(text),
  words: fc.array(text, { maxLength: 3 }),
  body: maybe(body),
});

const step: fc.Arbitrary<BufferMatch> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        text.filter((bytes) => bytes.length > 0),
        fc.record({
          negated: fc.boolean(),
          nocase: fc.boolean(),
          startswith: fc.boolean(),
          endswith: fc.boolean(),
        }),
        fc.nat(9),
      )
      .map(([bytes, { negated, nocase, startswith, endswith }, chance]) =>
        content(bytes, {
          nocase,
          negated: negated && chance < 3,
          startswith: startswith && chance > 6,
          endswith: endswith && chance > 6,
        }),
      ),
  },
  { weight: 1, arbitrary: fc.nat(5).map((size) => bsize([size, size + 3])) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(5000), fc.boolean()).map(([at, negated]) => isdataat(at, { negated })) },
);
const engine: fc.Arbitrary<BufferProgram> = fc.record({
  buffer: fc.constantFrom(...FAKE_BUFFERS.map(({ name }) => name)),
  matches: fc.array(step, { minLength: 1, maxLength: 2 }),
  absent: fc.constantFrom(undefined, undefined, undefined, undefined, 'or_else' as const),
});

const specOf = (name: string): (typeof FAKE_BUFFERS)[number] => FAKE_BUFFERS.find((spec) => spec.name === name)!;
const has = (name: string, side: Side): boolean =>
  (side === 0 ? specOf(name).toServer : specOf(name).toClient) !== undefined;
const isTwoSided = (buffers: readonly BufferProgram[]): boolean =>
  buffers.some(({ buffer }) => !has(buffer, 1)) && buffers.some(({ buffer }) => !has(buffer, 0));

const rules = fc
  .array(fc.array(engine, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 8 })
  .map((all) => all.map((buffers, index) => program({ sid: index + 1, buffers, fastPattern: fastPattern(buffers) })));

/** What may be missing has no pattern that must be there. */
function fastPattern(buffers: readonly BufferProgram[]): RuleProgram['fastPattern'] {
  return program({ buffers: buffers.filter(({ absent }) => absent === undefined) }).fastPattern;
}

/** The instances of a buffer on a side, as they are in the end. */
function instances(name: string, side: Side, sides: readonly [Said, Said]): readonly Uint8Array[] {
  const { head, single, words, body: bytes } = sides[side];
  const one = (value: Uint8Array | undefined): readonly Uint8Array[] => (value === undefined ? [] : [value]);
  if (!has(name, side)) return [];
  if (name === 'fake.head') return one(head);
  if (name === 'fake.word') return words;
  return one(name === 'fake.body' || name === 'fake.reply' ? bytes : single);
}

const needsWhole = ({ matches, absent }: BufferProgram): boolean =>
  absent !== undefined ||
  matches.some(
    (match) =>
      match.kind === 'bsize' ||
      (match.kind === 'content' && (match.negated || match.endswith)) ||
      (match.kind === 'isdataat' && match.negated),
  );

function enginePasses(buffer: BufferProgram, side: Side, sides: readonly [Said, Said]): boolean {
  const found = instances(buffer.buffer, side, sides);
  const passes = (bytes: Uint8Array | undefined): boolean => naiveVerify({ buffers: [buffer] }, () => bytes);
  if (found.length === 0) return passes(undefined);
  if (specOf(buffer.buffer).kind !== 'growing') return found.some(passes);
  const [whole] = found;
  const looks = needsWhole(buffer) ? [FIRST_LOOK[side]] : [4096, 16_384, 65_536];
  return passes(whole) || looks.some((length) => length <= whole!.length && passes(whole!.subarray(0, length)));
}

/** sid, and the side where it is not a rule of both. */
function naiveMatches(programs: readonly RuleProgram[], sides: readonly [Said, Said]): string[] {
  const matches = programs.flatMap(({ sid, buffers }) => {
    if (isTwoSided(buffers))
      return buffers.every((each) => enginePasses(each, has(each.buffer, 0) ? 0 : 1, sides)) ? [`${sid}`] : [];
    const able = ([0, 1] as const).filter((side) => buffers.every(({ buffer }) => has(buffer, side)));
    return able
      .filter((side) => buffers.every((each) => enginePasses(each, side, sides)))
      .map((side) => `${sid} ${side}`);
  });
  return matches.sort();
}

/** What is done to the transaction, side by side. */
type Action = (transaction: InstanceType<typeof FakeTransaction>) => void;

function actionsOf(side: Side, { head, single, words, body: bytes }: Said, cuts: readonly number[]): Action[] {
  const actions: Action[] = [
    (tx) => {
      if (head !== undefined) tx.put('fake.head', head, side);
      if (single !== undefined) tx.put(side === 0 ? 'fake.request' : 'fake.answer', single, side);
      tx.advance(side, 1);
    },
  ];
  if (side === 0)
    actions.push((tx) => {
      for (const word of words) tx.put('fake.word', word, 0);
      tx.advance(0, FAKE_STATE.words);
    });
  actions.push((tx) => tx.advance(side, side === 0 ? FAKE_STATE.body : FAKE_STATE.reply));
  if (bytes !== undefined) {
    const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
    ends.forEach((end, index) =>
      actions.push((tx) =>
        tx.grow(side === 0 ? 'fake.body' : 'fake.reply', bytes.subarray(ends[index - 1] ?? 0, end), side),
      ),
    );
  }
  actions.push((tx) => tx.advance(side, COMPLETE[side]));
  return actions;
}

it('finds what looking for every rule in every whole buffer finds', () => {
  let matched = 0;
  fc.assert(
    fc.property(
      rules,
      said,
      said,
      fc.array(fc.nat(60_000), { maxLength: 6 }),
      fc.array(fc.nat(60_000), { maxLength: 6 }),
      fc.infiniteStream(fc.boolean()),
      (programs, request, answer, requestCuts, answerCuts, coin) => {
        const arena = new Arena(new ArrayBuffer(4096 + 32 * PAGE_BYTES), 4096, 32 * PAGE_BYTES);
        const memory = placeBlock(compileRules(programs, { compilePatterns: naiveTables }).block);
        const ruleSet = new RuleSet(memory);
        const detector = new Detector(ruleSet, new NaiveScanner(memory), { arena });
        const sink = new AlertList();
        const transaction = new FakeTransaction(arena, 0);
        const flow = new Flow();
        const segment = payloadPacket(new Uint8Array(0));
        segment.protocol = IP_PROTOCOL.tcp;
        segment.l4HeaderLength = 20;
        const pending = [actionsOf(0, request, requestCuts), actionsOf(1, answer, answerCuts)] as const;
        while (pending[0].length + pending[1].length > 0) {
          const side = pending[0].length === 0 || (pending[1].length > 0 && coin.next().value) ? 1 : 0;
          pending[side].shift()!(transaction);
          if (pending[0].length + pending[1].length > 0 && coin.next().value) continue;
          detector.begin(segment, flow, side);
          for (const direction of [0, 1] as const) {
            if (((transaction.dirty >>> direction) & 1) === 0) continue;
            detector.inspectTransaction(
              transaction,
              APPLICATION,
              direction,
              transaction.progress(direction) === COMPLETE[direction],
            );
          }
          transaction.dirty = 0;
          detector.finish(sink, { receivedMs: 0 });
        }
        const twoSided = new Set(programs.filter(({ buffers }) => isTwoSided(buffers)).map(({ sid }) => sid));
        const found = sink.alerts.map(({ sid, event }) =>
          twoSided.has(sid) ? `${sid}` : `${sid} ${event['direction'] === 'to_server' ? 0 : 1}`,
        );
        const wanted = naiveMatches(programs, [request, answer]);
        matched += wanted.length;
        expect(found.sort()).toEqual(wanted);
        expect(detector.stepLimit).toBe(0);
      },
    ),
    { numRuns: Number(process.env['PERISCOPE_TRANSACTION_RUNS'] ?? 300) },
  );
  // It says something only where rules match.
  expect(matched).toBeGreaterThan(40);
});
