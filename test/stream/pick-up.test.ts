/**
 * Connections whose beginning was not seen, with pick-up and without it, in the whole engine and in Suricata: which
 * rules alert, in which direction. Its answers are in pick-up.answers.json, written by `WRITE_ANSWERS=1`.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hostOf } from '../support/conversation.js';
import { eventsInProcess } from '../support/in-process-events.js';
import { TCP_FLAG } from '../support/packet-builder.js';
import { suricataEvents } from '../support/suricata.js';
import { framesOf, type Segment, type Side } from './random/connection.js';

const { ack: ACK, psh: PSH, fin: FIN, syn: SYN, rst: RST } = TCP_FLAG;

const segment = (side: Side, flags: number, at: number, ack: number, text = ''): Segment => ({
  side,
  flags,
  at,
  ack,
  text,
});
const synAck = segment('<', SYN | ACK, -1, 0);
const syn = segment('>', SYN, -1, 0);
/** Both sides say their word, in two segments each. */
const words = [
  segment('>', ACK | PSH, 0, 0, 'alp'),
  segment('>', ACK | PSH, 3, 0, 'ha'),
  segment('<', ACK, 0, 5),
  segment('<', ACK | PSH, 0, 5, 'be'),
  segment('<', ACK | PSH, 2, 5, 'ta'),
  segment('>', ACK, 5, 4),
];
const serverWords = [
  segment('<', ACK | PSH, 0, 0, 'be'),
  segment('<', ACK | PSH, 2, 0, 'ta'),
  segment('>', ACK, 0, 4),
  segment('>', ACK | PSH, 0, 4, 'alp'),
  segment('>', ACK | PSH, 3, 4, 'ha'),
  segment('<', ACK, 4, 5),
];
const of = (side: Side, segments: readonly Segment[]): Segment[] => segments.filter((one) => one.side === side);

const CASES: Readonly<Record<string, readonly Segment[]>> = {
  'the whole handshake': [syn, synAck, segment('>', ACK, 0, 0), ...words],
  'SYN/ACK, ACK': [synAck, segment('>', ACK, 0, 0), ...words],
  'SYN/ACK, data of the client': [synAck, ...words],
  'SYN/ACK, data of the server': [synAck, ...serverWords],
  'SYN, SYN/ACK, data of the client': [syn, synAck, ...words],
  'SYN, SYN/ACK, data of the server': [syn, synAck, ...serverWords],
  'SYN, SYN/ACK, the server alone': [syn, synAck, ...of('<', serverWords)],
  'SYN, ACK': [syn, segment('>', ACK, 0, 0), ...words],
  'SYN, data of the server': [syn, ...serverWords],
  'data of the client': words,
  'data of the server': serverWords,
  'the client alone': of('>', words),
  'the server alone': of('<', words),
  'SYN, the client alone': [syn, ...of('>', words)],
  'SYN/ACK, the server alone': [synAck, ...of('<', serverWords)],
  'ACK of the client': [segment('>', ACK, 0, 0), ...words],
  'ACK of the server': [segment('<', ACK, 0, 0), ...words],
  'FIN of the client': [segment('>', FIN | ACK, -1, 0), ...words],
  'FIN of the server': [segment('<', FIN | ACK, -1, 0), ...words],
  'FIN with data of the client': [segment('>', FIN | ACK, 0, 0, 'alpha'), segment('<', ACK, 0, 6)],
  'FIN with data of the server': [segment('<', FIN | ACK, 0, 0, 'beta'), segment('>', ACK, 0, 5)],
  'RST of the client': [segment('>', RST, -1, 0), ...words],
  'RST of the server': [segment('<', RST | ACK, -1, 0), ...words],
};

const RULES = [
  'content:"alpha"',
  'content:"beta"',
  'flow:established,to_server; content:"alpha"',
  'flow:established,to_client; content:"beta"',
  'flow:to_server; content:"alp"',
  'flow:to_client; content:"be"',
  'flow:not_established; content:"alp"',
  'flow:not_established; content:"be"',
  'flow:no_stream; content:"alp"',
  'flow:only_stream; content:"alpha"',
].map((tests, index) => `alert tcp any any -> any any (${tests}; sid:${index + 1};)`);

type Answers = Readonly<Record<string, readonly string[]>>;

interface Event {
  readonly src_ip: string;
  readonly dest_ip: string;
  readonly alert?: { readonly signature_id: number };
}

function answersOf(events: readonly Event[]): Answers {
  return Object.fromEntries(
    Object.keys(CASES).map((name, index) => [
      name,
      events
        .filter(
          ({ alert, src_ip, dest_ip }) => alert !== undefined && (hostOf(src_ip) ?? hostOf(dest_ip)) === index + 1,
        )
        .map(({ alert, src_ip }) => `${hostOf(src_ip) === undefined ? '<' : '>'} ${RULES[alert!.signature_id - 1]}`)
        .map((told) => told.replace(/alert tcp any any -> any any \((.*); sid:\d+;\)/, '$1'))
        .sort(),
    ]),
  );
}

const frames = Object.values(CASES).flatMap((segments, index) =>
  framesOf({ segments, traits: [], serverPort: 80, first: { '>': 1000, '<': 5000 }, stepMs: 1 }, index + 1),
);
const SETTINGS = { 'picked up': true, 'not picked up': false };
type Setting = keyof typeof SETTINGS;

const HANDSHAKE = 'a connection goes on behind a step of its handshake that was not seen (tcp-state.ts)';
const PORTS = 'ports tell the server where nothing else does, and not who was seen first (docs/settings.md)';
const SERVER = 'the sender of a SYN/ACK is the server (docs/decisions/0012)';
const WHY: Readonly<Record<Setting, Readonly<Record<string, string>>>> = {
  'picked up': {
    'SYN/ACK, data of the server': HANDSHAKE,
    'SYN, ACK': HANDSHAKE,
    'SYN, data of the server': HANDSHAKE,
    'SYN, the client alone': HANDSHAKE,
    'SYN/ACK, the server alone': HANDSHAKE,
    'data of the server': PORTS,
    'the server alone': PORTS,
    'ACK of the server': PORTS,
    'FIN of the server': PORTS,
    'FIN with data of the server': PORTS,
    'RST of the server': PORTS,
  },
  'not picked up': {
    'SYN/ACK, ACK': SERVER,
    'SYN/ACK, data of the client': SERVER,
    'SYN/ACK, data of the server': SERVER,
    'SYN/ACK, the server alone': SERVER,
  },
};

/** What Suricata finds, and what is found here alone (`+`) or there alone (`-`). */
interface Row {
  readonly theirs: readonly string[];
  readonly differences: readonly string[];
}
type Table = Readonly<Record<Setting, Readonly<Record<string, Row>>>>;

function differences(ours: readonly string[], theirs: readonly string[]): string[] {
  const left = [...theirs];
  const more = ours.filter((one) => {
    const at = left.indexOf(one);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [...more.map((one) => `+ ${one}`), ...left.map((one) => `- ${one}`)];
}

const oursFor = (midstream: boolean): Answers => answersOf(eventsInProcess(frames, RULES, { midstream }));

function ask(midstream: boolean): Table[Setting] {
  const theirs = answersOf(suricataEvents(frames, RULES, [`stream.midstream=${midstream}`]));
  const ours = oursFor(midstream);
  const row = (name: string): Row => ({
    theirs: theirs[name]!,
    differences: differences(ours[name]!, theirs[name]!),
  });
  return Object.fromEntries(Object.keys(CASES).map((name) => [name, row(name)]));
}

const PATH = new URL('pick-up.answers.json', import.meta.url);
if (process.env['WRITE_ANSWERS'] !== undefined) {
  const table: Table = { 'picked up': ask(true), 'not picked up': ask(false) };
  writeFileSync(PATH, `${JSON.stringify(table, null, 2)}\n`);
}
const table = JSON.parse(readFileSync(PATH, 'utf8')) as Table;

describe.each(Object.keys(SETTINGS) as Setting[])('connections that begin in the middle, %s', (setting) => {
  const ours = oursFor(SETTINGS[setting]);

  it.each(Object.keys(CASES))('%s', (name) => {
    const { theirs, differences: known } = table[setting][name]!;
    expect(differences(ours[name]!, theirs)).toEqual(known);
    expect(known.length > 0, WHY[setting][name]).toBe(name in WHY[setting]);
  });
});
