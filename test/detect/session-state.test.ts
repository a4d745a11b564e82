/** Where a connection is established for rules, and what a connection is to stream_size. */
import { describe, expect, it } from 'vitest';
import { inspect } from '../support/inspect.js';
import { ethernet, ipv4, tcp, TCP_FLAG, udp } from '../support/packet-builder.js';

const { syn, ack, fin, rst } = TCP_FLAG;
const CLIENT = '10.0.0.1';
const SERVER = '10.0.0.2';
type Step = readonly [from: '>' | '<', flags: number, seq: number, acked: number, data?: string];

function frame([from, flags, seq, acked, data = '']: Step): Uint8Array {
  const [src, dst, srcPort, dstPort] = from === '>' ? [CLIENT, SERVER, 40_000, 80] : [SERVER, CLIENT, 80, 40_000];
  return ethernet({}, ipv4({ src, dst }, tcp({ srcPort, dstPort, seq, ack: acked, flags }, data)));
}

/** Frames that a rule with these options alerts on. */
function framesOf(options: string, frames: readonly Uint8Array[], midstream = false, protocol = 'tcp-pkt'): number[] {
  const timed = frames.map((bytes, index) => ({ timeUs: 1_700_000_000_000_000 + index * 1000, bytes }));
  return inspect(`alert ${protocol} any any -> any any (msg:"x"; ${options} sid:1;)`, timed, { midstream }).map(
    (alert) => alert.frame,
  );
}

const OPENING: readonly Step[] = [
  ['>', syn, 99, 0],
  ['<', syn | ack, 499, 100],
];
const ACK: Step = ['>', ack, 100, 500];
const REQUEST: Step = ['>', ack, 100, 500, 'request'];
const ANSWER: Step = ['<', ack, 500, 107];

describe('flow:established', () => {
  it.each<[string, readonly Step[], number[]]>([
    ['behind the ACK of the handshake', [...OPENING, ACK, REQUEST, ANSWER], [3, 4]],
    ['at an ACK with data', [...OPENING, REQUEST, ANSWER], [2, 3]],
    ['behind an ACK that comes twice', [...OPENING, ACK, ACK, REQUEST], [3, 4]],
    ['behind a SYN/ACK that comes twice', [...OPENING, OPENING[1]!, ACK, REQUEST], [4]],
    ['behind an ACK with a FIN', [...OPENING, ['>', ack | fin, 100, 500], ['<', ack, 500, 101]], [3]],
    ['when a RST has ended it', [...OPENING, ACK, ['>', rst, 100, 0], ANSWER], [3, 4]],
    ['never without a handshake', [REQUEST, ANSWER], []],
  ])('holds %s', (_, steps, expected) => {
    const frames = steps.map(frame);
    const others = frames.map((__, index) => index).filter((index) => !expected.includes(index));
    expect(framesOf('flow:established;', frames)).toEqual(expected);
    expect(framesOf('flow:not_established;', frames)).toEqual(others);
    expect(framesOf('flow:stateless;', frames)).toEqual(frames.map((__, index) => index));
  });

  it('holds behind the first packet of a connection picked up, or at it where that carries data', () => {
    const [bare, request, answer] = [ACK, REQUEST, ANSWER].map(frame);
    expect(framesOf('flow:established;', [bare!, request!, answer!], true)).toEqual([1, 2]);
    expect(framesOf('flow:established;', [request!, answer!], true)).toEqual([0, 1]);
  });

  it('holds at the first answer of UDP', () => {
    const sent = ethernet({}, ipv4({ src: CLIENT, dst: SERVER }, udp({ srcPort: 5, dstPort: 53 }, 'q')));
    const answered = ethernet({}, ipv4({ src: SERVER, dst: CLIENT }, udp({ srcPort: 53, dstPort: 5 }, 'r')));
    expect(framesOf('flow:established;', [sent, sent, answered, sent], false, 'udp')).toEqual([2, 3]);
  });
});

describe('tcp.session', () => {
  const closed: readonly Step[] = [
    ...OPENING,
    ACK,
    REQUEST,
    ANSWER,
    ['>', ack | fin, 107, 500],
    ['<', ack, 500, 108],
    ['<', ack | fin, 500, 108],
    ['>', ack, 108, 501],
  ];
  it.each<[string, readonly Step[], number[], number[], number[]]>([
    ['of a connection that is closed by both', closed, [0, 1, 2], [3, 4, 5, 6, 7, 8], [5, 6, 7]],
    ['of one that is reset', [...OPENING, ACK, ['>', rst, 100, 0], ANSWER], [0, 1, 2], [3, 4], []],
    ['of one that closes in its handshake', [...OPENING, ['>', ack | fin, 100, 500]], [0, 1, 2], [], [2]],
    ['of one without a handshake', [REQUEST, ANSWER], [0, 1], [], []],
  ])('tells the phases %s', (_, steps, setup, established, closing) => {
    const frames = steps.map(frame);
    expect(framesOf('tcp.session:setup;', frames)).toEqual(setup);
    expect(framesOf('tcp.session:established;', frames)).toEqual(established);
    expect(framesOf('tcp.session:closing;', frames)).toEqual(closing);
    const either = frames.map((__, index) => index).filter((index) => setup.includes(index) || closing.includes(index));
    expect(framesOf('tcp.session:setup,closing;', frames)).toEqual(either);
  });

  it('is about TCP alone', () => {
    const sent = ethernet({}, ipv4({ src: CLIENT, dst: SERVER }, udp({ srcPort: 5, dstPort: 53 }, 'q')));
    expect(framesOf('tcp.session:setup;', [sent], false, 'ip')).toEqual([]);
  });
});

describe('stream_size', () => {
  const stray = [REQUEST, ANSWER, ['<', syn | ack, 499, 100] as const].map(frame);
  it.each(['both,<,1', 'client,<,1', 'server,>=,0', 'either,>=,0'])('%s needs a session', (test) => {
    expect(framesOf(`stream_size:${test};`, stray)).toEqual([]);
  });

  it('has one from the first SYN on', () => {
    const frames = [...OPENING, ACK, REQUEST].map(frame);
    expect(framesOf('stream_size:server,>=,0;', frames)).toEqual([0, 1, 2, 3]);
    expect(framesOf('stream_size:server,<,1;', frames)).toEqual([0]);
    expect(framesOf('stream_size:client,>,1;', frames)).toEqual([3]);
    expect(framesOf('stream_size:both,>,0;', frames)).toEqual([1, 2, 3]);
  });

  it('has one where connections may be picked up', () =>
    expect(framesOf('stream_size:server,>=,0;', stray, true)).toEqual([0, 1, 2]));

  it('has none without TCP', () =>
    expect(framesOf('stream_size:both,>=,0;', [ethernet({}, ipv4({}, udp()))], true, 'ip')).toEqual([]));
});
