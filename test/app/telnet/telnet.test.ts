/** Telnet: frames of commands and of text, however they are cut. Those of Suricata are in ../frame/peer.test.ts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TELNET } from '../../../src/app/telnet/index.js';
import { conversationTarget } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
import { concat, toBytes, type Payload } from '../../support/packet-builder.js';
import { FRAME_TALKS } from '../frame/talks.js';
import { Talk, talkInPieces } from '../support/talk.js';

const IAC = 255;
const MOST_FRAME = 8192;
const newTalk = (): Talk => new Talk(TELNET, [], [], 8).watchFrames();

const NAMES = Object.keys(FRAME_TALKS).filter((name) => name.startsWith('telnet')) as (keyof typeof FRAME_TALKS)[];
describeFuzz(
  conversationTarget({
    protocol: TELNET,
    specs: [],
    events: [],
    frames: true,
    said: NAMES.map((name) => FRAME_TALKS[name].said),
  }),
);

type Side = '>' | '<';
/** What is ahead of the text of a side's frames of a kind: `> data`, `< ctl`. */
function framesOf(talk: Talk, kind: string): string[] {
  const head = `${kind.slice(0, 2)}telnet.${kind.slice(2)} = `;
  return talk.seenFrames.filter((frame) => frame.startsWith(head)).map((frame) => frame.slice(head.length));
}
function saying(...said: readonly (readonly [Side, Payload | number])[]): Talk {
  const talk = newTalk();
  for (const [side, bytes] of said)
    if (typeof bytes === 'number') talk.gap(side, bytes);
    else talk.stream(side, toBytes(bytes));
  return talk;
}

/** Frames of a side that neither asks nor is asked for a name, one after the other. */
function naive(text: string): { ctl: string[]; data: string[] } {
  const [ctl, data]: [string[], string[]] = [[], []];
  for (let rest = text; rest !== '';) {
    const isText = !rest.startsWith('\xff');
    const forms = isText ? /^[^]*?(?:\n|\r\0|$)/ : /^\xff(?:\xfa(?:\xff\xff|(?!\xff\xf0)[^])*|[\xfb-\xfe][^]|[^]|$)/;
    const [frame] = forms.exec(rest) ?? [rest];
    (isText ? data : ctl).push(frame);
    rest = rest.slice(frame.length);
  }
  return { ctl, data };
}

describe('Telnet', () => {
  it('has frames that are all of what is said, in pieces of any size', () => {
    const byte = fc.constantFrom(IAC, 240, 250, 251, 254, 241, 10, 13, 0, 0x61, 0x3a, 0x20, 24);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(byte, { maxLength: 60 }), (any, likely) => {
        const said = concat(any, likely);
        const text = Buffer.from(said).toString('latin1');
        for (const size of [1, 3, 7, Infinity]) {
          const talk = talkInPieces(newTalk(), [['>', said]], size);
          talk.close('>');
          expect(framesOf(talk, '> pdu').join('')).toBe(text);
          expect({ ctl: framesOf(talk, '> ctl'), data: framesOf(talk, '> data') }).toEqual(naive(text));
          expect(talk.arena.usedBytes).toBe(0);
        }
      }),
    );
  });

  it('has text ahead of the login and of the password in one frame, once each', () => {
    const talk = saying(
      ['>', 'early\n'],
      ['<', 'a\nb'],
      ['<', '\nlogin:'],
      ['<', ' x: \n'],
      ['>', 'alice\r\n'],
      ['<', 'c\nPassword: y: \n'],
      ['>', 'secret\r\n'],
      ['<', 'z: \n'],
    );
    expect(framesOf(talk, '< data')).toEqual(['a\nb\nlogin: ', 'x: \n', 'c\nPassword: ', 'y: \n', 'z: \n']);
  });

  it('has lines where nobody asks for a login in 8 KiB, or until the end', () => {
    const long = `${'x'.repeat(99)}\n`.repeat(82);
    expect(framesOf(saying(['<', long]), '< data')).toEqual(long.match(/x+\n/g));
    const talk = saying(['<', 'a\nb\nc']);
    expect(framesOf(talk, '< data')).toEqual([]);
    talk.close('<');
    expect(framesOf(talk, '< data')).toEqual(['a\n', 'b\n', 'c']);
  });

  it.each([
    ['a line', 'x'.repeat(2 * MOST_FRAME), 'data'],
    ['an option', concat([IAC, 250], 'x'.repeat(2 * MOST_FRAME)), 'pdu'],
  ])('waits for 8 KiB of %s at most', (_what, bytes, kind) => {
    const talk = saying(['>', bytes]);
    const lengths = framesOf(talk, `> ${kind}`).map(({ length }) => length);
    expect(lengths).toEqual([MOST_FRAME, MOST_FRAME]);
    expect(talk.waiting).toBeLessThan(MOST_FRAME);
  });

  it('goes on behind a gap', () => {
    const talk = saying(['>', 'lost'], ['>', 100], ['>', concat('rest\r\n', [IAC, 241])]);
    expect(framesOf(talk, '> data')).toEqual(['rest\r\n']);
    expect(framesOf(talk, '> ctl')).toEqual(['\xff\xf1']);
  });

  it('goes by, and nothing of it waits, while no rule asks for frames', () => {
    const talk = new Talk(TELNET, [], []);
    talk.stream('<', toBytes('no end'));
    expect(talk.waiting).toBe(0);
    talk.watchFrames();
    talk.stream('<', toBytes(' of it: \nline\n'));
    expect(framesOf(talk, '< data')).toEqual([' of it: \n', 'line\n']);
  });

  it('begins anew with each connection', () => {
    const talk = saying(['<', 'login: '], ['>', 'alice']);
    talk.reset();
    talk.stream('<', toBytes('a\nlogin: '));
    talk.stream('>', toBytes('b\n'));
    expect(framesOf(talk, '< data')).toEqual(['a\nlogin: ']);
    expect(framesOf(talk, '> data')).toEqual(['b\n']);
  });
});
