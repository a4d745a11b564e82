/**
 * stream-event: an event of the TCP connection at this packet. Stage: rule. Reference: Suricata, stream events. What
 * raises them is stream/tcp-observer.ts.
 */
import { TCP_EVENTS } from '../../stream/tcp-event.js';
import { eventOption, type EventFamily, type EventMeaning } from './event-name.js';
import type { RuleOption } from './option.js';

const INLINE = 'it is for engines that stand in the path; a mirror that loses the packet before would raise it, too';
const SILENT: Readonly<Record<string, string>> = {
  '3whs_ack_in_wrong_dir': INLINE,
  '3whs_ack_data_inject': INLINE,
  wrong_thread: 'all packets of a flow come to one worker',
  reassembly_insert_invalid: 'no segment is refused for a fault of our own',
  reassembly_urgent_oob_limit_reached: 'urgent bytes are a part of their stream',
};
/** What rule files call it, and its name. */
const OLDER_NAMES: readonly (readonly [string, string])[] = [
  ['3whs_synack_resend_with_different_ack', '3whs_synack_resend_with_diff_ack'],
  ['est_synack_resend_with_different_ack', 'est_synack_resend_with_diff_ack'],
  ['reassembly_insert_limit', 'reassembly_no_segment'],
  ['reassembly_insert_memcap', 'reassembly_no_segment'],
];

const raised = new Map<string, EventMeaning>(
  TCP_EVENTS.map(({ name }, number) => [name, { kind: 'raised', tests: [{ kind: 'tcp_event', events: [number] }] }]),
);

export const STREAM_EVENTS: EventFamily = {
  prefix: 'stream.',
  events: new Map<string, EventMeaning>([
    ...raised,
    ...OLDER_NAMES.map(([older, name]) => [older, raised.get(name)!] as const),
    ...Object.entries(SILENT).map(([name, reason]) => [name, { kind: 'silent', reason }] as const),
  ]),
};

const streamEvent = eventOption('stream-event', [STREAM_EVENTS], {
  appliesTo: 'packet',
  summary: `The TCP connection has this event at this packet. ${TCP_EVENTS.map(({ name, doc }) => `${name}: ${doc}`).join(' ')}`,
  syntax: 'stream-event:<name>;',
  example: 'stream-event:est_invalid_ack;',
  differences: `Names are Suricata's, with the prefix stream. or without. Never raised, with a warning: ${Object.keys(SILENT).join(', ')}. Windows are not judged in a connection picked up midstream, nor where one side alone is seen. A RST within the window ends a connection, and a timestamp may be off by one. 3whs_synack_resend_with_diff_seq, which Suricata has no more, is raised. reassembly_overlap_different_data is raised for every segment whose bytes were others before, also where Suricata passes over a segment that covers the same bytes, or that was acknowledged. reassembly_seq_gap comes once for each gap, at the packet by which it is given up, of which there is none where that is the end of the flow (metrics count it).`,
});

export const streamEventOptions: readonly RuleOption[] = [streamEvent];
