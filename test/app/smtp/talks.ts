/** Conversations of SMTP, as tests want them. */
import { FILE_BUFFERS } from '../../../src/app/file/buffers.js';
import { SMTP_BUFFERS } from '../../../src/app/smtp/buffers.js';
import { SMTP, SMTP_EVENTS } from '../../../src/app/smtp/index.js';
import { Talk } from '../support/talk.js';

export type Part = readonly [side: '>' | '<', bytes: Uint8Array];

export const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
export const says = (text: string): Part => ['>', bytes(text)];
export const answers = (text: string): Part => ['<', bytes(text)];

export const SMTP_AND_FILES = [...SMTP_BUFFERS, ...FILE_BUFFERS];
export const newTalk = (pages = 16): Talk => new Talk(SMTP, SMTP_AND_FILES, SMTP_EVENTS, pages);

export const GREETED: readonly Part[] = [answers('220 mx ESMTP\r\n'), says('EHLO client\r\n'), answers('250 mx\r\n')];
export const ENVELOPE: readonly Part[] = [
  says('MAIL FROM:<a@x.org> SIZE=100\r\n'),
  answers('250 ok\r\n'),
  says('RCPT TO:<b@y.org>\r\nRCPT TO:<c@z.org> NOTIFY=NEVER\r\n'),
  answers('250 ok\r\n250 ok\r\n'),
];
export const QUIT: readonly Part[] = [says('QUIT\r\n'), answers('221 bye\r\n')];

/** A mail whose last line has its end. */
export const mail = (text: string): readonly Part[] => [
  ...GREETED,
  ...ENVELOPE,
  says('DATA\r\n'),
  answers('354 go\r\n'),
  says(`${text.replace(/^\./gm, '..')}.\r\n`),
  answers('250 queued\r\n'),
  ...QUIT,
];

export const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

/** Text, an attachment in base64 and one in quoted-printable, with everything that keywords name. */
export const FULL =
  'Received: from a by b; date\r\nReceived: from c\r\nFrom: Alice <a@x.org>\r\nTo: bob@y.org\r\nCc: c@z.org\r\n' +
  'Subject: =?utf-8?B?aGVsbG8=?= tail\r\nDate: Mon, 1 Jan 2024\r\nMessage-ID: <id@x>\r\nX-Mailer: M1\r\nX-Other: y\r\n' +
  'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b1"\r\n\r\npreamble\r\n--b1\r\n' +
  'Content-Type: text/plain\r\n\r\nsee http://evil.example/a.exe now\r\n.dot\r\n--b1\r\n' +
  'Content-Type: application/octet-stream; name="ct.bin"\r\nContent-Transfer-Encoding: base64\r\n' +
  `Content-Disposition: attachment; filename="a.exe"\r\n\r\n${base64('MZ attachment bytes')}\r\n--b1\r\n` +
  'Content-Type: text/plain; name=q.txt\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n' +
  'a=3Db =E9=\r\nsoft=\r\n--b1--\r\nepilogue\r\n';

export const withHeaders = (headers: string, body: string): string => `From: a@x\r\n${headers}\r\n${body}\r\n`;
