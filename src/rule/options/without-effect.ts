/**
 * Keywords that ask for more than an alert where a rule matches, which a sensor does not do: the rule alerts all the
 * same, as with Suricata beside the traffic, and a warning says what it does not do. Stage: rule.
 */
import { defineOption, type RuleOption } from './option.js';

const TRAFFIC = 'a sensor sees a copy of the traffic and never changes it';
const ACTIVE = 'a sensor answers nobody';
const STORED = 'certificates are not stored as files; events of type tls tell of them';

const WITHOUT_EFFECT: readonly (readonly [name: string, reason: string, example: string])[] = [
  ['replace', TRAFFIC, 'content:"abc"; replace:"xyz";'],
  ['nfq_set_mark', TRAFFIC, 'nfq_set_mark:0x1/0x1;'],
  ['bypass', 'what is not inspected is decided by pass rules, and the flow is inspected on', 'bypass;'],
  ['resp', ACTIVE, 'resp:rst_all;'],
  ['react', ACTIVE, 'react:block;'],
  ['session', 'sessions are not recorded', 'session:printable;'],
  ['logto', 'all events go to one place', 'logto:"file";'],
  ['tls.store', STORED, 'tls.store;'],
  ['tls_store', STORED, 'tls_store;'],
];

export const withoutEffectOptions: readonly RuleOption[] = WITHOUT_EFFECT.map(([name, reason, example]) =>
  defineOption<string>({
    name,
    value: 'optional',
    repeatable: true,
    parse: (node) => node.value?.text ?? '',
    compile(_value, builder, node) {
      const message = `${node.name.text} changes nothing here: ${reason}`;
      builder.diagnostics.warning(
        'without-effect',
        message,
        node.name.span,
        'leave it out; the rule alerts all the same',
      );
    },
    print: (value) => (value === '' ? undefined : value),
    doc: {
      appliesTo: 'alert',
      summary: `Changes nothing: ${reason}.`,
      syntax: `${name}[:<value>];`,
      example,
      differences: 'The rule alerts without it; a warning says so.',
    },
  }),
);
