/** flowint: numbers that a flow keeps. Stage: rule. Reference: Suricata, flow keywords. */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { IntegerChange, IntegerTest } from '../program.js';
import { defineOption, type RuleOption } from './option.js';
import { isVariableName, readNumber, requireValue, splitArguments } from './value.js';

const COMPARISONS = ['<', '<=', '==', '!=', '>=', '>'] as const;
const CHANGES = ['=', '+', '-'] as const;
const ASKED = ['isset', 'isnotset'] as const;
const UINT32 = { minimum: 0, maximum: 0xffff_ffff };
const FORM = 'write flowint:<name>,<=|+|-|<|<=|==|!=|>=|>>,<number|name>; or flowint:<name>,<isset|isnotset>;';

interface FlowIntOption {
  readonly name: string;
  readonly operator: IntegerTest['operator'] | IntegerChange['operator'];
  /** Undefined with isset and isnotset. */
  readonly value: number | string | undefined;
}

function parse(node: OptionNode, diagnostics: Diagnostics): FlowIntOption | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const [name, operatorWord, valueWord, ...rest] = splitArguments(word);
  const text = operatorWord?.text.toLowerCase().replace(/^notset$/, 'isnotset');
  const operator = [...ASKED, ...COMPARISONS, ...CHANGES].find((each) => each === text);
  const asked = operator === 'isset' || operator === 'isnotset';
  if (!isVariableName(name!.text) || operator === undefined || asked !== (valueWord === undefined) || rest.length > 0) {
    diagnostics.error('unknown-argument', `flowint does not take '${word.text}'`, word.span, FORM);
    return undefined;
  }
  if (asked || valueWord === undefined) return { name: name!.text, operator, value: undefined };
  if (isVariableName(valueWord.text)) return { name: name!.text, operator, value: valueWord.text };
  const value = readNumber(valueWord, 'the value', UINT32, diagnostics);
  return value === undefined ? undefined : { name: name!.text, operator, value };
}

/** Numbers and bits of a flow have names of their own. */
const variable = (name: string): string => `int:${name}`;

const flowint = defineOption<FlowIntOption>({
  name: 'flowint',
  value: 'required',
  repeatable: true,
  parse,
  compile({ name, operator, value }, builder) {
    const names = [variable(name), ...(typeof value === 'string' ? [variable(value)] : [])];
    const number = typeof value === 'number' ? value : 0;
    if (operator === '=' || operator === '+' || operator === '-') {
      builder.addBitEffect({ scope: 'flow', operation: 'set', names, change: { operator, value: number } });
    } else {
      builder.addBitTest({
        scope: 'flow',
        operation: operator === 'isnotset' ? 'isnotset' : 'isset',
        names,
        integer: { operator, value: number },
      });
    }
  },
  print: ({ name, operator, value }) => [name, operator, ...(value === undefined ? [] : [value])].join(','),
  doc: {
    appliesTo: 'flow',
    summary:
      'Sets, changes or compares a number of the flow, from 0 to 2^32 - 1; changes are made when the rule has matched.',
    syntax: 'flowint:<name>,<=|+|-|<|<=|==|!=|>=|>>,<number|name>; or flowint:<name>,<isset|isnotset>;',
    example: 'content:"530 "; startswith; flowint:failures,+,1;',
    differences:
      'A number that was never set compares with nothing, is not made by a subtraction, and counts as 0 where it is added to or read. Beyond its ends it starts over. As changes come last, a rule that reads what it changes sees the number from before. Who reads a number is tried behind those that change it; in Suricata rules that set flowbits come first.',
  },
});

export const flowintOptions: readonly RuleOption[] = [flowint];
