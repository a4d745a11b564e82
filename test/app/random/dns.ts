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

const DNS_NAMES = [
  'dns.query',
  'dns.query.name',
  'dns.queries.rrname',
  'dns.answers.rrname',
  'dns.answer.name',
  'dns.authorities.rrname',
  'dns.additionals.rrname',
  'dns.response.rrname',
];

function dnsCondition(chance: Chance): string {
  if (chance.often(25)) {
    const keyword = chance.one(['dns.opcode', 'dns.rcode', 'dns.rrtype']);
    const value = keyword === 'dns.rrtype' ? chance.one(TYPES) : chance.below(6);
    return `${keyword}:${chance.one(['', '!', '>', '<'])}${value};`;
  }
  const transform = chance.often(15) ? chance.one(['to_lowercase; ', 'dotprefix; ', 'to_uppercase; ']) : '';
  return `${chance.one(DNS_NAMES)}; ${transform}${stepsOf(chance, nameOf(chance))}`;
}

export function dnsRule(chance: Chance, sid: number): string {
  const conditions = [dnsCondition(chance), ...(chance.often(20) ? [dnsCondition(chance)] : [])];
  return `alert dns any any -> any any (${directionOf(chance)}${conditions.join(' ')} sid:${sid};)`;
}
