/**
 * What goes wrong, each line of the table "What rings when" of docs/operations.md, with sensors that run. Most goes
 * wrong at the same time, each at a sensor of its own; what one sensor suffers from comes in order.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/sensor.js';
import type { Sensors, Stage } from './sensors.js';
import { message, times } from './traffic.js';

/** Where each trouble is brought about; `all` where the alarm names no sensor. */
export const WHERE: Readonly<Record<string, keyof Sensors | 'all'>> = {
  'The kernel drops 500 packets of a burst': 'network',
  'A burst overflows a ring': 'shards',
  'The kernel drops half of the traffic': 'network',
  'A tenth of what comes is no mirrored traffic': 'mirror',
  'Two per cent of the mirrored bytes are lost upstream': 'mirror',
  'Of half of the connections one direction is seen': 'mirror',
  'Connections are mirrored at both ends': 'mirror',
  'Two per cent of the packets are cut': 'mirror',
  'Events cannot be written': 'disk',
  'Nobody reads the events': 'reader',
  'A collector of events cannot be reached': 'rules',
  'Events overflow their buffer': 'reader',
  'A shard is held up, and its alerts come late': 'shards',
  'Flowbits find no room': 'mirror',
  'The sensor dies': 'network',
  'No sensor is scraped any more': 'all',
  'The sensor is not ready': 'rules',
  'No mirrored traffic comes any more': 'rules',
  'A mirror session falls silent': 'all',
  'A variable is misspelt, and rules that use it fail': 'rules',
  'No rule is live': 'rules',
  'A reload fails': 'disk',
  'Rules cannot be fetched': 'rules',
  'A rule stalls a shard and is taken out': 'shards',
  'A shard does not take up new rules': 'shards',
  'A shard dies and is replaced': 'shards',
  'A shard dies and does not come back': 'shards',
  'The clock steps by five seconds': 'shards',
  'A rule of the most urgent class matches': 'mirror',
  'Nothing matches, as HOME_NET is the wrong network': 'network',
};

/** Waits until an alarm rings, of a sensor or of none. */
export type Awaits = (alarm: string, where: keyof Sensors | 'all') => Promise<unknown>;

const SILENT_VNI = 9;
/** Fewer packets are a stray's. */
const SESSION_PACKETS = 1000;
const AT_A_TIME = 100;
const ROUND_MS = 1000;
const ROUNDS = 100;
const SLOW_MS = 60_000;

/** Does the same again and again until something comes about. */
async function repeat(act: () => Promise<void> | void, comesAbout: Promise<unknown>): Promise<void> {
  let over = false;
  const stop = (): void => void (over = true);
  comesAbout.then(stop, stop);
  for (let round = 0; !over && round < ROUNDS; round++) {
    await act();
    await pause(ROUND_MS);
  }
  await comesAbout;
}

async function aSessionFallsSilent({ sensors: { mirror } }: Stage, awaits: Awaits): Promise<void> {
  for (let sent = AT_A_TIME; sent <= SESSION_PACKETS; sent += AT_A_TIME) {
    await mirror.send(times(AT_A_TIME, () => message('hay', 2, SILENT_VNI)));
    await until(`${sent} packets of a session have come`, async () => {
      const packets = (await mirror.metrics()).find('vni_packets_total', `vni="${SILENT_VNI}"`) ?? 0;
      return packets >= sent;
    });
  }
  await awaits('PeriscopeMirrorSessionSilent', 'all');
}

async function theMirrorIsBad({ sensors: { mirror } }: Stage, awaits: Awaits): Promise<void> {
  await mirror.send([message('bits'), message('urgent')]);
  const alarms = ['NotMirrored', 'UpstreamLoss', 'MirrorOneSided', 'MirroredTwice', 'PacketsCut', 'FlowBitsRefused'];
  for (const alarm of [...alarms, 'UrgentAlerts']) await awaits(`Periscope${alarm}`, 'mirror');
}

async function theKernelDropsAndTheSensorDies({ sensors: { network } }: Stage, awaits: Awaits): Promise<void> {
  const burst = times(500, () => message('x'.repeat(1000)));
  const overflow = async (): Promise<void> => {
    network.signal('SIGSTOP');
    await network.send(burst);
    network.signal('SIGCONT');
  };
  await repeat(overflow, awaits('PeriscopeKernelDrops', 'network'));
  await repeat(overflow, awaits('PeriscopeInspectsTooLittle', 'network'));
  await awaits('PeriscopeFindsNothing', 'network');
  network.signal('SIGKILL');
  await awaits('PeriscopeDown', 'network');
}

async function shardsStallAndDie(stage: Stage, awaits: Awaits): Promise<void> {
  const { shards } = stage.sensors;
  stage.inject('clock-ahead', true);
  await awaits('PeriscopeClockSteps', 'shards');

  // It stalls at the first, its successor at the second; behind them in the ring are alerts, then what overflows it.
  const stalling = message('xxxx');
  await shards.send([stalling, stalling, ...times(64, (i) => message('needle', 2 + i))]);
  const filling = times(10 * AT_A_TIME, () => message('y'.repeat(1400)));
  await until('the ring is full', async () => {
    await shards.send(filling);
    const metrics = await shards.metrics();
    return ['full', 'new_flow', 'known_flow'].some(
      (why) => metrics.get('dropped_packets_total', `reason="${why}"`) > 0,
    );
  });
  for (const alarm of ['RingDrops', 'AlertsLate', 'ShardRestarts', 'RulesQuarantined'])
    await awaits(`Periscope${alarm}`, 'shards');

  stage.inject('shards-die', true);
  await awaits('PeriscopeShardDown', 'shards');
  // A shard that is down while rules are loaded has the old ones until it comes back.
  await repeat(() => shards.signal('SIGHUP'), awaits('PeriscopeShardLags', 'shards'));
  stage.inject('shards-die', false);
}

async function nobodyReads({ sensors: { reader } }: Stage, awaits: Awaits): Promise<void> {
  const needles = times(AT_A_TIME, () => message('needle'));
  const alarms = ['PeriscopeOutputStuck', 'PeriscopeAlertsLost'].map((alarm) => awaits(alarm, 'reader'));
  await repeat(async () => void (await reader.send(needles)), Promise.all(alarms));
}

async function theDiskIsFullAndRulesBreak({ sensors: { disk } }: Stage, awaits: Awaits): Promise<void> {
  await awaits('PeriscopeOutputStuck', 'disk');
  disk.folder.write('test.rules', 'alert udp any any -> any any (contnt:"needle"; sid:1;)\n');
  disk.signal('SIGHUP');
  await awaits('PeriscopeReloadFailed', 'disk');
}

async function nothingCanBeLoaded(_: Stage, awaits: Awaits): Promise<void> {
  for (const alarm of ['RulesFailed', 'NoRules', 'NotReady', 'ReceivesNothing', 'OutputDown', 'RuleUpdateFails'])
    await awaits(`Periscope${alarm}`, 'rules');
}

/** Its rules are loaded again, and rise from 0 in their metrics, which takes half a minute. */
async function theHealthyOneGoesOn({ sensors: { healthy } }: Stage): Promise<void> {
  healthy.signal('SIGHUP');
  await healthy.log('rules are loaded again');
  const alerts = async (): Promise<number> => (await healthy.metrics()).find('rule_alerts_total', 'sid="1"') ?? 0;
  const first = await until('alerts of a rule are counted', async () => (await alerts()) || undefined, SLOW_MS);
  await until('more of them have been scraped', async () => (await alerts()) > first + 5);
}

/** All of it. @returns what has not come about. */
export async function bringAbout(stage: Stage, awaits: Awaits): Promise<readonly unknown[]> {
  const acts = [
    aSessionFallsSilent,
    theMirrorIsBad,
    theKernelDropsAndTheSensorDies,
    shardsStallAndDie,
    nobodyReads,
    theDiskIsFullAndRulesBreak,
    nothingCanBeLoaded,
    theHealthyOneGoesOn,
  ];
  const results = await Promise.allSettled(acts.map((act) => act(stage, awaits)));
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
}
