/** Rules over files in mails, as `read` alerts: the same however the mail was cut. */
import { expect } from 'vitest';
import { builtIt } from '../../support/built.js';
import { alertsOfEach } from '../../support/reading.js';
import { base64, bytes, mail, type Part } from './talks.js';

const part = (name: string, encoding: string, body: string): string =>
  `--b\r\nContent-Type: text/plain; name="${name}"\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}\r\n`;
const MAIL =
  'Subject: s\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n' +
  part('one.txt', '7bit', 'first of all\r\nand more of it') +
  part('two.txt', 'quoted-printable', 'second=\r\n file') +
  part('three.txt', 'base64', base64('third and last')) +
  '--b--\r\n';
const RULES = ['first of all', 'more of it', 'second file', 'third and', 'and last'].map(
  (text, index) => `alert smtp any any -> any any (file.data; content:"${text}"; sid:${index + 1};)`,
);

/** The parts, of which the long one comes in three. */
const cutAt = (first: number, second: number): Part[] =>
  mail(MAIL).flatMap((said): Part[] =>
    said[1].length < MAIL.length
      ? [said]
      : [
          [said[0], said[1].slice(0, first)],
          [said[0], said[1].slice(first, second)],
          [said[0], said[1].slice(second)],
        ],
  );

builtIt('find what is in files, however a mail was cut', () => {
  const { length } = bytes(MAIL);
  const cuts = Array.from({ length: 120 }, (_, index) => 1 + ((index * 37) % (length - 120)));
  const talks = cuts.map((cut, index) => ({ serverPort: 25, said: cutAt(cut, cut + 1 + index) }));
  const found = alertsOfEach(talks, RULES).map((alerts) => [...alerts].sort().join(' '));
  expect(new Set(found)).toEqual(new Set(['1> 2> 3> 4> 5>']));
});
