/** engine-event: an event of decoding or of TCP, as decode-event and stream-event have them. Stage: rule. Reference: Suricata. */
import { DECODE_EVENTS } from './decode-event.js';
import { compileEvent, parseEventName } from './event-name.js';
import { defineOption, type RuleOption } from './option.js';
import { STREAM_EVENTS } from './stream-event.js';
import { requireValue } from './value.js';

const FAMILIES = [DECODE_EVENTS, STREAM_EVENTS];

const engineEvent = defineOption<string>({
  name: 'engine-event',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    return word && parseEventName(word, FAMILIES, diagnostics);
  },
  compile: (name, builder, node) => compileEvent(name, node.value!, FAMILIES, builder),
  print: (name) => name,
  doc: {
    appliesTo: 'packet',
    summary: 'An event of decode-event (decoder.<name>) or of stream-event (stream.<name>).',
    syntax: 'engine-event:[decoder.|stream.]<name>;',
    example: 'engine-event:stream.est_invalid_ack;',
    differences: 'Without a prefix, a name of either kind is found.',
  },
});

export const engineEventOptions: readonly RuleOption[] = [engineEvent];
