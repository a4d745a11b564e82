/** The application layer with protocols made for it: what parsers are given, what they may do, and what bounds them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Connection } from '../../src/app/connection.js';
import { UNKNOWN_SUCCESSOR } from '../../src/app/connection-status.js';
import type { Input } from '../../src/app/input.js';
import { Pool } from '../../src/app/pool.js';
import { objectBudget } from '../../src/app/object-budget.js';
import { USUAL_CONNECTION_BYTES, type Protocol } from '../../src/app/protocol.js';
import { Transaction } from '../../src/app/transaction.js';
import { applicationId, type ApplicationName } from '../../src/app/applications.js';
import { DIRECTION, type Direction } from '../../src/flow/flow.js';
import { Arena, PAGE_BYTES } from '../../src/memory/arena.js';
import { concat, u16 } from '../support/packet-builder.js';
import { Speaking, type SpeakingOptions } from '../support/speaking.js';

const { toServer, toClient } = DIRECTION;
const LF = 0x0a;

class Line extends Transaction {
  text = '';
  override direction: Direction = toServer;

  override locate(): boolean {
    return false;
  }
}

/** A protocol of lines, some of which are orders to the parser. */
class Lines extends Connection {
  readonly pool: Pool<Line>;
  readonly heard: string[];

  constructor(pool: Pool<Line>, heard: string[]) {
    super();
    this.pool = pool;
    this.heard = heard;
  }

  override parse(direction: Direction, input: Input): void {
    for (;;) {
      const end = input.bytes.indexOf(LF, input.position);
      if (end < 0 || end >= input.end) return;
      const text = Buffer.from(input.bytes.slice(input.position, end)).toString('latin1').trimEnd();
      input.take(end + 1 - input.position);
      this.hear(direction, text, input);
      if (this.broken || this.successor !== '') return;
    }
  }

  override gap(direction: Direction, bytes: number): boolean {
    this.heard.push(`${direction} gap ${bytes}`);
    if (bytes === 666) throw new Error('gap');
    return bytes < 100;
  }

  override close(direction: Direction): void {
    this.heard.push(`${direction} closed`);
    if (this.heard.includes('1 FRAGILE')) throw new Error('close');
  }

  override release(transaction: Transaction): void {
    super.release(transaction);
    this.pool.give(transaction as Line);
  }

  private hear(direction: Direction, text: string, input: Input): void {
    this.heard.push(`${direction} ${text}`);
    const [order, value = ''] = text.split(' ');
    if (order === 'THROW') throw new Error(value);
    if (order === 'BREAK') this.broken = true;
    if (order === 'SKIP') input.skip(Number(value));
    if (order === 'BYPASS') this.status.bypassed |= 1 << direction;
    if (order === 'BECOME') this.successor = value as ApplicationName;
    const transaction = this.pool.take();
    if (transaction === undefined) return;
    transaction.text = text;
    transaction.advance(direction, 1);
    if (order !== 'HALF') transaction.advance(direction === toServer ? toClient : toServer, 1);
    this.transactions[this.count++] = transaction;
  }
}

/** Speaks as FTP does, so that it is told by what it says first. */
function speak(options: SpeakingOptions & { readonly name?: ApplicationName } = {}): {
  speaking: Speaking;
  heard: string[];
  pool: Pool<Line>;
  errors: string[];
} {
  const heard: string[] = [];
  const errors: string[] = [];
  const arena = new Arena(new ArrayBuffer(2 * PAGE_BYTES), PAGE_BYTES, PAGE_BYTES, { keptBytes: 0 });
  const pool = new Pool(arena, 100_000, 1, () => new Line());
  const protocol: Protocol = { name: options.name ?? 'ftp', complete: [1, 1], open: () => new Lines(pool, heard) };
  const layer = {
    onError: (name: string, error: unknown) => errors.push(`${name} ${(error as Error).message}`),
    ...options.layer,
  };
  return { speaking: new Speaking({ protocols: [protocol], port: 21, ...options, layer }), heard, pool, errors };
}

const FTP = applicationId('ftp');

/** As detection does: looks at all that is dirty. */
function inspect({ layer, flow }: Speaking): number {
  const connection = layer.connection(flow);
  for (let i = 0; i < (connection?.count ?? 0); i++) connection!.transactions[i].dirty = 0;
  return connection?.count ?? 0;
}

describe('a parser', () => {
  it('is given what waited while the protocol was not known, in the order of the sides', () => {
    const { speaking, heard } = speak({ port: 17_777 });
    speaking.say(toClient, '220 hello\r\n');
    expect(heard).toEqual([]);
    speaking.say(toServer, 'USER a\r\n');
    expect(heard).toEqual(['1 220 hello', '0 USER a']);
  });

  it('is given what it left again, with more, and its bytes are counted once', () => {
    const { speaking, heard } = speak();
    speaking.say(toClient, '220 hello\r\n').say(toServer, 'US').say(toServer, 'ER a').say(toServer, '\r\nPASS');
    expect(heard).toEqual(['1 220 hello', '0 USER a']);
    expect([speaking.source.sides[toServer].consumed, speaking.stats.get('inspectedBytes', FTP)]).toEqual([8, 19]);
  });

  it('does not see what it skips, nor what comes of it later', () => {
    const { speaking, heard } = speak();
    speaking.say(toClient, '220 (a)\r\nSKIP 10\r\n01234').say(toClient, '56789next\r\n');
    expect(heard).toEqual(['1 220 (a)', '1 SKIP 10', '1 next']);
    expect(speaking.stats.get('bypassedBytes', FTP)).toBe(5);
  });

  it('can have the rest of a direction passed over, and only that', () => {
    const { speaking, heard } = speak();
    speaking.say(toClient, '220 (a)\r\nBYPASS\r\n').say(toClient, 'secret\r\n').say(toServer, 'USER a\r\n');
    expect(heard).toEqual(['1 220 (a)', '1 BYPASS', '0 USER a']);
    expect(speaking.source.sides.map(({ rawEnded }) => rawEnded)).toEqual([false, true]);
    speaking.layer.end(speaking.flow);
    expect(speaking.stats.get('bypassedBytes', FTP)).toBe(8);
  });

  it('is told of gaps, and of the end of a side once', () => {
    const { speaking, heard } = speak();
    speaking.say(toClient, '220 (a)\r\n');
    speaking.source.miss(toClient, 7);
    speaking.say(toClient, 'on\r\nrest').close(toClient).close(toClient);
    expect(heard).toEqual(['1 220 (a)', '1 gap 7', '1 on', '1 closed']);
    expect([speaking.stats.get('gaps', FTP), speaking.stats.get('gapBytes', FTP)]).toEqual([1, 7]);
  });

  it('is given what is before a gap and what is behind it, and loses what it left before it', () => {
    const { speaking, heard } = speak();
    speaking.source.append(toClient, Buffer.from('220 (a)\r\nhalf'));
    speaking.source.cut(toClient, 7);
    speaking.say(toClient, 'line\r\nnext\r\n');
    expect(heard).toEqual(['1 220 (a)', '1 gap 11', '1 line', '1 next']);
  });

  it('that cannot go on behind a gap is done with, and the bytes go by', () => {
    const { speaking, heard } = speak();
    speaking.say(toClient, '220 (a)\r\n');
    speaking.source.miss(toClient, 700);
    speaking.say(toClient, 'on\r\n').say(toClient, 'and on\r\n');
    expect(heard).toEqual(['1 220 (a)', '1 gap 700']);
    expect(speaking.source.sides[toClient].consumed).toBe(speaking.source.sides[toClient].end);
    expect(speaking.application).toBe('ftp');
  });

  it('that breaks ends its protocol on that flow, after what it has made was inspected', () => {
    const { speaking, heard } = speak();
    speaking.say(toClient, '220 (a)\r\nBREAK\r\nmore\r\n').say(toServer, 'USER a\r\n');
    expect(heard).toEqual(['1 220 (a)', '1 BREAK']);
    expect([inspect(speaking), speaking.stats.get('brokenFlows', FTP)]).toEqual([2, 1]);
    expect(speaking.layer.settle(speaking.flow)).toBe(false);
    expect([speaking.layer.connection(speaking.flow), speaking.layer.inUse]).toEqual([
      null,
      { connections: 0, transactions: 0 },
    ]);
    speaking.say(toServer, 'PASS a\r\n');
    expect([speaking.application, heard.length]).toEqual(['ftp', 2]);
  });

  it('that throws does no harm but to itself, and is told of once a minute', () => {
    const { speaking, errors } = speak();
    speaking.say(toClient, '220 (a)\r\nTHROW one\r\nmore\r\n');
    expect([errors, speaking.stats.get('parserErrors', FTP), speaking.stats.get('brokenFlows', FTP)]).toEqual([
      ['ftp one'],
      1,
      1,
    ]);
    expect(speaking.source.sides[toClient].consumed).toBe(speaking.source.sides[toClient].end);
    const again = (timeUs: number, text: string): void => {
      speaking.layer.end(speaking.flow);
      speaking.flow.applications = 0;
      speaking.timeUs = timeUs;
      speaking.say(toClient, `220 (a)\r\nTHROW ${text}\r\n`);
    };
    again(30_000_000, 'two');
    again(90_000_000, 'three');
    expect([errors, speaking.stats.get('parserErrors', FTP)]).toEqual([['ftp one', 'ftp three'], 3]);
  });

  it('may throw at a gap or an end as well', () => {
    const gap = speak();
    gap.speaking.say(toClient, '220 (a)\r\n');
    gap.speaking.source.miss(toClient, 666);
    gap.speaking.say(toClient, 'on\r\n');
    const end = speak();
    end.speaking.say(toClient, '220 (a)\r\nFRAGILE\r\n').close(toClient);
    expect([gap.errors, end.errors]).toEqual([['ftp gap'], ['ftp close']]);
    expect([gap.speaking.stats.get('parserErrors', FTP), end.speaking.stats.get('parserErrors', FTP)]).toEqual([1, 1]);
  });

  it('is the same for every split', () => {
    const text = Buffer.from('220 (a)\r\none\r\nSKIP 5\r\n12345two\r\nHALF\r\nthree\r\n');
    const whole = speak();
    whole.speaking.say(toClient, text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 10 }), (cuts) => {
        const { speaking, heard } = speak({ sideBytes: 1024 });
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        for (let i = 1; i < places.length; i++) speaking.say(toClient, text.subarray(places[i - 1], places[i]));
        expect(heard).toEqual(whole.heard);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a change of protocol', () => {
  it('takes place after inspection, and the new one is given the rest', () => {
    const { speaking, heard } = speak();
    const hello = concat([0x16, 3, 1], u16(60), [1], new Uint8Array(59));
    speaking.say(toClient, '220 (a)\r\n').say(toServer, 'BECOME tls\r\n').say(toServer, hello);
    expect([heard, speaking.application, speaking.layer.connection(speaking.flow)?.count]).toEqual([
      ['1 220 (a)', '0 BECOME tls'],
      'ftp',
      2,
    ]);
    expect([inspect(speaking), speaking.layer.settle(speaking.flow)]).toEqual([2, true]);
    expect([speaking.told, speaking.original, speaking.expected]).toEqual([['', '', ''], 'ftp', 'tls']);
    speaking.layer.stream(speaking.flow, toServer, speaking.source);
    expect([speaking.told, speaking.original]).toEqual([['tls', 'tls', ''], 'ftp']);
    expect([speaking.stats.get('flows', FTP), speaking.stats.get('flows', applicationId('tls'))]).toEqual([1, 1]);
  });

  it('may leave open to what', () => {
    const { speaking } = speak();
    speaking.say(toClient, `220 (a)\r\nBECOME ${UNKNOWN_SUCCESSOR}\r\n`);
    expect(speaking.layer.settle(speaking.flow)).toBe(true);
    speaking.say(toServer, 'SSH-2.0-x\r\n');
    expect([speaking.told, speaking.original, speaking.expected]).toEqual([['ssh', 'ssh', ''], 'ftp', '']);
  });

  it('to what has no beginning of its own needs none', () => {
    const { speaking } = speak();
    speaking.say(toClient, '220 (a)\r\nBECOME websocket\r\n');
    expect(speaking.layer.settle(speaking.flow)).toBe(true);
    expect([speaking.told, speaking.original]).toEqual([['websocket', 'websocket', 'websocket'], 'ftp']);
  });

  it('keeps who the client is', () => {
    const { speaking } = speak();
    speaking.say(toServer, 'PROXY TCP4 198.51.100.7 192.0.2.1 1 2\r\nUSER anonymous\r\nBECOME tls\r\n');
    expect(speaking.layer.settle(speaking.flow)).toBe(true);
    expect(speaking.layer.client(speaking.flow)?.srcIp).toBe('198.51.100.7');
  });
});

describe('transactions', () => {
  it('are freed when both sides are complete and inspected, the others kept in order', () => {
    const { speaking, pool } = speak();
    speaking.say(toClient, '220 (a)\r\nHALF 1\r\ntwo\r\nHALF 2\r\n');
    speaking.layer.settle(speaking.flow);
    expect(pool.inUse).toBe(4);
    inspect(speaking);
    speaking.layer.settle(speaking.flow);
    const connection = speaking.layer.connection(speaking.flow)!;
    expect(connection.transactions.slice(0, connection.count).map((each) => (each as Line).text)).toEqual([
      'HALF 1',
      'HALF 2',
    ]);
    expect([pool.inUse, speaking.layer.inUse.transactions, speaking.stats.get('transactions', FTP)]).toEqual([2, 2, 4]);
  });

  it.each([
    ['wait for what answers them, where no more was sent than may be without an answer', 15, 1],
    ['are complete with that side, where more was', 16, 0],
  ])('of a connection with one side heard %s', (_what, packets, left) => {
    const { speaking, pool } = speak();
    speaking.flow.packetsToServer = 0;
    speaking.flow.packetsToClient = packets;
    speaking.say(toClient, '220 (a)\r\nHALF 1\r\n');
    inspect(speaking);
    speaking.layer.settle(speaking.flow);
    expect(pool.inUse).toBe(left);
  });

  it('beyond what a connection may have are completed, the oldest first, inspected once more and freed', () => {
    const { speaking, pool } = speak({ layer: { transactionsOfConnection: 3 } });
    speaking.say(toClient, `220 (a)\r\n${'HALF\r\n'.repeat(5)}`);
    expect(speaking.stats.get('transactionsCut', FTP)).toBe(2);
    expect(inspect(speaking)).toBe(6);
    speaking.layer.settle(speaking.flow);
    expect(pool.inUse).toBe(3);
  });

  it('beyond what a shard may have, likewise', () => {
    const { speaking, pool } = speak({ layer: { transactions: 2 } });
    speaking.say(toClient, `220 (a)\r\n${'HALF\r\n'.repeat(5)}`);
    inspect(speaking);
    speaking.layer.settle(speaking.flow);
    expect(pool.inUse).toBe(2);
  });

  it('go with their flow', () => {
    const { speaking, pool } = speak();
    speaking.say(toClient, '220 (a)\r\nHALF 1\r\nHALF 2\r\n');
    speaking.layer.end(speaking.flow);
    expect([pool.inUse, speaking.layer.inUse]).toEqual([0, { connections: 0, transactions: 0 }]);
  });
});

describe('connections', () => {
  it('for which the heap has no room are identified, counted and not parsed, until there is', () => {
    const { speaking, heard } = speak({ layer: { objectBytes: USUAL_CONNECTION_BYTES } });
    const other = objectBudget(speaking.source.arena);
    other.take(1);
    speaking.say(toClient, '220 (a)\r\n');
    expect([heard, speaking.stats.get('connectionsRefused', FTP), speaking.layer.inUse.connections]).toEqual([
      [],
      1,
      0,
    ]);
    other.drop(1);
    other.noteIdle(1);
    speaking.layer.end(speaking.flow);
    speaking.begin(21, false);
    speaking.say(toClient, '220 (b)\r\n');
    expect([heard, speaking.layer.inUse.connections]).toEqual([['1 220 (b)'], 1]);
  });

  it('that take most of what the heap has for them crowd the layer, and weigh what they take', () => {
    const { speaking } = speak({ layer: { objectBytes: USUAL_CONNECTION_BYTES } });
    expect(speaking.layer.isCrowded).toBe(false);
    speaking.say(toClient, '220 (a)\r\n');
    inspect(speaking);
    speaking.layer.settle(speaking.flow);
    expect([speaking.layer.isCrowded, speaking.layer.weight(speaking.flow)]).toEqual([true, 1]);
    speaking.layer.end(speaking.flow);
    expect(speaking.layer.isCrowded).toBe(false);
  });

  it('beyond the limit are identified, counted and not parsed', () => {
    const { speaking, heard } = speak({ layer: { connections: 0 } });
    speaking.say(toClient, '220 (a)\r\n').say(toServer, 'USER a\r\n');
    expect([heard, speaking.told, speaking.stats.get('connectionsRefused', FTP)]).toEqual([
      [],
      ['ftp', 'ftp', 'ftp'],
      1,
    ]);
    expect(speaking.source.sides[toClient].consumed).toBe(9);
  });

  it('are used again, as new', () => {
    const { speaking, heard } = speak();
    speaking.say(toClient, '220 (a)\r\nBYPASS\r\n');
    const first = speaking.layer.connection(speaking.flow);
    speaking.layer.end(speaking.flow);
    speaking.flow.applications = 0;
    speaking.say(toServer, 'USER anonymous\r\n');
    expect(speaking.layer.connection(speaking.flow)).toBe(first);
    expect([first?.status.bypassed, first?.count, heard.at(-1)]).toEqual([0, 1, '0 USER anonymous']);
  });

  it('over datagrams are given each as it is', () => {
    const { speaking, heard } = speak({ name: 'sip', udp: true, port: 5060 });
    speaking.say(toServer, 'OPTIONS sip:a SIP/2.0\nand what has no end').say(toClient, 'SIP/2.0 200 OK\n');
    expect(heard).toEqual(['0 OPTIONS sip:a SIP/2.0', '1 SIP/2.0 200 OK']);
  });
});
