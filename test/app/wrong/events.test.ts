/**
 * What the parsers of protocols find wrong, as Suricata 8 finds it: its answers are in the table beside the test, but
 * for cases that say why they differ. `WRITE_ANSWERS=1` asks it anew, where it is installed.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../support/conversation.js';
import { toBytes } from '../../support/packet-builder.js';
import { eventsOfEach, hasSuricata } from '../../support/suricata.js';
import { Talk } from '../support/talk.js';
import { DNP3_CASES } from './dnp3-cases.js';
import { ENIP_CASES } from './enip-cases.js';
import type { EventCases } from './event-cases.js';
import { FTP_CASES } from './ftp-cases.js';
import { IKE_CASES } from './ike-cases.js';
import { LDAP_CASES } from './ldap-cases.js';
import { MODBUS_CASES } from './modbus-cases.js';
import { MQTT_CASES } from './mqtt-cases.js';
import { NFS_CASES } from './nfs-cases.js';
import { NTP_CASES } from './ntp-cases.js';
import { SMB_CASES } from './smb-cases.js';

const ALL: readonly EventCases[] = [
  MODBUS_CASES,
  DNP3_CASES,
  ENIP_CASES,
  MQTT_CASES,
  IKE_CASES,
  SMB_CASES,
  FTP_CASES,
  LDAP_CASES,
  NFS_CASES,
  NTP_CASES,
];
const TABLE = join(import.meta.dirname, 'answers.json');
/** Of what is told before there is a parser. */
const OF_IDENTIFICATION = /^APPLAYER_/;

type Table = Record<string, Record<string, string[]>>;

const titles = (of: EventCases): string[] => Object.keys(of.cases);

function raisedHere({ protocol, events, first, udp, cases }: EventCases, title: string): string[] {
  const talk = new Talk(protocol, [], events, 8);
  for (const [side, bytes] of [...first, ...cases[title]!]) {
    if (udp === true) talk.datagram(side, toBytes(bytes));
    else talk.stream(side, toBytes(bytes));
  }
  return [...new Set(talk.seen.flatMap((seen) => seen.events))].sort();
}

function raisedThere(of: EventCases): Record<string, string[]> {
  const talks = titles(of).map((title, index): Conversation => ({
    serverPort: of.port,
    host: index + 1,
    said: [...of.first, ...of.cases[title]!],
    ...(of.udp === true ? { udp: true, clientPort: 45_000 } : {}),
  }));
  const rules = of.events.map(
    ({ name }, index) =>
      `alert ${of.application} any any -> any any (app-layer-event:${of.application}.${name}; sid:${index + 1};)`,
  );
  // What is wrong with a transaction is told with it, where its events are asked for, or by rules alone.
  const told = eventsOfEach(talks, rules, [`outputs.0.eve-log.types.10=${of.application}`]).map(({ events }) =>
    events.flatMap(({ anomaly, alert }) => [
      ...(anomaly === undefined ? [] : [anomaly.event]),
      ...(alert === undefined ? [] : [of.events[alert.signature_id - 1]!.name]),
    ]),
  );
  return Object.fromEntries(
    titles(of).map((title, index) => [
      title,
      [
        ...new Set(told[index]!.filter((name) => !OF_IDENTIFICATION.test(name)).map((name) => name.toLowerCase())),
      ].sort(),
    ]),
  );
}

const askAll = (): Table => Object.fromEntries(ALL.map((of) => [of.application, raisedThere(of)]));

if (hasSuricata && process.env['WRITE_ANSWERS'] === '1') writeFileSync(TABLE, `${JSON.stringify(askAll(), null, 2)}\n`);
const TOLD = JSON.parse(readFileSync(TABLE, 'utf8')) as Table;

describe.each(ALL.map((of) => [of.application, of] as const))('what is wrong in %s', (application, of) => {
  it.each(titles(of))('%s', (title) => {
    const ours = raisedHere(of, title);
    const theirs = TOLD[application]![title];
    if (of.differs?.[title] === undefined) expect(ours).toEqual(theirs);
    else expect(ours).not.toEqual(theirs);
  });

  it('is a case of each event that a message alone can raise', () => {
    const raised = new Set(titles(of).flatMap((title) => raisedHere(of, title)));
    const OF_MANY = /^(?:flooded|too_many_(?:transactions|fields))$/;
    const elsewhere = of.elsewhere ?? [];
    const left = of.events.filter(({ name }) => !raised.has(name) && !OF_MANY.test(name) && !elsewhere.includes(name));
    expect(left.map(({ name }) => name)).toEqual([]);
  });
});

it.skipIf(!hasSuricata)('is what Suricata answers today', () => expect(askAll()).toEqual(TOLD), 60_000);
