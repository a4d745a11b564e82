/**
 * Random talks of TLS, and random rules over them: whole handshakes, sessions taken up again, hellos that are asked for
 * once more, alerts; hellos in several records and segments.
 */
import type { Said } from '../../support/conversation.js';
import { concat } from '../../support/packet-builder.js';
import { certificate, type Name } from '../support/certificates.js';
import * as tls from '../support/tls-messages.js';
import { inPieces } from './pieces.js';
import { contentOf, directionOf, nameOf, stepsOf, type Chance, type Talk } from './chance.js';

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

/** The random bytes of a ServerHello that asks for another ClientHello (RFC 8446, 4.1.3). */
const ASKS_AGAIN = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
const randomBytes = (chance: Chance, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => chance.below(256));

/** A message of the handshake, now and then in two records. */
function handshake(chance: Chance, type: number, body: Uint8Array, version: number): Uint8Array {
  const message = tls.message(type, body);
  const record = (bytes: Uint8Array): Uint8Array => tls.record(tls.RECORD.handshake, bytes, version);
  if (chance.often(85)) return record(message);
  // Suricata gives a side up where less than four bytes of a message are in a record.
  const cut = 4 + chance.below(Math.max(1, message.length - 8));
  return concat(record(message.slice(0, cut)), record(message.slice(cut)));
}

function certificates(chance: Chance, version: number): Uint8Array {
  const chain = Array.from({ length: 1 + chance.below(2) }, () =>
    certificate({
      serial: [1 + chance.below(120), chance.below(256), chance.below(256)],
      subject: distinguishedName(chance),
      issuer: distinguishedName(chance),
      notAfter: chance.one(['331231235959Z', '150101000000Z']),
      alternatives: chance.some(3, () => [0x82, nameOf(chance)] as const),
    }),
  );
  return handshake(chance, tls.MESSAGE.certificate, tls.chain(...chain), version);
}

const alert = (chance: Chance): Uint8Array =>
  tls.record(tls.RECORD.alert, [1 + chance.below(2), chance.one([0, 40, 42, 48, 70, 112])]);

export function tlsTalk(chance: Chance): Talk {
  const version = chance.one(VERSIONS);
  const isNewest = version === 0x0303 && chance.often(40);
  const isResumed = !isNewest && chance.often(20);
  const session = isResumed || isNewest ? randomBytes(chance, 32) : [];
  const names = chance.some(2, () => chance.one(['h2', 'http/1.1', 'spdy/3']));
  const extensions: tls.Extension[] = [
    ...(chance.often(85) ? [tls.serverName(nameOf(chance))] : []),
    tls.groups(29, 23),
    tls.signatures(0x0403, 0x0804),
    ...(names.length > 0 ? [tls.alpn(...names)] : []),
    ...(isNewest ? [tls.versions(0x0304, 0x0303)] : []),
  ];
  const ask = (): Uint8Array =>
    handshake(
      chance,
      tls.MESSAGE.clientHello,
      tls.clientHello({ version, random: randomBytes(chance, 32), session, extensions, ciphers: [0xc02f, 0x1301] }),
      version,
    );
  const chosen = isNewest ? [tls.selectedVersion(0x0304)] : chance.often(50) ? [tls.alpn('h2')] : [];
  const answer = (random: Uint8Array): Uint8Array =>
    handshake(
      chance,
      tls.MESSAGE.serverHello,
      tls.serverHello({ version, random, session, extensions: chosen }),
      version,
    );
  const hello: Said = ['>', ask()];
  const answered = (): Uint8Array => answer(randomBytes(chance, 32));
  const kind = chance.below(100);
  if (kind < 8) return { serverPort: 443, said: inPieces(chance, [hello, ['<', alert(chance)]]) };
  const rest = isNewest
    ? kind < 30
      ? askedAgain(answer(ASKS_AGAIN), ask(), answered())
      : withoutCertificates(answered())
    : isResumed
      ? takenUpAgain(answered())
      : wholeHandshake(chance, answered(), certificates(chance, version));
  return { serverPort: 443, said: inPieces(chance, [hello, ...rest]) };
}

const DATA = tls.record(tls.RECORD.data, new Uint8Array(50).fill(0x55));

const askedAgain = (asksAgain: Uint8Array, hello: Uint8Array, answer: Uint8Array): Said[] => [
  ['<', concat(asksAgain, CHANGE)],
  ['>', concat(CHANGE, hello)],
  ['<', concat(answer, DATA)],
  ['>', DATA],
];
const withoutCertificates = (answer: Uint8Array): Said[] => [
  ['<', concat(answer, CHANGE, DATA)],
  ['>', concat(CHANGE, DATA)],
];
const takenUpAgain = (answer: Uint8Array): Said[] => [
  ['<', concat(answer, CHANGE, FINISHED)],
  ['>', concat(CHANGE, FINISHED, DATA)],
  ['<', DATA],
];
const wholeHandshake = (chance: Chance, answer: Uint8Array, chain: Uint8Array): Said[] => [
  ['<', concat(answer, chain, tls.handshake(tls.MESSAGE.helloDone, []))],
  ['>', concat(tls.handshake(tls.MESSAGE.clientKeys, [1, 2, 3]), CHANGE, FINISHED)],
  ['<', chance.often(15) ? alert(chance) : concat(CHANGE, FINISHED)],
  ['>', DATA],
  ['<', DATA],
];

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
  if (kind < 98)
    return `tls.random_bytes; content:"|${(64 + chance.below(30)).toString(16)}|"; offset:${chance.below(27)};`;
  if (kind < 99) return `ja3s.string; content:"${chance.one(['771', '769', '49199', ',43', ',16'])}";`;
  return `ja3.string; content:"${chance.one(['771', '769', '49199', ',29-23,'])}";`;
}

export function tlsRule(chance: Chance, sid: number): string {
  const conditions = [tlsCondition(chance), ...(chance.often(20) ? [tlsCondition(chance)] : [])];
  return `alert tls any any -> any any (${directionOf(chance)}${conditions.join(' ')} sid:${sid};)`;
}
