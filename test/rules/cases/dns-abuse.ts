/** Tests of rules/dns-abuse.rules. */
import { DNS_TYPE, dnsQuery, dnsResponse, EDNS_4096_DO, type DnsFields } from '../../support/application-messages.js';
import { concat, u16 } from '../../support/packet-builder.js';
import { ATTACKER, CLIENT, connection, datagram, HOST, repeat, RESOLVER, type RuleCase } from './case.js';

const SERVER = `${HOST}:53`;
const { any, axfr, txt } = DNS_TYPE;
const CHAOS = 3;

const asks = (name: string, fields: DnsFields = {}) => datagram(CLIENT, RESOLVER, dnsQuery(name, fields));
const asksUs = (name: string, fields: DnsFields = {}) => datagram(ATTACKER, SERVER, dnsQuery(name, fields));
const answers = (name: string, data: readonly number[]) => datagram(RESOLVER, CLIENT, dnsResponse(name, data));
const queries = (count: number, gapMs: number, name: (i: number) => string, fields: DnsFields = {}) =>
  repeat(count, gapMs, (recording, i) => recording.udp(CLIENT, RESOLVER, dnsQuery(name(i), { id: i, ...fields })));
const transfer = (client: string, type: number) => {
  const query = dnsQuery('shop.example', { type });
  return connection(client, SERVER, ['>', concat(u16(query.length), query)]);
};
const missing = (count: number, from: string, responseCode: number) =>
  repeat(count, 100, (recording, i) =>
    recording.udp(from, CLIENT, dnsResponse(`host${i}.example`, undefined, { id: i, responseCode })),
  );

/** A label of hexadecimal digits that differs with `i`. */
const label = (i: number, length: number) =>
  (i * 2654435761).toString(16).padEnd(length, '0123456789abcdef').slice(0, length);

export const dnsAbuseCases: readonly RuleCase[] = [
  {
    sid: 1003001,
    fires: {
      'from outside': asksUs('version.bind', { type: txt, class: CHAOS }),
      'in capitals': asksUs('VERSION.BIND', { type: txt, class: CHAOS }),
    },
    silent: {
      'class Internet': asksUs('version.bind', { type: txt }),
      'from inside': asks('version.bind', { type: txt, class: CHAOS }),
    },
  },
  {
    sid: 1003002,
    fires: {
      'twelve in a second': repeat(12, 80, (r, i) =>
        r.udp(ATTACKER, SERVER, dnsQuery('shop.example', { id: i, type: any })),
      ),
    },
    silent: {
      five: repeat(5, 80, (r, i) => r.udp(ATTACKER, SERVER, dnsQuery('shop.example', { id: i, type: any }))),
      'another type': repeat(12, 80, (r, i) => r.udp(ATTACKER, SERVER, dnsQuery('shop.example', { id: i, type: txt }))),
    },
  },
  {
    sid: 1003003,
    fires: { 'twenty-five in ten seconds': queries(25, 400, (i) => `${label(i, 40)}.t.example`, { type: txt }) },
    silent: {
      'mail checks': queries(25, 400, (i) => `selector${i}._domainkey.shop.example`, { type: txt }),
      'a few': queries(10, 400, (i) => `${label(i, 40)}.t.example`, { type: txt }),
    },
  },
  {
    sid: 1003004,
    fires: { 'forty in twenty seconds': queries(40, 500, (i) => `${label(i, 60)}.t.example`) },
    silent: {
      'labels of hashes': queries(40, 500, (i) => `${label(i, 40)}.cdn.example`),
      ten: queries(10, 500, (i) => `${label(i, 60)}.t.example`),
    },
  },
  {
    sid: 1003005,
    fires: { 'four in two seconds': queries(4, 500, (i) => `p${i}.t.example`, { type: DNS_TYPE.null }) },
    silent: {
      one: queries(1, 500, () => 'p.t.example', { type: DNS_TYPE.null }),
      addresses: queries(4, 500, (i) => `p${i}.t.example`),
    },
  },
  {
    sid: 1003006,
    fires: {
      'a query of its client': asks('zyqa83abcdef.t.example', { type: DNS_TYPE.null, additional: EDNS_4096_DO }),
    },
    silent: {
      'for an address': asks('zyqa83abcdef.t.example', { additional: EDNS_4096_DO }),
      'with a cookie option': asks('zyqa83.t.example', {
        type: DNS_TYPE.null,
        additional: [...EDNS_4096_DO.slice(0, 9), 0, 12, 0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8],
      }),
    },
  },
  {
    sid: 1003007,
    fires: { 'a session': asks('dnscat.0a1b013c9d2e00', { type: txt }) },
    silent: { 'a host of that name': asks('www.dnscat.example'), 'a longer label': asks('dnscats.example') },
  },
  {
    sid: 1003008,
    fires: { 'looked up twice': queries(2, 100, () => 'dns.google') },
    silent: { 'its site': asks('www.google.com'), 'a name below another': asks('dns.google.example') },
  },
  {
    sid: 1003009,
    fires: { 'its name': asks('cloudflare-dns.com'), 'one for a browser': asks('mozilla.cloudflare-dns.com') },
    silent: { 'the company': asks('www.cloudflare.com'), 'another domain': asks('cloudflare-dns.net') },
  },
  {
    sid: 1003010,
    fires: { 'six generated names': queries(6, 500, (i) => `xkqzvbtrw${i}plmhj.top`) },
    silent: {
      'six names of words': queries(6, 500, (i) => `flower-market${i}.top`),
      three: queries(3, 500, (i) => `xkqzvbtrw${i}plmhj.top`),
    },
  },
  {
    sid: 1003011,
    fires: { 'six generated names': queries(6, 500, (i) => `xkqzvbtrw${i}plmhj.xyz`) },
    silent: {
      'six names of words': queries(6, 500, (i) => `abcabc${i}.xyz`),
      'another domain': queries(6, 500, (i) => `xkqzvbtrw${i}plmhj.example`),
    },
  },
  {
    sid: 1003012,
    fires: { 'two hundred and fifty in half a minute': missing(250, RESOLVER, 3) },
    silent: {
      'a hundred': missing(100, RESOLVER, 3),
      'failures of the server': missing(250, RESOLVER, 2),
      'a resolver inside': missing(250, '10.0.0.2:53', 3),
    },
  },
  {
    sid: 1003013,
    fires: { 'from outside': transfer(ATTACKER, axfr) },
    silent: { 'a secondary inside': transfer(CLIENT, axfr), 'another type': transfer(ATTACKER, txt) },
  },
  {
    sid: 1003014,
    fires: { rebinding: answers('img.attacker.example', [169, 254, 169, 254]) },
    silent: {
      'another address': answers('img.attacker.example', [169, 254, 169, 253]),
      'a question': asks('img.attacker.example'),
    },
  },
  {
    sid: 1003015,
    fires: { fun: asks('c8s1.oast.fun'), me: asks('a.b.oast.me') },
    silent: { 'a longer name': asks('a.oast.fun.example'), 'another end': asks('a.oast.de') },
  },
  {
    sid: 1003016,
    fires: { 'a callback': asks('x7.oastify.com') },
    silent: { 'another domain': asks('x7.oastify.net'), 'below another': asks('oastify.com.example') },
  },
];
