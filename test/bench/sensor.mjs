/**
 * A sensor as a child process on free loopback ports, its metrics, and what its threads cost; for benchmarks and the
 * soak.
 */
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../../', import.meta.url));
/** A bench that changes modules of the sensor names `build/main.js`. */
const main = () => join(root, process.env.BENCH_MAIN ?? 'dist/main.js');
/** USER_HZ, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
/** Number of the system call in which a dispatch thread waits. */
const RECVMMSG = { x64: 299, arm64: 243 }[process.arch];

export const freeUdpPort = () =>
  new Promise((done) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => done(port));
    });
  });

export const freeTcpPort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

/** Runs the command line of the project. `said` collects stderr line by line. */
export function periscope(...args) {
  const child = spawn(process.execPath, [main(), ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const started = { child, pid: child.pid, said: [], ended: undefined };
  createInterface({ input: child.stderr }).on('line', (line) => started.said.push(line));
  started.ended = new Promise((done) => child.on('close', (status) => done(status)));
  process.on('exit', () => child.kill('SIGKILL'));
  return started;
}

/** `periscope mirror`: what it said of the packets sent is in `sent` of the result. */
export async function mirrored(sender) {
  const status = await sender.ended;
  const sent = /sent (\d+) packets/.exec(sender.said.join('\n'));
  if (status !== 0 || sent === null)
    throw new Error(`mirroring failed with status ${status}: ${sender.said.join('\n')}`);
  return Number(sent[1]);
}

export class Sensor {
  /** Starts `periscope run` and waits until it is ready. */
  static async start(args) {
    const sensor = new Sensor(await freeUdpPort(), `127.0.0.1:${await freeTcpPort()}`, args);
    for (const deadline = Date.now() + 120_000; ; await pause(50)) {
      if ((await fetch(`http://${sensor.admin}/readyz`).catch(() => undefined))?.ok) return sensor;
      if (Date.now() > deadline)
        throw new Error(`the sensor does not become ready:\n${sensor.process.said.join('\n')}`);
    }
  }

  constructor(port, admin, args) {
    this.port = port;
    this.admin = admin;
    this.process = periscope(
      'run',
      '--listen',
      `127.0.0.1:${port}`,
      '--admin',
      admin,
      '--set',
      'shutdown.drainSeconds=0',
      ...args,
    );
  }

  async scrape() {
    return new Metrics(await (await fetch(`http://${this.admin}/metrics`)).text());
  }

  /** @returns the exit status and the sums that the sensor logs when it has stopped. */
  async stop() {
    this.process.child.kill('SIGTERM');
    const status = await this.process.ended;
    const sums = this.process.said
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line))
      .find(({ msg }) => msg === 'stopped');
    return { status, sums };
  }

  /** Of each thread so far, by thread id: seconds that it ran, and that it could have run but had no core. */
  threads() {
    const folder = `/proc/${this.process.pid}/task`;
    return new Map(
      readdirSync(folder).flatMap((tid) => {
        const times = schedulerSeconds(`${folder}/${tid}/schedstat`);
        return times === undefined ? [] : [[Number(tid), times]];
      }),
    );
  }

  /**
   * Threads that wait in recvmmsg: while nothing is sent, those are the dispatchers. Empty where /proc does not tell.
   */
  dispatchThreads() {
    const folder = `/proc/${this.process.pid}/task`;
    return readdirSync(folder)
      .filter((tid) => {
        try {
          return Number(readFileSync(`${folder}/${tid}/syscall`, 'utf8').split(' ')[0]) === RECVMMSG;
        } catch {
          return false;
        }
      })
      .map(Number);
  }
}

/** Of a `schedstat` file of /proc: seconds on a core, seconds of waiting for one. Undefined once the thread is gone. */
export function schedulerSeconds(file) {
  try {
    const [ran, waited] = readFileSync(file, 'utf8')
      .split(' ')
      .map((nanoseconds) => Number(nanoseconds) / 1e9);
    return { ran, waited };
  } catch {
    return undefined;
  }
}

/** Seconds that the hypervisor kept this machine's cores from running. */
export function stolenSeconds() {
  return Number(readFileSync('/proc/stat', 'utf8').split(/\s+/)[8]) / TICKS_PER_SECOND;
}

/** Samples of one scrape. */
export class Metrics {
  constructor(text) {
    this.samples = text
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => {
        const at = line.lastIndexOf(' ');
        return { key: line.slice(0, at), value: Number(line.slice(at + 1)) };
      });
  }

  /** Of a metric with all its labels, or of those whose labels `keep`s. */
  list(name, keep = () => true) {
    return this.samples.filter(
      ({ key }) => (key === `periscope_${name}` || key.startsWith(`periscope_${name}{`)) && keep(key),
    );
  }

  sum(name, keep) {
    return this.list(name, keep).reduce((total, { value }) => total + value, 0);
  }

  /** What became of the frames: closes when received = inspected + dropped + pending. */
  balance() {
    const bySocket = (key) => key.includes('stage="socket"');
    const [received, inspected, pending] = [
      this.sum('received_packets_total'),
      this.sum('inspected_packets_total'),
      this.sum('pending_packets'),
    ];
    const dropped = this.sum('dropped_packets_total', (key) => !bySocket(key));
    return {
      received,
      inspected,
      dropped,
      pending,
      ringDropped: this.sum('dropped_packets_total', (key) => /stage="(ring|overload)"/.test(key)),
      kernelDropped: this.sum('dropped_packets_total', bySocket),
      closes: received === inspected + dropped + pending,
    };
  }
}
