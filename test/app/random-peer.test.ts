/**
 * Random rules over random talks of DNS and TLS, here and in Suricata: which rules alert how often for which talk. It
 * is asked for by hand, `PEER_CASES=1000 npx vitest run test/app/random-peer.test.ts`: so many rules of each protocol,
 * 100 at a time, each over 40 talks. What differs is printed, and counted by the keyword that the rule names first; the
 * classes that may differ are in docs/decisions/0024. `PEER_SEED` for other ones.
 */
import { describe, expect, it } from 'vitest';
import type { Conversation, Said } from '../support/conversation.js';
import { clientAddress } from '../support/conversation.js';
import { concat } from '../support/packet-builder.js';
import { alertsOfEach } from '../support/reading.js';
import { eventsOfEach, hasSuricata } from '../support/suricata.js';
import { certificate, type Name } from './support/certificates.js';
import * as dns from './support/dns-messages.js';
import * as tls from './support/tls-messages.js';

const CASES = Number(process.env['PEER_CASES'] ?? 0);
const SEED = Number(process.env['PEER_SEED'] ?? 1);
const RULES_AT_A_TIME = 100;
const TALKS = 40;
const SETTINGS = [
  'packet-alert-max=250',
  'app-layer.protocols.tls.ja3-fingerprints=yes',
  'app-layer.protocols.tls.ja4-fingerprints=yes',
];

if (CASES === 0) console.warn('skipped: random rules beside Suricata are asked for by PEER_CASES=1000');

/** Numbers that look like chance, the same for the same seed. */
class Chance {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2_654_435_761) >>> 0;
  }

  /** Below `limit`. */
  below(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }

  one<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  often(percent: number): boolean {
    return this.below(100) < percent;
  }

  some<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.below(most + 1) }, make);
  }
}

type Talk = Omit<Conversation, 'host'>;

const LABELS = ['a', 'www', 'Mail', 'example', 'com', 'ORG', 'x-1', 'evil', 'login', 'update', 'cdn'];
const TYPES = Object.values(dns.TYPE);

function nameOf(chance: Chance): string {
  return [chance.one(LABELS), ...chance.some(2, () => chance.one(LABELS)), chance.one(['com', 'example', 'ORG'])].join(
    '.',
  );
}

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

function dnsTalk(chance: Chance): Talk {
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

/** A content, of a part of what may be there. */
function contentOf(chance: Chance, whole: string): string {
  const from = chance.often(50) ? 0 : chance.below(whole.length);
  const text = whole.slice(from, from + 1 + chance.below(whole.length));
  const not = chance.often(15) ? '!' : '';
  const more = [chance.often(50) ? ' nocase;' : ''];
  const places = [
    ' startswith;',
    ' endswith;',
    ` offset:${chance.below(4)};`,
    ` depth:${text.length + chance.below(6)};`,
  ];
  if (chance.often(40)) more.push(chance.one(places));
  return `content:${not}"${text}";${more.join('')}`;
}

function stepsOf(chance: Chance, whole: string): string {
  const steps = [contentOf(chance, whole)];
  if (chance.often(20)) steps.push(contentOf(chance, chance.one(LABELS)));
  // Suricata refuses sizes that leave no room for the content.
  if (chance.often(15)) steps.push(`bsize:${chance.one(['>', '<', ''])}${whole.length + 1 + chance.below(9)};`);
  if (chance.often(10)) steps.push(`pcre:"/${chance.one(['^[a-z]+\\.', 'evil|login', '\\.com$', '[A-Z]{2}'])}/";`);
  return steps.join(' ');
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

const directionOf = (chance: Chance): string => chance.one(['', '', 'flow:to_server; ', 'flow:to_client; ']);

function dnsRule(chance: Chance, sid: number): string {
  const conditions = [dnsCondition(chance), ...(chance.often(20) ? [dnsCondition(chance)] : [])];
  return `alert dns any any -> any any (${directionOf(chance)}${conditions.join(' ')} sid:${sid};)`;
}

const VERSIONS = [0x0300, 0x0301, 0x0302, 0x0303];
const CHANGE = tls.record(20, [1]);
const FINISHED = tls.record(22, new Uint8Array(40).fill(0x99));

function distinguishedName(chance: Chance): Name {
  const attributes: Name = [
    ['2.5.4.6', chance.one(['US', 'DE'])],
    ['2.5.4.10', chance.one(['Evil Corp', 'Example, Inc.', 'Let us'])],
    ['2.5.4.3', nameOf(chance)],
  ];
  return attributes.filter(() => chance.often(80));
}

function tlsTalk(chance: Chance): Talk {
  const version = chance.one(VERSIONS);
  const isNewest = version === 0x0303 && chance.often(40);
  const names = chance.some(2, () => chance.one(['h2', 'http/1.1', 'spdy/3']));
  const extensions: tls.Extension[] = [
    ...(chance.often(85) ? [tls.serverName(nameOf(chance))] : []),
    tls.groups(29, 23),
    tls.signatures(0x0403, 0x0804),
    ...(names.length > 0 ? [tls.alpn(...names)] : []),
    ...(isNewest ? [tls.versions(0x0304, 0x0303)] : []),
  ];
  const random = Uint8Array.from({ length: 32 }, () => chance.below(256));
  const hello = tls.handshake(1, tls.clientHello({ version, random, extensions, ciphers: [0xc02f, 0x1301] }));
  const chosen = isNewest ? [tls.selectedVersion(0x0304)] : chance.often(50) ? [tls.alpn('h2')] : [];
  const answer = tls.handshake(2, tls.serverHello({ version, extensions: chosen }));
  const chain = Array.from({ length: 1 + chance.below(2) }, () =>
    certificate({
      serial: [1 + chance.below(120), chance.below(256), chance.below(256)],
      subject: distinguishedName(chance),
      issuer: distinguishedName(chance),
      notAfter: chance.one(['331231235959Z', '150101000000Z']),
      alternatives: chance.some(3, () => [0x82, nameOf(chance)] as const),
    }),
  );
  const data = tls.record(23, new Uint8Array(50).fill(0x55));
  if (isNewest)
    return {
      serverPort: 443,
      said: [
        ['>', hello],
        ['<', concat(answer, CHANGE, data)],
        ['>', concat(CHANGE, data)],
      ],
    };
  const said: Said[] = [
    ['>', hello],
    ['<', concat(answer, tls.handshake(11, tls.chain(...chain)), tls.handshake(14, []))],
    ['>', concat(tls.handshake(16, [1, 2, 3]), CHANGE, FINISHED)],
    ['<', concat(CHANGE, FINISHED)],
    ['>', data],
    ['<', data],
  ];
  return { serverPort: 443, said };
}

const TLS_NAMES = ['tls.sni', 'tls.subjectaltname', 'tls.cert_subject', 'tls.cert_issuer'];

function tlsCondition(chance: Chance): string {
  const kind = chance.below(100);
  if (kind < 55) {
    const keyword = chance.one(TLS_NAMES);
    const whole = chance.often(70)
      ? nameOf(chance)
      : chance.one(['C=US', 'O=Evil Corp', 'CN=', ', CN=www', 'O=Example']);
    const transform = keyword === 'tls.sni' && chance.often(20) ? chance.one(['dotprefix; ', 'to_lowercase; ']) : '';
    return `${keyword}; ${transform}${stepsOf(chance, whole)}`;
  }
  if (kind < 65) return `tls.alpn; ${contentOf(chance, chance.one(['h2', 'http/1.1', 'spdy/3']))}`;
  if (kind < 72) return `tls.version:${chance.one(['1.0', '1.1', '1.2', '1.3'])};`;
  if (kind < 79) return `ssl_version:${chance.one(['sslv3', 'tls1.0', 'tls1.0,tls1.1', '!tls1.2', 'tls1.3'])};`;
  if (kind < 84) return chance.one(['tls_cert_expired;', 'tls_cert_valid;']);
  if (kind < 88) return `tls.cert_serial; content:"0${chance.below(10)}";`;
  if (kind < 92) return `tls.cert_chain_len:${chance.one(['', '>'])}${1 + chance.below(2)};`;
  if (kind < 95) return `tls.certs; content:"|30 82|"; startswith;`;
  if (kind < 98) return `tls.random; content:"|${(64 + chance.below(30)).toString(16)}|"; offset:${chance.below(31)};`;
  return `ja3.string; content:"${chance.one(['771', '769', '49199', ',29-23,'])}";`;
}

function tlsRule(chance: Chance, sid: number): string {
  const conditions = [tlsCondition(chance), ...(chance.often(20) ? [tlsCondition(chance)] : [])];
  return `alert tls any any -> any any (${directionOf(chance)}${conditions.join(' ')} sid:${sid};)`;
}

interface Difference {
  readonly rule: string;
  readonly talk: number;
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
}

function differencesOf(talks: readonly Talk[], rules: readonly string[]): Difference[] {
  const ours = alertsOfEach(talks, rules, ['stream.midstream=false']);
  const asked = talks.map((talk, index): Conversation => ({ ...talk, host: index + 1 }));
  const theirs = eventsOfEach(asked, rules, SETTINGS).map(({ events }, index) =>
    events.flatMap(({ alert, src_ip }) =>
      alert === undefined ? [] : [`${alert.signature_id}${src_ip === clientAddress(index + 1) ? '>' : '<'}`],
    ),
  );
  return rules.flatMap((rule, number) =>
    talks.flatMap((_, talk) => {
      const of = (alerts: readonly string[]) => alerts.filter((alert) => parseInt(alert) === number + 1).sort();
      const found = { rule, talk, theirs: of(theirs[talk]!), ours: of(ours[talk]!) };
      return found.theirs.join() === found.ours.join() ? [] : [found];
    }),
  );
}

const firstKeyword = (rule: string): string => /[(;] ?((?:dns|tls|ssl|ja3)[\w.]*)/.exec(rule)?.[1] ?? '';

describe.runIf(CASES > 0 && hasSuricata).each([
  ['DNS', dnsTalk, dnsRule],
  ['TLS', tlsTalk, tlsRule],
] as const)('random rules over %s', (name, talkOf, ruleOf) => {
  it('differ from Suricata as the decision says', () => {
    const found: Difference[] = [];
    for (let chunk = 0; chunk * RULES_AT_A_TIME < CASES; chunk++) {
      const chance = new Chance(SEED * 1000 + chunk);
      const talks = Array.from({ length: TALKS }, () => talkOf(chance));
      found.push(
        ...differencesOf(
          talks,
          Array.from({ length: RULES_AT_A_TIME }, (_, i) => ruleOf(chance, i + 1)),
        ),
      );
    }
    const byRule = new Map(found.map((one) => [one.rule, one]));
    for (const { rule, talk, theirs, ours } of byRule.values())
      console.log(`${firstKeyword(rule)} | ${rule} | talk ${talk}: Suricata [${theirs}], here [${ours}]`);
    console.log(`${name}: ${CASES} rules, ${byRule.size} with differences, in ${found.length} pairs`);
    expect(CASES).toBeGreaterThan(0);
  }, 3_600_000);
});
