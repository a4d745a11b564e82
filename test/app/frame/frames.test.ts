/** Rules over frames: each is tried on each frame once, however it came in pieces, as by Suricata 8. */
import { describe, expect, it } from 'vitest';
import { bufferNumber } from '../../../src/app/buffers.js';
import { FrameLog, type OpenFrames } from '../../../src/app/frame/frame-log.js';
import { frameBuffer, frameNumber, FRAMES } from '../../../src/app/frame/buffers.js';
import { DIRECTION } from '../../../src/flow/flow.js';
import { Arena, PAGE_BYTES } from '../../../src/memory/arena.js';
import { Span } from '../../../src/memory/span.js';
import { compileRule } from '../../../src/rule/compile/compile-rule.js';
import { Variables } from '../../../src/rule/compile/variables.js';
import { Diagnostics } from '../../../src/rule/diagnostics/diagnostic.js';
import { parseRule } from '../../../src/rule/parse/parser.js';
import { framesOf, type Said } from '../../support/conversation.js';
import { concat } from '../../support/packet-builder.js';
import { eventsOfFrames, eventsOfTalks } from '../../support/reading.js';
import { eventsOfEach, hasSuricata } from '../../support/suricata.js';
import * as tls from '../support/tls-messages.js';
import { FRAME_TALKS, UPGRADED, type Talk } from './talks.js';

const { toServer, toClient } = DIRECTION;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok-body-1';
const TO_END = 'HTTP/1.1 200 OK\r\n\r\nto the end';
const MAIL = 'Subject: x\r\n\r\nhello one\r\nmore\r\n.\r\n';
const HELLO = tls.handshake(1, tls.clientHello({ extensions: [tls.serverName('a.example')] }));
const dns = concat([0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1], 'a', [0, 0, 1, 0, 1]);

const OLD_HELLO = concat([0x80, 28, 1, 0, 2, 0, 3, 0, 0, 0, 16, 1, 0, 0x80], new Uint8Array(16).fill(0x41));
const SSL: Said[] = [['>', OLD_HELLO]];

const HTTP: Said[] = [
  ['>', 'POST /one HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nbody1GET /two HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['<', OK],
  ['<', TO_END],
];
const SMTP: Said[] = [
  ['<', '220 s ESMTP\r\n'],
  ['>', 'EHLO one\r\n'],
  ['<', '250-a\r\n250 b\r\n'],
  ['>', 'MAIL FROM:<a@b>\r\n'],
  ['<', '250 ok\r\n'],
  ['>', 'DATA\r\n'],
  ['<', '354 go\r\n'],
  ['>', MAIL],
  ['<', '250 done\r\n'],
  ['>', 'QUIT\r\n'],
];
const TLS: Said[] = [
  ['>', HELLO],
  ['<', concat(tls.handshake(2, tls.serverHello({})), tls.record(21, [2, 40]))],
];
const DNS: Said[] = [['>', concat([0, dns.length], dns, [0, dns.length], dns)]];

const OLDER: readonly Talk[] = [HTTP, SMTP, TLS, DNS, SSL].map((said, index) => ({
  serverPort: [80, 25, 443, 53, 443][index]!,
  said,
}));
/** Those of peer.test.ts over TCP, behind the others. */
const NAMES = ['ssh', 'smb2', 'smb1', 'dcerpc', 'enip', 'nfs', 'nfs 4', 'rfb', 'mqtt', 'ldap', 'telnet'] as const;
const MORE: readonly Talk[] = [...NAMES.map((name) => FRAME_TALKS[name]), UPGRADED];
const WEBSOCKET = OLDER.length + NAMES.length;
const of = (name: (typeof NAMES)[number]): number => OLDER.length + NAMES.indexOf(name);

/** A rule's options, its protocol, and how often it alerts (Suricata 8.0.7 says the same). */
const RULES: readonly (readonly [protocol: string, options: string, talk: number, count: number])[] = [
  ['http', 'frame:http1.request; content:"POST"; startswith; content:"body1"; endswith;', 0, 1],
  ['http', 'frame:http1.request; content:"GET"; startswith; bsize:30;', 0, 1],
  ['http', 'frame:http1.request; content:!"zzz";', 0, 2],
  ['http', 'frame:http1.response; content:"HTTP"; startswith; content:"body-1"; endswith;', 0, 1],
  ['http', 'frame:http1.response; content:"to the end"; endswith;', 0, 1],
  ['http', 'frame:http1.request; content:"HTTP/1.1 200";', 0, 0],
  ['smtp', 'frame:smtp.command_line; content:!"EHLO";', 1, 3],
  ['smtp', 'frame:command_line; bsize:4;', 1, 2],
  ['smtp', 'frame:smtp.response_line; content:"250"; startswith; content:"|0d 0a|"; endswith;', 1, 4],
  ['smtp', `frame:smtp.data; content:"Subject"; startswith; content:"|0d 0a|.|0d 0a|"; endswith; bsize:34;`, 1, 1],
  ['tls', 'frame:tls.pdu; content:"|16 03|"; startswith;', 2, 2],
  ['tls', 'frame:pdu; content:"a.example";', 2, 1],
  ['tls', 'frame:tls.hdr; bsize:5;', 2, 3],
  ['tls', 'frame:tls.data; content:"|01 00|"; startswith;', 2, 1],
  ['tls', 'frame:tls.alert; content:"|02 28|"; bsize:2;', 2, 1],
  ['tls', 'frame:tls.ssl2.hdr; content:"|80 1c 01|"; bsize:3;', 4, 1],
  ['tls', 'frame:tls.ssl2.pdu; content:"|80 1c 01|"; startswith; content:"AAAA"; endswith; bsize:30;', 4, 1],
  ['tls', 'frame:tls.hdr; content:!"zzz";', 4, 0],
  ['websocket', 'frame:websocket.pdu; content:"|81 85|"; startswith; bsize:11;', WEBSOCKET, 1],
  ['websocket', 'frame:websocket.pdu; content:!"zzz";', WEBSOCKET, 3],
  ['websocket', 'frame:websocket.header; content:"|81 05|"; bsize:2;', WEBSOCKET, 1],
  ['websocket', 'frame:websocket.data; content:"world"; startswith; endswith;', WEBSOCKET, 1],
  ['websocket', 'frame:websocket.data; content:!"zzz";', WEBSOCKET, 2],
  ['ssh', 'frame:ssh.record.data; content:"EEE"; content:"|00 00 00|"; endswith;', of('ssh'), 1],
  ['ssh', 'frame:ssh.record.hdr; content:!"zzz";', of('ssh'), 6],
  ['ssh', 'frame:record.pdu; content:"|00 00 00 0c|"; startswith; bsize:16;', of('ssh'), 2],
  ['smb', 'frame:smb.nbss.pdu; content:"|85 00 00 00|"; startswith; bsize:4;', of('smb2'), 1],
  ['smb', 'frame:nbss.data; content:"|fe|SMB"; startswith; content:!"zzz";', of('smb2'), 5],
  ['smb', 'frame:smb.smb2.hdr; content:"SMB"; offset:1; depth:3; bsize:64;', of('smb2'), 6],
  ['smb', 'frame:smb2.data; content:"a|00|.|00|t|00|x|00|t|00|";', of('smb2'), 1],
  ['smb', 'frame:smb3.data; content:"xxxx"; endswith; bsize:100;', of('smb2'), 1],
  ['smb', 'frame:smb.smb1.hdr; content:"|ff|SMBu"; startswith; bsize:32;', of('smb1'), 2],
  ['smb', 'frame:smb.smb2.pdu; content:!"zzz";', of('smb1'), 0],
  ['dcerpc', 'frame:dcerpc.pdu; content:"|05 00 00|"; startswith; content:"arguments"; endswith;', of('dcerpc'), 1],
  ['dcerpc', 'frame:dcerpc.hdr; content:!"zzz"; bsize:16;', of('dcerpc'), 4],
  ['enip', 'frame:enip.cip; content:"|0e 03 20 01|"; startswith; bsize:8;', of('enip'), 3],
  ['enip', 'frame:enip.enip.item; content:"|b2 00|"; startswith; content:!"zzz";', of('enip'), 4],
  ['nfs', 'frame:nfs.rpc.creds; content:"|00 00 00 00|"; startswith; bsize:8;', of('nfs'), 2],
  ['nfs', 'frame:nfs.nfs.status; content:"|00 00 00 00|"; bsize:4;', of('nfs'), 2],
  ['nfs', 'frame:nfs.nfs4.ops; content:"root"; endswith;', of('nfs 4'), 1],
  ['rfb', 'frame:rfb.pdu; content:"desk"; endswith; content:"|02 80|"; startswith;', of('rfb'), 1],
  ['rfb', 'frame:rfb.pdu; content:!"RFB";', of('rfb'), 7],
  ['mqtt', 'frame:mqtt.pdu; content:"|30|"; startswith; content:"hello"; endswith;', of('mqtt'), 1],
  ['mqtt', 'frame:mqtt.data; content:!"hello";', of('mqtt'), 2],
  ['ldap', 'frame:ldap.pdu; content:"|30|"; startswith; content:!"cn=x";', of('ldap'), 4],
  ['telnet', 'frame:telnet.ctl; content:"XTERM"; endswith; content:"|ff fa 18 00|"; startswith;', of('telnet'), 1],
  ['telnet', 'frame:telnet.data; content:"Wel"; startswith; content:"Note: "; endswith;', of('telnet'), 1],
  ['telnet', 'frame:data; content:"secret|0d 0a|"; startswith; endswith;', of('telnet'), 1],
  ['telnet', 'frame:telnet.pdu; content:"|ff|"; startswith; content:!"zzz";', of('telnet'), 15],
  ['dns', `frame:dns.pdu; content:"|00 07|"; startswith; bsize:${dns.length};`, 3, 2],
];

describe('rules over frames', () => {
  const texts = RULES.map(
    ([protocol, options], i) => `alert ${protocol} any any -> any any (${options} sid:${i + 1};)`,
  );
  const talks = [1, 7, 5000].flatMap((size) => [...OLDER, ...MORE].map((talk) => ({ ...talk, cut: size })));
  const ofSize = OLDER.length + MORE.length;
  const events = eventsOfTalks(talks, texts);

  it.each(RULES.map(([protocol, options, talk, count], i) => [`${protocol}: ${options}`, i + 1, talk, count] as const))(
    '%s',
    (_name, sid, talk, count) => {
      for (const size of [0, 1, 2]) {
        const alerts = events[ofSize * size + talk]!.filter(({ alert }) => alert?.signature_id === sid);
        expect(alerts).toHaveLength(count);
      }
    },
  );

  it.skipIf(!hasSuricata)('find what Suricata finds', () => {
    const named = [...OLDER, ...MORE].map((talk, index) => ({ ...talk, host: index + 1 }));
    const theirs = eventsOfEach(named, texts, ['packet-alert-max=250']);
    const counted = RULES.map(
      ([, , talk], i) => theirs[talk]!.events.filter(({ alert }) => alert?.signature_id === i + 1).length,
    );
    const told = RULES.map(([protocol, options], i) => `${protocol}: ${options} ${counted[i]!}`);
    // A command is two frames there, with its line end and without.
    const isCommand = (options: string): boolean => options.includes('command_line; content:!');
    expect(told).toEqual(
      RULES.map(([protocol, options, , count]) => `${protocol}: ${options} ${isCommand(options) ? 2 * count : count}`),
    );
  });

  it('tell of the frame, and of no transaction', () => {
    const [alert] = events[2 * ofSize]!.filter(({ alert }) => alert?.signature_id === 1);
    expect(alert).toMatchObject({ frame: { type: 'request', direction: 'toserver', length: 55, complete: true } });
    expect(alert).not.toHaveProperty('tx_id');
  });
});

/** Suricata 8.0.7 finds the same in them. */
describe('a frame of which bytes were lost', () => {
  const said: Said[] = [
    ['>', 'POST /one HTTP/1.1\r\nHost: h\r\nContent-Length: 15\r\n\r\nfirst'],
    ['>', '=lost'],
    ['>', '=restGET /two HTTP/1.1\r\nHost: h\r\nX: name\r\nY: '],
    ['>', '=lost'],
    ['>', '=rest\r\n\r\nGET /three HTTP/1.1\r\nHost: h\r\n\r\n'],
  ];
  const frames = framesOf({ serverPort: 80, host: 1, said }).filter(
    ({ bytes }) => !Buffer.from(bytes).includes('=lost'),
  );
  const contents = ['first', '=rest', 'name', 'GET /two', 'GET /three'];
  const events = eventsOfFrames(
    frames,
    contents.map((text, i) => `alert http any any -> any any (frame:http1.request; content:"${text}"; sid:${i + 1};)`),
  );
  const framesWith = (sid: number): unknown[] =>
    events.flatMap((event) => (event.alert?.signature_id === sid ? [(event as { frame?: unknown }).frame] : []));

  it('ends in front of them', () => {
    const cut = { type: 'request', direction: 'toserver', complete: false };
    expect(framesWith(1)).toEqual([{ ...cut, length: 56 }]);
    expect(framesWith(2)).toEqual([]);
    expect(framesWith(3)).toEqual([{ ...cut, length: 37 }]);
    expect(framesWith(4)).toEqual(framesWith(3));
    expect(framesWith(5)).toEqual([{ ...cut, length: 32, complete: true }]);
  });
});

describe('a rule over frames', () => {
  const messages = (options: string): string[] => {
    const diagnostics = new Diagnostics();
    const node = parseRule(`alert tls any any -> any any (${options} sid:1;)`, diagnostics)!;
    compileRule(node, {
      variables: new Variables(),
      environment: { classification: () => undefined, reference: () => undefined },
      diagnostics,
      origin: { file: 'test.rules', line: 1 },
    });
    return diagnostics.list.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  };

  it('asks for nothing else of messages', () => {
    expect(messages('frame:tls.pdu; content:"a"; frame:tls.hdr; content:"b";')).toEqual([]);
    expect(messages('frame:tls.pdu; content:"a"; tls.sni; content:"b";')).toEqual([
      'tls.sni is of a message, and frame:tls.pdu is looked at by itself',
    ]);
  });
});

describe('the log of frames', () => {
  const PDU = frameNumber('tls.pdu');
  const asked = Uint8Array.from(FRAMES, (name) => Number(name === 'tls.pdu'));

  function newLog(): { log: FrameLog; arena: Arena } {
    const size = 16 * PAGE_BYTES;
    const arena = new Arena(new ArrayBuffer(PAGE_BYTES + size), PAGE_BYTES, size, { keptBytes: 0 });
    const log = new FrameLog(arena);
    log.ask(asked);
    return { log, arena };
  }

  it('keeps what rules ask for, and nothing else', () => {
    const { log } = newLog();
    log.add(frameNumber('tls.hdr'), toServer, 64, 5);
    log.add(PDU, toServer, 64, 5);
    expect(log.count).toBe(1);
    log.ask(new Uint8Array(FRAMES.length));
    expect(log.isOn).toBe(false);
  });

  it('holds so many at a time, counts the others, and gives back all memory', () => {
    const { log, arena } = newLog();
    for (let i = 0; i < 2000; i++) log.add(PDU, toServer, 64, 5);
    expect([log.count, log.refused]).toEqual([1024, 976]);
    log.clear();
    expect([log.count, arena.usedBytes]).toEqual([0, 0]);
  });

  it('has room for whole ones however many are left open', () => {
    const { log, arena } = newLog();
    const talks = Array.from({ length: 2000 }, (): OpenFrames => [null, null]);
    for (const open of talks) log.begin(open, PDU, toServer, 64);
    expect(log.refused).toBe(976);
    log.add(PDU, toServer, 64, 5);
    expect(log.count).toBe(1);
    log.end(talks[0]!, toServer);
    for (const open of talks) log.drop(open, toServer);
    log.clear();
    log.begin(talks[0]!, PDU, toServer, 64);
    log.end(talks[0]!, toServer);
    expect([log.count, log.refused]).toEqual([1, 976]);
    log.clear();
    expect(arena.usedBytes).toBe(0);
  });

  it('cuts what is longer than 64 KiB, and gives up what is not ended', () => {
    const { log, arena } = newLog();
    const open: OpenFrames = [null, null];
    log.begin(open, PDU, toClient, 64);
    for (let i = 0; i < 20; i++) {
      log.enter(64);
      log.take(open, toClient, 64 + 4000);
    }
    log.end(open, toClient);
    const span = new Span();
    const [frame] = log.whole;
    expect(frame!.locate(bufferNumber(frameBuffer('tls.pdu')), 0, toClient, span)).toBe(true);
    expect([span.length, frame!.eve().includes('"complete":false')]).toEqual([65_536, true]);
    expect(frame!.locate(bufferNumber(frameBuffer('tls.pdu')), 0, toServer, span)).toBe(false);
    log.clear();
    log.begin(open, PDU, toServer, 64);
    log.take(open, toServer, 100);
    log.drop(open, toServer);
    expect(arena.usedBytes).toBe(0);
  });

  it('takes nothing of a frame behind what there was no room for', () => {
    const { log, arena } = newLog();
    const open: OpenFrames = [null, null];
    log.begin(open, PDU, toClient, 64);
    log.take(open, toClient, 100);
    const blocks: number[] = [];
    for (let block = arena.allocate(5); block !== 0; block = arena.allocate(5)) blocks.push(block);
    log.take(open, toClient, 3000);
    for (const block of blocks) arena.free(block);
    log.take(open, toClient, 3010);
    log.end(open, toClient);
    expect(log.whole[0]!.eve()).toContain('"length":36,"complete":false');
  });
});
