/**
 * base64_decode: decodes part of the current buffer for base64_data. Stage: rule. Reference: Suricata, base64 keywords.
 */
import type { Base64Decode } from '../buffer-match.js';
import { readNamedArguments } from './named-arguments.js';
import { defineOption, type RuleOption } from './option.js';

const UINT16 = { minimum: 0, maximum: 0xffff };
const BYTES = { minimum: 1, maximum: 0xffff };
const FORM = 'write base64_decode:[bytes <number>][,offset <number>][,relative];';

const base64Decode = defineOption<Omit<Base64Decode, 'kind'>>({
  name: 'base64_decode',
  value: 'optional',
  repeatable: true,
  parse(node, diagnostics) {
    const read = readNamedArguments(
      node.value,
      { bytes: BYTES, offset: UINT16, relative: 'none' },
      node,
      FORM,
      diagnostics,
    );
    return (
      read && {
        bytes: Number(read.get('bytes') ?? 0),
        offset: Number(read.get('offset') ?? 0),
        relative: read.has('relative'),
      }
    );
  },
  compile(value, builder, node) {
    builder.addMatch({ kind: 'base64_decode', ...value }, node);
  },
  print({ bytes, offset, relative }) {
    const parts = [
      ...(bytes === 0 ? [] : [`bytes ${bytes}`]),
      ...(offset === 0 ? [] : [`offset ${offset}`]),
      ...(relative ? ['relative'] : []),
    ];
    return parts.length === 0 ? undefined : parts.join(',');
  },
  doc: {
    appliesTo: 'buffer',
    summary:
      'Decodes base64 in the current buffer, for base64_data to look at; passes when at least one byte could be decoded.',
    syntax: 'base64_decode[:[bytes <number>][,offset <number>][,relative]];',
    example: 'content:"Basic "; base64_decode:bytes 64,relative; base64_data; content:"admin:";',
    differences:
      'Decoding ends at the first character that is not of base64, as in Suricata (RFC 4648). bytes counts characters before decoding. offset 0 may be written, which Snort 2 forbids.',
  },
});

export const base64Options: readonly RuleOption[] = [base64Decode];
