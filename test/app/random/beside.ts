/** Rules over talks, here and in Suricata: what differs, and which rules one of the two refuses. */
import { execFileSync } from 'node:child_process';
import { framesOf, hostOf } from '../../support/conversation.js';
import type { CapturedFrame } from '../../support/pcap-writer.js';
import { eventsOfFrames } from '../../support/reading.js';
import { Folder, MAIN } from '../../support/sensor.js';
import { refusedBySuricata, suricataEvents } from '../../support/suricata.js';
import type { Talk } from './chance.js';

export const SETTINGS = [
  'packet-alert-max=250',
  'app-layer.protocols.tls.ja3-fingerprints=yes',
  'app-layer.protocols.tls.ja4-fingerprints=yes',
  'app-layer.protocols.ssh.hassh=yes',
];

export interface Difference {
  readonly rule: string;
  readonly talk: number;
  /** Sid and direction of each alert. */
  readonly theirs: readonly string[];
  readonly ours: readonly string[];
}

interface Compared {
  readonly differences: readonly Difference[];
  readonly refused: readonly (readonly [rule: string, by: 'here' | 'there', why: string])[];
}

/** Rules have their place, from 1 on, as their sid. */
export function compare(talks: readonly Talk[], rules: readonly string[]): Compared {
  const frames = talks.map((talk, index) => framesOf({ ...talk, host: index + 1 }));
  const here: Ours = (all, taken) => eventsOfFrames(all, taken, ['stream.midstream=false']);
  return compareFrames(frames, rules, { here, there: SETTINGS });
}

/** What this engine says of frames and rules. */
type Ours = (frames: readonly CapturedFrame[], rules: readonly string[]) => readonly Event[];

export interface Sides {
  readonly here: Ours;
  /** Settings of Suricata. */
  readonly there: readonly string[];
}

/** The same of talks as their frames, each of which has its place, from 1 on, as the host of its client. */
export function compareFrames(
  talks: readonly (readonly CapturedFrame[])[],
  rules: readonly string[],
  sides: Sides,
): Compared {
  const refused = [
    ...[...refusedBySuricata(rules)].map(([rule, why]) => [rule, 'there', why] as const),
    ...refusedHere(rules).map(([rule, why]) => [rule, 'here', why] as const),
  ];
  const taken = new Set(rules);
  for (const [rule] of refused) taken.delete(rule);
  return { differences: differencesOf(talks, [...taken], sides), refused };
}

/** The same for rules that both take. */
export function differencesOf(
  talks: readonly (readonly CapturedFrame[])[],
  rules: readonly string[],
  sides: Sides,
): Difference[] {
  const frames = talks.flat();
  const ours = byTalk(sides.here(frames, rules));
  const theirs = byTalk(suricataEvents(frames, rules, sides.there));
  return rules.flatMap((rule) =>
    talks.flatMap((_, talk): Difference[] => {
      const of = (alerts: Alerts): string[] => alerts.get(`${talk + 1} ${sidOf(rule)}`)?.sort() ?? [];
      const found = { rule, talk, theirs: of(theirs), ours: of(ours) };
      return found.theirs.join() === found.ours.join() ? [] : [found];
    }),
  );
}

const sidOf = (rule: string): number => Number(/sid:(\d+);/.exec(rule)?.[1]);

/** Of host and sid: sid and direction of each alert. */
type Alerts = Map<string, string[]>;

interface Event {
  readonly src_ip: string;
  readonly dest_ip: string;
  readonly alert?: { readonly signature_id: number };
}

function byTalk(events: readonly Event[]): Alerts {
  const found: Alerts = new Map();
  for (const { src_ip, dest_ip, alert } of events) {
    if (alert === undefined) continue;
    const host = hostOf(src_ip) ?? hostOf(dest_ip);
    const key = `${host} ${alert.signature_id}`;
    found.set(key, [...(found.get(key) ?? []), `${alert.signature_id}${hostOf(src_ip) === undefined ? '<' : '>'}`]);
  }
  return found;
}

interface Checked {
  readonly diagnostics: readonly { readonly severity: string; readonly message: string; readonly line: number }[];
}

function refusedHere(rules: readonly string[]): [rule: string, why: string][] {
  const folder = new Folder();
  try {
    const file = folder.write('test.rules', `${rules.join('\n')}\n`);
    const { diagnostics } = JSON.parse(outputOf([MAIN, 'check', '--rules', file, '--json'])) as Checked;
    return diagnostics
      .filter(({ severity }) => severity === 'error')
      .map(({ line, message }) => [rules[line - 1]!, message]);
  } finally {
    folder.remove();
  }
}

/** What it prints, whatever its status. */
function outputOf(command: readonly string[]): string {
  try {
    return execFileSync(process.execPath, command, { encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
