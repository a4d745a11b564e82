/** Metrics by application protocol, and of what parsers had no room for. Stage: metrics. */
import { applicationCountAt, type ApplicationCount } from '../app/application-stats.js';
import { APPLICATIONS } from '../app/applications.js';
import { APPLICATION_SLOT } from '../counters/names.js';
import { counter, many, shard, type CounterSnapshot, type MetricDefinition } from './definition.js';

const PROTOCOLS = ['unknown', ...APPLICATIONS.map(({ name }) => name)].map((protocol, id) => ({ protocol, id }));

/** By application protocol; `unknown`: before the flow's was told. */
function byProtocol(name: string, count: ApplicationCount, help: string): MetricDefinition<CounterSnapshot> {
  const slot = APPLICATION_SLOT + applicationCountAt(count, 0);
  const labels = { protocol: ({ protocol }: { protocol: string }): string => protocol };
  return many(
    'counter',
    `app_${name}_total`,
    help,
    () => PROTOCOLS,
    labels,
    ({ id }, { totals }) => totals.shard[slot + id],
  );
}

export const APPLICATION_METRICS: readonly MetricDefinition<CounterSnapshot>[] = [
  byProtocol(
    'flows',
    'flows',
    'Flows whose protocol was told; `failed`: by neither side. A flow that changes is one more.',
  ),
  byProtocol('mismatches', 'mismatches', 'Flows one side of which speaks this, and the flow something else.'),
  byProtocol('gaps', 'gaps', 'Holes in what was to be parsed.'),
  byProtocol('gap_bytes', 'gapBytes', 'Bytes in these holes.'),
  byProtocol('inspected_bytes', 'inspectedBytes', 'Bytes of streams and datagrams inspected.'),
  byProtocol('bypassed_bytes', 'bypassedBytes', 'Bytes passed over: encrypted, or not wanted by the parser.'),
  byProtocol('broken_flows', 'brokenFlows', 'Flows that their parser gave up.'),
  byProtocol(
    'parser_errors',
    'parserErrors',
    'Exceptions in a parser; the flow is not parsed any further, the log says why.',
  ),
  byProtocol('transactions', 'transactions', 'Messages and answers parsed.'),
  byProtocol(
    'transactions_cut',
    'transactionsCut',
    'Those completed early: their connection or the shard had too many.',
  ),
  byProtocol('events', 'events', 'Events of transactions, with eve.types.'),
  byProtocol('events_dropped', 'eventsDropped', 'Those of them that were lost: no room on the way from a shard.'),
  byProtocol('connections_refused', 'connectionsRefused', 'Flows not parsed, because there were too many.'),
  byProtocol('events_silenced', 'eventsSilenced', 'Events of transactions that rules keep out of the log.'),
  byProtocol('expectations_dropped', 'expectationsDropped', 'Connections agreed on that were forgotten: too many.'),
  counter(
    'files_refused_total',
    'Files that were not looked at: their side of a transaction had too many.',
    shard('filesRefused'),
  ),
  counter(
    'mail_values_refused_total',
    'Headers and addresses of mails that were not kept: the mail had too many.',
    shard('mailValuesRefused'),
  ),
  counter(
    'frames_refused_total',
    'Frames that rules asked for and that were not looked at: there were too many at a time.',
    shard('framesRefused'),
  ),
  counter(
    'carried_dns_refused_total',
    'Messages of DNS over HTTPS that were not looked at: too long, too many at a time, or there was no memory.',
    shard('carriedDnsRefused'),
  ),
];
