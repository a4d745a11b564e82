/**
 * Each parser is asked and asked again, and nothing is answered: no more transactions are open than a connection may
 * have, the oldest are completed with the event of their protocol, and memory stays as it is.
 */
import { describe, expect, it } from 'vitest';
import { APPLICATION_EVENTS } from '../../src/app/application-events.js';
import { applicationId, type ApplicationName } from '../../src/app/applications.js';
import { DEFAULT_LAYER_OPTIONS } from '../../src/app/layer.js';
import { MOST_OPEN } from '../../src/app/application-settings.js';
import { PROTOCOLS, protocolsWith } from '../../src/app/protocols.js';
import { DIRECTION } from '../../src/flow/flow.js';
import { APPLICATION_SAMPLES } from '../support/application-samples.js';
import { concat, u16, u24, u32, type Payload } from '../support/packet-builder.js';
import { Speaking } from '../support/speaking.js';
import { der } from './support/certificates.js';
import * as dcerpc from './support/dcerpc-messages.js';
import { frame as dnp3Frame } from './support/dnp3-messages.js';
import { message as mqtt, text } from './support/mqtt-messages.js';
import * as nfs from './support/nfs-messages.js';
import * as smb from './support/smb-messages.js';

const { toServer, toClient } = DIRECTION;
const MOST = DEFAULT_LAYER_OPTIONS.transactionsOfConnection;

/** So many are asked for in a round beyond those that may be open. */
const BEYOND = 512;

/** How a side asks without end; what is left out is said again, the client's first message. */
interface Asking {
  readonly ask?: (n: number) => Payload;
  /** The sample that it begins like, where that is not the first of its application. */
  readonly sample?: string;
  /** What goes before, behind the sample. */
  readonly first?: readonly Payload[];
  /** What is raised on those that are completed. */
  readonly event?: string;
}

const waiting = (event: string, ask: Asking['ask'], more: Asking = {}): Asking => ({ event, ask: ask!, ...more });
/** Each message is a transaction of its own, complete at once, or a connection is one as a whole. */
const alone = (ask?: Asking['ask'], more: Asking = {}): Asking => ({ ...(ask === undefined ? {} : { ask }), ...more });
const little = (value: number): number[] => [value & 255, value >>> 8];

const ASKED: Readonly<Partial<Record<ApplicationName, Asking>>> = {
  http: waiting('too_many_open_transactions', (n) => `GET /${n} HTTP/1.1\r\nHost: h\r\n\r\n`),
  http2: waiting('too_many_streams', (n) => concat(u24(3), [1, 5], u32(2 * n + 1), [0x82, 0x86, 0x84])),
  tls: alone(() => [21, 3, 3, 0, 2, 1, 0]),
  dns: alone(),
  mdns: alone(),
  llmnr: alone(),
  quic: alone(),
  ssh: alone(() => concat(u32(12), [10, 2], new Uint8Array(10))),
  smtp: alone(() => 'RSET\r\n'),
  imap: waiting('too_many_transactions', (n) => `a${n} NOOP\r\n`),
  pop3: waiting('too_many_transactions', () => 'NOOP\r\n'),
  ftp: waiting('too_many_transactions', () => 'NOOP\r\n'),
  smb: waiting('too_many_transactions', (n) => smb.frame(smb.smb2(3, smb.tree2('\\\\h\\a'), { messageId: n })), {
    sample: 'smb2',
  }),
  dcerpc: waiting('too_many_transactions', (n) => dcerpc.request('x', { callId: n })),
  sip: alone(),
  telnet: alone(),
  rdp: alone(),
  krb5: alone(),
  ldap: waiting('too_many_transactions', (n) => der(0x30, concat([2, 2], u16(n)), der(0x4a, 'cn=x'))),
  nfs: waiting('too_many_transactions', (n) => nfs.record(nfs.call(n, 3, 1))),
  mqtt: waiting('too_many_transactions', (n) => mqtt(0x82, u16(n + 1), text('t'), [1])),
  modbus: waiting('flooded', (n) => concat(u16(n), u16(0), u16(6), [1, 3], u16(0), u16(10))),
  dnp3: alone((n) => dnp3Frame(0xc4, 1, 2, Uint8Array.from([0xc0, 0xc0 | (n % 16), 1, 60, 2, 6]))),
  enip: waiting('too_many_transactions', () => concat([0x65, 0, 4, 0], new Uint8Array(20), little(1), little(0))),
  ntp: alone(),
  'bittorrent-dht': alone(),
  dhcp: alone(),
  snmp: alone(),
  tftp: alone(),
  ike: alone(),
  rfb: alone(),
  pgsql: waiting('too_many_transactions', () => concat('Q', u32(13), 'SELECT 1', [0]), {
    // As much more as the sample's length says.
    first: [[0, 0]],
  }),
};
/** Those that nothing but another protocol leads to have one transaction, or complete ones. */
const LED_TO: readonly ApplicationName[] = ['websocket', 'ftp-data'];

interface Told {
  readonly most: number;
  readonly events: ReadonlySet<string>;
  readonly cut: number;
  readonly bytes: readonly [before: number, behind: number];
  readonly spoken: string;
}

/** `limit`: by the setting of the protocol, where there is one. Two rounds tell whether memory grows. */
function ask(name: ApplicationName, { ask: make, sample, first = [] }: Asking, limit = MOST): Told {
  const settings = limit === MOST ? {} : { [name]: { enabled: true, transactions: limit } };
  const rounds = limit + BEYOND;
  const begun = APPLICATION_SAMPLES.find(
    (one) => (sample ?? name) === (sample === undefined ? one.application : one.name),
  )!;
  const speaking = new Speaking({
    protocols: protocolsWith(settings),
    layer: { settings },
    port: begun.port,
    udp: begun.udp === true,
    sideBytes: 1 << 20,
  });
  const { layer, flow, source } = speaking;
  const numbers = APPLICATION_EVENTS.find(({ application }) => application === name)!.events;
  const events = new Set<string>();
  let most = 0;
  const inspect = (): void => {
    const connection = layer.connection(flow);
    for (let i = 0; i < (connection?.count ?? 0); i++) {
      const tx = connection!.transactions[i]!;
      numbers.forEach((event, number) => tx.hasEvent(number) && events.add(event.name));
      tx.dirty = 0;
    }
    layer.settle(flow);
    most = Math.max(most, layer.connection(flow)?.count ?? 0);
  };
  const say = (bytes: Payload): void => {
    speaking.say(toServer, bytes);
    inspect();
  };
  const asked = begun.said.find(([side]) => side === '>')![1];
  if (begun.said[0]![0] === '<') speaking.say(toClient, begun.said[0]![1]);
  for (const bytes of [asked, ...first]) say(bytes);
  const round = (from: number): number => {
    for (let n = from; n < from + rounds; n++) say(make?.(n) ?? asked);
    return source.arena.usedBytes;
  };
  const bytes = [round(1), round(1 + rounds)] as const;
  const cut = speaking.stats.get('transactionsCut', applicationId(name));
  return { most, events, cut, bytes, spoken: speaking.application };
}

describe('open transactions', () => {
  it('are asked for of each protocol that is parsed', () => {
    const names = PROTOCOLS.map(({ name }) => name).filter((name) => !LED_TO.includes(name));
    expect(Object.keys(ASKED).sort()).toEqual([...names].sort());
  });

  it.each(Object.entries(ASKED) as [ApplicationName, Asking][])('of %s are bounded', (name, asking) => {
    const { most, events, cut, bytes, spoken } = ask(name, asking);
    expect(spoken).toBe(name);
    expect(bytes[1]).toBe(bytes[0]);
    if (asking.event === undefined) expect([most <= 1, cut]).toEqual([true, 0]);
    else expect([most, events.has(asking.event), cut > 2 * BEYOND]).toEqual([MOST, true, true]);
  });

  it.each(
    (Object.entries(ASKED) as [ApplicationName, Asking][]).flatMap(([name, asking]) =>
      asking.event === undefined ? [] : [7, MOST_OPEN].map((limit) => [name, limit, asking] as const),
    ),
  )('of %s are as many as its setting says: %i', (name, limit, asking) => {
    const { most, cut } = ask(name, asking, limit);
    expect([most, cut > 2 * BEYOND]).toEqual([limit, true]);
  });
});
