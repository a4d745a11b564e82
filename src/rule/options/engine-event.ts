/**
 * engine-event: an event of decoding or of TCP, as decode-event and stream-event have them. Stage: rule. Reference:
 * Suricata.
 */
import { DECODE_EVENTS } from './decode-event.js';
import { eventOption } from './event-name.js';
import type { RuleOption } from './option.js';
import { STREAM_EVENTS } from './stream-event.js';

const engineEvent = eventOption('engine-event', [DECODE_EVENTS, STREAM_EVENTS], {
  appliesTo: 'packet',
  summary: 'An event of decode-event (decoder.<name>) or of stream-event (stream.<name>).',
  syntax: 'engine-event:[decoder.|stream.]<name>;',
  example: 'engine-event:stream.est_invalid_ack;',
  differences: 'Without a prefix, a name of either kind is found.',
});

export const engineEventOptions: readonly RuleOption[] = [engineEvent];
