/**
 * app-layer-state: how far a side of the transaction is. Stage: rule. Reference: Suricata, app-layer-state; asked of
 * Suricata 8.0.7. The header says of which protocol the states are.
 */
import { findState, hooksOf, type NamedState } from '../../app/state-buffers.js';
import { isTransactionHook } from '../compile/waiting.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

interface StateOption {
  readonly sign: '' | '<' | '>';
  readonly name: string;
}

const FORM = /^([<>]?)\s*(\w+)$/;

export const appLayerStateOptions: readonly RuleOption[] = [
  defineOption<StateOption>({
    name: 'app-layer-state',
    value: 'required',
    repeatable: true,
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      if (word === undefined) return undefined;
      const [, sign = '', name = ''] = FORM.exec(word.text) ?? [];
      if (isTransactionHook(name)) return { sign: sign as StateOption['sign'], name };
      diagnostics.error(
        'unknown-argument',
        `'${word.text}' is no state of a transaction`,
        word.span,
        'write app-layer-state:[<|>]<state>; as in app-layer-state:>request_headers;',
      );
      return undefined;
    },
    compile({ sign, name }, builder, node) {
      const { protocol, diagnostics } = builder;
      const hooks = hooksOf(protocol);
      if (hooks.length === 0) {
        builder.waitFor('transactions');
        return;
      }
      const state = findState(protocol, name);
      const asked = state && bufferOf(state, sign);
      if (state === undefined || asked === undefined) {
        diagnostics.error(
          'unknown-argument',
          state === undefined ? `${protocol} has no state ${name}` : `no state comes behind ${name}`,
          node.value!.span,
          `write one of ${hooks.map((hook) => hook.slice(hook.indexOf(':') + 1)).join(', ')}`,
        );
      } else if (sign === '<') {
        const ranges = [[0, Math.max(0, state.progress - 1)]] as const;
        builder.addNumber(asked, { kind: 'number', ranges, which: 'any' }, node);
      } else {
        builder.waitForState(asked, node);
      }
    },
    print: ({ sign, name }) => `${sign}${name}`,
    doc: {
      appliesTo: 'message',
      summary:
        'The transaction has come to a state, behind it (>), or is still before it (<). The header says of which protocol: http1, tls, dns, mdns, llmnr or quic.',
      syntax: 'app-layer-state:[<|>]<state>;',
      example: 'app-layer-state:>request_headers;',
      differences: 'Suricata refuses it beside a buffer that is there at another state; here the rule waits for both.',
    },
  }),
];

/** The buffer that tells: that of the state, of the one behind it, or of the first one. */
function bufferOf(state: NamedState, sign: StateOption['sign']): string | undefined {
  if (sign === '') return state.buffer;
  return sign === '>' ? state.next : state.first;
}
