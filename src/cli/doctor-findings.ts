/**
 * What is wrong with a sensor, by its figures: each finding says what, how much, and what to change. Pure.
 *
 * `blind`: it sees or finds nothing. `loses`: traffic or alerts are lost. `notice`: less than it could be. Within a
 * grade the larger share comes first.
 */
import type { Figures } from './doctor-figures.js';
import { MIRROR_DEFAULTS, type MirrorThresholds } from '../config/mirror-settings.js';
import { REMEDIES, asSentence } from './remedies.js';
import { SESSION_PACKETS } from './mirror-log.js';

const GRADES = ['blind', 'loses', 'notice'] as const;
export type Grade = (typeof GRADES)[number];

export interface Finding {
  readonly grade: Grade;
  /** Of the traffic, 0 to 1; 0 where that cannot be said. */
  readonly share: number;
  readonly says: string;
  readonly change: string;
}

/** From here on a share is told with one decimal place: what would be rounded to 10 % belongs there. */
const LEAST_WITH_ONE_PLACE = 0.099_95;
/** Shares below this are no finding. */
const LEAST_SHARE = 0.001;
/**
 * Fewer connections say nothing of directions, and scans have one side. Over all the time of a sensor, where the log of
 * the mirror (mirror-log.ts) judges one minute by other figures.
 */
const LEAST_CONNECTIONS = 100;
const LEAST_ONE_SIDED = 0.1;

/** What a rule may take of the time of the shards, once they have worked for so long. */
const DEAR_SHARE = 0.1;
const LEAST_BUSY_SECONDS = 60;

/** Sessions that a finding names. */
const SESSIONS_NAMED = 3;

type Look = (figures: Figures, received: number, mirror: MirrorThresholds) => Finding | readonly Finding[] | undefined;

const count = (value: number): string => Math.round(value).toLocaleString('en').replaceAll(',', ' ');
export const percent = (share: number): string => `${(100 * share).toFixed(share < LEAST_WITH_ONE_PLACE ? 2 : 1)} %`;

/** Drops of a stage that are a share of what came worth naming. */
function drops(stage: string, reason: string | undefined, what: string, change: string): Look {
  return (figures, received) => {
    const dropped = figures.sum('dropped_packets_total', reason === undefined ? { stage } : { stage, reason });
    const share = dropped / Math.max(1, received);
    if (share < LEAST_SHARE) return undefined;
    return { grade: 'loses', share, says: `${percent(share)} of the packets (${count(dropped)}) ${what}.`, change };
  };
}

/** A counter that should stand at 0. `what` has `{one|several}` where it hangs on the number. */
function counts(grade: Grade, name: string, labels: Record<string, string>, what: string, change: string): Look {
  return (figures) => {
    const value = figures.sum(name, labels);
    const says = what.replace(/\{([^|}]*)\|([^}]*)\}/g, value === 1 ? '$1' : '$2');
    return value === 0 ? undefined : { grade, share: 0, says: `${count(value)} ${says}.`, change };
  };
}

/** Bounds that were met: what was given up so that all else goes on. */
const LIMITS: readonly Look[] = [
  counts(
    'loses',
    'stream_evicted_bytes_total',
    {},
    '{byte|bytes} of streams gave way before {it was|they were} looked at',
    'Raise stream.memory.',
  ),
  counts(
    'loses',
    'flows_evicted_total',
    {},
    '{flow|flows} gave way to others in a full table',
    'Raise flow.cap, or shorten the timeouts in flow.*.',
  ),
  counts(
    'loses',
    'flows_crowded_out_total',
    {},
    '{flow|flows} gave way to others, as {its|their} shard parsed as many, or used as much memory, as it may',
    'Raise workers, stream.memory or the memory of the container, or shorten the timeouts in flow.*.',
  ),
  counts(
    'loses',
    'app_connections_refused_total',
    {},
    '{flow was|flows were} not parsed, as there were too many',
    'Raise workers, or shorten the timeouts in flow.*.',
  ),
  counts(
    'loses',
    'app_transactions_cut_total',
    {},
    '{transaction was|transactions were} taken for complete too soon, as there were too many',
    'Raise `transactions` of the protocol in protocols.*; periscope_app_transactions_cut_total names it.',
  ),
  counts(
    'loses',
    'stream_no_memory_total',
    {},
    'TCP {segment|segments} found no memory for {its|their} stream',
    'Raise stream.memory.',
  ),
];

/** Outputs that lost events, each with its number, and those that take none at present. */
function ofOutputs(figures: Figures): readonly Finding[] {
  const lost = figures.sum('alerts_dropped_total', { reason: 'output' });
  const losing = figures.all('output_events_lost_total').filter(({ value }) => value > 0);
  const named = losing.map(({ labels, value }) => `${labels.output} ${count(value)}`).join(', ');
  const down = figures.all('output_up').filter(({ value }) => value === 0);
  const findings = down.map(({ labels: { output } }): Finding => ({
    grade: 'loses',
    share: 0,
    says: `The output ${output} takes no events: ${count(figures.sum('output_buffer_bytes', { output }))} bytes wait for it.`,
    change: 'The log names the reason. What waits is lost once eve.bufferBytes is full.',
  }));
  if (lost === 0) return findings;
  return [
    {
      grade: 'loses',
      share: 0,
      says: `${count(lost)} ${lost === 1 ? 'event was' : 'events were'} lost, as an output could not take ${lost === 1 ? 'it' : 'them'}${named === '' ? '' : `: ${named}`}.`,
      change:
        'Is a disk full, the reader of a pipe gone, or a receiver slow or not there? Larger eve.bufferBytes help over pauses.',
    },
    ...findings,
  ];
}

const LOOKS: readonly Look[] = [
  ({ notReady }) =>
    notReady.map((reason) => ({
      grade: 'blind',
      share: 1,
      says: `It is not ready: ${reason}.`,
      change: 'See its log.',
    })),
  (_, received) =>
    received > 0
      ? undefined
      : {
          grade: 'blind',
          share: 1,
          says: 'Not one packet has reached it.',
          change:
            'Look at the mirror session (target, filter rules for both directions, IPv6 apart), the security group and ' +
            'the UDP listener of the load balancer.',
        },
  (figures) =>
    figures.sum('rules', { state: 'loaded' }) > figures.sum('rules', { state: 'waiting' })
      ? undefined
      : {
          grade: 'blind',
          share: 1,
          says: 'No rule is in use.',
          change: 'Name rule files with --rules, and try them with `periscope check`.',
        },
  drops('socket', undefined, 'were dropped by the kernel, as the receive buffer was full', asSentence(REMEDIES.socket)),
  drops(
    'overload',
    undefined,
    'were left out with their flows, as shards could not keep up',
    asSentence(REMEDIES.overload),
  ),
  drops('ring', undefined, 'found the ring of their shard full: it cannot keep up', asSentence(REMEDIES.overload)),
  drops('shard', undefined, 'were lost with a shard that died', 'The log names error and rule: please report it.'),
  drops(
    'decapsulate',
    undefined,
    'are no mirrored traffic',
    'Something else sends to the port (health checks over UDP, scanners): restrict the security group.',
  ),
  drops(
    'defragment',
    undefined,
    'are fragments whose rest never came',
    'Loss before the sensor, or an attack on reassembly; the reasons tell which.',
  ),
  drops('decode', undefined, 'could not be decoded', 'The reasons are in periscope_dropped_packets_total.'),
  (figures) => {
    const share = figures.sum('loss_part_ratio', { part: 'upstream' });
    if (share < LEAST_SHARE) return undefined;
    return {
      grade: 'loses',
      share,
      says: `${percent(share)} of the bytes (${count(figures.sum('stream_gap_bytes_total'))}) were acknowledged, but never mirrored to it${worstSessions(figures)}.`,
      change: asSentence(REMEDIES.upstream),
    };
  },
  (figures, received) => {
    const share = figures.sum('truncated_packets_total') / Math.max(1, received);
    if (share < LEAST_SHARE) return undefined;
    return {
      grade: 'loses',
      share,
      says: `${percent(share)} of the packets are cut by the mirror session.`,
      change: asSentence(REMEDIES.cut),
    };
  },
  (figures) => {
    const connections = figures.sum('tcp_connections_ended_total');
    const share = figures.sum('tcp_connections_one_sided_total') / Math.max(1, connections);
    if (connections < LEAST_CONNECTIONS || share < LEAST_ONE_SIDED) return undefined;
    return {
      grade: 'loses',
      share: share / 2,
      says: `Of ${percent(share)} of the TCP connections it sees one direction${halvingSessions(figures)}.`,
      change: asSentence(REMEDIES.oneSided),
    };
  },
  (figures, received) => {
    const jumps = figures.sum('stream_jumps_total');
    const share = jumps / Math.max(1, received);
    if (share < LEAST_SHARE) return undefined;
    return {
      grade: 'notice',
      share,
      says:
        `${percent(share)} of the packets (${count(jumps)}) have TCP numbers further on than can have been sent ` +
        'meanwhile; these are not counted as lost.',
      change:
        'Either somebody makes such packets up, or different connections are taken for one: keep networks with the same ' +
        'addresses apart (flow.vni, flow.vlan, other vni.groups).',
    };
  },
  (figures, received, mirror) => {
    const share = figures.sum('stream_overlaps_total') / Math.max(1, received);
    if (share < mirror.twicePercent / 100) return undefined;
    return {
      grade: 'notice',
      share,
      says: `${percent(share)} of the packets bring bytes of TCP that were there already.`,
      change: asSentence(REMEDIES.twice),
    };
  },
  counts(
    'notice',
    'clock_steps_total',
    {},
    '{time|times} the clock has stepped by more than a second',
    asSentence(REMEDIES.clock),
  ),
  (figures) =>
    figures.all('vni_info').flatMap(({ labels }): Finding[] => {
      if (figures.all('vni_packets_total', { vni: labels.vni }).length > 0) return [];
      return [
        {
          grade: 'notice',
          share: 0,
          says: `Mirror session ${labels.vni} (${labels.name}) is not heard.`,
          change: `${asSentence(REMEDIES.unheard)} Or was it heard before metrics.vniForgetSeconds?`,
        },
      ];
    }),
  (figures) => ofOutputs(figures),
  counts(
    'loses',
    'alerts_dropped_total',
    { reason: 'ring' },
    '{alert was|alerts were} lost on the way from {its|their} shard',
    'Raise candidates.bytes, or limit the rules that alert most (`threshold`).',
  ),
  ...LIMITS,
  counts(
    'notice',
    'shard_restarts_total',
    {},
    '{time|times} a shard has died and was replaced',
    'The log names error and rule: please report it.',
  ),
  counts(
    'notice',
    'rules',
    { state: 'quarantined' },
    '{rule was|rules were} taken out, as {it|they} broke or stalled a shard',
    'The log names them: mend them, then reload.',
  ),
  counts(
    'notice',
    'rules',
    { state: 'failed' },
    '{rule|rules} failed to load',
    '`periscope check` says why, and what to write instead.',
  ),
  counts(
    'notice',
    'alerts_late_total',
    {},
    '{alert|alerts} came late, as {its|their} shard was held up',
    'Look for rules that cost much: `periscope check --hints`.',
  ),
  counts(
    'notice',
    'log_lines_dropped_total',
    {},
    'log {line was|lines were} dropped, as nobody reads them',
    'Look at what takes stderr.',
  ),
  counts(
    'notice',
    'dataset_values_refused_total',
    {},
    '{value|values} found no room in datasets',
    'Raise datasets.bytes.',
  ),
  counts('notice', 'flowbits_refused_total', {}, '{flowbit|flowbits} found no room', 'Raise flow.cap.'),
  (figures) =>
    figures.has('reload_success') && figures.sum('reload_success') === 0
      ? { grade: 'notice', share: 0, says: 'The last load of its rules failed.', change: 'The log says why.' }
      : undefined,
  (figures) =>
    figures.has('rule_update_success') && figures.sum('rule_update_success') === 0
      ? {
          grade: 'notice',
          share: 0,
          says: 'The last update of its rules did not bring those of all sources.',
          change: 'The log says why: can it reach them, and do their rules load?',
        }
      : undefined,
  (figures) => {
    const busy = figures.sum('shard_busy_seconds_total');
    return figures.all('rule_busy_seconds').flatMap(({ labels, value }): Finding[] => {
      const share = value / Math.max(busy, LEAST_BUSY_SECONDS);
      if (share < DEAR_SHARE) return [];
      const says = `Rule ${labels.gid}:${labels.sid} takes ${percent(share)} of the time of the shards.`;
      return [{ grade: 'notice', share: 0, says, change: 'Narrow it, or leave it out; `check --hints` says how.' }];
    });
  },
  (figures) =>
    figures.all('receive_buffer_bytes').flatMap(({ labels, value }): Finding[] => {
      const asked = figures.sum('receive_buffer_requested_bytes', { address: labels.address });
      if (value >= asked) return [];
      return [
        {
          grade: 'notice',
          share: 0,
          says: `The kernel granted ${count(value)} of ${count(asked)} bytes of receive buffer on ${labels.address}.`,
          change: 'Raise net.core.rmem_max on the host, or expect drops in bursts.',
        },
      ];
    }),
  (figures, _received, mirror) =>
    figures.now === undefined
      ? undefined
      : figures.all('vni_last_seen_timestamp_seconds').flatMap(({ labels, value }): Finding[] => {
          const silent = figures.now! - value;
          const packets = figures.sum('vni_packets_total', { vni: labels.vni });
          if (silent < mirror.silentSeconds || packets < SESSION_PACKETS) return [];
          return [
            {
              grade: 'notice',
              share: 0,
              says: `Mirror session ${labels.vni} has brought nothing for ${count(silent / 60)} minutes.`,
              change: asSentence(REMEDIES.silent),
            },
          ];
        }),
];

/** The mirror sessions that miss most of them. */
const worstSessions = (figures: Figures): string =>
  namedSessions(figures, 'vni_gap_bytes_total', ', by mirror session: ', (vni, bytes) => `${vni} ${bytes}`);

/** Mirror sessions that show a direction each. */
const halvingSessions = (figures: Figures): string =>
  namedSessions(
    figures,
    'tcp_connections_halved_total',
    '; mirror sessions that show one each, to be named in one group: ',
    (vni, halves) => `${vni} (${halves})`,
  );

/** Behind what is said of them, the sessions with most of a metric; nothing where there are none. */
function namedSessions(
  figures: Figures,
  metric: string,
  says: string,
  form: (vni: string | undefined, much: string) => string,
): string {
  const sessions = figures.all(metric).toSorted((a, b) => b.value - a.value);
  if (sessions.length === 0) return '';
  const named = sessions.slice(0, SESSIONS_NAMED).map(({ labels, value }) => form(labels.vni, count(value)));
  return `${says}${named.join(', ')}${sessions.length > SESSIONS_NAMED ? ' …' : ''}`;
}

/** What reached the host: what was received, and what the kernel dropped before. */
export const reached = (figures: Figures): number =>
  figures.sum('received_packets_total') + figures.sum('dropped_packets_total', { stage: 'socket' });

/** What was given up, and which setting to raise. */
export const limitsMet = (figures: Figures): Finding[] =>
  LIMITS.flatMap((look) => look(figures, 0, MIRROR_DEFAULTS) ?? []);

/** The worst first; `mirror`: from where on something about the mirror is told of. */
export function findingsOf(figures: Figures, mirror: MirrorThresholds = MIRROR_DEFAULTS): Finding[] {
  const received = reached(figures);
  const findings = LOOKS.flatMap((look) => look(figures, received, mirror) ?? []);
  return findings.toSorted((a, b) => GRADES.indexOf(a.grade) - GRADES.indexOf(b.grade) || b.share - a.share);
}
