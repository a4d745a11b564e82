/**
 * flowbits: named marks that a flow keeps, alone or in groups. Stage: rule. Reference: Suricata, flow keywords; the
 * Snort 2 manual for groups, setx and reset.
 *
 *   flowbits:set,word.doc&word.macro,documents;   flowbits:isset,any,documents;   flowbits:reset,documents;
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { addBits, printNames, readNames, readOperation, type BitNames, type BitOperation } from './bit-operation.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, splitArguments } from './value.js';

type FlowBitsOption =
  | { readonly operation: 'noalert' }
  | { readonly operation: 'reset'; readonly group: string | undefined }
  | { readonly operation: 'set' | 'setx'; readonly bits: BitNames; readonly group: string | undefined }
  | { readonly operation: Exclude<BitOperation, 'set'>; readonly bits: BitNames }
  | { readonly operation: Exclude<BitOperation, 'set'>; readonly of: 'any' | 'all'; readonly group: string };

/** The most words behind each operation. */
const WORDS: Readonly<Record<FlowBitsOption['operation'], number>> = {
  noalert: 0,
  reset: 1,
  set: 2,
  setx: 2,
  unset: 2,
  toggle: 2,
  isset: 2,
  isnotset: 2,
};

function parse(node: OptionNode, diagnostics: Diagnostics): FlowBitsOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const [first, name, second, ...rest] = splitArguments(value);
  const operation = readAnyOperation(first!, diagnostics);
  if (operation === undefined) return undefined;
  const surplus = [name, second, ...rest][WORDS[operation]];
  if (surplus !== undefined) {
    diagnostics.error(
      'unknown-argument',
      `flowbits:${operation} does not take '${surplus.text}'`,
      surplus.span,
      'leave it out',
    );
    return undefined;
  }
  if (operation === 'noalert') return { operation };
  if (operation === 'reset') {
    const group = name && readGroup(name, diagnostics);
    return name !== undefined && group === undefined ? undefined : { operation, group };
  }
  if (name === undefined) {
    diagnostics.error(
      'missing-argument',
      `flowbits:${operation} needs a name`,
      value.span,
      `write flowbits:${operation},<name>;`,
    );
    return undefined;
  }
  return operation === 'set' || operation === 'setx'
    ? parseSet(operation, name, second, diagnostics)
    : parseOther(operation, name, second, diagnostics);
}

function readAnyOperation(word: Word, diagnostics: Diagnostics): FlowBitsOption['operation'] | undefined {
  const text = word.text.toLowerCase();
  return text === 'reset' || text === 'setx' ? text : readOperation(word, 'flowbits', diagnostics);
}

function readGroup(word: Word, diagnostics: Diagnostics): string | undefined {
  if (/^[^\s"';,!|&]+$/.test(word.text)) return word.text;
  diagnostics.error(
    'bad-name',
    `'${word.text}' is no name of a group`,
    word.span,
    'write a name without blanks, quotes and commas',
  );
  return undefined;
}

function parseSet(
  operation: 'set' | 'setx',
  name: Word,
  groupWord: Word | undefined,
  diagnostics: Diagnostics,
): FlowBitsOption | undefined {
  if (operation === 'setx' && groupWord === undefined) {
    diagnostics.error(
      'missing-argument',
      'flowbits:setx needs a group, of which it unsets all other bits',
      name.span,
      'write flowbits:setx,<name>,<group>;',
    );
    return undefined;
  }
  const bits = readNames(name, 'set', true, diagnostics);
  const group = groupWord && readGroup(groupWord, diagnostics);
  return bits === undefined || (groupWord !== undefined && group === undefined)
    ? undefined
    : { operation, bits, group };
}

/** Behind `any` or `all` a group may stand, and then it is of the group that they speak. */
function parseOther(
  operation: Exclude<BitOperation, 'set'>,
  name: Word,
  groupWord: Word | undefined,
  diagnostics: Diagnostics,
): FlowBitsOption | undefined {
  if (groupWord === undefined) {
    const bits = readNames(name, operation, true, diagnostics);
    return bits && { operation, bits };
  }
  const of = name.text.toLowerCase();
  const isTest = operation === 'isset' || operation === 'isnotset';
  if (of === 'all' || (of === 'any' && isTest)) {
    const group = readGroup(groupWord, diagnostics);
    return group === undefined ? undefined : { operation, of, group };
  }
  diagnostics.error(
    'unknown-argument',
    `flowbits:${operation} takes a group behind ${isTest ? 'any or all' : 'all'} only`,
    groupWord.span,
    `write flowbits:${operation},${isTest ? 'any' : 'all'},${groupWord.text}; or leave the group out`,
  );
  return undefined;
}

function compile(value: FlowBitsOption, builder: RuleBuilder): void {
  switch (value.operation) {
    case 'noalert':
      builder.noalert = true;
      return;
    case 'reset':
      return builder.addBitEffect({ scope: 'flow', operation: 'reset', names: [], ...groupOf(value.group) });
    case 'set':
    case 'setx':
      return builder.addBitEffect({
        scope: 'flow',
        operation: 'set',
        names: value.bits.names,
        ...groupOf(value.group),
        ...(value.operation === 'setx' ? { exclusive: true } : {}),
      });
  }
  if ('bits' in value) return addBits(value.operation, value.bits, 'flow', builder);
  const { operation, of, group } = value;
  if (operation === 'isset' || operation === 'isnotset')
    builder.addBitTest({ scope: 'flow', operation, names: [], group: { name: group, join: of } });
  else builder.addBitEffect({ scope: 'flow', operation, names: [], group });
}

const groupOf = (group: string | undefined): { readonly group?: string } => (group === undefined ? {} : { group });

function print(value: FlowBitsOption): string {
  const parts = 'bits' in value ? [printNames(value.bits)] : 'of' in value ? [value.of] : [];
  const group = 'group' in value ? value.group : undefined;
  return [value.operation, ...parts, ...(group === undefined ? [] : [group])].join(',');
}

const flowbits = defineOption<FlowBitsOption>({
  name: 'flowbits',
  value: 'required',
  repeatable: true,
  parse,
  compile,
  print,
  doc: {
    appliesTo: 'flow',
    summary: 'Sets, unsets, toggles or asks for named marks of the flow; noalert keeps the rule from making events.',
    syntax:
      'flowbits:<set|unset|toggle|isset|isnotset>,<name>[|<name>]…; or flowbits:<set|setx>,<name>[&<name>]…,<group>; or flowbits:<isset|isnotset>,<any|all>,<group>; or flowbits:<unset|toggle>,all,<group>; or flowbits:reset[,<group>]; or flowbits:noalert;',
    example: 'flowbits:isset,ftp.login|ftp.anonymous;',
    differences:
      'a|b passes when one of them is (not) set, as in Suricata; a&b, as in Snort 2, when all are. Groups are those of Snort 2: what any rule sets in a group belongs to it, setx unsets the rest of the group, and reset without a group unsets all bits of the flow.',
  },
});

export const flowbitsOptions: readonly RuleOption[] = [flowbits];
