/**
 * A table of (bytes, keyword, what Suricata found), beside the tests of a protocol. It is written by asking: for every
 * value that our parser sees a rule that finds just that value, for every keyword one that tells whether it is there
 * at all, one for every event; and the objects of events as they were printed. `WRITE_ANSWERS=1` writes it anew.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { BufferSpec } from '../../../src/app/buffer-spec.js';
import type { ProtocolEvent } from '../../../src/app/protocol-event.js';
import { clientAddress, type Conversation } from '../../support/conversation.js';
import { eventsOfEach, type Eve, type Told } from '../../support/suricata.js';
import type { Seen } from './talk.js';

export interface PeerCase {
  readonly name: string;
  readonly talk: Omit<Conversation, 'host'>;
  /** Why the answers differ, where they do; what differs is in the table. */
  readonly differs?: string;
  /** It differs in what rules find; the objects of events are the same. */
  readonly hasSameObjects?: true;
}

export interface Recorded {
  readonly facts: readonly string[];
  /** `+` ours alone, `-` the peer's alone. */
  readonly differences: readonly string[];
  readonly objects: readonly unknown[];
}

/** How keywords are asked for that are not sticky buffers: as option of a rule, by the value. */
export type Asked = Readonly<Record<string, (value: string | number) => string | undefined>>;

export interface TableOptions {
  readonly application: string;
  readonly specs: readonly BufferSpec[];
  readonly events: readonly ProtocolEvent[];
  /** Keywords that the peer has, and how those of another shape are asked. */
  readonly keywords: ReadonlySet<string>;
  readonly asked?: Asked;
  /** Member of its events with the object. */
  readonly object: string;
  readonly settings?: readonly string[];
}

const IMPOSSIBLE = '|00 fe 01 fd 02 fc|';
const MOST_CONTENT = 200;

/** What our parser has seen, a line each: `> dns.query = a.example`, `> dns.query`, `> event malformed_data`. */
export function factsOf(seen: readonly Seen[], side: (seen: Seen) => '>' | '<'): string[] {
  const facts = new Set<string>();
  for (const one of seen) {
    for (const [key, values] of Object.entries(one.values)) {
      if (typeof values[0] === 'string') facts.add(key);
      for (const value of values) facts.add(`${key} = ${value}`);
    }
    for (const event of one.events) facts.add(`${side(one)} event ${event}`);
  }
  return [...facts].sort();
}

/** Asks about all cases at once. */
export function askAbout(
  cases: readonly PeerCase[],
  ours: readonly (readonly string[])[],
  options: TableOptions,
): Recorded[] {
  const rules: string[] = [];
  const meaning = new Map<number, string>();
  const talks = cases.map(({ talk }, index): Conversation => ({ ...talk, host: index + 1 }));
  talks.forEach(({ host }, index) => {
    for (const fact of candidates(ours[index]!, options)) {
      const option = optionOf(fact, options);
      if (option === undefined) continue;
      const sid = rules.length + 1;
      meaning.set(sid, fact);
      const ends = fact.startsWith('>')
        ? `${clientAddress(host)} any -> any any`
        : `any any -> ${clientAddress(host)} any`;
      rules.push(`alert ${options.application} ${ends} (${option} sid:${sid};)`);
    }
  });
  const settings = ['packet-alert-max=250', ...(options.settings ?? [])];
  return eventsOfEach(talks, rules, settings).map((answer, index) => recorded(answer, meaning, options, ours[index]!));
}

function candidates(ours: readonly string[], { specs, events, keywords }: TableOptions): string[] {
  const all = new Set(ours);
  for (const side of ['>', '<']) {
    for (const { name, kind } of specs) if (kind !== 'number' && keywords.has(name)) all.add(`${side} ${name}`);
    for (const { name } of events) all.add(`${side} event ${name}`);
  }
  return [...all];
}

function optionOf(fact: string, { application, events, keywords, asked = {} }: TableOptions): string | undefined {
  const [, side, name, value] = /^([<>]) (event \S+|\S+)(?: = ([\s\S]*))?$/.exec(fact)!;
  const flow = side === '>' ? 'flow:to_server;' : 'flow:to_client;';
  if (name!.startsWith('event ')) {
    const event = name!.slice(6);
    return events.some((one) => one.name === event) ? `${flow} app-layer-event:${application}.${event};` : undefined;
  }
  if (!keywords.has(name!)) return undefined;
  const special = asked[name!];
  if (special !== undefined) {
    const option = value === undefined ? undefined : special(/^\d+$/.test(value) ? Number(value) : value);
    return option === undefined ? undefined : `${flow} ${option}`;
  }
  if (value === undefined) return `${flow} ${name}; content:!"${IMPOSSIBLE}";`;
  if (value === '') return `${flow} ${name}; bsize:0;`;
  const bytes = Buffer.from(value, 'latin1');
  const shown = bytes.subarray(0, MOST_CONTENT).toString('hex').replace(/../g, '$& ').trim();
  return `${flow} ${name}; content:"|${shown}|"; startswith; bsize:${bytes.length};`;
}

type Meaning = ReadonlyMap<number, string>;

function recorded({ events }: Told, meaning: Meaning, options: TableOptions, ours: readonly string[]): Recorded {
  const alerts = events.flatMap(({ alert }) => (alert === undefined ? [] : [meaning.get(alert.signature_id)!]));
  const facts = [...new Set(alerts)].sort();
  const { object } = options;
  const objects = events
    .filter(({ event_type }) => event_type === object)
    .map((event) => sorted(event[object as keyof Eve]));
  return { facts, differences: differences(ours, facts, options), objects };
}

/** Members in the order of their names: the peer prints those of a group in any. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  );
}

/** What differs, of what both can be asked. */
export function differences(ours: readonly string[], theirs: readonly string[], options: TableOptions): string[] {
  const askable = ours.filter((fact) => optionOf(fact, options) !== undefined);
  return [
    ...askable.filter((fact) => !theirs.includes(fact)).map((fact) => `+ ${fact}`),
    ...theirs.filter((fact) => !askable.includes(fact)).map((fact) => `- ${fact}`),
  ].sort();
}

export const isWriting = process.env['WRITE_ANSWERS'] !== undefined;

export const readTable = (path: string): Record<string, Recorded> =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Record<string, Recorded>) : {};

const listed = (items: readonly unknown[]): string =>
  items.length === 0 ? '[]' : `[\n      ${items.map((item) => JSON.stringify(item)).join(',\n      ')}\n    ]`;

export function writeTable(path: string, cases: readonly PeerCase[], answers: readonly Recorded[]): void {
  const rows = cases.map(({ name }, index) => {
    const members = Object.entries(answers[index]!).map(
      ([member, items]) => `    "${member}": ${listed(items as readonly unknown[])}`,
    );
    return `  ${JSON.stringify(name)}: {\n${members.join(',\n')}\n  }`;
  });
  writeFileSync(path, `{\n${rows.join(',\n')}\n}\n`);
}
