/**
 * ber_data and ber_skip: steps into, or over, a BER element. Stage: rule. Reference: Snort 3, ber_data and ber_skip.
 */
import { defineOption, type RuleOption } from './option.js';
import { readNumber, requireValue, splitArguments } from './value.js';

interface BerOption {
  readonly type: number;
  readonly optional: boolean;
}

const TYPE = { minimum: 0, maximum: 0xff };

function berOption(name: 'ber_data' | 'ber_skip'): RuleOption {
  const skip = name === 'ber_skip';
  const form = skip ? 'write ber_skip:<type>[,optional];' : 'write ber_data:<type>;';
  return defineOption<BerOption>({
    name,
    value: 'required',
    repeatable: true,
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      if (word === undefined) return undefined;
      const [typeWord, optional, ...rest] = splitArguments(word);
      const wrong = optional !== undefined && (!skip || optional.text !== 'optional') ? optional : rest[0];
      if (wrong !== undefined) {
        diagnostics.error('unknown-argument', `${name} does not know '${wrong.text}'`, wrong.span, form);
        return undefined;
      }
      const type = readNumber(typeWord!, 'the type', TYPE, diagnostics);
      return type === undefined ? undefined : { type, optional: optional !== undefined };
    },
    compile({ type, optional }, builder, node) {
      builder.addMatch({ kind: 'ber', move: skip ? 'skip' : 'data', type, optional }, node);
    },
    print: ({ type, optional }) => `0x${type.toString(16).padStart(2, '0')}${optional ? ',optional' : ''}`,
    doc: {
      appliesTo: 'buffer',
      summary: skip
        ? 'Passes over the BER element that starts at the end of the last match, if it is of this type; with optional, also where it is not.'
        : 'Goes to the contents of the BER element that starts at the end of the last match, if it is of this type.',
      syntax: skip ? 'ber_skip:<type>[,optional];' : 'ber_data:<type>;',
      example: skip ? 'ber_skip:0x02,optional;' : 'ber_data:0x30;',
      differences: 'As in Snort 3. An element of indefinite length does not match.',
    },
  });
}

export const berOptions: readonly RuleOption[] = [berOption('ber_data'), berOption('ber_skip')];
