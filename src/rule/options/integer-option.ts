/**
 * Makes the keywords that compare one number of a packet or flow: ttl, window, icmp_id … Stage: rule.
 */
import type { Word } from '../ast.js';
import type { Compared, PacketField } from '../../block/terms.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { FLOW_FIELDS, type FlowField } from '../program.js';
import { compared, parseIntegerTest, printIntegerTest, type IntegerTest } from './integer-test.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';
import { requireValue } from './value.js';

export interface IntegerKeyword {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly field: PacketField;
  readonly maximum: number;
  /** Brings a way of writing the value that this keyword alone has into the common one. */
  readonly rewrite?: (word: Word) => Word;
  readonly doc: Omit<OptionDoc, 'syntax'> & { readonly syntax?: string };
}

export const UINT8 = 0xff;
export const UINT16 = 0xffff;
export const UINT32 = 0xffff_ffff;

/** Adds the test of a number of the packet, or of its flow. */
export function addFieldTest(builder: RuleBuilder, field: PacketField, asked: Compared): void {
  if (isFlowField(field)) builder.addFlowTest({ kind: 'field', field, negated: false, ...asked });
  else builder.addPacketTest({ kind: 'field', field, negated: false, ...asked });
}

const isFlowField = (field: PacketField): field is FlowField => (FLOW_FIELDS as readonly PacketField[]).includes(field);

/** A keyword that adds one `field` test; the packet that lacks the field never passes. */
export function integerOption(keyword: IntegerKeyword): RuleOption {
  const { name, field, maximum } = keyword;
  return defineOption<IntegerTest>({
    name,
    aliases: keyword.aliases,
    value: 'required',
    repeatable: true,
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      return word && parseIntegerTest(keyword.rewrite?.(word) ?? word, name, maximum, diagnostics);
    },
    compile(test, builder) {
      addFieldTest(builder, field, compared(test, maximum));
    },
    print: printIntegerTest,
    doc: { syntax: `${name}:[!|=|<|<=|>|>=]<number>; or ${name}:[!]<low><><high>;`, ...keyword.doc },
  });
}
