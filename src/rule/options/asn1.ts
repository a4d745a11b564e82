/** asn1: faults of ASN.1 elements that overflow decoders. Stage: rule. Reference: Suricata and Snort, asn1. */
import type { Asn1 } from '../buffer-match.js';
import { readNamedArguments } from './named-arguments.js';
import { defineOption, type RuleOption } from './option.js';

const UINT16 = { minimum: 0, maximum: 0xffff };
const SIGNED = { minimum: -0xffff, maximum: 0xffff };
const LENGTH = { minimum: 0, maximum: 0x7fffffff };
const FORM =
  'write asn1:<bitstring_overflow|double_overflow|oversize_length <number>>[,…][,absolute_offset <number>|relative_offset <number>];';

const asn1 = defineOption<Omit<Asn1, 'kind'>>({
  name: 'asn1',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const syntax = {
      bitstring_overflow: 'none',
      double_overflow: 'none',
      oversize_length: LENGTH,
      absolute_offset: UINT16,
      relative_offset: SIGNED,
      print: 'none',
    } as const;
    const read = readNamedArguments(node.value, syntax, node, FORM, diagnostics);
    if (read === undefined) return undefined;
    const oversize = read.get('oversize_length') as number | undefined;
    const relative = read.get('relative_offset') as number | undefined;
    const absolute = read.get('absolute_offset') as number | undefined;
    const value = {
      bitstringOverflow: read.has('bitstring_overflow'),
      doubleOverflow: read.has('double_overflow'),
      oversizeLength: oversize,
      offset: relative ?? absolute ?? 0,
      relative: relative !== undefined,
    };
    if (relative !== undefined && absolute !== undefined) {
      diagnostics.error(
        'conflicting-arguments',
        'absolute_offset and relative_offset stand together',
        node.value!.span,
        'keep one of them',
      );
      return undefined;
    }
    if (value.bitstringOverflow || value.doubleOverflow || oversize !== undefined) return value;
    diagnostics.error('missing-argument', 'asn1 does not say which fault it looks for', node.value!.span, FORM);
    return undefined;
  },
  compile(value, builder, node) {
    builder.addMatch({ kind: 'asn1', ...value }, node);
  },
  print({ bitstringOverflow, doubleOverflow, oversizeLength, offset, relative }) {
    return [
      ...(bitstringOverflow ? ['bitstring_overflow'] : []),
      ...(doubleOverflow ? ['double_overflow'] : []),
      ...(oversizeLength === undefined ? [] : [`oversize_length ${oversizeLength}`]),
      ...(relative ? [`relative_offset ${offset}`] : offset === 0 ? [] : [`absolute_offset ${offset}`]),
    ].join(',');
  },
  doc: {
    appliesTo: 'buffer',
    summary:
      'An ASN.1 element has a fault: a bit string with more unused bits than bits, a decimal real of over 256 bytes, or a claimed length over a limit.',
    syntax:
      'asn1:<bitstring_overflow|double_overflow|oversize_length <number>>[,…][,absolute_offset <number>|relative_offset <number>];',
    example: 'asn1:oversize_length 1024,relative_offset 0;',
    differences: 'As in Suricata; at most 256 elements are looked at. print of Snort is read and has no effect.',
  },
});

export const asn1Options: readonly RuleOption[] = [asn1];
