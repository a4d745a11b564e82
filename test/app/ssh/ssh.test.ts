/** SSH as rules see it: banners, key exchanges, HASSH, and what is passed over. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SSH_BUFFERS } from '../../../src/app/ssh/buffers.js';
import { SSH, SSH_EVENTS } from '../../../src/app/ssh/index.js';
import { concat, toBytes, u32 } from '../../support/packet-builder.js';
import { describeParser, newTalk, partsOf, seenOf, type ParserCase, type Said } from '../support/parser-suite.js';
import { describePeer } from '../support/peer-suite.js';
import { CONVERSATIONS, kexinit, packet } from './conversations.js';

const CASE: ParserCase = { protocol: SSH, specs: SSH_BUFFERS, events: SSH_EVENTS, conversations: CONVERSATIONS };
const eventsOf = (...said: Said): readonly string[] => seenOf(CASE, said)[0]!.events;

describe('a connection', () => {
  it('has banners and HASSH of both sides', () => {
    const lists = 'curve25519-sha256,x;aes256-b;sha2-b;zlib';
    const md5 = createHash('md5').update(lists).digest('hex');
    const [{ values, progress }] = seenOf(CASE, CONVERSATIONS['whole']!) as [ReturnType<typeof seenOf>[0]];
    expect(values).toMatchObject({
      '> ssh.proto': ['2.0'],
      '> ssh.software': ['client_1'],
      '> ssh.hassh.string': ['curve25519-sha256,x;aes128-ctr;sha1;none'],
      '< ssh.software': ['OpenSSH_8.0'],
      '< ssh.hassh.server': [md5],
      '< ssh.hassh.server.string': [lists],
    });
    expect(progress).toEqual([3, 3]);
  });

  it('is passed over from where it is encrypted', () => {
    const talk = newTalk(CASE);
    for (const [side, bytes] of partsOf(CONVERSATIONS['whole']!.slice(0, 7))) talk.stream(side, bytes as Uint8Array);
    expect([talk.connection.status.bypassed, talk.connection.status.isEncrypted]).toEqual([2, false]);
    for (const [side, bytes] of partsOf(CONVERSATIONS['whole']!.slice(7))) talk.stream(side, bytes as Uint8Array);
    expect([talk.connection.status.bypassed, talk.connection.status.isEncrypted]).toEqual([3, true]);
  });

  it.each([
    ['a packet of a length that none has', ['>', 'SSH-2.0-a\r\nSSH-2.0-a\r\n']],
    ['a banner that is too long', ['>', `SSH-2.0-${'a'.repeat(300)}\r\n`]],
  ] satisfies [string, Said[0]][])('is read no further behind %s, and is no less a stream', (_what, said) => {
    const talk = newTalk(CASE);
    for (const [side, bytes] of partsOf([said, ['>', 'in clear text']])) talk.stream(side, bytes as Uint8Array);
    expect([talk.connection.status.bypassed, talk.connection.broken]).toEqual([0, false]);
  });
});

describe('bytes that are missing of a banner', () => {
  const client: Said[0] = ['>', 'SSH-2.0-client_1\r\n'];

  it.each([
    ['a part of it', ['<', 'SSH-2.0-serv']],
    ['all but its end', ['<', 'SSH-2.0-server_1\r']],
  ] satisfies [string, Said[0]][])('leave it and what is behind them unread, where there is %s', (_what, begun) => {
    for (const behind of ['', 'x', 'er_1\r\n', 'SSH-2.0-other\r\n']) {
      const talk = newTalk(CASE).leaveBytes();
      for (const [side, bytes] of partsOf([client, begun])) talk.stream(side, bytes as Uint8Array);
      talk.gap('<', 3);
      talk.stream('<', toBytes(behind));
      for (const side of ['>', '<'] as const) talk.close(side);
      expect(talk.seen).toMatchObject([{ events: [], progress: [3, 3] }]);
      expect(Object.keys(talk.seen[0]!.values)).toEqual(['> ssh.proto', '> ssh.software', '> ssh.version']);
    }
  });
});

describe('version 1', () => {
  const client: Said[0] = ['>', 'SSH-1.5-OpenSSH_5.3\n'];
  const key: Said[0] = ['<', concat(u32(0x1af), [0, 2], 'k'.repeat(435))];
  const encrypted: Said = [
    ['>', concat(u32(0x114), [0, 3], 'x'.repeat(285))],
    ['<', concat(u32(5), 'abcdefgh', u32(0x7fffffff), 'abcdefgh')],
  ];

  it.each(['SSH-1.5-a\n', 'SSH-1.99-a\n'])('is read as far as its banners (%s)', (banner) => {
    for (const said of [
      [['<', banner], client, key, ...encrypted],
      [client, ['<', banner], key, ...encrypted],
    ] satisfies Said[])
      expect(seenOf(CASE, said)).toMatchObject([
        { events: [], progress: [3, 3], values: { '> ssh.proto': ['1.5'], '< ssh.software': ['a'] } },
      ]);
  });

  it('is not what 1.99 speaks with 2.0', () => {
    expect(eventsOf(['<', 'SSH-1.99-a\n'], ['>', 'SSH-2.0-b\n'], encrypted[1]!)).toEqual(['invalid_record']);
  });
});

describe('a banner', () => {
  it('that is shorter than its prefix has nothing of what lies behind it in memory', () => {
    const talk = newTalk(CASE);
    talk.stream('<', toBytes('SSH-2.0-of another flow'));
    talk.reset();
    talk.stream('>', toBytes('SSH-2.0-a\r\n'));
    talk.stream('<', toBytes('S'));
    talk.close('<');
    expect(talk.seen).toMatchObject([
      { eve: '"ssh":{"client":{"proto_version":"2.0","software_version":"a"}}', events: ['invalid_banner'] },
    ]);
  });
});

describe('events', () => {
  it('tell of banners', () => {
    expect(eventsOf(['>', 'SSH-2.0\r\n'])).toEqual(['invalid_banner']);
    expect(eventsOf(['>', 'XSH-2.0-a\r\n'])).toEqual(['invalid_banner']);
    expect(eventsOf(['>', `SSH-2.0-${'a'.repeat(300)}\r\n`])).toEqual(['long_banner']);
  });

  it('tell of packets', () => {
    const banner: Said[0] = ['>', 'SSH-2.0-a\r\n'];
    expect(eventsOf(banner, ['>', concat(u32(0), [0, 20])])).toEqual(['invalid_record']);
    expect(eventsOf(banner, ['>', concat(u32(0x7fffffff), [0, 20])])).toEqual(['invalid_record']);
    expect(eventsOf(banner, ['>', packet(concat([20], 'x'.repeat(40)))])).toEqual(['invalid_record']);
    expect(eventsOf(banner, ['>', concat(u32(40_000), [4, 20])])).toEqual(['long_kex_record']);
    expect(eventsOf(banner, ['>', kexinit('a')])).toEqual([]);
  });
});

describeParser(CASE);

describe('SSH beside Suricata', () => {
  describePeer({
    of: CASE,
    table: join(import.meta.dirname, 'answers.json'),
    port: 22,
    settings: ['app-layer.protocols.ssh.hassh=yes'],
    differs: {
      whole: 'a HASSH can be asked for there by contents of its own shape alone',
      'banner and exchange at once': 'likewise',
    },
  });
});
