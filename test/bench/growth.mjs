/**
 * How the cost of a packet grows: with rules, flows, the size of packets, alerts, shards, and with traffic that is made
 * to be dear. `npm run bench -- --plot` measures all of it, and writes tables and plots to docs/growth.
 */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { expect, digits } from './harness.mjs';
import { packetCost } from './in-process.mjs';
import { readCapture } from './read.mjs';
import { root } from './sensor.mjs';
import { loadSupport } from './support.mjs';
import { trafficCapture } from './traffic.mjs';

const support = await loadSupport();
const WORD = 'periscope-bench-word';
const SYLLABLES = 'ad ba ce di en fo gu ha in jo ka le mi no or pe qu ri sa to un ve wi xa yo ze'.split(' ');

/** A word that nothing else has. */
function word(number) {
  let text = '';
  for (let rest = ((number * 2654435761) % 2 ** 32) + 7; rest > 0; rest = Math.floor(rest / 26))
    text += SYLLABLES[rest % 26];
  return `${text}-${number}`;
}

/** Over paths of requests, streams and datagrams in turn. */
const rulesOf = (count) =>
  Array.from({ length: count }, (_, i) => {
    const [header, match] = [
      ['http', `http.uri; content:"/${word(i)}"`],
      ['tcp', `flow:established; content:"${word(i)}"`],
      ['udp', `content:"${word(i)}"`],
    ][i % 3];
    return `alert ${header} any any -> any any (msg:"bench"; ${match}; sid:${i + 1};)`;
  });

const text = (length) => 'the price of an order in the region of a customer '.repeat(200).slice(0, length);

/** Datagrams of `flows` flows, each the same but for its addresses: the identification takes up what they change. */
function datagrams(flows, payload) {
  const { ethernet, ipv4, udp } = support;
  const template = ethernet({}, ipv4({ src: '10.0.0.0', id: 0xffff }, udp({ dstPort: 5000, checksum: 0 }, payload)));
  const order = Uint32Array.from({ length: flows }, (_, i) => (i * 48_271) % flows);
  return Array.from(order, (flow) => {
    const frame = template.slice();
    const view = new DataView(frame.buffer);
    view.setUint16(14 + 14, flow & 0xffff);
    view.setUint16(14 + 4, ~flow & 0xffff);
    view.setUint16(14 + 20, 1024 + (flow >>> 16));
    return frame;
  });
}

function requests(connections, makeRequest, makeResponse) {
  const recording = new support.Recording();
  for (let i = 0; i < connections; i++) {
    const talk = recording.tcp(`10.0.0.${1 + (i % 200)}:${20_000 + i}`, '10.1.0.1:80').open();
    talk.client(makeRequest(i));
    talk.server(makeResponse(i));
    talk.close();
  }
  return recording.frames.map(({ bytes }) => bytes);
}

const HEAD = 'Host: shop.example\r\nUser-Agent: bench\r\n';
const request = (i) => `GET /items/${i}?page=2 HTTP/1.1\r\n${HEAD}\r\n`;
const response = (length) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n${text(length)}`;
const ordinary = () => requests(100, request, () => response(8000));

/** A connection whose client sends byte by byte. */
function byteByByte() {
  const recording = new support.Recording();
  const talk = recording.tcp('10.0.0.1:20000', '10.1.0.1:80').open();
  for (const byte of request(1).repeat(8)) talk.client(byte);
  return recording.frames.map(({ bytes }) => bytes);
}

function fragments() {
  const { ethernet, ipv4, udp, fragmentIpv4 } = support;
  return Array.from({ length: 20 }, (_, i) =>
    fragmentIpv4(ipv4({ id: i + 1 }, udp({ dstPort: 5000, checksum: 0 }, text(1400))), 28).map((packet) =>
      ethernet({}, packet),
    ),
  ).flat();
}

const manyHeaders = () =>
  requests(
    5,
    (i) => `GET /${i} HTTP/1.1\r\n${Array.from({ length: 1000 }, (_, n) => `X-${n}: ${n}\r\n`).join('')}\r\n`,
    () => response(10),
  );

/** Requests of one connection, each in a segment, that nobody answers. */
function unanswered() {
  const recording = new support.Recording();
  const talk = recording.tcp('10.0.0.1:20000', '10.1.0.1:80').open();
  for (let i = 0; i < 2000; i++) talk.client(request(i));
  return recording.frames.map(({ bytes }) => bytes);
}

const tinyChunks = () =>
  requests(
    5,
    request,
    () => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${'1\r\na\r\n'.repeat(5000)}0\r\n\r\n`,
  );

const noDrops = (cost) => {
  expect(cost.inspected, 1, 'packets inspected of those sent');
  return cost;
};
const RULES = rulesOf(1000);
const alerting = `alert udp any any -> any any (msg:"bench"; content:"${WORD}"; sid:999999;)`;

function alertCost(share) {
  const frames = datagrams(1000, text(500));
  const marked = datagrams(1000, `${WORD}${text(500 - WORD.length)}`);
  const every = Math.round(1 / share);
  const mixed = share === 0 ? frames : frames.map((frame, i) => (i % every === 0 ? marked[i] : frame));
  const cost = noDrops(packetCost({ frames: mixed, rules: [...RULES, alerting] }));
  expect(digits(cost.alerts), share, 'alerts a packet');
  return cost.ns;
}

async function shardCost(workers) {
  const { run_seconds, packets } = readCapture(await trafficCapture(400_000), join(root, 'rules'), {
    more: ['--workers', String(workers)],
  });
  return (1e9 * run_seconds) / packets;
}

const httpCost = (count) => noDrops(packetCost({ frames: ordinary(), rules: rulesOf(count), restarts: true })).ns;
const flowCost = (flows) =>
  noDrops(packetCost({ frames: datagrams(flows, text(100)), rules: RULES, flows: 2 * flows })).ns;
const HEADERS = 42;
const sizeCost = (size) => noDrops(packetCost({ frames: datagrams(1000, text(size - HEADERS)), rules: RULES })).ns;
const hostile = {
  ordinary,
  'one byte a segment': byteByByte,
  '8 bytes a fragment': fragments,
  '1000 headers': manyHeaders,
  'requests nobody answers': unanswered,
  'chunks of one byte': tinyChunks,
};
const hostileCost = (name) => packetCost({ frames: hostile[name](), rules: RULES, restarts: true }).ns;

/**
 * Each: what grows, from what to what, and nanoseconds a packet at each step. `scale` is that of the plot; `says` what
 * is to be said of its bends.
 */
export const growth = [
  {
    name: 'rules',
    of: 'rules (HTTP traffic)',
    scale: 'log',
    values: [1, 10, 100, 1000, 10_000, 40_000],
    cost: httpCost,
    says: `A third of the rules looks at paths of requests, one at streams, one at datagrams. All patterns are looked for in one pass,
      and a word that is in no rule leaves it after its first bytes: the line stays flat as long as the tables fit into
      the processor's caches.`,
  },
  {
    name: 'flows',
    of: 'open flows (UDP, in an order that no cache foresees)',
    scale: 'log',
    values: [1000, 10_000, 100_000, 1_000_000],
    cost: flowCost,
    says: `Up to some ten thousand flows their records stay in the caches. Beyond, each packet waits for memory: for the
      bucket, the record and what is noted of its side, whose place nothing tells before. A million flows take 300
      MB, more than the translation buffers of the processor reach.`,
  },
  {
    name: 'sizes',
    of: 'bytes a packet (UDP)',
    scale: 'linear',
    values: [64, 256, 576, 1400, 4000, 8500],
    cost: sizeCost,
    says: `What a packet costs by itself, and then so much a byte: for the copy into the ring, and for the scan.`,
  },
  {
    name: 'alerts',
    of: 'alerts a packet (UDP)',
    scale: 'linear',
    values: [0, 0.01, 0.1, 0.2, 0.5, 1],
    cost: alertCost,
    says: `An alert costs its verification and its line of JSON, which the shard writes. No packet is dearer for those
      before it.`,
  },
  {
    name: 'shards',
    of: 'shards (mixed traffic, periscope read, by the clock, the first packets included)',
    scale: 'linear',
    values: cpus().map((_, i) => i + 1),
    cost: shardCost,
    says: `The thread that reads the capture and V8's compiler need processors as well: with as many shards as there are
      processors, all of them share.`,
  },
  {
    name: 'hostile',
    of: 'traffic',
    scale: 'names',
    values: Object.keys(hostile),
    cost: hostileCost,
    says: `Made to be dear. One byte a segment, or eight a fragment, is cheaper a packet than ordinary traffic, as there
      is little in it to inspect: no packet can be made to cost more than what is in it, bytes, headers, requests or
      chunks. A request of 1 000 headers is one of 12 KB. Compressed bodies cost their bound (docs/protocols/http1.md).`,
  },
];
