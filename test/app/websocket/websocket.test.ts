/** WebSocket frames: masks, fragments, compression, bounds; however the bytes come. Asked of Suricata 8.0.7. */
import { constants, createDeflateRaw } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { WEBSOCKET_BUFFERS } from '../../../src/app/websocket/buffers.js';
import { WEBSOCKET, WEBSOCKET_EVENTS } from '../../../src/app/websocket/index.js';
import { zlibCalls } from '../../../src/util/zlib-calls.js';
import { conversationTarget } from '../../fuzz/conversation-target.js';
import { describeFuzz } from '../../fuzz/fuzz-target.js';
import { builtIt } from '../../support/built.js';
import { alertsOfEach } from '../../support/reading.js';
import { Talk, type Seen } from '../support/talk.js';

const FIN = 0x80;
const COMP = 0x40;
const MASK = [0x11, 0x22, 0x33, 0x44];

function frame(first: number, payload: string | Uint8Array, mask?: readonly number[]): Uint8Array {
  const data = typeof payload === 'string' ? Buffer.from(payload, 'latin1') : Buffer.from(payload);
  const { length } = data;
  const size =
    length < 126 ? [length] : length < 65_536 ? [126, length >> 8, length & 255] : [127, 0, 0, 0, 0, ...u32(length)];
  size[0]! |= mask === undefined ? 0 : 0x80;
  return Buffer.concat([
    Buffer.from([first, ...size, ...(mask ?? [])]),
    mask === undefined ? data : data.map((byte, index) => byte ^ mask[index & 3]!),
  ]);
}
const u32 = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];

const newTalk = (): Talk => new Talk(WEBSOCKET, WEBSOCKET_BUFFERS, WEBSOCKET_EVENTS, 16);

function read(bytes: Uint8Array, size = 100_000, talk = newTalk()): readonly Seen[] {
  for (let at = 0; at < bytes.length; at += size) talk.stream('>', bytes.subarray(at, at + size));
  talk.close('>');
  const { seen } = talk;
  talk.reset();
  return seen;
}
const payloads = (seen: readonly Seen[]): unknown[] => seen.map(({ values }) => values['> websocket.payload']?.[0]);

/** Messages as a sender compresses them that refers to those before. */
async function compressed(texts: readonly string[]): Promise<Uint8Array[]> {
  const deflate = createDeflateRaw();
  const parts: Buffer[] = [];
  deflate.on('data', (part: Buffer) => parts.push(part));
  const messages: Uint8Array[] = [];
  for (const text of texts) {
    deflate.write(text);
    await new Promise<void>((done) => deflate.flush(constants.Z_SYNC_FLUSH, done));
    const message = Buffer.concat(parts.splice(0));
    messages.push(message.subarray(0, message.length - 4));
  }
  return messages;
}

describe('a frame', () => {
  const SAID = Buffer.concat([
    frame(FIN | 1, 'masked', MASK),
    frame(1, 'frag ', MASK),
    frame(FIN | 9, 'ping'),
    frame(0, 'and ', [1, 2, 3, 4]),
    frame(FIN, 'end'),
    frame(FIN | 2, 'x'.repeat(300), MASK),
    frame(FIN | 8, ''),
  ]);

  it('is a transaction, of a fragment with the message so far', () => {
    const seen = read(SAID);
    expect(payloads(seen)).toEqual(['masked', 'frag ', 'ping', 'frag and ', 'frag and end', 'x'.repeat(300), '']);
    expect(seen[0]!.values).toMatchObject({
      '> websocket.opcode': [1],
      '> websocket.flags': [FIN],
      '> websocket.mask': [0x11223344],
    });
    expect(seen[2]!.values['> websocket.mask']).toBeUndefined();
    expect(seen[1]!.eve).toBe('"websocket":{"fin":false,"mask":287454020,"opcode":"text"}');
  });

  it('is the same however it is cut', () => {
    const whole = read(SAID);
    for (let size = 1; size < 40; size++) expect(read(SAID, size)).toEqual(whole);
  });
});

describe('compression', () => {
  it('is undone, also where a message refers to those before', async () => {
    const texts = ['a message that is said again', 'a message that is said again, and more', 'last'];
    const messages = await compressed(texts);
    expect(messages[1]!.length).toBeLessThan(20);
    expect(payloads(read(Buffer.concat(messages.map((message) => frame(FIN | COMP | 1, message, MASK)))))).toEqual(
      texts,
    );
  });

  it('of a message in fragments is undone at its end', async () => {
    const [message] = await compressed(['one message in two frames']);
    const said = [frame(COMP | 1, message!.subarray(0, 9)), frame(FIN, message!.subarray(9))];
    expect(payloads(read(Buffer.concat(said)))).toEqual(['', 'one message in two frames']);
  });

  it('that is damaged, or a bomb, is told of', async () => {
    const [bomb] = await compressed(['0'.repeat(2_000_000)]);
    for (const message of [bomb!, Buffer.from('no deflate'), Buffer.alloc(40, 0xff)])
      expect(read(frame(FIN | COMP | 1, message))[0]!.events).toEqual(['failed_decompression']);
    expect(payloads(read(frame(FIN | COMP | 1, bomb!)))).toEqual(['0'.repeat(65_536)]);
  });

  it('that is damaged is undone as far as it goes', async () => {
    const [message] = await compressed(['what stands before the damage']);
    const [seen] = read(frame(FIN | COMP | 1, Buffer.concat([message!.subarray(0, -1), Buffer.alloc(8, 0xff)])));
    expect([payloads([seen!]), seen!.events]).toEqual([['what stands before the damage'], ['failed_decompression']]);
  });

  it('makes no native call, which would leave memory to the event loop', async () => {
    const calls = vi.spyOn(zlibCalls, 'note');
    try {
      const [message] = await compressed(['said']);
      read(Buffer.concat([frame(FIN | COMP | 1, message!), frame(FIN | COMP | 1, Buffer.alloc(40, 0xff))]));
      expect(calls).not.toHaveBeenCalled();
    } finally {
      calls.mockRestore();
    }
  });
});

describe('bounds', () => {
  it('64 KiB of a payload are inspected, and what follows is found', () => {
    for (const size of [100_000, 1000]) {
      const seen = read(Buffer.concat([frame(FIN | 2, 'y'.repeat(90_000), MASK), frame(FIN | 1, 'next')]), size);
      expect(payloads(seen).map((payload) => String(payload).length)).toEqual([65_536, 4]);
      expect(seen[0]!.events).toEqual(['skip_end_of_payload']);
    }
  });

  it('64 KiB of a message in fragments are inspected', () => {
    const parts = Array.from({ length: 9 }, (_, index) => frame(index === 0 ? 1 : 0, 'z'.repeat(9000)));
    const seen = read(Buffer.concat(parts));
    expect(seen.map(({ events }) => events.length)).toEqual([0, 0, 0, 0, 0, 0, 0, 1, 1]);
    expect(seen[8]!.events).toEqual(['reassembly_limit_reached']);
  });

  it('a gap ends it', () => {
    const talk = newTalk();
    talk.gap('>', 5);
    expect(talk.connection.broken).toBe(true);
  });
});

const WHOLE = Buffer.concat([frame(COMP | 1, 'ab', MASK), frame(FIN, 'cd'), frame(FIN | 2, 'e'.repeat(200), MASK)]);
describeFuzz(
  conversationTarget({
    protocol: WEBSOCKET,
    specs: WEBSOCKET_BUFFERS,
    events: WEBSOCKET_EVENTS,
    said: [
      [
        ['>', WHOLE],
        ['<', frame(FIN | 9, 'ping')],
      ],
    ],
  }),
);

builtIt('rules are tried on frames behind an upgrade', () => {
  const upgrade = 'GET /c HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
  const accepted = 'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n';
  const rules = [
    'websocket any any -> any any (websocket.payload; content:"masked text";',
    'websocket any any -> any any (websocket.opcode:ping;',
    'websocket any any -> any any (websocket.flags:!fin;',
    'websocket:request_complete any any -> any any (websocket.mask:287454020;',
    'tcp any any -> any any (app-layer-protocol:websocket; flow:to_server;',
  ].map((rule, index) => `alert ${rule} sid:${index + 1};)`);
  const talk = {
    serverPort: 80,
    said: [
      ['>', upgrade],
      ['<', accepted],
      ['>', frame(FIN | 1, 'a masked text', MASK)],
      ['<', frame(FIN | 9, 'ping')],
      ['>', frame(1, 'first')],
    ] as const,
  };
  expect(alertsOfEach([talk], rules).map((alerts) => [...alerts].sort())).toEqual([['1>', '2<', '3>', '4>', '5>']]);
});
