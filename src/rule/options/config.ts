/**
 * config: a rule keeps transactions out of the log. Stage: rule. Reference: Suricata, config rules.
 *
 * Of what it can be written with there, `logging` of transactions is what has a meaning here: flows are always tracked.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { readNamedArguments, type ArgumentSyntax } from './named-arguments.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

const FORM = 'write config:logging disable, type tx, scope tx;';
const ARGUMENTS: ArgumentSyntax = { logging: ['disable'], type: ['tx'], scope: ['tx'] };
const TRACKING = /^\s*tracking\b/i;

function parse(node: OptionNode, diagnostics: Diagnostics): true | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  if (TRACKING.test(value.text)) return refuseTracking(value, diagnostics);
  const read = readNamedArguments(value, ARGUMENTS, node, FORM, diagnostics);
  if (read === undefined) return undefined;
  const missing = Object.keys(ARGUMENTS).find((name) => !read.has(name));
  if (missing === undefined) return true;
  diagnostics.error('unknown-argument', `config says no ${missing}`, value.span, FORM);
  return undefined;
}

function refuseTracking({ span }: Word, diagnostics: Diagnostics): undefined {
  diagnostics.error(
    'unknown-argument',
    'config:tracking is refused: each packet belongs to a flow',
    span,
    'write pass for traffic that is not to be inspected',
  );
}

const config = defineOption<true>({
  name: 'config',
  value: 'required',
  repeatable: false,
  parse,
  compile(_value, builder, node) {
    builder.silenceTransactions(node);
  },
  print: () => 'logging disable, type tx, scope tx',
  doc: {
    appliesTo: 'alert',
    summary:
      'No event is written of the transaction that the rule has matched, such as `dns` or `http`; of a rule over packets or ' +
      'streams these are the transactions at hand that are not done with. Alerts tell of them all the same, and so do ' +
      'events of files and anomalies. With the action config the rule itself does not alert.',
    syntax: 'config:logging disable, type tx, scope tx;',
    example: 'dns.query; content:"cdn.example"; endswith; config:logging disable, type tx, scope tx;',
    differences:
      'What is held back is counted (events_silenced). Logging of flows, and tracking, which Suricata takes as well, is an error.',
  },
});

export const configOptions: readonly RuleOption[] = [config];
