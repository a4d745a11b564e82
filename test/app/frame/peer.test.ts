/**
 * Frames as Suricata 8 has them: what each is, and how many there are, by a table of its answers beside the test.
 * `WRITE_ANSWERS=1` asks it anew, where it is installed. However a stream is cut, its frames are the same.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FRAMES } from '../../../src/app/frame/buffers.js';
import type { Protocol } from '../../../src/app/protocol.js';
import { PROTOCOLS } from '../../../src/app/protocols.js';
import { clientAddress } from '../../support/conversation.js';
import { toBytes } from '../../support/packet-builder.js';
import { eventsOfEach, hasSuricata } from '../../support/suricata.js';
import { Talk as ParserTalk, talkInPieces, talksCutOnce, type Part } from '../support/talk.js';
import { FRAME_TALKS, type Talk } from './talks.js';

const TABLE = join(import.meta.dirname, 'answers.json');
const IMPOSSIBLE = '|00 fe 01 fd 02 fc|';
const SHOWN = 200;
type Name = keyof typeof FRAME_TALKS;
const NAMES = Object.keys(FRAME_TALKS) as Name[];

/** What differs, ours alone with `+`, the peer's alone with `-`, and why. */
const DIFFERS: Readonly<Partial<Record<Name, readonly [why: string, ...facts: RegExp[]]>>> = {
  enip: ['an answer within a set of answers has its data; there it is its header', /^\+ < enip\.cip = /],
  'sip over tcp': ['there messages over TCP have no frames', /^\+ [<>] sip\./, /^- [<>] sip\.\S+ × 0$/],
  'rfb that fails': ['the reason of a failure is a message; there it is none', /^\+ < rfb\.pdu/, /^- < rfb\.pdu × 4$/],
  'telnet by a client that ends lines with CR NUL': [
    'CR NUL ends a line of a client (RFC 1123), which there LF alone does; so the password is asked for later there',
    /^\+ > telnet\.(data|pdu) = /,
    /^\+ < telnet\.(data|pdu) = alice\r\nPassword: $/,
    /^[-+] [<>] telnet\.(data|pdu) × /,
  ],
  'telnet with the byte 255 in an option': [
    'a doubled IAC is a byte of an option (RFC 855); there the second one ends it, if 240 follows',
    /^\+ > telnet\.(ctl|pdu) = \xff\xfa./,
    /^\+ > telnet\.(data|pdu) = alice/,
  ],
  mqtt: ['there the header of a message behind another is that of the first', /^\+ > mqtt\.header = \xc0/],
  'mqtt with a long message': [
    'a header is as long as its length makes it; there it has two bytes, and what follows is the data',
    /^\+ > mqtt\.header = 0/,
    /^\+ > mqtt\.data = /,
  ],
};

const protocolOf = (name: Name): Protocol => {
  const [first] = name.split(' ');
  const called = /^smb\d/.test(first!) ? 'smb' : first;
  return PROTOCOLS.find((protocol) => protocol.name === called)!;
};
const framesOf = (name: Name): string[] => FRAMES.filter((frame) => frame.startsWith(`${protocolOf(name).name}.`));
const partsOf = ({ said }: Talk): Part[] => said.map(([side, bytes]) => [side, toBytes(bytes)]);
const newTalk = (name: Name): ParserTalk => new ParserTalk(protocolOf(name), [], [], 8).watchFrames();

/** Frames of both sides, each in its order: which side is heard first is none of the parser's. */
const bySide = (seen: readonly string[]): string[] =>
  ['>', '<'].flatMap((side) => seen.filter((frame) => frame.startsWith(side)));

function seenIn(name: Name): string[] {
  const talk: Talk = FRAME_TALKS[name];
  const parser = newTalk(name);
  if (talk.udp === true) for (const [side, bytes] of partsOf(talk)) parser.datagram(side, bytes as Uint8Array);
  else talkInPieces(parser, partsOf(talk), Infinity);
  return bySide(parser.seenFrames);
}

/** Each frame that there is, and how many there are of each name and side. */
function factsOf(name: Name, seen: readonly string[]): string[] {
  const counts = ['>', '<'].flatMap((side) =>
    framesOf(name).map((frame) => {
      const count = seen.filter((one) => one.startsWith(`${side} ${frame} = `)).length;
      return `${side} ${frame} × ${count}`;
    }),
  );
  return [...new Set([...seen, ...counts])].sort();
}

interface Asked {
  readonly fact: string;
  readonly rule: string;
  /** The fact by how often the rule alerts. */
  readonly told: (count: number) => string | undefined;
}

function askedOf(name: Name, host: number): Asked[] {
  const header = (side: string): string => {
    const ends = side === '>' ? `${clientAddress(host)} any -> any any` : `any any -> ${clientAddress(host)} any`;
    return `alert ${protocolOf(name).name} ${ends}`;
  };
  return factsOf(name, seenIn(name)).map((fact) => {
    const [, side, frame, text] = /^(.) (\S+) (?:= ([^]*)|× \d+)$/.exec(fact)!;
    if (text === undefined)
      return {
        fact,
        rule: `${header(side!)} (frame:${frame}; content:!"${IMPOSSIBLE}";`,
        told: (count) => `${side} ${frame} × ${count}`,
      };
    const bytes = Buffer.from(text, 'latin1');
    const hex = bytes.subarray(0, SHOWN).toString('hex').replace(/../g, '$& ').trim();
    return {
      fact,
      rule: `${header(side!)} (frame:${frame}; content:"|${hex}|"; startswith; bsize:${bytes.length};`,
      told: (count) => (count > 0 ? fact : undefined),
    };
  });
}

function askAll(): Record<string, string[]> {
  const asked = NAMES.map((name, index) => askedOf(name, index + 1));
  const rules = asked.flat().map(({ rule }, index) => `${rule} sid:${index + 1};)`);
  const talks = NAMES.map((name, index) => ({ ...(FRAME_TALKS[name] as Talk), host: index + 1 }));
  const answers = eventsOfEach(talks, rules, ['packet-alert-max=250']);
  let sid = 0;
  return Object.fromEntries(
    NAMES.map((name, index) => {
      const facts = asked[index]!.map(({ told }) => {
        sid++;
        return told(answers[index]!.events.filter(({ alert }) => alert?.signature_id === sid).length);
      });
      return [name, facts.filter((fact) => fact !== undefined).sort()];
    }),
  );
}

if (hasSuricata && process.env['WRITE_ANSWERS'] === '1') writeFileSync(TABLE, `${JSON.stringify(askAll(), null, 2)}\n`);
const TOLD = JSON.parse(readFileSync(TABLE, 'utf8')) as Record<string, string[]>;

describe.each(NAMES)('frames of %s', (name) => {
  const seen = seenIn(name);
  const talk: Talk = FRAME_TALKS[name];

  it('are those of Suricata', () => {
    const ours = factsOf(name, seen);
    const theirs = TOLD[name]!;
    const [, ...known] = DIFFERS[name] ?? [''];
    const differences = [
      ...ours.filter((fact) => !theirs.includes(fact)).map((fact) => `+ ${fact}`),
      ...theirs.filter((fact) => !ours.includes(fact)).map((fact) => `- ${fact}`),
    ];
    expect(seen.length).toBeGreaterThan(0);
    expect(differences.filter((one) => !known.some((pattern) => pattern.test(one)))).toEqual([]);
    for (const pattern of known) expect(differences.some((one) => pattern.test(one))).toBe(true);
  });

  it.skipIf(talk.udp === true)('are the same however a stream is cut', () => {
    const parts = partsOf(talk);
    expect(bySide(talkInPieces(newTalk(name), parts, 1).seenFrames)).toEqual(seen);
    for (const cut of talksCutOnce(() => newTalk(name), parts)) expect(bySide(cut.seenFrames)).toEqual(seen);
  });
});

it.skipIf(!hasSuricata)('is what Suricata answers today', () => expect(askAll()).toEqual(TOLD), 60_000);
