#!/usr/bin/env node
/**
 * `npm run demo`: a sensor on free loopback ports, the captures in samples/ mirrored to it over a real UDP socket, its
 * alerts as they come, and a closing table. Ends with status 0 only if every packet sent is accounted for.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const { paintFor } = await import('../build/util/paint.js');
const paint = paintFor(process.stdout);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const main = join(root, 'dist', 'main.js');
const FIRST_VNI = 101;
const DEADLINE_MS = 60_000;

const freeUdpPort = () =>
  new Promise((done) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => done(port));
    });
  });

const freeTcpPort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function until(what, test) {
  for (const deadline = Date.now() + DEADLINE_MS; Date.now() < deadline; await pause(50)) {
    const result = await test();
    if (result) return result;
  }
  throw new Error(`gave up waiting: ${what}`);
}

/** All samples of /metrics: name with labels → value. */
async function scrape(admin) {
  const text = await (await fetch(`http://${admin}/metrics`)).text();
  return new Map(
    text
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return [line.slice(0, at), Number(line.slice(at + 1))];
      }),
  );
}

const sum = (samples, name, skip = () => false) =>
  [...samples]
    .filter(([key]) => (key === name || key.startsWith(`${name}{`)) && !skip(key))
    .reduce((total, [, value]) => total + value, 0);
const isKernel = (key) => key.includes('stage="socket"');

function showAlert(line, byRule) {
  const { timestamp, src_ip, src_port, dest_ip, dest_port, proto, alert, tunnel } = JSON.parse(line);
  const end = (address, port) => (port === undefined ? address : `${address}:${port}`);
  console.log(
    `${timestamp.slice(11, 23)}  [${alert.signature_id}] ${paint('bold', alert.signature)}  ${proto} ${end(src_ip, src_port)} → ${end(dest_ip, dest_port)}  vni ${tunnel?.vni ?? '-'}`,
  );
  const name = `${alert.signature_id}  ${alert.signature}`;
  byRule.set(name, (byRule.get(name) ?? 0) + 1);
}

/** Runs `periscope mirror` for one capture. @returns the packets it sent. */
function mirror(capture, vni, port) {
  return new Promise((done, fail) => {
    const child = spawn(
      process.execPath,
      [main, 'mirror', capture, '--to', `127.0.0.1:${port}`, '--vni', String(vni), '--rate', '2000pps'],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let said = '';
    child.stderr.on('data', (chunk) => (said += chunk));
    child.on('close', (status) => {
      const sent = /sent (\d+) packets/.exec(said);
      if (status !== 0 || sent === null) fail(new Error(`mirroring ${capture} failed: ${said.trim()}`));
      else done(Number(sent[1]));
    });
  });
}

/** Numbers stand under each other, however long the words before them are. */
function table(rows, width) {
  for (const [label, value] of rows) console.log(`  ${label.padEnd(width)}  ${String(value).padStart(6)}`);
}

const [port, adminPort] = [await freeUdpPort(), await freeTcpPort()];
const admin = `127.0.0.1:${adminPort}`;
console.log(`sensor on UDP 127.0.0.1:${port}, metrics on http://${admin}/metrics\n`);
const sensor = spawn(
  process.execPath,
  [
    main,
    'run',
    '--listen',
    `127.0.0.1:${port}`,
    '--admin',
    admin,
    '--rules',
    join(root, 'rules'),
    '--workers',
    '2',
    '--set',
    'shutdown.drainSeconds=0',
    '--set',
    'log.level=warn',
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const ended = new Promise((done) => sensor.on('close', (status) => done(status)));
process.on('exit', () => sensor.kill('SIGKILL'));
const byRule = new Map();
createInterface({ input: sensor.stdout }).on('line', (line) => showAlert(line, byRule));

await until('the sensor is ready', async () => (await fetch(`http://${admin}/readyz`).catch(() => undefined))?.ok);
let sent = 0;
const captures = readdirSync(join(root, 'samples'))
  .filter((name) => name.endsWith('.pcap'))
  .sort();
for (const [i, name] of captures.entries()) {
  console.log(paint('cyan', `── mirroring ${basename(name)} as VNI ${FIRST_VNI + i}`));
  sent += await mirror(join(root, 'samples', name), FIRST_VNI + i, port);
}

const RECEIVED = 'periscope_received_packets_total';
const INSPECTED = 'periscope_inspected_packets_total';
const DROPPED = 'periscope_dropped_packets_total';
const samples = await until('all packets are accounted for', async () => {
  const now = await scrape(admin);
  const received = sum(now, RECEIVED);
  return received + sum(now, DROPPED, (key) => !isKernel(key)) >= sent &&
    received === sum(now, INSPECTED) + sum(now, DROPPED, isKernel)
    ? now
    : undefined;
}).catch(() => scrape(admin));
sensor.kill('SIGTERM');
const status = await ended;

const kernel = sum(samples, DROPPED, (key) => !isKernel(key));
const received = sum(samples, RECEIVED);
const inspected = sum(samples, INSPECTED);
const dropped = [...samples].filter(([key, value]) => key.startsWith(`${DROPPED}{`) && value > 0 && !isKernel(key));
const packets = [
  ['sent', sent],
  ['dropped by the kernel', kernel],
  ['received', received],
  ['inspected', inspected],
  ...dropped.map(([key, value]) => [
    `dropped: ${/stage="([^"]+)"/.exec(key)[1]}, ${/reason="([^"]+)"/.exec(key)[1]}`,
    value,
  ]),
];
const alerts = [...byRule].sort(([a], [b]) => a.localeCompare(b));
const width = Math.max(...[...packets, ...alerts].map(([label]) => label.length));
console.log(`\n${paint('bold', 'packets')}`);
table(packets, width);
console.log(paint('bold', 'alerts by rule'));
table(alerts, width);
const closes =
  sent === received + kernel && received === inspected + dropped.reduce((total, [, value]) => total + value, 0);
console.log(closes ? paint('green', '\nevery packet is accounted for') : paint('red', '\nTHE SUMS DO NOT CLOSE'));
console.log(`
What to do next:
  npm start                                                          the sensor: mirrored packets in on UDP 4789
  node dist/main.js read samples/web-attack.pcap --rules rules       the alerts of one capture, as EVE JSON
  node dist/main.js check --rules rules                              what a sensor says of rules; write your own, and check them
  node dist/main.js update                                           fetch Emerging Threats Open, for run --rules downloaded-rules`);
if (status !== 0) console.log(`the sensor ended with status ${status}`);
process.exitCode = closes && status === 0 && byRule.size > 0 ? 0 : 1;
