/**
 * decode-event: a malformation that decoding met in this layer. Stage: rule. Reference: Suricata, decoder events.
 *
 * Names are those of decode/fault.ts, or Suricata's for the same. Names of faults, not codes, are stable.
 */
import { FAULTS, type Fault } from '../../decode/fault.js';
import { nearest } from '../../util/nearest.js';
import type { Ranges } from '../program.js';
import { rangeUnion } from '../range-set.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

const ALL: readonly Fault[] = FAULTS;

/** Codes of the faults that go by this name; a name of Suricata's can stand for several. */
function codesOf(name: string): number[] {
  return ALL.flatMap((fault, code) => (code > 0 && (fault.name === name || fault.event === name) ? [code] : []));
}

const decodeEvent = defineOption<string>({
  name: 'decode-event',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    if (word === undefined) return undefined;
    const name = word.text.toLowerCase().replace(/^decoder\./, '');
    const codes = codesOf(name);
    if (codes.some((code) => ALL[code]!.stage !== 'defragment')) return name;
    if (codes.length > 0) {
      diagnostics.error('event-not-inspected', `${name} is met before fragments are a packet that rules could look at`, word.span, 'it is counted: periscope_faults_total has it by name');
      return undefined;
    }
    const close = nearest(name, ALL.slice(1).flatMap((fault) => [fault.name, fault.event].filter((each) => each !== '')));
    diagnostics.error('unknown-event', `decoding knows no event '${word.text}'`, word.span, close === undefined ? 'names are in docs/rules.md at decode-event' : `did you mean ${close}?`);
    return undefined;
  },
  compile(name, builder) {
    const codes: Ranges = codesOf(name).filter((code) => ALL[code]!.stage !== 'defragment').map((code) => [code, code] as const);
    builder.addPacketTest({ kind: 'field', field: 'fault', ranges: rangeUnion(codes), negated: false });
  },
  print: (name) => name,
  doc: {
    appliesTo: 'packet',
    summary: `A malformation met in this layer, by its name here (${ALL.filter(({ stage, name }) => stage !== 'defragment' && name !== 'none').map(({ name }) => name).join(', ')}) or by Suricata's name for it.`,
    syntax: 'decode-event:<name>;',
    example: 'decode-event:tcp.hlen_too_small;',
    differences: 'Only the first malformation of a layer is seen. A packet whose transport header is malformed is matched by ip and pkthdr rules. A frame in which no IP layer was found is not inspected. Events of Suricata without a counterpart are an error.',
  },
});

export const decodeEventOptions: readonly RuleOption[] = [decodeEvent];
