/** SIP and SDP as rules see them, over UDP and TCP. */
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SIP_BUFFERS } from '../../../src/app/sip/buffers.js';
import { SIP, SIP_EVENTS } from '../../../src/app/sip/index.js';
import { sdpMembers } from '../../../src/app/sip/sdp-object.js';
import { describeParser, seenOf, type ParserCase, type Said } from '../support/parser-suite.js';
import { describePeer } from '../support/peer-suite.js';

const SDP =
  [
    'v=0',
    'o=alice 1 2 IN IP4 host',
    's=call',
    'i=info',
    'u=http://u',
    'e=a@b',
    'p=+1',
    'c=IN IP4 10.0.0.1',
    'b=AS:1',
    't=0 0',
    'r=7d 1h 0',
    'z=0 -1h',
    'k=prompt',
    'a=sendrecv',
    'm=audio 49170 RTP/AVP 0',
    'i=medium',
    'c=IN IP4 10.0.0.2',
    'k=clear:x',
    'a=rtpmap:0 PCMU/8000',
    'm=video 51372 RTP/AVP 99',
  ].join('\r\n') + '\r\n';
const head = (line: string, more = '', body = ''): string =>
  `${line}\r\nVia: SIP/2.0/UDP host;branch=z9\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\nCall-ID: 1@x\r\nCSeq: 1 INVITE\r\n` +
  `${more}Content-Length: ${body.length}\r\n\r\n${body}`;
const INVITE = head('INVITE sip:b@x SIP/2.0', 'User-Agent: phone\r\nContent-Type: application/sdp\r\n', SDP);
const RINGING = head('SIP/2.0 180 Ringing');

const CONVERSATIONS: Readonly<Record<string, Said>> = {
  'a call': [
    ['>', INVITE],
    ['<', RINGING],
    ['<', head('SIP/2.0 200 OK', 'Content-Type: application/sdp\r\n', SDP)],
    ['>', head('ACK sip:b@x SIP/2.0')],
  ],
  'a registration': [
    ['>', head('REGISTER sip:x SIP/2.0', 'User-Agent: a b\r\n')],
    ['<', head('SIP/2.0 401 Not authorized')],
  ],
};
const of = (udp: boolean): ParserCase => ({
  protocol: SIP,
  specs: SIP_BUFFERS,
  events: SIP_EVENTS,
  conversations: CONVERSATIONS,
  ...(udp ? { udp } : {}),
});
const first = (text: string) => seenOf(of(true), [['>', text]])[0]!;

describe('a message', () => {
  it('has its first line and its headers, in their short forms as well', () => {
    const { values, events } = first(
      'INVITE sip:b@x SIP/2.0\r\nf: a\r\nt:  b\r\n c\r\nv: 1\r\nv: 2\r\nc: text/plain\r\nl: 2\r\n\r\nxyz',
    );
    expect(values).toMatchObject({
      '> sip.method': ['INVITE'],
      '> sip.uri': ['sip:b@x'],
      '> sip.protocol': ['SIP/2.0'],
      '> sip.from': ['a'],
      '> sip.to': ['b\r\n c'],
      '> sip.via': ['1', '2'],
      '> sip.content_length': ['2'],
      '> sip_body': ['xy'],
    });
    expect(events).toEqual([]);
  });

  it('has what it carries of SDP: of the session, and of each medium', () => {
    expect(first(INVITE).values).toMatchObject({
      '> sdp.origin': ['alice 1 2 IN IP4 host'],
      '> sdp.attribute': ['sendrecv'],
      '> sdp.media.media': ['audio 49170 RTP/AVP 0', 'video 51372 RTP/AVP 99'],
      '> sdp.media.connection_data': ['IN IP4 10.0.0.2'],
      '> sdp.connection_data': ['IN IP4 10.0.0.1'],
    });
  });

  it('prints what it carries of SDP in events, and nothing of another body', () => {
    const { sip } = JSON.parse(`{${first(INVITE).eve}}`) as { sip: { sdp: unknown } };
    expect(sip.sdp).toEqual({
      origin: 'alice 1 2 IN IP4 host',
      session_name: 'call',
      session_info: 'info',
      uri: 'http://u',
      email: 'a@b',
      phone_number: '+1',
      connection_data: 'IN IP4 10.0.0.1',
      bandwidths: ['AS:1'],
      time_descriptions: [{ time: '0 0', repeat_time: '7d 1h 0' }],
      timezone: '0 -1h',
      encryption_key: 'prompt',
      attributes: ['sendrecv'],
      media_descriptions: [
        {
          media: 'audio 49170 RTP/AVP 0',
          media_info: 'medium',
          connection_data: 'IN IP4 10.0.0.2',
          encryption_key: 'clear:x',
          attributes: ['rtpmap:0 PCMU/8000'],
        },
        { media: 'video 51372 RTP/AVP 99' },
      ],
    });
    expect(first(head('INVITE sip:b@x SIP/2.0', 'Content-Type: text/plain\r\n', SDP)).eve).not.toContain('sdp');
  });

  it('has no blanks of formats twice in events, as some phones write them', () => {
    const { eve } = first(INVITE.replace('RTP/AVP 0', 'RTP/AVP 18  0'));
    expect(eve).toContain('"media":"audio 49170 RTP/AVP 18 0"');
  });

  it.each(['\r\n\r\n', '\r\n', '\0\0\0\0', '\0'])('is not what keeps a translation of addresses alive: %j', (text) => {
    expect(seenOf(of(true), [['>', text]])).toEqual([]);
  });

  it('has no event where its first line is none, but tells what is wrong', () => {
    const { eve, events } = first('hello\r\n\r\n');
    expect(eve).toBe('');
    expect(events).toContain('invalid_data');
  });

  it('has lines of SDP that end with any number of CRs and a LF', () => {
    const line = fc.tuple(fc.constantFrom('a=x', 'b=\ry', 'k=\r', '', 'zz'), fc.nat(3), fc.constantFrom('\n', ''));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        const body = lines.map(([text, returns, end]) => text + '\r'.repeat(returns) + end).join('');
        const values = (letter: string): string[] => {
          const plain = body.split(/\r*\n/).filter((text) => text.startsWith(`${letter}=`) && !text.includes('\r'));
          return plain.map((text) => text.slice(2)).filter((value) => value !== '');
        };
        const { attributes = [], bandwidths = [], encryption_key } = sdpMembers(body);
        expect([attributes, bandwidths]).toEqual([values('a'), values('b')]);
        expect(encryption_key).toBe(values('k')[0]);
      }),
    );
    expect(sdpMembers(`s=call${'\r'.repeat(16_000)}\na=x${'\r'.repeat(16_000)}`)).toMatchObject({
      session_name: 'call',
    });
  });

  it('that is malformed is seen as far as it goes', () => {
    expect(first('INVITE sip:b@x\r\n\r\n').events).toEqual(['invalid_data']);
    expect(first('INVITE sip:b@x SIP/2.0\r\nVia: 1\r\n').events).toEqual(['incomplete_data']);
    expect(first('INVITE sip:b@x SIP/2.0\r\nno colon\r\n\r\n').events).toEqual(['invalid_data']);
    expect(first(`INVITE sip:b@x SIP/2.0\r\n${'Via: 1\r\n'.repeat(400)}\r\n`).events).toContain('too_long');
  });

  it('follows another in a stream', () => {
    const seen = seenOf(of(false), [['>', `\r\n\r\n${INVITE}\r\n\r\n${RINGING}`]]);
    expect(seen.map(({ values }) => values['> sip.method']?.[0] ?? values['> sip.stat_code']?.[0])).toEqual([
      'INVITE',
      '180',
    ]);
  });
});

describe('in a stream', () => describeParser(of(false)));
describe('in datagrams', () => describeParser(of(true)));

describe('SIP beside Suricata', () => {
  describePeer({
    of: of(true),
    table: join(import.meta.dirname, 'answers.json'),
    port: 5060,
    without: ['sip_header', 'sip_body', 'sip_method', 'sip_stat_code'],
    differs: { 'a call': 'there a description ends with its r= line' },
  });
});
