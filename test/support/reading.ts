/**
 * What the built command says of whole conversations: rules and traffic in, alerts out, streams and applications
 * included. One run of `read` for all of them.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { clientAddress, framesOf, type Conversation } from './conversation.js';
import { pcapFile, type CapturedFrame } from './pcap-writer.js';
import { Folder, MAIN } from './sensor.js';

export interface ReadEvent {
  readonly event_type: string;
  readonly src_ip: string;
  readonly dest_ip: string;
  readonly pcap_cnt?: number;
  readonly alert?: { readonly signature_id: number };
}

/** Of each conversation, whose host is its place from 1 on: its alerts in order, as sid and direction of the data. */
export function alertsOfEach(
  talks: readonly Omit<Conversation, 'host'>[],
  rules: readonly string[],
  settings: readonly string[] = [],
): string[][] {
  return eventsOfTalks(talks, rules, settings).map((events, index) =>
    events.flatMap(({ alert, src_ip }) =>
      alert === undefined ? [] : [`${alert.signature_id}${src_ip === clientAddress(index + 1) ? '>' : '<'}`],
    ),
  );
}

/** All events of each. */
export function eventsOfTalks(
  talks: readonly Omit<Conversation, 'host'>[],
  rules: readonly string[],
  settings: readonly string[] = [],
): ReadEvent[][] {
  const frames = talks.flatMap((talk, i) => framesOf({ ...talk, host: i + 1 }));
  const all = eventsOfFrames(frames, rules, settings);
  return talks.map((_, i) => {
    const client = clientAddress(i + 1);
    return all.filter(({ src_ip, dest_ip }) => src_ip === client || dest_ip === client);
  });
}

/** All events of a capture with these frames. */
export function eventsOfFrames(
  frames: readonly CapturedFrame[],
  rules: readonly string[],
  settings: readonly string[] = [],
): ReadEvent[] {
  const folder = new Folder();
  try {
    const capture = folder.write('talks.pcap', pcapFile(frames));
    const file = folder.write('test.rules', `${rules.join('\n')}\n`);
    const events = folder.at('events.ndjson');
    const options = ['--rules', file, '--eve', events, '--workers', '1'];
    const set = settings.flatMap((setting) => ['--set', setting]);
    execFileSync(process.execPath, [MAIN, 'read', capture, ...options, ...set], { stdio: 'pipe' });
    return readFileSync(events, 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as ReadEvent);
  } finally {
    folder.remove();
  }
}
