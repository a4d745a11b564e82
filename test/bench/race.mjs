/**
 * Against Suricata on the same capture, the same rules and the same core, in turn (`../shared/bench/race.py`): how many
 * times its throughput. Skipped where it is not there. Rules are loaded beforehand; of `start` both tell apart.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CAPTURES } from './read.mjs';
import { largeCapture } from './captures.mjs';
import { skip } from './harness.mjs';
import { root } from './sensor.mjs';

const SCRIPT = join(root, '..', 'shared', 'bench', 'race.py');
const ROUNDS = 1;
const SIDE = (name) => new RegExp(`${name} ([\\d.]+) MB/s \\(start ([\\d.]+) s, (\\d+) MB, (\\d+) alerts\\)`);

/** @param args those of make-capture.py */
function race(args) {
  if (!existsSync(SCRIPT)) throw skip('../shared/bench is not beside the project');
  const { status, stdout, stderr } = spawnSync('python3', [SCRIPT, largeCapture(...args), '--rounds', String(ROUNDS)], {
    encoding: 'utf8',
    cwd: root,
  });
  if (status !== 0) throw skip(`race.py did not run: ${stderr.trim().split('\n').at(-1)}`);
  const [, peerRate, peerStart, peerMB, peerAlerts] = SIDE('suricata').exec(stdout);
  const [, rate, start, rssMB, alerts] = SIDE('periscope').exec(stdout);
  return {
    value: Number(rate) / Number(peerRate),
    MBps: Number(rate),
    ofSuricata: Number(peerRate),
    startSeconds: Number(start),
    startOfSuricata: Number(peerStart),
    rssMB: Number(rssMB),
    rssOfSuricata: Number(peerMB),
    alerts: Number(alerts),
    alertsOfSuricata: Number(peerAlerts),
  };
}

const RACES = {
  'mixed, 200 MB': CAPTURES.mixed,
  'HTTP, 200 MB': CAPTURES.HTTP,
  'mixed, 1 GB': ['mixed-1000.pcap', '--megabytes', '1000'],
};

export const raceBenches = Object.entries(RACES).map(([name, args]) => ({
  name: `race: ${name}, ET Open, one core`,
  unit: 'times',
  run: () => race(args),
}));
