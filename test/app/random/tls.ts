/** Random talks of TLS, and random rules over them. */
import type { Said } from '../../support/conversation.js';
import { concat } from '../../support/packet-builder.js';
import { certificate, type Name } from '../support/certificates.js';
import * as tls from '../support/tls-messages.js';
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

export function tlsTalk(chance: Chance): Talk {
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

export function tlsRule(chance: Chance, sid: number): string {
  const conditions = [tlsCondition(chance), ...(chance.often(20) ? [tlsCondition(chance)] : [])];
  return `alert tls any any -> any any (${directionOf(chance)}${conditions.join(' ')} sid:${sid};)`;
}
