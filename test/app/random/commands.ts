/** Random talks of FTP, SSH and SIP, and random rules over them. */
import type { Said } from '../../support/conversation.js';
import { concat, toBytes, u32 } from '../../support/packet-builder.js';
import { packet } from '../ssh/conversations.js';
import { LABELS, nameOf, type Chance, type Talk } from './chance.js';
import { inPieces } from './pieces.js';
import { oneOf, rulesOver, upTo } from './rules.js';

// --------------------------------------------------------------------------------------------------------- FTP

const FILES = ['a.exe', 'evil.doc', 'Invoice 1.pdf', 'update.bin'];
const WORDS = ['MZ', 'evil', 'login', '%PDF-1.4', 'update,'];
const text = (chance: Chance): string =>
  Array.from({ length: 1 + chance.below(3) }, () => chance.one(LABELS)).join(' ');

/** What is said in turn, and a connection that is opened behind it. */
interface FtpStep {
  readonly said: readonly Said[];
  readonly data?: Talk;
}
const answered = (command: string, reply: string): FtpStep => ({
  said: [
    ['>', `${command}\r\n`],
    ['<', `${reply}\r\n`],
  ],
});

function ftpStep(chance: Chance): FtpStep {
  const port = `10,9,0,1,${chance.below(200)},${chance.below(250)}`;
  const [command, reply] = chance.one([
    ['PASV', `227 Entering Passive Mode (${port})`],
    ['EPSV', `229 Extended (|||${1025 + chance.below(5000)}|)`],
    [`PORT ${port}`, '200 PORT ok'],
    [`EPRT |1|10.0.0.1|${1025 + chance.below(5000)}|`, '200 EPRT ok'],
    [`CWD ${chance.one(LABELS)}`, `250-${text(chance)}\r\n250 ${text(chance)}`],
    [
      `${chance.one(['MKD', 'dele', 'Size'])} ${chance.one(FILES)}`,
      `${chance.one(['257', '550', '213'])} ${text(chance)}`,
    ],
    ['SYST', '215 UNIX Type: L8'],
    ['FEAT', '211-Features:\r\n MDTM\r\n SIZE\r\n211 End'],
    [`SITE ${text(chance)}`, `${chance.one(['200', '500'])} ${text(chance)}`],
    ['NOOP', '200 ok'],
  ] as const);
  return answered(command, reply);
}

/** A port is agreed on, a transfer is asked for, its connection comes and goes. */
function ftpTransfer(chance: Chance): FtpStep[] {
  const port = 2000 + chance.below(20_000);
  const isActive = chance.often(50);
  const numbers = `${port >> 8},${port & 255}`;
  const agreed = isActive
    ? chance.one([
        [`PORT 10,8,0,1,${numbers}`, '200 ok'],
        [`EPRT |1|10.8.0.1|${port}|`, '200 ok'],
      ] as const)
    : chance.one([
        ['PASV', `227 Entering Passive Mode (10,9,0,1,${numbers}).`],
        ['EPSV', `229 Extended (|||${port}|)`],
      ] as const);
  const command = chance.one(['RETR', 'RETR', 'STOR', 'STOR', 'LIST', 'NLST', 'APPE']);
  const isUpload = command === 'STOR' || command === 'APPE';
  const name = command === 'LIST' || command === 'NLST' ? '' : ` ${chance.one(FILES)}`;
  const bytes = Array.from({ length: 1 + chance.below(4) }, () => chance.one(WORDS)).join('');
  const sender = isUpload !== isActive ? '>' : '<';
  const data: Talk = {
    serverPort: port,
    closer: sender,
    clientPort: isActive ? 20 : 41_000 + chance.below(9000),
    fromServer: isActive,
    said: inPieces(chance, [[sender, bytes]], 3),
  };
  const asked: Said[] = [
    ['>', `${command}${name}\r\n`],
    ['<', '150 opening\r\n'],
  ];
  return [answered(agreed[0], agreed[1]), { said: asked, data }, { said: [['<', '226 done\r\n']] }];
}

export function ftpTalk(chance: Chance): Talk {
  const steps: FtpStep[] = [
    { said: [['<', `220 ${nameOf(chance)} FTP\r\n`]] },
    answered(`USER ${chance.one(['alice', 'bob', 'evil'])}`, '331 Password required'),
    answered(`PASS ${chance.one(LABELS)}`, chance.one(['230 logged in', '530 wrong'])),
    ...chance.some(5, () => (chance.often(40) ? ftpTransfer(chance) : [ftpStep(chance)])).flat(),
    answered('QUIT', '221 bye'),
  ];
  const said: Said[] = [];
  const beside: (readonly [number, Talk])[] = [];
  for (const step of steps) {
    said.push(...inPieces(chance, step.said, 2));
    if (step.data !== undefined) beside.push([said.length, step.data]);
  }
  return { serverPort: 21, said, beside };
}

const ftpControlRule = rulesOver('ftp', [
  ['ftp.command', oneOf('USER', 'PASS', 'PASV', 'PORT', 'CWD', 'MKD', 'SIZE', 'SITE', 'RETR', 'STOR')],
  ['ftp.command_data', oneOf('alice', 'evil', ...FILES, 'www')],
  ['ftp.reply', oneOf('Password required', 'logged in', 'ok', 'Entering Passive Mode', 'MDTM', 'www')],
  ['ftp.completion_code', oneOf('220', '331', '230', '227', '250', '550', '226', '150')],
  ['ftp.mode', oneOf('active', 'passive'), true],
  ['ftp.dynamic_port', (chance) => `>${chance.below(30_000)}`, true],
  ['ftp.reply_received', oneOf('yes', 'no', 'on', 'off'), true],
]);
const ftpDataRule = rulesOver('ftp-data', [
  ['file.data', oneOf(...WORDS, 'MZevil', 'evilMZ')],
  ['file.name', oneOf(...FILES)],
  ['filesize', upTo(24), true],
  ['filename', (chance) => `"${chance.one(FILES)}"`, true],
  ['fileext', (chance) => `"${chance.one(['exe', 'pdf', 'bin'])}"`, true],
  ['ftpdata_command', oneOf('stor', 'retr', 'list', 'nlst', 'appe', 'stou'), true],
]);
export const ftpRule = (chance: Chance, sid: number): string =>
  chance.often(60) ? ftpControlRule(chance, sid) : ftpDataRule(chance, sid);

// --------------------------------------------------------------------------------------------------------- SSH

const SOFTWARE = ['OpenSSH_9.6', 'PuTTY_Release_0.80', 'libssh2_1.10', 'evil', 'dropbear'];
const KEX = ['curve25519-sha256', 'diffie-hellman-group14-sha256', 'ecdh-sha2-nistp256'];
const CIPHERS = ['aes128-ctr', 'chacha20-poly1305@openssh.com', 'aes256-gcm@openssh.com'];

function kexInit(chance: Chance): Uint8Array {
  const list = (names: readonly string[]): Uint8Array => {
    const chosen = names.filter(() => chance.often(60)).join(',');
    return concat(u32(chosen.length), chosen);
  };
  const lists = [
    KEX,
    ['ssh-ed25519'],
    CIPHERS,
    CIPHERS,
    ['hmac-sha2-256'],
    ['hmac-sha1'],
    ['none', 'zlib'],
    ['none'],
    [],
    [],
  ];
  return packet(concat([20], new Uint8Array(16), ...lists.map(list), [0], u32(0)));
}

export function sshTalk(chance: Chance): Talk {
  const banner = (): string =>
    `SSH-${chance.one(['2.0', '2.0', '1.99'])}-${chance.one(SOFTWARE)}${chance.one(['', ' Ubuntu', ' x y'])}\r\n`;
  const said: Said[] = [
    ['<', banner()],
    ['>', banner()],
    ['>', kexInit(chance)],
    ['<', kexInit(chance)],
    ['>', packet(concat([30], u32(4), 'key!'))],
    ['<', packet(concat([31], u32(4), 'key!'))],
    ['<', packet(toBytes([21]))],
    ['>', packet(toBytes([21]))],
  ];
  return { serverPort: 22, said: inPieces(chance, said, 3) };
}

export const sshRule = rulesOver('ssh', [
  ['ssh.proto', oneOf('2.0', '1.99')],
  ['ssh.software', oneOf(...SOFTWARE)],
  ['ssh.hassh.string', oneOf(...KEX, ...CIPHERS, 'hmac-sha2-256')],
  ['ssh.hassh.server.string', oneOf(...KEX, ...CIPHERS, 'none')],
  ['ssh.hassh', oneOf('0', 'a', 'ff')],
  ['ssh.hassh.server', oneOf('0', 'a', 'ff')],
  ['ssh.protoversion', oneOf('2', '2.0', '2_compat', '1.99'), true],
  ['ssh.softwareversion', oneOf('OpenSSH', 'PuTTY', 'evil'), true],
]);

// --------------------------------------------------------------------------------------------------------- SIP

const METHODS = ['INVITE', 'REGISTER', 'OPTIONS', 'BYE', 'ACK'];

function sipMessage(chance: Chance, method: string, status: string): string {
  const user = chance.one(['alice', 'bob', 'evil']);
  const first = status === '' ? `${method} sip:${user}@${nameOf(chance)} SIP/2.0` : `SIP/2.0 ${status}`;
  const body = chance.often(30)
    ? `v=0\r\no=${user} 1 1 IN IP4 10.0.0.1\r\ns=${chance.one(LABELS)}\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n`
    : '';
  const headers = [
    `Via: SIP/2.0/UDP ${nameOf(chance)};branch=z9hG4bK${chance.below(99)}`,
    `From: <sip:${user}@${nameOf(chance)}>;tag=${chance.below(99)}`,
    `To: ${user} <sip:${chance.one(LABELS)}@example.com>`,
    ...(chance.often(50) ? [`User-Agent: ${chance.one(SOFTWARE)}`] : []),
    `Call-ID: ${chance.below(999)}@${chance.one(LABELS)}`,
    `CSeq: 1 ${method}`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
  ];
  return `${first}\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
}

export function sipTalk(chance: Chance): Talk {
  const said = Array.from({ length: 1 + chance.below(3) }, () => chance.one(METHODS)).flatMap((method): Said[] => [
    ['>', sipMessage(chance, method, '')],
    ['<', sipMessage(chance, method, chance.one(['200 OK', '404 Not Found', '180 Ringing']))],
  ]);
  const serverPort = chance.one([5060, 5060, 5070, 40_060]);
  if (chance.often(50)) return { serverPort, udp: true, said };
  return { serverPort, said: inPieces(chance, said, 3) };
}

export const sipRule = rulesOver('sip', [
  ['sip.method', oneOf(...METHODS)],
  ['sip.uri', oneOf('sip:alice@', 'sip:evil@www', 'example')],
  ['sip.request_line', oneOf('INVITE sip:', 'BYE sip:bob@')],
  ['sip.stat_code', oneOf('200', '404', '180')],
  ['sip.stat_msg', oneOf('OK', 'Not Found', 'Ringing')],
  ['sip.response_line', oneOf('SIP/2.0 200 OK', 'SIP/2.0 404')],
  ['sip.protocol', oneOf('SIP/2.0')],
  ['sip.from', oneOf('sip:alice@', 'evil')],
  ['sip.to', oneOf('bob <sip:', 'example.com')],
  ['sip.via', oneOf('SIP/2.0/UDP', 'branch')],
  ['sip.user_agent', oneOf(...SOFTWARE)],
  ['sip.content_type', oneOf('application/sdp')],
  ['sip.content_length', oneOf('0', '1')],
  ['sdp.session_name', oneOf(...LABELS)],
  ['sdp.connection_data', oneOf('IN IP4 10.0.0.1')],
  ['sdp.origin', oneOf('alice 1 1', 'evil')],
]);
