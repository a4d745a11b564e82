/**
 * Keywords that name an application protocol: app-layer-protocol, app-layer-event, app-layer-state. Stage: rule. The rule
 * waits for the protocol named.
 */
import type { Diagnostics } from '../../diagnostic.js';
import type { OptionNode } from '../../ast.js';
import { waitingProtocol } from '../../waiting.js';
import { defineOption, type RuleOption } from '../option.js';
import { requireValue } from '../value.js';
import { WAITING } from './waiting-keyword.js';

interface Named {
  readonly text: string;
  readonly protocol: string;
}

function named(keyword: string, form: RegExp, syntax: string, example: string, summary: string, others: readonly string[]): RuleOption {
  return defineOption<Named>({
    name: keyword,
    value: 'required',
    repeatable: true,
    parse(node: OptionNode, diagnostics: Diagnostics) {
      const word = requireValue(node, diagnostics);
      if (word === undefined) return undefined;
      const text = word.text.replace(/\s*([,!|])\s*/g, '$1');
      const name = form.exec(text)?.[1];
      const protocol = name === undefined ? undefined : (waitingProtocol(name) ?? (others.includes(name.toLowerCase()) ? 'app-layer' : undefined));
      if (protocol !== undefined) return { text, protocol };
      const message = name === undefined ? `${keyword} does not take '${word.text}'` : `'${name}' is no application protocol`;
      diagnostics.error('bad-value', message, word.span, `write ${keyword}:${syntax};`);
      return undefined;
    },
    compile: ({ protocol }, builder) => builder.waitFor(protocol),
    print: ({ text }) => text,
    doc: { appliesTo: WAITING, summary: `${summary} Waits for the protocol that it names.`, syntax: `${keyword}:${syntax};`, example: `${keyword}:${example};` },
  });
}

export const appLayerOptions: readonly RuleOption[] = [
  named('app-layer-protocol', /^!?([\w-]+)(?:,(?:final|original|either|to_server|to_client|toserver|toclient))?$/, '[!]<protocol>[,<final|original|either|to_server|to_client>]', '!http', 'Compares the protocol that was recognised.', ['failed', 'unknown']),
  named('app-layer-event', /^([\w-]+)(?:\.[\w.]+)?$/, '<protocol>.<event>', 'http.missing_host_header', 'An event of a protocol\'s parser.', ['applayer_mismatch_protocol_both_directions', 'applayer_wrong_direction_first_data', 'applayer_detect_protocol_only_one_direction', 'applayer_proto_detection_skipped', 'applayer_no_tls_after_starttls', 'applayer_unexpected_protocol']),
];
