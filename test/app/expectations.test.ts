/** Connections that were agreed on: which flows they are, once, for how long, and how many there are. */
import { describe, expect, it } from 'vitest';
import { applicationId, NOT_KNOWN } from '../../src/app/applications.js';
import { ApplicationStats } from '../../src/app/application-stats.js';
import { Expectations, EXPECTED, Expected, Hosts, MOST_EXPECTED } from '../../src/app/expectations.js';
import { FTP, FTP_DATA } from '../../src/app/ftp/index.js';
import { Flow } from '../../src/flow/flow.js';
import { applicationOf } from '../../src/flow/flow-application.js';
import { COLUMN, FLOW_WORDS } from '../../src/flow/record.js';
import { KEY_WORD } from '../../src/flow/tuple.js';
import { FakeStream } from '../support/fake-stream.js';
import { Speaking } from '../support/speaking.js';

const CLIENT = 0x0a000001;
const SERVER = 0x0a000002;
const ID = applicationId('ftp-data');

/** A flow between the two hosts, the client being the lower one unless it says otherwise. */
function flowOf(clientPort: number, serverPort: number, { vni = 7, fromServer = false, lastUs = 0 } = {}): Flow {
  const flow = new Flow();
  place(flow, clientPort, serverPort, vni, fromServer);
  flow.lastUs = lastUs;
  return flow;
}

function place(flow: Flow, clientPort: number, serverPort: number, vni: number, fromServer: boolean): void {
  const key = flow.index * FLOW_WORDS + FLOW_WORDS + COLUMN.key;
  flow.words[key] = CLIENT;
  flow.words[key + 4] = SERVER;
  flow.words[key + KEY_WORD.ports] = (clientPort << 16) | serverPort;
  flow.words[key + KEY_WORD.protocol] = (4 << 8) | 6;
  flow.words[key + KEY_WORD.vni] = vni;
  flow.clientIsLower = !fromServer;
}

const hostsOf = (flow: Flow): Hosts => {
  const hosts = new Hosts();
  hosts.take(flow);
  return hosts;
};

describe('what is expected', () => {
  const control = flowOf(40_000, 21);
  const expects = (table: Expectations, port: number, owner: object = control, timeUs = 0): void =>
    table.add(hostsOf(control), 0, port, new Expected('ftp-data', owner, timeUs));

  it('is a connection between the same hosts, of the same session, to that port', () => {
    const table = new Expectations();
    expects(table, 5000);
    expect(table.applicationOf(flowOf(40_001, 5000))).toBe(ID);
    expect(table.applicationOf(flowOf(40_001, 5000, { fromServer: true }))).toBe(ID);
    expect(table.applicationOf(flowOf(40_001, 5001))).toBe(NOT_KNOWN);
    expect(table.applicationOf(flowOf(5000, 40_001))).toBe(NOT_KNOWN);
    expect(table.applicationOf(flowOf(40_001, 5000, { vni: 8 }))).toBe(NOT_KNOWN);
    expect(table.applicationOf(flowOf(40_001, 5000, { lastUs: 31e6 }))).toBe(NOT_KNOWN);
  });

  it('may go to the client', () => {
    const table = new Expectations();
    table.add(hostsOf(control), 1, 5000, new Expected('ftp-data', control, 0));
    const transfer = flowOf(5000, 20, { fromServer: true });
    expect(table.applicationOf(transfer)).toBe(ID);
    expect(table.take(transfer)!.listenerIsClient).toBe(false);
  });

  it('is taken once, and ends with its owner', () => {
    const table = new Expectations();
    const other = {};
    for (const port of [5000, 5000, 5001]) expects(table, port);
    expects(table, 5002, other);
    expect(table.count).toBe(3);
    expect(table.take(flowOf(40_001, 5000))!.listenerIsClient).toBe(false);
    expect(table.take(flowOf(40_001, 5000))).toBeUndefined();
    table.dropOf(control);
    expect([table.count, table.applicationOf(flowOf(1, 5001)), table.applicationOf(flowOf(1, 5002))]).toEqual([
      1,
      NOT_KNOWN,
      ID,
    ]);
  });

  it('is bounded: the oldest is forgotten, and counted', () => {
    const table = new Expectations();
    const stats = new ApplicationStats();
    table.countIn(stats);
    for (let port = 1; port <= MOST_EXPECTED + 5; port++) expects(table, port);
    expect([table.count, stats.get('expectationsDropped', ID)]).toEqual([MOST_EXPECTED, 5]);
    expect([table.applicationOf(flowOf(1, 5)), table.applicationOf(flowOf(1, 6))]).toEqual([NOT_KNOWN, ID]);
  });
});

describe('a transfer of FTP', () => {
  /** What a flow behind a control connection is told as. */
  function toldAs(commands: readonly (readonly ['>' | '<', string])[], port: number, text: string): number {
    const speaking = new Speaking({ port: 21, protocols: [FTP, FTP_DATA] });
    speaking.sayAll(commands);
    const source = new FakeStream();
    const { layer, flow } = speaking;
    expect(EXPECTED.of(speaking.source.arena).count).toBeLessThanOrEqual(1);
    const transfer = new Flow();
    transfer.words[FLOW_WORDS + COLUMN.key + KEY_WORD.ports] = (40_001 << 16) | port;
    transfer.words[FLOW_WORDS + COLUMN.key + KEY_WORD.protocol] = 6;
    source.append(1, Buffer.from(text));
    layer.stream(transfer, 1, source);
    layer.end(transfer);
    layer.end(flow);
    expect(EXPECTED.of(speaking.source.arena).count).toBe(0);
    return applicationOf(transfer);
  }
  const agreed: readonly (readonly ['>' | '<', string])[] = [
    ['>', 'USER a\r\n'],
    ['<', '331 ok\r\n'],
    ['>', 'PASV\r\n'],
    ['<', '227 (0,0,0,0,4,1)\r\n'],
  ];

  it('is told by what was agreed on, whatever it looks like', () => {
    for (const command of ['RETR a', 'STOR a', 'APPE a', 'STOU', 'LIST', 'NLST', 'MLSD'])
      expect(toldAs([...agreed, ['>', `${command}\r\n`]], 1025, 'HTTP/1.1 200 OK\r\n\r\n')).toBe(ID);
  });

  it('is none without a command, or on another port', () => {
    expect(toldAs(agreed, 1025, 'data')).not.toBe(ID);
    expect(toldAs([...agreed, ['>', 'RETR a\r\n']], 1026, 'data')).not.toBe(ID);
  });
});
