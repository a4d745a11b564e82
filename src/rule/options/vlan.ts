/**
 * VLAN tags in front of an IP layer: vlan.id, vlan.layers. Stage: rule. Reference: IEEE 802.1Q; Suricata, VLAN
 * keywords.
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { integerOption } from './integer-option.js';
import { compared, parseIntegerTest, printIntegerTest, type IntegerTest } from './integer-test.js';
import { defineOption, type RuleOption } from './option.js';
import { parseNumber, requireValue, splitArguments } from './value.js';

const MAXIMUM_ID = 4095;
/** Tags whose ids are kept. */
const MAXIMUM_LAYERS = 3;

interface VlanId {
  readonly test: IntegerTest;
  readonly layer: 'any' | 'all' | number;
}

function parse(node: OptionNode, diagnostics: Diagnostics): VlanId | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const [number, place, ...rest] = splitArguments(value);
  if (rest.length > 0) {
    diagnostics.error(
      'unknown-argument',
      `vlan.id does not know '${rest[0]!.text}'`,
      rest[0]!.span,
      'write vlan.id:<number>,<layer>;',
    );
    return undefined;
  }
  const test = parseIntegerTest(number!, 'vlan.id', MAXIMUM_ID, diagnostics);
  const word = place?.text.toLowerCase() ?? 'any';
  const layer = word === 'any' || word === 'all' ? word : parseNumber(word);
  if (layer !== undefined && (typeof layer === 'string' || (layer >= -MAXIMUM_LAYERS && layer < MAXIMUM_LAYERS)))
    return test && { test, layer };
  diagnostics.error(
    'unknown-argument',
    `'${place!.text}' is no layer of VLAN tags`,
    place!.span,
    'write 0 (the outermost) to 2, -1 (the innermost) to -3, any or all',
  );
  return undefined;
}

const vlanId = defineOption<VlanId>({
  name: 'vlan.id',
  value: 'required',
  repeatable: true,
  parse,
  compile({ test, layer }, builder) {
    builder.addPacketTest({ kind: 'vlan_id', ...compared(test, MAXIMUM_ID), layer });
  },
  print: ({ test, layer }) => `${printIntegerTest(test)}${layer === 'any' ? '' : `,${layer}`}`,
  doc: {
    appliesTo: 'packet',
    summary:
      'Compares the id of a VLAN tag in front of the IP layer: of any tag, of all, or of the one in this place, counted from the outermost (0) or from the innermost (-1). A packet without a tag there never matches.',
    syntax: 'vlan.id:[!|=|<|<=|>|>=]<number>[,<any|all|layer>];',
    example: 'vlan.id:300,0;',
    differences: 'The tags of a tunnelled frame are those of the IP layer that it carries.',
  },
});

export const vlanOptions: readonly RuleOption[] = [
  vlanId,
  integerOption({
    name: 'vlan.layers',
    field: 'vlan_layers',
    maximum: MAXIMUM_LAYERS,
    doc: {
      appliesTo: 'packet',
      summary: 'Compares the number of VLAN tags in front of the IP layer; three stand for more.',
      example: 'vlan.layers:>1;',
    },
  }),
];
