/**
 * datarep: whether a sticky buffer, whole as it stands, is in a list, with a number that compares so. Stage: rule.
 * Reference: Suricata, datasets.
 *
 *   datarep:scores,>,200,load scores.rep,type md5;
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { DatarepMatch } from '../buffer-match.js';
import {
  addDatasetStep,
  printDatasetArguments,
  readDatasetArguments,
  type DatasetArguments,
} from './dataset-arguments.js';
import { defineOption, type RuleOption } from './option.js';
import { readNumber, requireValue, splitArguments } from './value.js';

const OPERATORS: Readonly<Record<string, DatarepMatch['operator']>> = { '<': '<', '>': '>', '==': '==', '=': '==' };
const VALUES = { minimum: 0, maximum: 0xffff };

interface DatarepOption {
  readonly operator: DatarepMatch['operator'];
  readonly value: number;
  readonly set: DatasetArguments;
}

function parse(node: OptionNode, diagnostics: Diagnostics): DatarepOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const [name, sign, number, ...rest] = splitArguments(value);
  if (sign === undefined || number === undefined) {
    diagnostics.error(
      'missing-argument',
      'datarep needs a name, an operator and a number',
      value.span,
      'write datarep:<name>,<operator>,<number>;',
    );
    return undefined;
  }
  const operator = Object.hasOwn(OPERATORS, sign.text) ? OPERATORS[sign.text] : undefined;
  if (operator === undefined) {
    diagnostics.error('bad-argument', `'${sign.text}' is no comparison of datarep`, sign.span, 'write <, > or ==');
    return undefined;
  }
  const limit = readNumber(number, 'the number', VALUES, diagnostics);
  const set = readDatasetArguments(name!, rest, 'datarep', diagnostics);
  if (set === undefined || limit === undefined) return undefined;
  if (set.save === undefined && set.state === undefined) return { operator, value: limit, set };
  diagnostics.error('conflicting-arguments', 'datarep saves no file', value.span, 'write load <file>');
  return undefined;
}

const datarep = defineOption<DatarepOption>({
  name: 'datarep',
  value: 'required',
  repeatable: true,
  parse,
  compile({ operator, value, set: written }, builder, node) {
    addDatasetStep(written, (set) => ({ kind: 'datarep', operator, value, set }), builder, node);
  },
  print: ({ operator, value, set }) => `${set.name},${operator},${value}${printDatasetArguments(set)}`,
  doc: {
    appliesTo: 'buffer',
    summary: 'Whether the sticky buffer before it, whole as it stands, is in a list, with a number that compares so.',
    syntax:
      'datarep:<name>,<<|>|==>,<0-65535>[,load <file>][,type <string|md5|sha256|ipv4|ip>][,memcap <size>][,hashsize <size>];',
    example: 'ip.src; datarep:scores,>,200,load scores.rep,type ip;',
    differences:
      'Files are those of dataset with `,<number>` behind each value; without one the number is 0. Paths and limits are those of dataset. Of a value that is there twice the first counts.',
  },
});

export const datarepOptions: readonly RuleOption[] = [datarep];
