/** What a stranger sends to tire the parser: bounded memory, events, and messages behind it. Gaps, and what follows. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UNKNOWN_SUCCESSOR } from '../../../src/app/connection-status.js';
import { answers, asks, bytes, GET, newTalk, OK, read, viewsOf, type HttpTalk, type Part } from './reading.js';

const BLOCK = 60_000;

/** A connection whose complete transactions are released after each piece, as the application layer does. */
class Watched {
  readonly talk: HttpTalk = newTalk();
  readonly uris: (string | undefined)[] = [];
  /** URIs, and the status that came for each. */
  readonly pairs: (string | undefined)[][] = [];
  readonly events = new Set<string>();
  bodies = 0;
  peak = 0;

  give(side: '>' | '<', data: Uint8Array | string): void {
    const given = typeof data === 'string' ? bytes(data) : data;
    for (let at = 0; at < given.length; at += BLOCK) {
      this.talk.stream(side, given.subarray(at, at + BLOCK));
      this.settle();
    }
  }

  inSteps(side: '>' | '<', text: string, step: number): void {
    const data = bytes(text);
    for (let at = 0; at < data.length; at += step) this.give(side, data.subarray(at, at + step));
  }

  close(): void {
    for (const side of ['>', '<'] as const) this.talk.close(side);
    this.settle();
  }

  get open(): number {
    return this.talk.connection.count;
  }

  private settle(): void {
    const { connection, arena } = this.talk;
    this.peak = Math.max(this.peak, arena.usedBytes);
    const open = connection.transactions.slice(0, connection.count);
    const isDone = ({
      progressToServer,
      progressToClient,
    }: {
      progressToServer: number;
      progressToClient: number;
    }): boolean => progressToServer >= 6 && progressToClient >= 6;
    if (!open.some(isDone)) return;
    viewsOf(this.talk).forEach(({ buffers, events }, index) => {
      if (!isDone(open[index]!)) return;
      this.uris.push(buffers['http.uri']);
      this.pairs.push([buffers['http.uri'], buffers['<http.stat_code']]);
      this.bodies += buffers['<http.response_body']?.length ?? 0;
      for (const event of events) this.events.add(event);
    });
    const kept = open.filter((transaction) => !isDone(transaction));
    for (const transaction of open) if (isDone(transaction)) connection.release(transaction);
    connection.transactions.splice(0, connection.count, ...kept);
    connection.count = kept.length;
  }
}

describe('a flood', () => {
  it('of one-byte segments of 60 KiB of headers is read', () => {
    const watched = new Watched();
    watched.inSteps('>', `GET /long HTTP/1.1\r\nHost: h\r\n${'A-Header: with some value\r\n'.repeat(2200)}\r\n`, 1);
    watched.give('<', 'HTTP/1.1 204 N\r\n\r\n');
    expect(watched.uris).toEqual(['/long']);
    expect(watched.events).toContain('request_too_many_headers');
  });

  it.each(['x'.repeat(60_000), '\r\n x'.repeat(15_000), '\r\n'.padEnd(60_000, ' \r')])(
    'of one-byte segments of one header of 60 KiB is read, folded and not',
    (value) => {
      const watched = new Watched();
      watched.give('>', GET[1]);
      watched.inSteps('<', `HTTP/1.1 200 OK\r\nA: ${value}\r\nContent-Length: 0\r\n\r\n`, 1);
      expect(watched.talk.waiting).toBe(0);
      watched.close();
      expect([watched.open, watched.uris]).toEqual([0, ['/']]);
    },
  );

  it('of a request line without end leaves nothing waiting', () => {
    const watched = new Watched();
    const line = `GET /${'a'.repeat(300_000)} HTTP/1.1\r\nHost: h\r\n\r\n`;
    watched.inSteps('>', `${line}GET /next HTTP/1.1\r\n\r\n`, 1000);
    expect(watched.talk.waiting).toBe(0);
    const [cut, next] = viewsOf(watched.talk);
    expect([cut!.buffers['http.uri']!.length, next!.buffers['http.uri']]).toEqual([16_380, '/next']);
    expect(cut!.events).toContain('request_field_too_long');
  });

  it('of 100 000 headers is passed over behind the first ones', () => {
    const watched = new Watched();
    watched.give('>', 'GET /many HTTP/1.1\r\nHost: h\r\n');
    for (let block = 0; block < 100; block++) watched.give('>', `Header-${block}: v\r\n`.repeat(1000));
    watched.give('>', '\r\nGET /next HTTP/1.1\r\n\r\n');
    watched.give('<', 'HTTP/1.1 204 N\r\n\r\nHTTP/1.1 204 N\r\n\r\n');
    expect(watched.uris).toEqual(['/many', '/next']);
    expect([...watched.events]).toEqual(expect.arrayContaining(['request_too_many_headers', 'request_field_too_long']));
    expect(watched.peak).toBeLessThan(1_000_000);
  });

  it('of headers does not hide the length of the body', () => {
    const watched = new Watched();
    watched.give('>', GET[1]);
    watched.give('<', `HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(400)}Content-Length: 3\r\n\r\nabc`);
    expect([watched.uris, watched.bodies]).toEqual([['/'], 3]);
  });

  it('of 10 000 pipelined requests gives up the oldest, and sees each', () => {
    const watched = new Watched();
    const requests = Array.from({ length: 10_000 }, (_, index) => `GET /${index} HTTP/1.1\r\nHost: h\r\n\r\n`);
    watched.inSteps('>', requests.join(''), 4096);
    expect(watched.open).toBeLessThanOrEqual(256);
    expect(watched.events).toContain('too_many_open_transactions');
    watched.give('<', 'HTTP/1.1 204 N\r\n\r\n'.repeat(10_000));
    watched.close();
    expect(new Set(watched.uris.filter((uri) => uri !== undefined)).size).toBe(10_000);
    expect(watched.talk.arena.usedBytes).toBe(0);
  });

  it('of a million tiny chunks is one body, up to its limit', () => {
    const watched = new Watched();
    watched.give('>', GET[1]);
    watched.give('<', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunks = bytes('1\r\na\r\n'.repeat(10_000));
    for (let block = 0; block < 100; block++) watched.give('<', chunks);
    watched.give('<', '0\r\n\r\n');
    expect([watched.uris, watched.bodies]).toEqual([['/'], 102_400]);
    expect(watched.peak).toBeLessThan(300_000);
  });

  it.each(['Content-Length: 1073741824\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\n40000000\r\n'])(
    'of a body of 1 GB, %j, is passed over behind its limit',
    (head) => {
      const watched = new Watched();
      watched.give('>', GET[1]);
      watched.give('<', `HTTP/1.1 200 OK\r\n${head}`);
      const block = new Uint8Array(32_768).fill(0x61);
      for (let sent = 0; sent < 1_073_741_824; sent += block.length) watched.give('<', block);
      if (!head.startsWith('Content')) watched.give('<', '\r\n0\r\n\r\n');
      watched.give('>', 'GET /next HTTP/1.1\r\n\r\n');
      watched.give('<', 'HTTP/1.1 204 N\r\n\r\n');
      expect([watched.uris, watched.bodies]).toEqual([['/', '/next'], 102_400]);
    },
  );

  it('that leaves no memory to speak of is still read', () => {
    const talk = newTalk(undefined, 2);
    talk.stream('>', bytes(`GET / HTTP/1.1\r\n${'Header: value\r\n'.repeat(100)}\r\n`.repeat(60)));
    talk.stream('<', bytes(`HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n${'x'.repeat(50_000)}`));
    expect(talk.arena.refused).toBeGreaterThan(0);
    expect(viewsOf(talk)).toHaveLength(60);
    talk.reset();
    expect(talk.arena.usedBytes).toBe(0);
  });

  it('that finds no memory at all is one transaction, and is passed over', () => {
    const talk = newTalk(undefined, 0);
    talk.stream('>', bytes('POST /1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /2 HTTP/1.1\r\n\r\n'));
    talk.stream('<', bytes('HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'));
    talk.stream('>', bytes('\r\nGET /3 HTTP/1.1\r\n\r\n'));
    expect([talk.connection.count, talk.waiting]).toEqual([2, 0]);
  });

  it('whose transactions are taken away while they are read goes on with the next message', () => {
    const talk = newTalk();
    talk.stream('>', bytes('POST /1 HTTP/1.1\r\nContent-Length: 100\r\n\r\nabc'));
    talk.stream('<', bytes('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc'));
    const { connection } = talk;
    connection.release(connection.transactions[0]!);
    connection.count = 0;
    talk.stream('>', bytes('rest of it\r\nGET /2 HTTP/1.1\r\n\r\n'));
    talk.stream('<', bytes('rest of it\r\nHTTP/1.1 201 OK\r\n\r\nbody'));
    expect(viewsOf(talk).map(({ buffers }) => [buffers['http.uri'], buffers['<http.stat_code']])).toEqual([
      ['/2', '201'],
    ]);
  });
});

describe('a gap', () => {
  const begin = (more = ''): Watched => {
    const watched = new Watched();
    watched.give('>', `GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n${more}`);
    return watched;
  };
  const NEXT = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nde';

  it('in a body is passed over; the message behind it is found', () => {
    const watched = begin();
    watched.give('<', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc');
    watched.talk.gap('<', 90);
    watched.give('<', `${'x'.repeat(7)}${NEXT}`);
    expect([watched.uris, watched.bodies]).toEqual([['/1', '/2'], 12]);
    expect(watched.events).toContain('gap');
  });

  it('that takes the end of a body completes it', () => {
    const watched = begin();
    watched.give('<', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc');
    watched.talk.gap('<', 97);
    watched.give('<', NEXT);
    expect([watched.uris, watched.bodies]).toEqual([['/1', '/2'], 5]);
  });

  it('in a chunk is no more than that', () => {
    const watched = begin();
    watched.give('<', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nabc');
    watched.talk.gap('<', 97);
    watched.give('<', `\r\n0\r\n\r\n${NEXT}`);
    expect([watched.uris, watched.bodies]).toEqual([['/1', '/2'], 5]);
  });

  it('in headers gives that message up, and goes on at the next', () => {
    const watched = new Watched();
    watched.give('>', 'GET /1 HTTP/1.1\r\nHost');
    watched.talk.gap('>', 1000);
    watched.give('>', 'value\r\nX: GET\r\n\r\nGET /2 HTTP/1.1\r\n\r\n');
    watched.give('<', 'HTTP/1.1 204 N\r\n\r\nHTTP/1.1 204 N\r\n\r\n');
    expect(watched.uris).toEqual(['/1', '/2']);
  });

  it('larger than the rest of a body leads to the next response but one', () => {
    const watched = begin('GET /3 HTTP/1.1\r\n\r\n');
    watched.give('<', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc');
    watched.talk.gap('<', 50);
    watched.give('<', `er: x\r\n\r\nbody\r\n${NEXT}`);
    // The second response began in the gap: what is left of it is its body.
    expect([watched.uris, watched.bodies]).toEqual([['/1', '/2', '/3'], 3 + 15 + 2]);
  });

  it('in front of a message takes its start, so that those behind it find theirs', () => {
    const watched = begin('GET /3 HTTP/1.1\r\n\r\n');
    watched.talk.gap('<', 300);
    watched.give('<', `<p>rest</p>\r\n${NEXT}`);
    watched.talk.gap('<', 41);
    watched.talk.gap('>', 30);
    watched.give('>', 'GET /5 HTTP/1.1\r\n\r\n');
    watched.give('<', `${NEXT}HTTP/1.1 205 OK\r\nContent-Length: 0\r\n\r\n`);
    watched.talk.close('<');
    expect(watched.pairs).toEqual([
      ['/1', undefined],
      ['/2', '200'],
      ['/3', undefined],
      [undefined, '200'],
      ['/5', '205'],
    ]);
  });
});

describe('what follows', () => {
  const successor = (...parts: readonly Part[]): readonly [string, number] => {
    const talk = newTalk();
    for (const [side, part] of parts) talk.stream(side, part);
    return [talk.connection.successor, talk.waiting];
  };

  it('CONNECT is identified anew once it is accepted, and not read before', () => {
    const connect = asks('CONNECT h:443 HTTP/1.1\r\n\r\n\x16\x03\x01');
    expect(successor(connect)).toEqual(['', 3]);
    expect(successor(connect, answers('HTTP/1.1 200 OK\r\n\r\nxy'))).toEqual([UNKNOWN_SUCCESSOR, 5]);
    expect(successor(connect, answers('HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n'))[0]).toBe('');
  });

  it('a side that is over is passed over, whatever was read of it', () => {
    const parts = [GET, answers('HTTP/1.0 200 OK\r\n\r\nbody')] as const;
    for (const side of ['>', '<'] as const) {
      const talk = newTalk();
      for (const [from, part] of parts) talk.stream(from, part);
      talk.close(side);
      for (const [, part] of parts) talk.stream(side, part);
      expect([side, talk.seen.length, talk.waiting]).toEqual([side, 1, 0]);
    }
  });

  it('Upgrade is what it says', () => {
    const upgrade = (to: string) => successor(GET, answers(`HTTP/1.1 101 Switching\r\nUpgrade: ${to}\r\n\r\nxy`));
    expect(upgrade('WebSocket')).toEqual(['websocket', 2]);
    expect(upgrade('h2c')).toEqual(['http2', 2]);
    expect(upgrade('foo')).toEqual([UNKNOWN_SUCCESSOR, 2]);
  });
});

describe('anything', () => {
  const SEEDS = [
    'GET /a HTTP/1.1\r\nHost: h\r\nCookie: c\r\n folded\r\n\r\n',
    'POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Encoding: gzip, deflate\r\nContent-Length: 9\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0',
    'HTTP/1.1 100 C\r\n\r\n',
    'CONNECT a:1 HTTP/1.1\r\n\r\n',
    '\n\r\n\r\r\n \t\0:',
    '0\r\n\r\n',
  ];
  const ADDED = ['', '\r', '\n', '\0', ' ', ':', '\x80', 'HTTP/1.1 ', '%', 'ffff', ','];
  const mutation = fc.record({
    seed: fc.constantFrom(...SEEDS),
    at: fc.nat(200),
    cut: fc.nat(6),
    add: fc.constantFrom(...ADDED),
  });
  const message = fc
    .array(mutation, { maxLength: 6 })
    .map((parts) =>
      parts
        .map(({ seed, at, cut, add }) => seed.slice(0, at % seed.length) + add + seed.slice((at % seed.length) + cut))
        .join(''),
    );
  const side = fc.constantFrom('>' as const, '<' as const);

  it('is read without a throw, in pieces of any size; nothing is left in the arena', () => {
    const conversation = fc.array(fc.tuple(side, message), { maxLength: 6 });
    fc.assert(
      fc.property(conversation, fc.integer({ min: 1, max: 40 }), (parts, size) => {
        read(
          parts.map(([from, text]) => [from, bytes(text)] as const),
          { size },
        );
      }),
      { numRuns: 3000 },
    );
  });

  it('of bytes alone as well, with gaps', () => {
    const part = fc.tuple(side, fc.uint8Array({ maxLength: 60 }), fc.nat(50));
    fc.assert(
      fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
        const watched = new Watched();
        for (const [from, data, gap] of parts) {
          watched.give(from, data);
          if (gap > 40) watched.talk.gap(from, gap);
        }
        watched.close();
        watched.talk.reset();
        expect(watched.talk.arena.usedBytes).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it('but an open connection is the same in pieces of any size', () => {
    expect(read([GET, OK], { open: true, size: 1 })).toEqual(read([GET, OK], { open: true }));
  });
});

describe('a request in a gap that shows behind its response', () => {
  const response = (status: number): Part => answers(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\n\r\n`);
  const request = (uri: string): Part => asks(`GET ${uri} HTTP/1.1\r\n\r\n`);
  const pairsOf = (parts: readonly (Part | 'gap')[]) => {
    const talk = newTalk();
    for (const part of parts) {
      if (part === 'gap') talk.gap('>', 30);
      else talk.stream(...part);
    }
    return viewsOf(talk).map(({ buffers }) => [buffers['http.uri'], buffers['<http.stat_code']]);
  };

  it('does not count a second time', () => {
    const first = [request('/1'), response(201), response(202)];
    expect(pairsOf([...first, 'gap', request('/3'), response(203), request('/4'), response(204)])).toEqual([
      ['/1', '201'],
      [undefined, '202'],
      ['/3', '203'],
      ['/4', '204'],
    ]);
  });

  it('nor does one that waited behind it', () => {
    const first = [request('/1'), response(201), response(202), response(203)];
    expect(pairsOf([...first, 'gap', request('/3'), request('/4'), response(204)])).toEqual([
      ['/1', '201'],
      [undefined, '202'],
      [undefined, '203'],
      ['/3', undefined],
      ['/4', '204'],
    ]);
  });

  it('is told from a response that nobody asked for', () => {
    expect(pairsOf([response(201), request('/2'), response(202)])).toEqual([
      [undefined, '201'],
      ['/2', '202'],
    ]);
  });
});
