/**
 * The built command (`dist/main.js`) as tests use it: run to its end, or as a sensor on free loopback ports that can be
 * scraped, sent to, reloaded and stopped. Nothing sleeps for a fixed time: `until` looks again and again at something
 * observable and gives up at a deadline, with what it was waiting for in the message.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createSocket } from 'node:dgram';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { sendAll } from './udp.js';

/** What is tested: the build beside the sources, or another one that the environment names. */
export const MAIN = process.env.TESTED_MAIN ?? fileURLToPath(new URL('../../dist/main.js', import.meta.url));
/** In an environment: the same as single modules, for what is loaded before it and changes some of them. */
export const AS_MODULES = { TESTED_MAIN: fileURLToPath(new URL('../../build/main.js', import.meta.url)) };
/** The machine may be busy with other tests. */
const DEADLINE_MS = 60_000;
const LOOK_EVERY_MS = 10;

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** An event of the event file, as far as tests look at it. */
export interface EveEvent {
  readonly timestamp: string;
  readonly flow_id?: number;
  readonly src_ip: string;
  readonly src_port?: number;
  readonly dest_ip: string;
  readonly dest_port?: number;
  readonly pcap_filename?: string;
  readonly pcap_cnt?: number;
  readonly tunnel?: {
    readonly vni?: number;
    readonly src_ip?: string;
    readonly src_port?: number;
    readonly dest_ip?: string;
    readonly dest_port?: number;
    readonly depth: number;
  };
  readonly alert: { readonly signature_id: number; readonly signature: string };
}

/** Looks until `look` returns something other than undefined and false. */
export async function until<Result>(
  what: string,
  look: () => Result | undefined | false | Promise<Result | undefined | false>,
  deadlineMs = DEADLINE_MS,
): Promise<Result> {
  for (const deadline = performance.now() + deadlineMs; ; await pause(LOOK_EVERY_MS)) {
    const result = await look();
    if (result !== undefined && result !== false) return result;
    if (performance.now() > deadline) throw new Error(`gave up waiting: ${what}`);
  }
}

/** A folder of its own for files of a test; removed by `remove`. */
export class Folder {
  readonly path = mkdtempSync(join(tmpdir(), 'periscope-test-'));

  write(name: string, content: string | Uint8Array): string {
    const path = this.at(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  at(name: string): string {
    return join(this.path, name);
  }

  read(name: string): string {
    return readFileSync(this.at(name), 'utf8');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

export function parseEvents(text: string): EveEvent[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as EveEvent);
}

/** Runs the command to its end. Never rejects: a test looks at the status. */
export function periscope(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return finish(spawnCommand(args, environment));
}

function spawnCommand(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  descriptors?: number,
): ChildProcess {
  const command = [process.execPath, environment.TESTED_MAIN ?? MAIN, ...args];
  const [program, ...rest] =
    descriptors === undefined ? command : ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh', ...command];
  return spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
}

function finish(child: ChildProcess): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('latin1').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, stdout, stderr })));
}

/** One scrape of /metrics. */
export class Metrics {
  private readonly samples: readonly { readonly name: string; readonly labels: string; readonly value: number }[];

  constructor(text: string) {
    this.samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name, labels = '', value]) => ({
      name: name!,
      labels,
      value: Number(value),
    }));
  }

  /**
   * The sum over all samples of `periscope_<name>` whose labels hold every one of `labels` (`reason="full"`); undefined
   * where there is none.
   */
  find(name: string, ...labels: readonly string[]): number | undefined {
    const found = this.samples.filter(
      (sample) => sample.name === `periscope_${name}` && labels.every((label) => sample.labels.includes(label)),
    );
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  }

  get(name: string, ...labels: readonly string[]): number {
    const value = this.find(name, ...labels);
    if (value === undefined) throw new Error(`there is no metric ${name} ${labels.join()}`);
    return value;
  }

  /** Reasons of drops that are not zero, as `stage.reason`. */
  get drops(): Record<string, number> {
    const drops = this.samples.filter(({ name, value }) => name === 'periscope_dropped_packets_total' && value > 0);
    return Object.fromEntries(
      drops.map(({ labels, value }) => [labels.replace(/stage="(\w+)",reason="(\w+)"/, '$1.$2'), value]),
    );
  }

  /** What became of the frames received; kernel drops are not among them. */
  get balance(): { received: number; inspected: number; dropped: number; pending: number } {
    const dropped = this.get('dropped_packets_total') - this.get('dropped_packets_total', 'stage="socket"');
    return {
      received: this.get('received_packets_total'),
      inspected: this.get('inspected_packets_total'),
      dropped,
      pending: this.get('pending_packets'),
    };
  }
}

export interface SensorOptions {
  /** Content of the rule file; none when left out. */
  readonly rules?: string;
  /** Configuration keys; short waits are set already. */
  readonly settings?: Readonly<Record<string, string | number>>;
  readonly listen?: readonly string[];
  readonly args?: readonly string[];
  /** Files and sockets that it may have open. */
  readonly descriptors?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** A module that each of its threads loads first. */
  readonly preload?: string;
}

export type LogLine = Readonly<Record<string, unknown>> & { readonly level: string; readonly msg: string };

/** A sensor that runs: on loopback, on ports of the kernel's choice unless `listen` says otherwise. */
export class Sensor {
  readonly folder = new Folder();
  readonly child: ChildProcess;
  /** Resolves when the process has ended. */
  readonly ended: Promise<Finished>;
  /** Address and port of every socket, in order. */
  sockets: readonly { readonly address: string; readonly port: number }[] = [];
  adminPort = 0;
  private stderr = '';
  private finished: Finished | undefined;

  private constructor(options: SensorOptions) {
    const settings = { workers: 2, 'shutdown.drainSeconds': 0, ...options.settings };
    const rules = options.rules === undefined ? [] : ['--rules', this.folder.write('test.rules', options.rules)];
    const listen = (options.listen ?? ['127.0.0.1:0']).flatMap((endpoint) => ['--listen', endpoint]);
    const set = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${value}`]);
    const environment: Record<string, string> = {
      ...options.environment,
      ...(options.preload === undefined ? {} : { NODE_OPTIONS: `--import ${pathToFileURL(options.preload).href}` }),
    };
    this.child = spawnCommand(
      [
        'run',
        ...rules,
        ...listen,
        '--admin',
        '127.0.0.1:0',
        '--eve',
        this.folder.at('eve.json'),
        ...set,
        ...(options.args ?? []),
      ],
      environment,
      options.descriptors,
    );
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    this.ended = finish(this.child).then((finished) => (this.finished = finished));
  }

  /** Starts a sensor and waits until it is ready. */
  static async start(options: SensorOptions = {}): Promise<Sensor> {
    const sensor = await Sensor.launch(options);
    await sensor.log('ready: ');
    sensor.sockets = sensor.logs
      .filter(({ msg }) => msg === 'receiving')
      .map(({ address, port }) => ({ address: String(address), port: Number(port) }));
    return sensor;
  }

  /** Starts a sensor and waits for nothing. */
  static spawn(options: SensorOptions = {}): Sensor {
    return new Sensor(options);
  }

  /**
   * Whether the process has a handler of its own for the signal (Linux). Node has some from its start, but none for
   * SIGHUP.
   */
  catches(name: NodeJS.Signals): boolean {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return (
      ((BigInt(`0x${/^SigCgt:\s*([0-9a-f]+)$/m.exec(status)![1]!}`) >> BigInt(constants.signals[name] - 1)) & 1n) === 1n
    );
  }

  /** Starts a sensor and waits until its admin port answers, no longer. */
  static async launch(options: SensorOptions = {}): Promise<Sensor> {
    const sensor = new Sensor(options);
    sensor.adminPort = Number((await sensor.log('metrics and health are served')).port);
    return sensor;
  }

  get logs(): readonly LogLine[] {
    return this.stderr
      .split('\n')
      .slice(0, -1)
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** Everything on stderr so far, for messages that are no log lines. */
  get errors(): string {
    return this.stderr;
  }

  /** Waits for the log line number `occurrence` (from 1) whose message begins so. */
  log(beginning: string, occurrence = 1): Promise<LogLine> {
    return until(`a log line "${beginning}"`, () => {
      const line = this.logs.filter(({ msg }) => msg.startsWith(beginning))[occurrence - 1];
      if (line === undefined && this.finished !== undefined)
        throw new Error(`the sensor has ended with ${this.finished.status}: ${this.stderr}`);
      return line;
    });
  }

  get(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.adminPort}${path}`);
  }

  async metrics(): Promise<Metrics> {
    return new Metrics(await (await this.get('/metrics')).text());
  }

  /** Sends datagrams to a socket of the sensor, one after the other. @returns the port they came from. */
  send(datagrams: readonly Uint8Array[], socket = 0): Promise<number> {
    const { address, port } = this.sockets[socket]!;
    return sendAll(port, datagrams, address);
  }

  /** Waits until `packets` datagrams in all have come and none is pending. */
  settled(packets: number): Promise<Metrics> {
    return until(`${packets} packets received and done`, async () => {
      const metrics = await this.metrics();
      return metrics.balance.received >= packets && metrics.balance.pending === 0 && metrics;
    });
  }

  events(name = 'eve.json'): EveEvent[] {
    const text = this.folder.read(name);
    return parseEvents(text.slice(0, text.lastIndexOf('\n') + 1));
  }

  /** Waits until the event file holds so many events. */
  alerts(count: number, name = 'eve.json'): Promise<EveEvent[]> {
    return until(`${count} alerts in ${name}`, () => {
      const events = this.events(name);
      return events.length >= count && events;
    });
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Asks the sensor to stop, waits for its end and removes its files. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Finished> {
    if (this.finished === undefined) this.child.kill(signal);
    const finished = await this.ended;
    this.folder.remove();
    return finished;
  }
}

/** A UDP port that was free a moment ago, for what must be known before a sensor has bound it. */
export function freeUdpPort(): Promise<number> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}
