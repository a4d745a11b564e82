/**
 * Sensors that run for as long as the test of the alarms does: a healthy one, and others with troubles of their own.
 */
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../support/prometheus.js';
import { inRoot } from '../../support/root.js';
import { AS_MODULES, Folder, Sensor, type SensorOptions } from '../../support/sensor.js';
import { sound, times, troubled } from './traffic.js';

export interface Sensors {
  readonly healthy: Sensor;
  /** Its mirror shows the traffic badly. */
  readonly mirror: Sensor;
  /** Its HOME_NET is not the network that is mirrored; its kernel drops packets; it dies. */
  readonly network: Sensor;
  /** Its shards stall and die. */
  readonly shards: Sensor;
  /** Nobody reads its events. */
  readonly reader: Sensor;
  /** Its disk is full; later its rules are broken. */
  readonly disk: Sensor;
  /** None of its rules can be loaded or fetched, no packet comes, its collector is away. */
  readonly rules: Sensor;
}

const RULE = 'alert udp any any -> any any (msg:"needle"; content:"needle"; priority:3; sid:1;)\n';
const URGENT = 'alert udp any any -> any any (msg:"urgent"; content:"urgent"; priority:1; sid:2;)\n';
const STALL = 'alert udp any any -> any any (msg:"slow"; content:"xxxx"; pcre:"/stall/"; sid:3;)\n';
/** More bits than a flow may hold. */
const BITS = times(
  80,
  (i) => `alert udp any any -> any any (content:"bits"; flowbits:set,bit${i}; noalert; sid:${100 + i};)\n`,
).join('');
const MISSPELT = RULE.replace('any any (', '$HOME_NETT any (');
/** Connections are over soon. */
const QUICK = { 'flow.tcp.newSeconds': 1, 'flow.tcp.establishedSeconds': 1, 'flow.tcp.closedSeconds': 1 };
const TICK_MS = 500;

export class Stage {
  readonly sensors: Sensors;
  private readonly folder: Folder;
  /** What keeps the pipe of events open. */
  private readonly pipe: number;
  private over = false;
  private sending: Promise<void> | undefined;

  private constructor(sensors: Sensors, folder: Folder, pipe: number) {
    this.sensors = sensors;
    this.folder = folder;
    this.pipe = pipe;
  }

  static async set(): Promise<Stage> {
    const folder = new Folder();
    const fifo = folder.at('events');
    execFileSync('mkfifo', [fifo]);
    const pipe = openSync(fifo, constants.O_RDWR | constants.O_NONBLOCK);
    const away = `tcp://127.0.0.1:${await freePort()}`;
    const one = (options: SensorOptions): Promise<Sensor> =>
      Sensor.start({ rules: RULE, ...options, settings: { workers: 1, ...options.settings } });
    const sensors: Sensors = {
      healthy: await one({ settings: { 'metrics.topRules': 10, ...QUICK } }),
      mirror: await one({ rules: `${RULE}${URGENT}${BITS}`, settings: QUICK }),
      network: await one({
        rules: RULE.replace('udp any', 'udp $HOME_NET'),
        args: ['--var', 'HOME_NET=192.168.0.0/16'],
        settings: { receiveBufferBytes: 4096 },
      }),
      shards: await one({
        rules: `${RULE}${STALL}`,
        settings: { workers: 2, 'ring.bytes': '1MiB', 'watchdog.stallSeconds': 1 },
        environment: { ...AS_MODULES, FAULTS: folder.path },
        preload: inRoot('test/support/injected-faults.mjs'),
      }),
      reader: await one({ args: ['--eve', fifo], settings: { 'eve.bufferBytes': '64KiB' } }),
      disk: await one({ args: ['--eve', '/dev/full'] }),
      rules: await Sensor.launch({
        rules: MISSPELT,
        settings: {
          workers: 1,
          'eve.outputs': away,
          'update.sources': folder.at('no.rules'),
          'update.directory': folder.at('fetched'),
        },
      }),
    };
    await sensors.rules.log('not ready: no rule could be loaded');
    return new Stage(sensors, folder, pipe);
  }

  get adminPorts(): Readonly<Record<string, number>> {
    return Object.fromEntries(
      Object.entries(this.sensors).map(([name, sensor]: [string, Sensor]) => [name, sensor.adminPort]),
    );
  }

  /** Sends what a mirror would until `strike`; to the sensors of other troubles what is sound. */
  begin(): void {
    this.sending = this.send();
  }

  /** Has a fault of test/support/injected-faults.mjs begin, or end. */
  inject(fault: string, on: boolean): void {
    if (on) this.folder.write(fault, '');
    else rmSync(this.folder.at(fault), { force: true });
  }

  /** Stops all sensors. */
  async strike(): Promise<void> {
    if (this.over) return;
    this.over = true;
    await this.sending;
    await Promise.all(Object.values(this.sensors).map((sensor: Sensor) => sensor.stop('SIGKILL')));
    closeSync(this.pipe);
    this.folder.remove();
  }

  private async send(): Promise<void> {
    const { healthy, mirror, network, reader, disk } = this.sensors;
    for (let tick = 0; !this.over; tick++) {
      await mirror.send(troubled(tick));
      for (const sensor of [healthy, network, reader, disk]) await sensor.send(sound(tick));
      await pause(TICK_MS);
    }
  }
}
