/**
 * What every parser of messages is tested with: the table of the peer's answers, streams cut at every byte, and
 * damaged messages (test/fuzz).
 */
import { describe, expect, it } from 'vitest';
import type { Protocol } from '../../../src/app/protocol.js';
import { conversationTarget, type Conversations } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
import { hasSuricata } from '../../support/suricata.js';
import { toBytes } from '../../support/packet-builder.js';
import {
  askAbout,
  differences,
  factsOf,
  isWriting,
  readTable,
  writeTable,
  type PeerCase,
  type TableOptions,
} from './peer-table.js';
import { Talk, talkInPieces, talksCutOnce, type Part, type Seen } from './talk.js';

export interface ProtocolSuite {
  readonly name: string;
  readonly protocol: Protocol;
  readonly cases: readonly PeerCase[];
  readonly options: TableOptions;
  /** Also those that the peer does not have. */
  readonly events: TableOptions['events'];
  /** Path of the table. */
  readonly table: string;
  readonly anyCut?: Conversations['anyCut'];
}

/** How a value of a number or a list of names is asked for. */
export const asNumber = (name: string) => (value: string | number) => `${name}:${value};`;

/** A rule of each number, by its keyword. */
export const askedNumbers = (names: readonly string[]): TableOptions['asked'] =>
  Object.fromEntries(names.map((name) => [name, asNumber(name)]));

const isStream = ({ talk }: PeerCase): boolean => talk.udp !== true;
const partsOf = ({ talk }: PeerCase): Part[] => talk.said.map(([side, bytes]) => [side, toBytes(bytes)]);

function sayAll(talk: Talk, { talk: { udp, said } }: PeerCase): void {
  for (const [side, bytes] of said) {
    if (udp === true) talk.datagram(side, toBytes(bytes));
    else talk.stream(side, toBytes(bytes));
  }
}

const sideOf = ({ values }: Seen): '>' | '<' => (Object.keys(values)[0]?.startsWith('<') === true ? '<' : '>');

/** Damages what is said in cases. */
export function describeDamaged(
  protocol: Protocol,
  { specs, events }: Pick<TableOptions, 'specs' | 'events'>,
  cases: readonly PeerCase[],
  more: Pick<Conversations, 'anyCut'> = {},
): void {
  for (const udp of [false, true]) {
    const said = cases.filter((one) => isStream(one) !== udp).map(({ talk }) => talk.said);
    if (said.length > 0) describeFuzz(conversationTarget({ protocol, specs, events, said, udp, ...more }));
  }
}

export function describeProtocol(suite: ProtocolSuite): void {
  const { name, protocol, cases, options, events, table: path, anyCut = true } = suite;
  describeDamaged(protocol, { ...options, events }, cases, { anyCut });
  const newTalk = (): Talk => new Talk(protocol, options.specs, events, 8);
  const see = (one: PeerCase): readonly Seen[] => {
    const talk = newTalk();
    sayAll(talk, one);
    return talk.seen;
  };
  const seen = cases.map(see);
  const ours = seen.map((one) => factsOf(one, sideOf));
  if (hasSuricata && isWriting) writeTable(path, cases, askAbout(cases, ours, options));
  const table = readTable(path);

  describe(`${name} beside Suricata`, () => {
    it.each(cases.map((one, index) => [one.name, index] as const))('%s', (title, index) => {
      const { facts, differences: known, objects } = table[title]!;
      const differs = cases[index]!.differs ?? '';
      expect(differences(ours[index]!, facts, options)).toEqual(known);
      if (differs === '') expect(known).toEqual([]);
      if (differs === '' || cases[index]!.hasSameObjects === true) expect(objectsOf(seen[index]!)).toEqual(objects);
      if (differs !== '')
        expect(known.length > 0 || JSON.stringify(objectsOf(seen[index]!)) !== JSON.stringify(objects)).toBe(true);
    });

    it.skipIf(!hasSuricata)('is what Suricata answers today', () => {
      const answers = askAbout(cases, ours, options);
      expect(Object.fromEntries(cases.map((one, index) => [one.name, answers[index]]))).toEqual(table);
    });
  });

  it.each(cases.map((one) => [one.name, one] as const))(
    `${name} has events where memory is short: %s`,
    (_title, one) => {
      const talk = new Talk(protocol, options.specs, events, 0);
      sayAll(talk, one);
      expect(() => objectsOf(talk.seen)).not.toThrow();
    },
  );

  const streams = cases.filter(isStream);
  if (streams.length > 0) {
    describe(`${name} in pieces`, () => {
      it.each(streams.map((one) => [one.name, one] as const))('%s', (_title, one) => {
        const parts = partsOf(one);
        const whole = talkInPieces(newTalk(), parts, Infinity).seen;
        expect(talkInPieces(newTalk(), parts, 1).seen).toEqual(whole);
        for (const cut of talksCutOnce(newTalk, parts)) expect(cut.seen).toEqual(whole);
      });
    });
  }
}

/** The objects of events, as the peer's are kept: members in the order of their names. */
const objectsOf = (seen: readonly Seen[]): unknown[] =>
  seen
    .filter(({ eve }) => eve !== '')
    .map(({ eve }) => sorted(Object.values(JSON.parse(`{${eve}}`) as Record<string, unknown>)[0]));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
