/** SMTP: however bytes come, rules see the same; what strangers send costs its bound; memory is given back. */
import { describe, expect, it } from 'vitest';
import { SMTP, SMTP_EVENTS } from '../../../src/app/smtp/index.js';
import { conversationTarget } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
import type { Seen, Talk } from '../support/talk.js';
import { talkInPieces, talksCutOnce } from '../support/talk.js';
import {
  answers,
  base64,
  bytes,
  ENVELOPE,
  FULL,
  GREETED,
  mail,
  newTalk,
  QUIT,
  SMTP_AND_FILES,
  says,
  withHeaders,
  type Part,
} from './talks.js';

function hear(parts: readonly Part[], size = 100_000, talk = newTalk()): readonly Seen[] {
  talkInPieces(talk, parts, size);
  return close(talk);
}

function close(talk: Talk): readonly Seen[] {
  for (const side of ['>', '<'] as const) talk.close(side);
  const { seen } = talk;
  talk.reset();
  expect(talk.arena.usedBytes).toBe(0);
  return seen;
}

const chunks = (text: string, size: number): Part[] => {
  const parts: Part[] = [];
  for (let at = 0; at < text.length; at += size) {
    const chunk = text.slice(at, at + size);
    parts.push(
      says(`BDAT ${chunk.length}${at + size >= text.length ? ' LAST' : ''}\r\n${chunk}`),
      answers('250 ok\r\n'),
    );
  }
  return parts;
};

const TALKS: Readonly<Record<string, readonly Part[]>> = {
  'a mail': mail(FULL),
  'a mail in chunks': [...GREETED, ...ENVELOPE, ...chunks(FULL, 400), ...QUIT],
  'odd lines': [
    ...GREETED,
    says('MAIL FROM:<a>\nFOO\r\n\r\nRCPT TO:<b>\r\n'),
    answers('250-x\r\n250 y\r\nxx\r\n'),
    ...QUIT,
  ],
  'a change to TLS': [...GREETED, says('STARTTLS\r\n'), answers('220 go\r\n')],
};

describe.each(Object.entries(TALKS))('%s', (_name, parts) => {
  const whole = hear(parts);

  it.each([1, 2, 3, 7, 64])('is the same in pieces of %i bytes', (size) => {
    expect(hear(parts, size)).toEqual(whole);
  });

  it('is the same cut at any place', () => {
    for (const talk of talksCutOnce(newTalk, parts)) expect(close(talk)).toEqual(whole);
  });
});

describe('a mail in chunks', () => {
  it('is what it is in one piece', () => {
    const inOne = hear(mail(FULL.replaceAll('\r\n.dot', '\r\ndot')))[0]!;
    for (const size of [1, 5, 63, 5000]) {
      const [seen] = hear([...GREETED, ...ENVELOPE, ...chunks(FULL.replaceAll('\r\n.dot', '\r\ndot'), size), ...QUIT]);
      const values = { ...seen!.values };
      expect(values).toEqual(inOne.values);
    }
  });
});

describe('attachments', () => {
  const fileOf = (headers: string, body: string): unknown =>
    hear(mail(withHeaders(`Content-Disposition: attachment; filename=x\r\n${headers}`, body)))[0]!.values[
      '> file.data'
    ]?.[0];

  it('in base64 are decoded as mail clients do, across lines', () => {
    const text = 'some bytes \xff\x00 of any kind';
    const encoded = base64(text);
    for (let at = 1; at < encoded.length; at++)
      expect(fileOf('Content-Transfer-Encoding: BASE64\r\n', `${encoded.slice(0, at)}\r\n ${encoded.slice(at)}`)).toBe(
        text,
      );
    expect(fileOf('Content-Transfer-Encoding: base64\r\n', `${base64('ab')}\r\n${base64('cd')}`)).toBe('abcd');
  });

  it('in quoted-printable lose blanks at line ends and soft line breaks', () => {
    expect(fileOf('Content-Transfer-Encoding: quoted-printable\r\n', 'a=3d=\r\nb \t\r\n=4\r\n=E9=')).toBe(
      'a=b\r\n=4\r\n\xe9',
    );
  });

  it('as they are keep their line ends but the last', () => {
    expect(fileOf('', 'a\nb\r\n\r\n..c\r\n')).toBe('a\nb\r\n\r\n..c\r\n');
  });

  it('are read to sixteen parts in parts', () => {
    const nested = (depth: number): string =>
      depth === 0
        ? 'Content-Disposition: attachment; filename=in\r\n\r\ndeep\r\n'
        : `Content-Type: multipart/mixed; boundary=b${depth}-\r\n\r\n--b${depth}-\r\n${nested(depth - 1)}--b${depth}---\r\n`;
    const inDepth = (depth: number): Seen => hear(mail(nested(depth)))[0]!;
    expect(inDepth(16).values['> file.data']).toEqual(['deep']);
    expect(inDepth(17).values['> file.data']).toBeUndefined();
    expect(inDepth(17).events).toContain('unparsable_content');
  });
});

describeFuzz(
  conversationTarget({ protocol: SMTP, specs: SMTP_AND_FILES, events: SMTP_EVENTS, said: Object.values(TALKS) }),
);

describe('what strangers send', () => {
  it('is bounded: receivers, headers, addresses, lines', () => {
    const many = 'RCPT TO:<b@y.org>\r\n'.repeat(3000);
    const text =
      `${'Received: x\r\n'.repeat(3000)}Subject: ${'s'.repeat(40_000)}\r\n\r\n` +
      `${'http://u.example/ \r\n'.repeat(3000)}${'l'.repeat(50_000)}\r\n`;
    const [seen] = hear([
      ...GREETED,
      says(`MAIL FROM:<a>\r\n${many}`),
      says('DATA\r\n'),
      answers('354 go\r\n'),
      says(`${text}.\r\n`),
    ]);
    expect(seen!.values['> smtp.rcpt_to']).toHaveLength(1024);
    expect(seen!.values['> email.received']).toHaveLength(1024);
    expect(seen!.values['> email.url']).toBeUndefined();
    expect(seen!.events).toContain('mime_long_header_value');
  });

  it('shows receivers of a mail in events as far as 16 KiB have room for them, in both places', () => {
    const to = (count: number): string[] => Array.from({ length: count }, (_, index) => `receiver-${index}@y.org`);
    const shown = (count: number): { rcpt: string[]; to: string[] } => {
      const receivers = to(count);
      const [seen] = hear([
        ...GREETED,
        says(`MAIL FROM:<a>\r\n${receivers.map((one) => `RCPT TO:<${one}>\r\n`).join('')}`),
        says('DATA\r\n'),
        answers('354 go\r\n'),
        says(`To: "x, y" <z@y.org>,\r\n ${receivers.join(',\r\n ')}\r\n\r\ntext\r\n.\r\n`),
      ]);
      const { smtp, email } = JSON.parse(`{${seen!.eve}}`) as {
        smtp: { rcpt_to: string[] };
        email: { to: string[] };
      };
      return { rcpt: smtp.rcpt_to, to: email.to };
    };
    const some = to(100);
    expect(shown(100)).toEqual({ rcpt: some.map((one) => `<${one}>`), to: ['"x, y" <z@y.org>', ...some] });
    const many = shown(1000);
    expect(JSON.stringify(many.rcpt).length).toBeLessThan(16_400);
    expect(many.rcpt.length).toBeGreaterThan(500);
  });

  it('may miss bytes: the mail goes on behind them', () => {
    const talk = newTalk();
    talkInPieces(talk, [...GREETED, ...ENVELOPE, says('DATA\r\n'), answers('354 go\r\n')], 1000);
    talk.stream('>', bytes('From: a\r\nContent-Type: application/zip; name=z\r\n\r\nabc\r\n'));
    talk.gap('>', 10);
    talk.stream('>', bytes('rest\r\n.\r\nQUIT\r\n'));
    const [seen] = close(talk);
    expect(seen!.values['> file.data']).toEqual(['abc\r\nrest']);
    expect(seen!.events).toEqual(['gap']);
  });
});
