/**
 * Random rules over random talks of the protocols that are parsed, over what sides are told to speak, and over marks of
 * flows, here and in Suricata: which rules alert how often for which talk. It is asked for by hand, `PEER_CASES=1000
 * npx vitest run test/app/random-peer.test.ts`: so many rules of each kind, 100 at a time, each over 40 talks. What
 * differs is printed, and counted by kinds (random/known.ts); what may differ is in docs/decisions/0018, 0024 and 0026
 * and in the pages of the protocols. `PEER_SEED` for other ones.
 */
import { describe, expect, it } from 'vitest';
import { hasSuricata } from '../support/suricata.js';
import { compare, type Difference } from './random/beside.js';
import { Chance } from './random/chance.js';
import { ftpRule, ftpTalk, sipRule, sipTalk, sshRule, sshTalk } from './random/commands.js';
import { dcerpcDatagramTalk, dcerpcPipeRule, dcerpcPipeTalk, dcerpcRule, dcerpcTalk } from './random/dcerpc.js';
import { dnsRule, dnsTalk, mdnsRule, mdnsTalk } from './random/dns.js';
import { httpRule } from './random/http-rules.js';
import { httpTalk } from './random/http.js';
import { http2Rule, http2Talk } from './random/http2.js';
import { identifiedRule, identifiedTalk } from './random/identified.js';
import { kindOf } from './random/known.js';
import { kindOfObject } from './random/known-objects.js';
import { markedTalk, markingRule } from './random/marks.js';
import { nfs4FilesRule, nfs4FilesTalk, nfsFilesRule, nfsFilesTalk } from './random/nfs.js';
import { objectDifferences } from './random/objects.js';
import { quicRule, quicTalk } from './random/quic.js';
import { rdpRule, rdpTalk } from './random/rdp.js';
import { SMALL } from './random/small.js';
import { smb1Talk, smbRule, smbTalk } from './random/smb.js';
import { smtpRule, smtpTalk } from './random/smtp.js';
import { tlsRule, tlsTalk } from './random/tls.js';
import { websocketRule, websocketTalk } from './random/websocket.js';

const CASES = Number(process.env['PEER_CASES'] ?? 0);
const SEED = Number(process.env['PEER_SEED'] ?? 1);
const RULES_AT_A_TIME = 100;
const TALKS = 40;
const NO_KIND = 'of no kind';
/** Types of events of the small protocols. */
const EVENT_TYPES: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SMALL.map(([name]) => [name, name.toLowerCase()])),
  'EtherNet/IP': 'enip',
  Kerberos: 'krb5',
};
/** By type, or by name of the talks: what Suricata needs to be told to print all of it. */
const SETTINGS_OF: Readonly<Record<string, readonly string[]>> = {
  dhcp: ['outputs.0.eve-log.types.10.dhcp.extended=yes'],
  'HTTP/2': ['outputs.0.eve-log.types.10=http2'],
  fileinfo: ['outputs.0.eve-log.types.5.files.force-hash.0=sha256'],
};

if (CASES === 0) console.warn('skipped: random rules beside Suricata are asked for by PEER_CASES=1000');

describe
  .runIf(CASES > 0 && hasSuricata)
  .each([
    ['DNS', dnsTalk, dnsRule],
    ['mDNS', mdnsTalk, mdnsRule],
    ['TLS', tlsTalk, tlsRule],
    ['HTTP', httpTalk, httpRule],
    ['HTTP/2', http2Talk, http2Rule],
    ['WebSocket', websocketTalk, websocketRule],
    ['QUIC', quicTalk, quicRule],
    ['SMTP', smtpTalk, smtpRule],
    ['what is told', identifiedTalk, identifiedRule],
    ['marks', markedTalk, markingRule],
    ['FTP', ftpTalk, ftpRule],
    ['SSH', sshTalk, sshRule],
    ['SIP', sipTalk, sipRule],
    ['SMB', smbTalk, smbRule],
    ['SMB 1', smb1Talk, smbRule],
    ['files in NFS', nfsFilesTalk, nfsFilesRule],
    ['files in NFS 4', nfs4FilesTalk, nfs4FilesRule],
    ['RDP', rdpTalk, rdpRule],
    ['DCE/RPC', dcerpcTalk, dcerpcRule],
    ['DCE/RPC over UDP', dcerpcDatagramTalk, dcerpcRule],
    ['DCE/RPC in pipes', dcerpcPipeTalk, dcerpcPipeRule],
    ...SMALL,
  ] as const)('random rules over %s', (name, talkOf, ruleOf) => {
  it('differ from Suricata as the decision says', () => {
    const found: (Difference & { readonly seed: number; readonly kind: string | undefined })[] = [];
    let refused = 0;
    for (let chunk = 0; chunk * RULES_AT_A_TIME < CASES; chunk++) {
      const chance = new Chance(SEED * 1000 + chunk);
      const talks = Array.from({ length: TALKS }, () => talkOf(chance));
      const rules = Array.from({ length: RULES_AT_A_TIME }, (_, i) => ruleOf(chance, i + 1));
      const compared = compare(talks, rules);
      for (const one of compared.differences)
        found.push({ ...one, seed: SEED * 1000 + chunk, kind: kindOf(name, one, talks[one.talk]!) });
      for (const [rule, by, why] of compared.refused) console.log(`refused ${by} | ${rule} | ${why}`);
      refused += compared.refused.length;
    }
    const byKind = new Map<string, Set<string>>();
    for (const one of found) {
      const { rule, seed, talk, theirs, ours, kind } = one;
      const rules = byKind.get(kind ?? NO_KIND) ?? new Set();
      byKind.set(kind ?? NO_KIND, rules);
      if (kind === undefined && !rules.has(`${seed} ${rule}`))
        console.log(`${rule} | seed ${seed}, talk ${talk}: Suricata [${theirs}], here [${ours}]`);
      rules.add(`${seed} ${rule}`);
    }
    const differing = new Set(found.map(({ rule, seed }) => `${seed} ${rule}`)).size;
    console.log(
      [
        `${name}: ${CASES} rules, ${differing} with differences in ${found.length} pairs, ${refused} refused`,
        ...[...byKind].map(([kind, rules]) => `  ${rules.size} rules: ${kind}`),
      ].join('\n'),
    );
    expect(CASES).toBeGreaterThan(0);
  }, 3_600_000);
});

/** Talks and the type of their events; settings of Suricata. */
const OBJECTS = [
  ...SMALL.map(([name, talkOf]) => [name, talkOf, EVENT_TYPES[name]!] as const),
  ['SSH', sshTalk, 'ssh'],
  ['SIP', sipTalk, 'sip'],
  ['SMB', smbTalk, 'smb'],
  ['SMB 1', smb1Talk, 'smb'],
  ['RDP', rdpTalk, 'rdp'],
  ['DCE/RPC', dcerpcTalk, 'dcerpc'],
  ['FTP', ftpTalk, 'ftp'],
  ['transfers of FTP', ftpTalk, 'ftp_data'],
  ['DNS', dnsTalk, 'dns'],
  ['mDNS', mdnsTalk, 'mdns'],
  ['TLS', tlsTalk, 'tls'],
  ['QUIC', quicTalk, 'quic'],
  ['HTTP', httpTalk, 'http'],
  ['HTTP/2', http2Talk, 'http'],
  ['WebSocket', websocketTalk, 'websocket'],
  ['SMTP', smtpTalk, 'smtp'],
  ['DCE/RPC over UDP', dcerpcDatagramTalk, 'dcerpc'],
  ['DCE/RPC in pipes', dcerpcPipeTalk, 'smb'],
  ['files of HTTP', httpTalk, 'fileinfo'],
  ['files of HTTP/2', http2Talk, 'fileinfo'],
  ['files of SMTP', smtpTalk, 'fileinfo'],
  ['files of SMB', smbTalk, 'fileinfo'],
  ['files of FTP', ftpTalk, 'fileinfo'],
  ['files of NFS', nfsFilesTalk, 'fileinfo'],
] as const;

describe.runIf(CASES > 0 && hasSuricata).each(OBJECTS)('objects of events over %s', (name, talkOf, type) => {
  it('differ from Suricata as the page of the protocol says', () => {
    const chance = new Chance(SEED);
    const talks = Array.from({ length: TALKS * 5 }, () => talkOf(chance));
    const byPath = new Map<string, ReturnType<typeof objectDifferences>>();
    const byKind = new Map<string, number>();
    for (const one of objectDifferences(talks, type, SETTINGS_OF[name] ?? SETTINGS_OF[type])) {
      const kind = kindOfObject(name, one);
      if (kind === undefined) byPath.set(one.path, [...(byPath.get(one.path) ?? []), one]);
      else byKind.set(kind, (byKind.get(kind) ?? 0) + 1);
    }
    const lines = [...byPath].map(([path, all]) => {
      const { talk, theirs, ours } = all[0]!;
      return `  ${all.length} of ${path}, as in talk ${talk}: Suricata ${theirs}, here ${ours}`;
    });
    const known = [...byKind].map(([kind, count]) => `  ${count} known: ${kind}`);
    console.log([`objects of ${name}: ${talks.length} talks`, ...known, ...lines].join('\n'));
    expect(talks.length).toBeGreaterThan(0);
  }, 600_000);
});
