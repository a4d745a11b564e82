/**
 * Conversations as Suricata 8 has them, by a table of its answers beside the test (peer-table.ts): what differs is in
 * the table, and the test says why.
 */
import { expect, it } from 'vitest';
import { hasSuricata } from '../../support/suricata.js';
import { seenOf, type ParserCase } from './parser-suite.js';
import {
  askAbout,
  differences,
  factsOf,
  isWriting,
  readTable,
  writeTable,
  type Asked,
  type PeerCase,
  type TableOptions,
} from './peer-table.js';

export interface PeerSuite {
  readonly of: ParserCase;
  readonly table: string;
  readonly port: number;
  /** Why an answer differs, by the name of its conversation. */
  readonly differs: Readonly<Record<string, string>>;
  readonly asked?: Asked;
  /** Keywords that it does not have, or means something else by. */
  readonly without?: readonly string[];
  /** Its event with the protocol's object, where it has one, and how that is asked for. */
  readonly event?: string;
  readonly settings?: readonly string[];
}

export function describePeer({ of, table: path, port, differs, asked = {}, without = [], ...more }: PeerSuite): void {
  const { protocol, specs, conversations, udp } = of;
  const numbers = specs.filter(({ kind, keyword }) => kind === 'number' && keyword === undefined);
  const options: TableOptions = {
    application: protocol.name,
    specs,
    events: [],
    keywords: new Set(
      specs.filter(({ name, keyword }) => keyword === undefined && !without.includes(name)).map(({ name }) => name),
    ),
    asked: { ...Object.fromEntries(numbers.map(({ name }) => [name, (value) => `${name}:${value};`])), ...asked },
    object: more.event ?? protocol.name,
    settings: [`outputs.0.eve-log.types.10=${more.event ?? protocol.name}`, ...(more.settings ?? [])],
  };
  const cases: PeerCase[] = Object.entries(conversations).map(([name, said]) => ({
    name,
    talk: { serverPort: port, said, ...(udp === true ? { udp: true } : {}) },
  }));
  const seen = cases.map(({ talk }) => seenOf(of, talk.said));
  const ours = seen.map((one) =>
    factsOf(
      one.map((tx) => ({ ...tx, events: [] })),
      () => '>',
    ),
  );
  const objects = seen.map((one) =>
    one.flatMap(({ eve }) => (eve === '' ? [] : [Object.values(JSON.parse(`{${eve}}`) as object)[0]])),
  );
  if (hasSuricata && isWriting) writeTable(path, cases, askAbout(cases, ours, options));
  const table = readTable(path);

  it.each(cases.map(({ name }, index) => [name, index] as const))('%s is as the table has it', (name, index) => {
    const { facts, differences: known, objects: all } = table[name]!;
    // It may print one more than once.
    const theirs = all.filter((one, at) => at === 0 || JSON.stringify(one) !== JSON.stringify(all[at - 1]));
    expect(differences(ours[index]!, facts, options)).toEqual(known);
    const isLike = known.length === 0 && JSON.stringify(sorted(objects[index])) === JSON.stringify(theirs);
    if (!(name in differs)) expect([known, sorted(objects[index])]).toEqual([[], theirs]);
    expect(isLike).toBe(!(name in differs));
  });

  it.skipIf(!hasSuricata)(
    'is what Suricata answers today',
    () => {
      const told = askAbout(cases, ours, options);
      expect(Object.fromEntries(cases.map(({ name }, index) => [name, told[index]]))).toEqual(table);
    },
    120_000,
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}
