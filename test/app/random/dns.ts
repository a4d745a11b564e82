/** Random talks of DNS, and random rules over them. */
import type { Said } from '../../support/conversation.js';
import { concat } from '../../support/packet-builder.js';
import * as dns from '../support/dns-messages.js';
import { directionOf, nameOf, stepsOf, type Chance, type Talk } from './chance.js';

const TYPES = Object.values(dns.TYPE);

function recordOf(chance: Chance): dns.RecordFields {
  const type = chance.one([dns.TYPE.a, dns.TYPE.cname, dns.TYPE.mx, dns.TYPE.ns, dns.TYPE.txt, dns.TYPE.soa]);
  const name = chance.often(50) ? dns.pointer(12) : nameOf(chance);
  const target = dns.labels(nameOf(chance));
  const data: Readonly<Record<number, Uint8Array>> = {
    [dns.TYPE.a]: dns.address('192.0.2.1'),
    [dns.TYPE.mx]: concat([0, 5], target),
    [dns.TYPE.txt]: concat([3], 'abc'),
    [dns.TYPE.soa]: concat(target, dns.labels('admin.example'), new Uint8Array(20)),
  };
  return { name, type, data: data[type] ?? target };
}

export function dnsTalk(chance: Chance): Talk {
  const said: Said[] = [];
  const udp = chance.often(70);
  const framed = udp ? (bytes: Uint8Array) => bytes : dns.inStream;
  const rounds = 1 + chance.below(3);
  for (let round = 0; round < rounds; round++) {
    const queries = [{ name: nameOf(chance), type: chance.one(TYPES) }];
    const opcode = chance.often(85) ? 0 : chance.below(6);
    const id = chance.below(65_536);
    said.push(['>', framed(dns.dnsMessage({ id, queries, flags: 0x0100 | (opcode << 11) }))]);
    const flags = 0x8180 | (opcode << 11) | (chance.often(70) ? 0 : chance.below(6));
    const sections = {
      answers: chance.some(3, () => recordOf(chance)),
      authorities: chance.some(1, () => recordOf(chance)),
      additionals: chance.some(1, () => recordOf(chance)),
    };
    said.push(['<', framed(dns.dnsMessage({ id, queries, flags, ...sections }))]);
  }
  return { udp, serverPort: 53, said };
}

/**
 * What a host tells a group: announcements, questions with answers that are known, probes; or a question of a simple
 * resolver and its answer (RFC 6762, 6.7).
 */
export function mdnsTalk(chance: Chance): Talk {
  const FLUSH = 0x8001;
  const question = (): { readonly name: string; readonly type: number; readonly class: number } => ({
    name: chance.often(70) ? nameOf(chance) : '_http._tcp.local',
    type: chance.one(TYPES),
    class: chance.often(70) ? 1 : FLUSH,
  });
  const records = (most: number): dns.RecordFields[] =>
    chance.some(most, () => ({ ...recordOf(chance), class: chance.often(60) ? FLUSH : 1 }));
  const message = (isResponse: boolean): Uint8Array => {
    const queries = isResponse && chance.often(80) ? [] : [question(), ...chance.some(2, question)];
    // The first name stands where pointers lead to, a name in any case.
    const first = { ...recordOf(chance), name: nameOf(chance) };
    const answers = queries.length === 0 ? [first, ...records(2)] : records(2);
    const flags = (isResponse ? 0x8400 : 0) | (chance.often(90) ? 0 : chance.below(16) << 11) | chance.below(6);
    const more = { authorities: records(1), additionals: records(2) };
    return dns.dnsMessage({ id: chance.often(80) ? 0 : chance.below(65_536), flags, queries, answers, ...more });
  };
  if (chance.often(30)) {
    const said: Said[] = [
      ['>', message(false)],
      ['<', message(true)],
    ];
    return { udp: true, serverPort: 5353, said };
  }
  const said = Array.from({ length: 1 + chance.below(4) }, (): Said => ['>', message(chance.often(50))]);
  return { udp: true, clientPort: 5353, serverPort: 5353, said };
}

const NAMES = {
  dns: ['query', 'query.name', 'queries.rrname', 'answers.rrname', 'answer.name', 'authorities.rrname'].concat([
    'additionals.rrname',
    'response.rrname',
  ]),
  mdns: ['queries.rrname', 'answers.rrname', 'authorities.rrname', 'additionals.rrname', 'response.rrname'],
};

function condition(chance: Chance, application: keyof typeof NAMES): string {
  // Numbers have keywords of DNS alone.
  if (application === 'dns' && chance.often(25)) {
    const keyword = chance.one(['dns.opcode', 'dns.rcode', 'dns.rrtype']);
    const value = keyword === 'dns.rrtype' ? chance.one(TYPES) : chance.below(6);
    return `${keyword}:${chance.one(['', '!', '>', '<'])}${value};`;
  }
  const transform = chance.often(15) ? chance.one(['to_lowercase; ', 'dotprefix; ', 'to_uppercase; ']) : '';
  return `${application}.${chance.one(NAMES[application])}; ${transform}${stepsOf(chance, nameOf(chance))}`;
}

const ruleOver =
  (application: keyof typeof NAMES) =>
  (chance: Chance, sid: number): string => {
    const conditions = [condition(chance, application), ...(chance.often(20) ? [condition(chance, application)] : [])];
    return `alert ${application} any any -> any any (${directionOf(chance)}${conditions.join(' ')} sid:${sid};)`;
  };

export const dnsRule = ruleOver('dns');
export const mdnsRule = ruleOver('mdns');
