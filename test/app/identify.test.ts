/** Identification of flows: on any port, however cut, by both sides; and what becomes of sides that do not tell. */
import { describe, expect, it } from 'vitest';
import { Identifier, MOST_BYTES } from '../../src/app/identify.js';
import { DIRECTION } from '../../src/flow/flow.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import { concat, hex, toBytes, u16, u32, type Payload } from '../support/packet-builder.js';
import { OTHER_PORT, Speaking } from '../support/speaking.js';
import { dnsMessage } from './support/dns-messages.js';

const { toServer, toClient } = DIRECTION;
const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
const SSH = 'SSH-2.0-x\r\n';
const samples = APPLICATION_SAMPLES.map((sample) => [sample.name, sample] as const);

describe('an application', () => {
  it.each(samples)('%s is told on its port', (_name, { application, port, udp = false, said }) => {
    const speaking = new Speaking({ port, udp }).sayAll(said);
    const spoke = (side: string): boolean => said.some(([from]) => from === side);
    expect(speaking.told).toEqual([application, spoke('>') ? application : '', spoke('<') ? application : '']);
  });

  // What differs by its port alone cannot be told on another.
  const byPortAlone = ['mdns', 'llmnr'];
  it.each(samples.filter(([name]) => !byPortAlone.includes(name)))(
    '%s is told on any port',
    (_name, { application, udp = false, said }) => {
      expect(new Speaking({ udp }).sayAll(said).application).toBe(application);
    },
  );

  /** What one side says, and what is not enough to tell by without the other, or a port. */
  const leftOpen: Readonly<Record<string, '<' | 'both'>> = {
    'smb over netbios': '<',
    nfs: '<',
    'nfs over udp': '<',
    'bittorrent tracker': '<',
    'socks 5': 'both',
    'socks 4': 'both',
  };
  it.each(samples.filter(([name]) => !byPortAlone.includes(name)))(
    '%s is told by either side alone, on any port',
    (name, { application, udp = false, said }) => {
      for (const side of ['>', '<'] as const) {
        const own = said.filter(([from]) => from === side);
        if (own.length === 0) continue;
        const isOpen = leftOpen[name] === side || leftOpen[name] === 'both';
        const expected = isOpen ? (udp ? 'failed' : '') : application;
        expect([side, new Speaking({ udp }).sayAll(own).application]).toEqual([side, expected]);
      }
    },
  );

  it.each(samples.filter(([, { udp }]) => udp === undefined))(
    '%s is told in segments of any size',
    (_name, { application, port, said }) => {
      for (const where of [port, OTHER_PORT]) {
        const whole = new Speaking({ port: where }).sayAll(said).told;
        for (const cut of [1, 2, 3, 5, 7, 11, 16, 33, 64])
          expect([cut, ...new Speaking({ port: where }).sayAll(said, cut).told]).toEqual([cut, ...whole]);
      }
      expect(new Speaking({ port }).sayAll(said, 1).application).toBe(application);
    },
  );

  it.each(samples.filter(([, { udp }]) => udp === undefined))(
    '%s is told wherever its first text is cut',
    (_name, { port, said }) => {
      const [[side, text]] = said;
      const direction = side === '>' ? toServer : toClient;
      const bytes = toBytes(text);
      const whole = new Speaking({ port, sideBytes: 2048 }).say(direction, bytes).told;
      for (let at = 1; at < Math.min(bytes.length, 120); at++) {
        const speaking = new Speaking({ port, sideBytes: 2048 })
          .say(direction, bytes.slice(0, at))
          .say(direction, bytes.slice(at));
        expect([at, ...speaking.told]).toEqual([at, ...whole]);
      }
    },
  );
});

describe('the direction of bytes from the middle of a connection', () => {
  const identifier = new Identifier();
  const directionOf = (said: Payload, srcPort = -1, dstPort = -1): number => {
    const bytes = toBytes(said);
    return identifier.directionOf(bytes, 0, bytes.length, srcPort, dstPort);
  };

  it.each<[string, Payload, number]>([
    ['a request', REQUEST, toServer],
    ['an answer', ANSWER, toClient],
    ['a greeting of a server', '220 mail.example ESMTP\r\n', toClient],
    ['what both sides say', SSH, -1],
    ['what nobody knows', 'lorem ipsum', -1],
    ['the beginning of what one side says', 'GE', -1],
    ['nothing', '', -1],
  ])('is that of %s', (_name, said, direction) => expect(directionOf(said)).toBe(direction));

  it.each<[string, Payload, number, number, number]>([
    ['a reply of NFS from its port, to a lower one', hex('80000018 00000005 00000001 00000000'), 2049, 720, toClient],
    ['such bytes between other ports', hex('80000018 00000005 00000001 00000000'), 2050, 720, -1],
    ['such bytes to the port of NFS', hex('80000018 00000005 00000001 00000000'), 720, 2049, -1],
    ['a command to the port of FTP, which others have, too', 'USER me\r\n', 40_000, 21, toServer],
  ])('is told by the port, too, of %s', (_name, said, srcPort, dstPort, direction) =>
    expect(directionOf(said, srcPort, dstPort)).toBe(direction),
  );

  it('is never the wrong one of what is known, with its ports and without', () => {
    for (const { said, port } of APPLICATION_SAMPLES.filter(({ udp }) => udp === undefined)) {
      for (const [side, text] of said) {
        const [src, dst] = side === '>' ? [40_000, port] : [port, 40_000];
        expect([-1, side === '>' ? toServer : toClient]).toContain(directionOf(text, src, dst));
      }
    }
    const told = APPLICATION_SAMPLES.filter(({ udp }) => udp === undefined).flatMap(({ said }) =>
      said.slice(0, 1).map(([side, text]) => [side === '>' ? toServer : toClient, directionOf(text)] as const),
    );
    for (const [direction, found] of told) expect([-1, direction]).toContain(found);
    expect(told.filter(([, found]) => found !== -1).length).toBeGreaterThan(told.length / 2);
  });
});

describe('the sides of a flow', () => {
  it('may tell the same, or one of them nothing', () => {
    expect(new Speaking().say(toServer, REQUEST).told).toEqual(['http', 'http', '']);
    expect(new Speaking().say(toServer, REQUEST).say(toClient, ANSWER).told).toEqual(['http', 'http', 'http']);
    expect(new Speaking().say(toServer, REQUEST).say(toClient, '\x99zzzzz').told).toEqual(['http', 'http', 'failed']);
    expect(new Speaking().say(toServer, '\x99zzzzz').say(toClient, ANSWER).told).toEqual(['http', 'failed', 'http']);
  });

  it('may tell different things: the first says what the flow speaks', () => {
    const first = new Speaking().say(toClient, SSH).say(toServer, REQUEST);
    expect(first.told).toEqual(['ssh', 'http', 'ssh']);
    expect(new Speaking().say(toServer, REQUEST).say(toClient, SSH).told).toEqual(['http', 'http', 'ssh']);
    expect([...first.stats.values].filter((value) => value === 1).length).toBeGreaterThanOrEqual(2);
  });

  it('fail when neither tells, and not before', () => {
    const speaking = new Speaking().say(toServer, '\x99zzzzz');
    expect(speaking.told).toEqual(['', '', '']);
    expect(speaking.say(toClient, '\x99kkkkk').told).toEqual(['failed', 'failed', 'failed']);
  });

  it('that end without a word have told nothing, and not failed', () => {
    expect(new Speaking().say(toServer, REQUEST).close(toClient).told).toEqual(['http', 'http', '']);
    expect(new Speaking().say(toServer, '\x99zzzzz').close(toServer).close(toClient).told).toEqual(['', '', '']);
    expect(new Speaking().close(toClient).say(toServer, REQUEST).told).toEqual(['http', 'http', '']);
  });

  it('fail when one has said too much, and hold no more of it', () => {
    const speaking = new Speaking();
    for (let sent = 0; sent < MOST_BYTES; sent += 256) speaking.say(toServer, '\x99'.repeat(256));
    expect(speaking.told).toEqual(['failed', 'failed', 'failed']);
    expect(speaking.source.sides[toServer].consumed).toBe(MOST_BYTES);
  });

  it('are heard in the order in which they spoke, whoever tells first', () => {
    const speaking = new Speaking().say(toClient, '220 hello\r\n');
    expect(speaking.told).toEqual(['', '', '']);
    expect(speaking.say(toServer, 'USER a\r\n').told).toEqual(['ftp', 'ftp', 'ftp']);
    expect(new Speaking().say(toClient, '220 hello\r\n').say(toServer, 'EHLO a\r\n').told).toEqual([
      'smtp',
      'smtp',
      'smtp',
    ]);
    expect(new Speaking().say(toClient, '+OK hello\r\n').say(toServer, 'USER a\r\n').told).toEqual([
      'pop3',
      'pop3',
      'pop3',
    ]);
  });

  it('let the port tell what bytes leave open', () => {
    expect(new Speaking({ port: 25 }).say(toClient, '220 hello\r\n').application).toBe('smtp');
    expect(new Speaking({ port: 21 }).say(toClient, '220 hello\r\n').application).toBe('ftp');
    expect(new Speaking({ port: 3389 }).say(toServer, hex('03 00 00 0b 06 e0 00 00 00 01 00')).application).toBe('rdp');
    expect(new Speaking({ port: 102 }).say(toServer, hex('03 00 00 0b 06 e0 00 00 00 01 00')).application).toBe('');
  });

  it("answer in the other's words before what they say is told", () => {
    const speaking = new Speaking().say(toServer, concat(u32(8), u32(80877103)));
    expect(speaking.say(toClient, 'S').told).toEqual(['pgsql', 'pgsql', 'pgsql']);
  });

  it('are told by what is before a gap, where that is enough', () => {
    const told = (before: string, behind: string): readonly string[] => {
      const speaking = new Speaking({ port: 21 });
      speaking.source.append(toClient, Buffer.from(before));
      speaking.source.cut(toClient, 50);
      return speaking.say(toClient, behind).told;
    };
    expect(told('220 hello\r\n', 'zzz')).toEqual(['ftp', '', 'ftp']);
    expect(told('SS', SSH)).toEqual(['', '', '']);
    expect(told('SSH-2', 'zzz')).toEqual(['ssh', '', 'ssh']);
  });

  it('may lack their beginning', () => {
    const speaking = new Speaking();
    speaking.source.miss(toServer, 100);
    expect(speaking.say(toServer, REQUEST).application).toBe('http');
    expect(speaking.stats.get('gapBytes', 0)).toBe(100);
  });
});

describe('datagrams', () => {
  const sample = APPLICATION_SAMPLES.find(({ name }) => name === 'dns')!;
  const [[, query], [, answer]] = sample.said;

  it('tell by the first of each side', () => {
    const speaking = new Speaking({ udp: true, port: 53 });
    expect(speaking.say(toServer, '\x99zzzzzzzzzzzzzzzzz').told).toEqual(['failed', 'failed', '']);
    expect(speaking.say(toServer, query).told).toEqual(['failed', 'failed', '']);
    expect(speaking.say(toClient, answer).told).toEqual(['dns', 'failed', 'dns']);
  });

  it('are what the flow is once that is known', () => {
    const speaking = new Speaking({ udp: true, port: 53 }).say(toServer, query);
    expect(speaking.say(toClient, 'zzzzzzzzzzzzzzzzzzz').told).toEqual(['dns', 'dns', 'dns']);
  });

  it('without a byte tell nothing', () => {
    expect(new Speaking({ udp: true, port: 53 }).say(toServer, '').say(toServer, query).told).toEqual([
      'dns',
      'dns',
      '',
    ]);
  });

  it('of DNS are those of mDNS and LLMNR by the port', () => {
    const told = (port: number): string => new Speaking({ udp: true, port }).say(toServer, query).application;
    expect([told(5353), told(5355), told(53), told(9999)]).toEqual(['mdns', 'llmnr', 'dns', 'dns']);
  });

  it.each([5353, 5355])('of DNS are what they are, whoever asks from port %i', (client) => {
    const speaking = (): Speaking => new Speaking({ udp: true, port: 53, client });
    expect(speaking().say(toServer, query).say(toClient, answer).told).toEqual(['dns', 'dns', 'dns']);
    expect(speaking().say(toClient, answer).told).toEqual(['dns', '', 'dns']);
    // Whoever was seen first counts as the client, also where that was an answer.
    const name = client === 5353 ? 'mdns' : 'llmnr';
    expect(speaking().say(toServer, answer).application).toBe(name);
  });
});

describe('a message of mDNS', () => {
  it('that announces something may come from any port, but for those of servers', () => {
    const announced = dnsMessage({ flags: 0x8400, answers: [{ name: 'a.local', type: 1, data: [10, 0, 0, 1] }] });
    const from = (client: number): string =>
      new Speaking({ udp: true, port: 5353, client }).say(toServer, announced).application;
    expect([from(34_746), from(5353), from(53)]).toEqual(['mdns', 'mdns', 'dns']);
  });

  it('is told whatever its opcode, with several questions in a response, too', () => {
    const question = { name: 'a.local', type: 1 };
    for (let opcode = 0; opcode < 16; opcode++) {
      const message = dnsMessage({ flags: 0x8000 | (opcode << 11), queries: [question, question] });
      const talk = new Speaking({ udp: true, port: 5353, client: 5353 });
      expect([opcode, talk.say(toServer, message).application]).toEqual([opcode, 'mdns']);
    }
  });
});

describe('a PROXY header', () => {
  const line = 'PROXY TCP4 198.51.100.7 192.0.2.1 56324 443\r\n';
  const named = { srcIp: '198.51.100.7', destIp: '192.0.2.1', srcPort: 56_324, destPort: 443 };
  const binary = concat(
    '\r\n\r\n\0\r\nQUIT\n',
    [0x21, 0x11],
    u16(12),
    [198, 51, 100, 7, 192, 0, 2, 1],
    u16(56_324),
    u16(443),
  );

  it.each([
    ['1', line],
    ['2', binary],
  ] as const)('of version %s is stepped over, and says who the client is', (_version, header) => {
    for (const cut of [1, 7, Infinity]) {
      const speaking = new Speaking().sayAll([['>', concat(header, REQUEST)]], cut);
      expect([cut, speaking.told[0], speaking.layer.client(speaking.flow)]).toEqual([cut, 'http', named]);
    }
    expect(new Speaking().say(toServer, header).say(toClient, SSH).told).toEqual(['ssh', '', 'ssh']);
  });

  it('that names nobody is stepped over as well', () => {
    for (const header of ['PROXY UNKNOWN\r\n', concat('\r\n\r\n\0\r\nQUIT\n', [0x20, 0], u16(3), [1, 2, 3])]) {
      const speaking = new Speaking().say(toServer, concat(header, REQUEST));
      expect([speaking.application, speaking.layer.client(speaking.flow)]).toEqual(['http', null]);
    }
  });

  it('of IPv6', () => {
    const header = concat(
      '\r\n\r\n\0\r\nQUIT\n',
      [0x21, 0x21],
      u16(36),
      hex('20010db8000000000000000000000001'),
      hex('20010db8000000000000000000000002'),
      u16(1),
      u16(2),
    );
    const speaking = new Speaking().say(toServer, concat(header, REQUEST));
    expect(speaking.layer.client(speaking.flow)?.srcIp).toBe('2001:0db8:0000:0000:0000:0000:0000:0001');
  });

  it('that is none stays where it is', () => {
    const speaking = new Speaking().say(toServer, 'PROXY of nobody\r\n').say(toClient, '\x99zzzzz');
    expect([speaking.application, speaking.layer.client(speaking.flow)]).toEqual(['failed', null]);
  });

  it('is forgotten with its flow', () => {
    const speaking = new Speaking().say(toServer, concat(line, REQUEST));
    expect(speaking.layer.inUse.connections).toBe(1);
    speaking.layer.end(speaking.flow);
    expect([speaking.layer.inUse.connections, speaking.layer.client(speaking.flow)]).toEqual([0, null]);
  });
});
