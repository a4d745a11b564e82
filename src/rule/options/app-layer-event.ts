/**
 * app-layer-event: what the parser of an application protocol has found wrong with a transaction. Stage: rule.
 * Reference: Suricata, app-layer-event; its names. An event is raised here, waits for its protocol, or is known and
 * never raised, which is said.
 */
import { APPLICATION_EVENTS, eventBuffer } from '../../app/application-events.js';
import { IDENTIFICATION_EVENTS } from '../../app/identification-events.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Word } from '../ast.js';
import { waitingProtocol } from '../compile/waiting.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { nearest } from '../../util/nearest.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

const FORM = /^([\w-]+)(?:\.([\w.]+))?$/;
const OF_IDENTIFICATION = IDENTIFICATION_EVENTS.map(({ name }) => name);
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
    const odd = IDENTIFICATION_EVENTS.find(({ name }) => name === prefix);
    if (odd !== undefined) {
      builder.addFlowTest({ kind: 'application', applications: odd.applications, side: odd.side, negated: false });
      return;
    }
    const of = eventsOf(prefix);
    if (of === undefined) {
      builder.waitFor(waitingProtocol(prefix)!);
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
      'Names are those of Suricata; some are its own and never raised here, with a warning. A rule that names no direction alerts where the side that raised it is looked at; Suricata in both. Events of identification (applayer_…) are told of TCP, once, at the first packet of a side whose protocol is told, or, where both sides are compared, of the second; wrong_direction_first_data of TLS alone, as there, which is parsed all the same; proto_detection_skipped once 4 KiB of one side tell nothing and the other has sent nothing, where Suricata waits for 100 KB; unexpected_protocol and no_tls_after_starttls behind AUTH TLS of FTP and STARTTLS of IMAP, too, and not of connections that end without a word.',
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
