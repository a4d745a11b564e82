/** What alerts show of the bytes that matched, end to end: of packets, ranges of streams and transactions. */
import { afterAll, describe, expect, it } from 'vitest';
import { framesOf, type Conversation } from '../support/conversation.js';
import { pcapFile } from '../support/pcap-writer.js';
import { Folder, parseEvents, periscope, type EveEvent } from '../support/sensor.js';

interface Place {
  readonly keyword: string;
  readonly buffer: string;
  readonly offset: number;
  readonly length: number;
  readonly transformed?: boolean;
}
type Alert = EveEvent & {
  readonly payload?: string;
  readonly payload_printable?: string;
  readonly stream?: number;
  readonly evidence?: { readonly unit: string; readonly stream_offset?: number; readonly matches: readonly Place[] };
};

const folder = new Folder();
afterAll(() => folder.remove());

const RULES = folder.write(
  'evidence.rules',
  `
alert udp any any -> any 7 (msg:"a packet"; content:"secret"; content:!"nothing"; pcre:"/\\d\\d/R"; sid:1;)
alert tcp any any -> any 9999 (msg:"a stream"; content:"ABC"; content:"HIJ"; distance:4; within:3; sid:2;)
alert http any any -> any any (msg:"a transaction"; http.uri; content:"/admin"; http.host; dotprefix; content:".example"; sid:3;)
alert tcp any any -> any 9999 (msg:"the second of three"; content:"K|0d 0a|"; content:"L"; distance:0; within:1; sid:4;)
alert udp any any -> any 7 (msg:"tells others"; content:"secret"; noalert; flowbits:set,told; sid:5;)
`,
);
const CONVERSATIONS: Conversation[] = [
  { host: 1, serverPort: 7, udp: true, said: [['>', 'the secret is 42\u0001 \r\n']] },
  { host: 2, serverPort: 9999, cut: 3, said: [['>', 'xxABCDEFGHIJ KM K\r\nL']] },
  { host: 3, serverPort: 80, cut: 7, said: [['>', 'GET /admin?x HTTP/1.1\r\nHost: www.example\r\n\r\n']] },
];
const CAPTURE = folder.write('evidence.pcap', pcapFile(CONVERSATIONS.flatMap(framesOf)));

async function read(...settings: string[]): Promise<Map<number, Alert>> {
  const set = ['eve.types=alert', ...settings].flatMap((setting) => ['--set', setting]);
  const { stdout, stderr, status } = await periscope(['read', CAPTURE, '--rules', RULES, ...set]);
  expect([status, stderr]).toEqual([0, '']);
  return new Map((parseEvents(stdout) as Alert[]).map((event) => [event.alert.signature_id, event]));
}

/** What lies at the places of an alert in the payload that it shows. */
const shown = ({ payload, evidence }: Alert): string[] =>
  evidence!.matches.map(({ offset, length }) =>
    Buffer.from(payload!, 'base64').toString('latin1', offset, offset + length),
  );

describe('the evidence of an alert', () => {
  it('is left out unless it is asked for', async () => {
    for (const alert of (await read()).values())
      for (const member of ['payload', 'payload_printable', 'stream', 'evidence'])
        expect(alert).not.toHaveProperty(member);
  });

  it('shows the payload of a packet, as it is and as text, and where contents and expressions were found', async () => {
    const alert = (await read('eve.payload=true', 'eve.payloadPrintable=true', 'eve.matches=true')).get(1)!;
    expect(alert).toMatchObject({
      payload: Buffer.from('the secret is 42\u0001 \r\n').toString('base64'),
      payload_printable: 'the secret is 42. \r\n',
      stream: 0,
      evidence: { unit: 'packet' },
    });
    expect(alert.evidence!.matches.map(({ keyword }) => keyword)).toEqual(['content', 'pcre']);
    expect(shown(alert)).toEqual(['secret', '42']);
  });

  it('shows the range of a stream that matched, whatever the segments, with the choices that let the rule match', async () => {
    const alerts = await read('eve.payload=true', 'eve.matches=true');
    const stream = alerts.get(2)!;
    expect(stream).toMatchObject({ stream: 1, evidence: { unit: 'stream', stream_offset: 0 } });
    expect(Buffer.from(stream.payload!, 'base64').toString()).toContain('xxABCDEFGHIJ');
    expect(shown(stream)).toEqual(['ABC', 'HIJ']);
    expect(shown(alerts.get(4)!)).toEqual(['K\r\n', 'L']);
  });

  it('names the buffers of a transaction, and what transforms have made of one', async () => {
    const { evidence } = (await read('eve.matches=true')).get(3)!;
    expect(evidence).toEqual({
      unit: 'transaction',
      matches: [
        { keyword: 'content', buffer: 'http.uri', offset: 0, length: 6 },
        { keyword: 'content', buffer: 'http.host', offset: 4, length: 8, transformed: true },
      ],
    });
  });

  it('is the same for any number of workers', async () => {
    const asked = ['eve.payload=true', 'eve.payloadPrintable=true', 'eve.matches=true'];
    const alone = await read(...asked, 'workers=1');
    expect(alone.size).toBe(4);
    expect(await read(...asked, 'workers=3')).toEqual(alone);
  });
});
