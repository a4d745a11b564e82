/** SMTP and mail as Suricata 8 has them, but for what docs/protocols/smtp.md says. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SMTP, SMTP_EVENTS } from '../../../src/app/smtp/index.js';
import { hasSuricata } from '../../support/suricata.js';
import {
  askAbout,
  differences,
  factsOf,
  isWriting,
  readTable,
  writeTable,
  type PeerCase,
  type TableOptions,
} from '../support/peer-table.js';
import { describeDamaged } from '../support/protocol-suite.js';
import type { Seen } from '../support/talk.js';
import {
  answers,
  base64,
  ENVELOPE,
  FULL,
  GREETED,
  mail,
  newTalk,
  QUIT,
  says,
  SMTP_AND_FILES,
  withHeaders,
  type Part,
} from './talks.js';

const TABLE = join(import.meta.dirname, 'answers.json');
/** Our own, and those that are told of other bytes there. */
const OWN = new Set([
  'gap',
  'mime_invalid_base64',
  'mime_long_header_value',
  'max_command_line_len_exceeded',
  'max_reply_line_len_exceeded',
]);
const ASKED = new Set(SMTP_AND_FILES.map(({ name }) => name).filter((name) => !/file\.(?:md5|sha)/.test(name)));
const OPTIONS: TableOptions = {
  application: 'smtp',
  specs: SMTP_AND_FILES,
  events: SMTP_EVENTS.filter(({ name }) => !OWN.has(name)),
  keywords: ASKED,
  asked: { filesize: (value) => `filesize:${value};` },
  object: 'smtp',
};

const said = (name: string, parts: readonly Part[], differs = ''): PeerCase => ({
  name,
  differs,
  talk: { serverPort: 25, said: parts.map(([side, text]) => [side, text] as const) },
});
const plain = 'From: a@x\r\nSubject: plain\r\n\r\nbody http://one.example/ \r\n..dot\r\n';
const parts = (body: string, headers = ''): string =>
  withHeaders(`Content-Type: multipart/mixed; boundary=o\r\n${headers}`, body);
const attached = (name: string, encoding: string, body: string): string =>
  `--o\r\nContent-Type: application/zip\r\nContent-Disposition: attachment; filename=${name}\r\n` +
  `Content-Transfer-Encoding: ${encoding}\r\n\r\n${body}\r\n`;
const LINKS = parts(
  attached('a', '7bit', 'see http://evil.example/a now\r\n') +
    attached('b', 'base64', base64('see http://evil.example/b now\r\nmore\r\n')) +
    '--o--\r\n',
);
const zip = (headers: string, body = 'data'): string =>
  withHeaders(`Content-Type: application/zip\r\n${headers}`, body);

const CASES: readonly PeerCase[] = [
  said(
    'quoted-printable',
    mail(
      zip('Content-Disposition: attachment; filename=q\r\nContent-Transfer-Encoding: quoted-printable\r\n', 'a=3Db'),
    ),
    'the line end before a delimiter, or the end, belongs to that',
  ),
  said('everything', mail(FULL)),
  said('plain', mail(plain)),
  said('two mails', [...mail(plain).slice(0, -2), ...mail(plain.replace('plain', 'other')).slice(3)]),
  said(
    'lines with LF',
    mail(plain).map(([side, text]) => [side, text.filter((byte) => byte !== 13)] as const),
  ),
  said('two mails, RSET between them', [
    ...mail(plain).slice(0, -2),
    says('RSET\r\n'),
    answers('250 ok\r\n'),
    ...mail(plain.replace('plain', 'other')).slice(3),
  ]),
  said('addresses in attachments', mail(LINKS)),
  said('no mail', [
    ...GREETED,
    says('RSET\r\n'),
    answers('250 ok\r\n'),
    says('NOOP\r\n'),
    answers('250 ok\r\n'),
    ...QUIT,
  ]),
  said('odd commands', [
    ...GREETED,
    says('helo  n x \r\nMail From: a@b X=1\r\nrcpt to:  <c@d> X\r\n'),
    answers('250 a\r\n250 a\r\n250 a\r\n'),
    ...QUIT,
  ]),
  said('an empty sender', [...GREETED, says('MAIL FROM:<>\r\n'), answers('250 ok\r\n'), ...QUIT]),
  said('two senders', [...GREETED, ...ENVELOPE.slice(0, 2), ...ENVELOPE, ...QUIT]),
  said('DATA refused', [...GREETED, says('DATA\r\n'), answers('503 no\r\n'), ...QUIT]),
  said('no welcome', [says('EHLO c\r\n'), answers('250 mx\r\n'), ...QUIT]),
  said('an odd reply', [...GREETED, says('NOOP\r\n'), answers('2x0 ok\r\n'), ...QUIT]),
  said('STARTTLS refused', [...GREETED, says('STARTTLS\r\n'), answers('454 no\r\n'), ...ENVELOPE, ...QUIT]),
  said('STARTTLS', [...GREETED, says('STARTTLS\r\n'), answers('220 go\r\n')]),
  said('a bad BDAT', [...GREETED, says('BDAT x\r\n'), answers('500 no\r\n'), ...QUIT]),
  said(
    'BDAT',
    [...GREETED, ...ENVELOPE, says(`BDAT ${plain.length} LAST\r\n${plain}`), answers('250 ok\r\n'), ...QUIT],
    'mails in chunks are read',
  ),
  said('a long line', [...GREETED, says(`NOOP ${'a'.repeat(5000)}\r\n`), answers('250 ok\r\n'), ...QUIT]),
  said('all at once', [
    ...GREETED,
    says('MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n'),
    answers('250 ok\r\n250 ok\r\n354 go\r\n'),
    says(`${plain}.\r\nQUIT\r\n`),
    answers('250 ok\r\n221 b\r\n'),
  ]),
  said(
    'one attachment',
    mail(
      zip(
        'Content-Disposition: attachment; filename="x y.zip"\r\nContent-Transfer-Encoding: base64\r\n',
        base64('PK zip'),
      ),
    ),
  ),
  said('no name', mail(zip('Content-Disposition: attachment\r\n'))),
  said('a name in parts', mail(zip('Content-Disposition: attachment; filename*0="a"; filename*1="b.zip"\r\n'))),
  said(
    'a name with a character set',
    mail(zip("Content-Disposition: attachment; filename*=utf-8''%41b.zip\r\n")),
    'names with character sets are decoded',
  ),
  said(
    'a name in encoded words',
    mail(zip('Content-Disposition: attachment; filename="=?utf-8?Q?A_b=2Ezip?="\r\n')),
    'encoded words in names are decoded',
  ),
  said(
    'base64 with other characters',
    mail(
      zip('Content-Disposition: attachment; filename=x\r\nContent-Transfer-Encoding: base64\r\n', 'ZGF0\r\n??\r\nYQ=='),
    ),
  ),
  said('a text with a name', mail(withHeaders('Content-Type: text/plain; name=t.txt\r\n', 'see http://u.example/x y'))),
  said(
    'a mail in a mail',
    mail(
      parts(
        '--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nContent-Disposition: attachment; filename=i.txt\r\n\r\ninner body\r\n--o--',
      ),
    ),
  ),
  said(
    'parts in parts',
    mail(
      parts(
        '--o\r\nContent-Type: multipart/alternative; boundary=p\r\n\r\n--p\r\nContent-Disposition: attachment; filename=p.txt\r\n\r\npp\r\n--p--\r\n--o\r\nContent-Disposition: attachment; filename=o.txt\r\n\r\noo\r\n--o--',
      ),
    ),
  ),
  said(
    'addresses',
    mail(withHeaders('Content-Type: text/html\r\n', '<a href="http://h.example/p">x</a> http://two.example/b c')),
  ),
  said(
    'addresses of other schemes',
    mail(withHeaders('', 'ftp://f.example/z and https://s.example/y .')),
    'addresses of https and ftp are found',
  ),
  said(
    'folded headers',
    mail('From: a@x\r\nSubject: one\r\n two\r\n\r\nbody\r\n'),
    'folded lines are joined with their blanks',
  ),
];

function see({ talk: { said: talked } }: PeerCase): readonly Seen[] {
  const talk = newTalk();
  for (const [side, text] of talked) talk.stream(side, text as Uint8Array);
  for (const side of ['>', '<'] as const) talk.close(side);
  return talk.seen;
}

const objectsOf = (seen: readonly Seen[]): unknown[] =>
  seen.map(({ eve }) => (JSON.parse(`{${eve}}`) as { smtp: unknown }).smtp);

/** Events are told of a side here, and follow from inspection there. */
const withoutEvents = (facts: readonly string[]): string[] => facts.filter((fact) => !/^[-+] [<>] event /.test(fact));
const eventsOf = (facts: readonly string[]): Set<string> =>
  new Set(facts.flatMap((fact) => /^[<>] event (.*)$/.exec(fact)?.[1] ?? []));

describeDamaged(SMTP, OPTIONS, CASES);

describe('SMTP beside Suricata', () => {
  const seen = CASES.map(see);
  const ours = seen.map((one) => factsOf(one, () => '>'));
  if (hasSuricata && isWriting) writeTable(TABLE, CASES, askAbout(CASES, ours, OPTIONS));
  const table = readTable(TABLE);

  it.each(CASES.map(({ name }, index) => [name, index] as const))('%s', (name, index) => {
    const { facts, differences: known, objects } = table[name]!;
    const differs = CASES[index]!.differs ?? '';
    expect(differences(ours[index]!, facts, OPTIONS)).toEqual(known);
    expect(withoutEvents(known).length > 0).toBe(differs !== '');
    const asked = (events: Set<string>): string[] => [...events].filter((event) => !OWN.has(event)).sort();
    expect(asked(eventsOf(ours[index]!))).toEqual(asked(eventsOf(facts)));
    if (differs === '') expect(objectsOf(seen[index]!)).toEqual(objects);
  });

  it.skipIf(!hasSuricata)(
    'is what Suricata answers today',
    () => {
      const told = askAbout(CASES, ours, OPTIONS);
      expect(Object.fromEntries(CASES.map(({ name }, index) => [name, told[index]]))).toEqual(table);
    },
    120_000,
  );
});
