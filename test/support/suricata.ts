/**
 * Asks Suricata what it makes of conversations, where it is installed. Tests that do are skipped, loudly, elsewhere.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientAddress, framesOf, type Conversation } from './conversation.js';
import { pcapFile, type CapturedFrame } from './pcap-writer.js';

export const PEERS = process.env['PEERS'] ?? join(homedir(), '.cache/suricata-peer');
const PROGRAM = join(PEERS, 'bin/suricata');

export const hasSuricata = existsSync(PROGRAM);
if (!hasSuricata) console.warn(`skipped: there is no Suricata to ask (${PROGRAM})`);

/** What it says of one conversation: of its flow, and how often each rule alerted, by direction. */
export interface Answer {
  readonly application: string;
  readonly toServer: string | undefined;
  readonly toClient: string | undefined;
  readonly original: string | undefined;
  readonly expected: string | undefined;
  /** `sid` and direction (`>` or `<`), in the order of the alerts; and the packet's number. */
  readonly alerts: readonly string[];
}

interface EveFlow {
  app_proto?: string;
  app_proto_ts?: string;
  app_proto_tc?: string;
  app_proto_orig?: string;
  app_proto_expected?: string;
}
export interface Eve extends EveFlow {
  event_type: string;
  src_ip: string;
  pcap_cnt?: number;
  dest_ip: string;
  alert?: { signature_id: number };
  anomaly?: { event: string };
}

/** The answers, in the order of the conversations; each needs a host of its own. */
export function askSuricata(
  conversations: readonly Conversation[],
  rules: readonly string[] = [],
  options: { readonly midstream?: boolean } = {},
): readonly Answer[] {
  return eventsOfEach(conversations, rules, [`stream.midstream=${options.midstream === true}`]).map(answerOf);
}

/** All events about each of the conversations, and the address of its client. */
export interface Told {
  readonly client: string;
  readonly events: readonly Eve[];
}

export function eventsOfEach(
  talks: readonly Conversation[],
  rules: readonly string[],
  more: readonly string[],
): Told[] {
  const events = suricataEvents(talks.flatMap(framesOf), rules, more);
  return talks.map(({ host }) => {
    const client = clientAddress(host);
    return { client, events: events.filter(({ src_ip, dest_ip }) => src_ip === client || dest_ip === client) };
  });
}

/** All that it says of a capture with these frames. */
export function suricataEvents(
  frames: readonly CapturedFrame[],
  rules: readonly string[],
  more: readonly string[],
): Eve[] {
  const folder = mkdtempSync(join(tmpdir(), 'periscope-peer-'));
  try {
    writeFileSync(join(folder, 'rules'), `${rules.join('\n')}\n`);
    writeFileSync(join(folder, 'pcap'), pcapFile(frames));
    const settings = [...more, 'vars.address-groups.HOME_NET=any', 'vars.address-groups.EXTERNAL_NET=any'];
    const files = ['-r', join(folder, 'pcap'), '-S', join(folder, 'rules'), '-l', folder];
    const command = ['-c', join(PEERS, 'etc/suricata.yaml'), ...files, '-k', 'none', '--runmode', 'single'];
    execFileSync(PROGRAM, [...command, ...settings.flatMap((setting) => ['--set', setting])], { stdio: 'pipe' });
    const lines = readFileSync(join(folder, 'eve.json'), 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as Eve);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Which of the rules it does not load, and why. */
export function refusedBySuricata(rules: readonly string[]): Map<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'periscope-peer-'));
  try {
    writeFileSync(join(folder, 'rules'), `${rules.join('\n')}\n`);
    const command = ['-T', '-c', join(PEERS, 'etc/suricata.yaml'), '-S', join(folder, 'rules'), '-l', folder];
    const { stderr } = spawnSync(PROGRAM, command, { encoding: 'utf8' });
    return new Map(refusals(stderr, rules));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The reason stands in the line before the one that names the rule. */
function* refusals(log: string, rules: readonly string[]): Generator<[rule: string, why: string]> {
  let why = '';
  for (const line of log.split('\n')) {
    const number = /error parsing signature .* at line (\d+)$/.exec(line)?.[1];
    if (number === undefined) why = line;
    else yield [rules[Number(number) - 1]!, why];
  }
}

function answerOf({ client, events }: Told): Answer {
  const flow = events.find(({ event_type }) => event_type === 'flow');
  return {
    application: flow?.app_proto ?? 'unknown',
    toServer: flow?.app_proto_ts,
    toClient: flow?.app_proto_tc,
    original: flow?.app_proto_orig,
    expected: flow?.app_proto_expected,
    alerts: events.flatMap(({ alert, src_ip, anomaly, pcap_cnt }) => {
      if (anomaly !== undefined) return [`${anomaly.event}`];
      return alert === undefined ? [] : [`${alert.signature_id}${src_ip === client ? '>' : '<'}@${pcap_cnt}`];
    }),
  };
}
