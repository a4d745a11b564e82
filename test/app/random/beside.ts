/** Rules over talks, here and in Suricata: what differs, and which rules one of the two refuses. */
import { execFileSync } from 'node:child_process';
import { clientAddress, type Conversation } from '../../support/conversation.js';
import { alertsOfEach } from '../../support/reading.js';
import { Folder, MAIN } from '../../support/sensor.js';
import { eventsOfEach, refusedBySuricata } from '../../support/suricata.js';
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
  const refused = [
    ...[...refusedBySuricata(rules)].map(([rule, why]) => [rule, 'there', why] as const),
    ...refusedHere(rules).map(([rule, why]) => [rule, 'here', why] as const),
  ];
  const taken = new Set(rules);
  for (const [rule] of refused) taken.delete(rule);
  const ours = alertsOfEach(talks, [...taken], ['stream.midstream=false']);
  const asked = talks.map((talk, index): Conversation => ({ ...talk, host: index + 1 }));
  const theirs = eventsOfEach(asked, [...taken], SETTINGS).map(({ events }, index) =>
    events.flatMap(({ alert, src_ip }) =>
      alert === undefined ? [] : [`${alert.signature_id}${src_ip === clientAddress(index + 1) ? '>' : '<'}`],
    ),
  );
  const differences = rules.flatMap((rule, number) =>
    talks.flatMap((_, talk): Difference[] => {
      const of = (alerts: readonly string[]) => alerts.filter((alert) => parseInt(alert) === number + 1).sort();
      const found = { rule, talk, theirs: of(theirs[talk]!), ours: of(ours[talk]!) };
      return found.theirs.join() === found.ours.join() ? [] : [found];
    }),
  );
  return { differences, refused };
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
