/**
 * app-layer-event: what the parser of an application protocol has found wrong with a transaction. Stage: rule.
 * Reference: Suricata, app-layer-event; its names. An event is raised here, waits for its protocol, or is known and
 * never raised, which is said.
 */
import { APPLICATION_EVENTS, eventBuffer } from '../../app/application-events.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Word } from '../ast.js';
import { waitingProtocol } from '../compile/waiting.js';
import type { ApplicationSide } from '../../block/terms.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { nearest } from '../../util/nearest.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

const FORM = /^([\w-]+)(?:\.([\w.]+))?$/;
/** What both sides of a connection are told to speak. */
const OF_SIDES: Readonly<Record<string, ApplicationSide>> = {
  applayer_mismatch_protocol_both_directions: 'differ',
  applayer_detect_protocol_only_one_direction: 'one_known',
};
/** Of what is told before there is a transaction. */
const OF_IDENTIFICATION = [
  ...Object.keys(OF_SIDES),
  'applayer_wrong_direction_first_data',
  'applayer_proto_detection_skipped',
  'applayer_no_tls_after_starttls',
  'applayer_unexpected_protocol',
];
/** No event has this number. */
const NEVER = 64;

interface NamedEvent {
  readonly prefix: string;
  readonly event: string;
}

const eventsOf = (prefix: string) => APPLICATION_EVENTS.find((of) => of.prefix === prefix);

function readEvent(word: Word, diagnostics: Diagnostics): NamedEvent | undefined {
  const [, prefix = '', event = ''] = FORM.exec(word.text.toLowerCase()) ?? [];
  const of = eventsOf(prefix);
  const isWaiting = of === undefined && (waitingProtocol(prefix) !== undefined || OF_IDENTIFICATION.includes(prefix));
  if (isWaiting || (of !== undefined && isKnown(of, event))) return { prefix, event };
  const names = of?.events.map(({ name }) => name) ?? [];
  const close = nearest(event, names);
  const example = close === undefined ? '' : `; did you mean ${prefix}.${close}?`;
  const message =
    of !== undefined
      ? `${prefix} has no event '${event}'`
      : prefix === ''
        ? `app-layer-event does not take '${word.text}'`
        : `'${prefix}' is no application protocol`;
  diagnostics.error('unknown-argument', message, word.span, `write app-layer-event:<protocol>.<event>;${example}`);
  return undefined;
}

const isKnown = ({ events, silent = {} }: (typeof APPLICATION_EVENTS)[number], event: string): boolean =>
  events.some(({ name }) => name === event) || Object.hasOwn(silent, event);

const appLayerEvent = defineOption<NamedEvent>({
  name: 'app-layer-event',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    return word && readEvent(word, diagnostics);
  },
  compile({ prefix, event }, builder, node) {
    const side = OF_SIDES[prefix];
    if (side !== undefined) {
      builder.addFlowTest({ kind: 'application', applications: ['failed'], side, negated: false });
      return;
    }
    const of = eventsOf(prefix);
    if (of === undefined) {
      builder.waitFor(waitingProtocol(prefix) ?? 'app-layer');
      return;
    }
    const number = of.events.findIndex(({ name }) => name === event);
    if (number < 0) warnNeverRaised(`${prefix}.${event}`, of.silent?.[event] ?? '', node.value!, builder);
    const asked = number < 0 ? NEVER : number;
    builder.addNumber(eventBuffer(of), { kind: 'number', ranges: [[asked, asked]], which: 'any' }, node);
  },
  print: ({ prefix, event }) => (event === '' ? prefix : `${prefix}.${event}`),
  doc: {
    appliesTo: 'message',
    summary:
      'The parser of the protocol has found this with a transaction; a rule matches once for each. The pages of the protocols list their events. Waits for the protocols that are not parsed.',
    syntax: 'app-layer-event:<protocol>.<event>;',
    example: 'app-layer-event:http.missing_host_header;',
    differences:
      'Names are those of Suricata; some are its own and never raised here, with a warning. A rule that names no direction alerts where the side that raised it is looked at; Suricata in both. Of the events of identification, sides that speak different protocols (applayer_mismatch_protocol_both_directions) and one side alone that speaks a known one (applayer_detect_protocol_only_one_direction) are told of TCP, once, at a packet of the side whose protocol was taken note of last; the others (applayer_…) wait.',
  },
});

function warnNeverRaised(name: string, reason: string, word: Word, builder: RuleBuilder): void {
  builder.diagnostics.warning(
    'event-never-raised',
    `${name} is never raised here: ${reason}`,
    word.span,
    'the rule is loaded and never matches; leave it out',
  );
}

export const appLayerEventOptions: readonly RuleOption[] = [appLayerEvent];
