/** Random talks of SMTP with mails in them, pipelined or not, and random rules over them. */
import type { Said } from '../../support/conversation.js';
import { nameOf, stepsOf, type Chance, type Talk } from './chance.js';
import { inPieces } from './pieces.js';

const SUBJECTS = ['Invoice update', 'Re: login', 'evil offer', '=?utf-8?B?aGVsbG8=?='];
const WORDS = ['evil', 'login', 'update', 'Invoice', 'MZ', 'PK', 'x', 'http://evil.example/a.exe', 'passwd'];
const FILES = ['a.exe', 'evil.doc', 'q.txt', 'Invoice 1.pdf'];
const MAILERS = ['Evil Mailer 1.0', 'Outlook', 'mutt'];

const address = (chance: Chance): string => `${chance.one(['alice', 'bob', 'evil'])}@${nameOf(chance)}`;
const text = (chance: Chance): string =>
  Array.from({ length: 1 + chance.below(4) }, () =>
    Array.from({ length: 1 + chance.below(5) }, () => chance.one(WORDS)).join(' '),
  ).join('\r\n');

function encoded(chance: Chance): readonly [encoding: string, body: string] {
  const body = text(chance);
  const kind = chance.below(3);
  if (kind === 0) return ['base64', Buffer.from(body).toString('base64').replace(/.{60}/g, '$&\r\n')];
  if (kind === 1) return ['quoted-printable', body.replaceAll('e', '=65')];
  return ['7bit', body];
}

function attachment(chance: Chance): string {
  const name = chance.one(FILES);
  const [encoding, body] = encoded(chance);
  const type = chance.often(50) ? `application/octet-stream; name="${name}"` : 'text/plain';
  const says = [
    `Content-Type: ${type}`,
    `Content-Transfer-Encoding: ${encoding}`,
    `Content-Disposition: attachment; filename="${name}"`,
  ];
  return `${says.join('\r\n')}\r\n\r\n${body}\r\n`;
}

function mailOf(chance: Chance): string {
  const headers = [
    `From: Alice <${address(chance)}>`,
    ...chance.some(2, () => `Received: from ${nameOf(chance)} by ${nameOf(chance)}`),
    ...(chance.often(90) ? [`To: ${address(chance)}`] : []),
    ...(chance.often(30) ? [`Cc: ${address(chance)}`] : []),
    `Subject: ${chance.one(SUBJECTS)}`,
    ...(chance.often(50) ? [`X-Mailer: ${chance.one(MAILERS)}`] : []),
    ...(chance.often(50) ? [`Message-ID: <${chance.below(99)}@${nameOf(chance)}>`] : []),
    ...(chance.often(50) ? ['Date: Mon, 1 Jan 2024'] : []),
  ];
  if (chance.often(40)) return `${headers.join('\r\n')}\r\n\r\n${text(chance)}\r\n`;
  const parts = [`Content-Type: text/plain\r\n\r\n${text(chance)}\r\n`, ...chance.some(2, () => attachment(chance))];
  const body = parts.map((part) => `--b1\r\n${part}`).join('');
  const type = 'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b1"';
  return `${headers.join('\r\n')}\r\n${type}\r\n\r\npreamble\r\n${body}--b1--\r\n`;
}

/** The commands and answers of one mail. */
function deliver(chance: Chance): (readonly [command: string, answer: string])[] {
  const receivers = Array.from({ length: 1 + chance.below(3) }, () => `RCPT TO:<${address(chance)}>\r\n`);
  const envelope = [`MAIL FROM:<${address(chance)}>${chance.often(30) ? ' SIZE=100' : ''}\r\n`, ...receivers].map(
    (command) => [command, '250 ok\r\n'] as const,
  );
  const mail = mailOf(chance);
  return [...envelope, ['DATA\r\n', '354 go\r\n'], [`${mail.replace(/^\./gm, '..')}.\r\n`, '250 queued\r\n']];
}

export function smtpTalk(chance: Chance): Talk {
  const said: Said[] = [['<', '220 mx ESMTP\r\n']];
  const steps = [
    [`${chance.one(['EHLO', 'HELO'])} ${nameOf(chance)}\r\n`, '250 mx\r\n'] as const,
    ...deliver(chance),
    ...(chance.often(30) ? [['RSET\r\n', '250 ok\r\n'] as const, ...deliver(chance)] : []),
    ['QUIT\r\n', '221 bye\r\n'] as const,
  ];
  const isPipelined = chance.often(25);
  let [asked, answered] = ['', ''];
  for (const [command, answer] of steps) {
    asked += command;
    answered += answer;
    if (isPipelined && /^(?:MAIL|RCPT|RSET)/.test(command)) continue;
    said.push(['>', asked], ['<', answered]);
    [asked, answered] = ['', ''];
  }
  return { serverPort: 25, said: inPieces(chance, said) };
}

const NAMES: readonly (readonly [keyword: string, sample: (chance: Chance) => string])[] = [
  ['smtp.helo', nameOf],
  ['smtp.mail_from', address],
  ['smtp.rcpt_to', address],
  ['email.from', (chance) => `Alice <${address(chance)}>`],
  ['email.to', address],
  ['email.cc', address],
  ['email.subject', (chance) => chance.one(SUBJECTS)],
  ['email.x_mailer', (chance) => chance.one(MAILERS)],
  ['email.message_id', (chance) => `<${chance.below(99)}@`],
  ['email.date', () => 'Mon, 1 Jan 2024'],
  ['email.received', (chance) => `from ${nameOf(chance)}`],
  ['email.url', () => 'evil.example/a.exe'],
  ['file.data', (chance) => chance.one(WORDS)],
  ['file.name', (chance) => chance.one(FILES)],
];

function condition(chance: Chance): string {
  const kind = chance.below(100);
  if (kind < 6) return `filesize:${chance.one(['>', '<'])}${chance.below(80)};`;
  if (kind < 12) return `fileext:"${chance.one(['exe', 'doc', 'pdf'])}";`;
  if (kind < 16) return `filename:"${chance.one(FILES)}";`;
  const [keyword, sample] = chance.one(NAMES);
  return `${keyword}; ${stepsOf(chance, sample(chance))}`;
}

export function smtpRule(chance: Chance, sid: number): string {
  const conditions = [condition(chance), ...(chance.often(30) ? [condition(chance)] : [])];
  const flow = chance.one(['', '', 'flow:to_server; ', 'flow:established,to_server; ']);
  return `alert smtp any any -> any any (${flow}${conditions.join(' ')} sid:${sid};)`;
}
