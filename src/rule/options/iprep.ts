/**
 * iprep: the reputation of the packet's addresses in a category. Stage: rule. Reference: Suricata, IP reputation
 * keyword.
 *
 *   iprep:dst,CnC,>,30;     iprep:src,trusted,isnotset;
 */
import type { OptionNode, Word } from '../ast.js';
import { addressDifference, EVERY_ADDRESS } from '../compile/address-set.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Ranges } from '../../block/terms.js';
import { isProblem, type DataProblem } from '../compile/rule-data.js';
import { ADDRESS_SIDES, type AddressSide } from './address-side.js';
import { integerRanges } from './integer-test.js';
import { defineOption, type RuleOption } from './option.js';
import { readNumber, requireValue, splitArguments } from './value.js';

const MAX_SCORE = 127;
const SCORES = { minimum: 0, maximum: MAX_SCORE };
const OPERATORS = ['<', '<=', '>', '>=', '=', '!='] as const;
type Operator = (typeof OPERATORS)[number];
const MEMBERSHIP = ['isset', 'isnotset'] as const;
const FORM =
  'write iprep:<any|src|dst|both>,<category>,<operator>,<0-127>; or iprep:<side>,<category>,<isset|isnotset>;';

const NO_FILES: DataProblem = { code: 'missing-setting', message: 'there are no reputation files here' };

interface IprepOption {
  readonly side: AddressSide;
  readonly category: string;
  readonly asked: 'isset' | 'isnotset' | { readonly operator: Operator; readonly score: number };
}

function parse(node: OptionNode, diagnostics: Diagnostics): IprepOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const [first, category, sign, score, extra] = splitArguments(value);
  if (category === undefined || sign === undefined) {
    diagnostics.error('missing-argument', 'iprep needs a side, a category and what to ask for', value.span, FORM);
    return undefined;
  }
  const side = ADDRESS_SIDES.find((each) => each === first!.text.toLowerCase());
  if (side === undefined) {
    diagnostics.error(
      'bad-argument',
      `'${first!.text}' is no side of a packet`,
      first!.span,
      `write ${ADDRESS_SIDES.join(', ')}`,
    );
    return undefined;
  }
  if (!/^[A-Za-z0-9_-]+$/.test(category.text)) {
    diagnostics.error(
      'bad-name',
      `'${category.text}' is no name of a category`,
      category.span,
      'write letters, digits, _ and -',
    );
    return undefined;
  }
  const asked = readAsked(sign, score, extra, diagnostics);
  return asked && { side, category: category.text, asked };
}

function readAsked(
  sign: Word,
  score: Word | undefined,
  extra: Word | undefined,
  diagnostics: Diagnostics,
): IprepOption['asked'] | undefined {
  const membership = MEMBERSHIP.find((each) => each === sign.text.toLowerCase());
  const surplus = membership === undefined ? extra : score;
  if (surplus !== undefined) {
    diagnostics.error('unknown-argument', `iprep does not take '${surplus.text}' here`, surplus.span, FORM);
    return undefined;
  }
  if (membership !== undefined) return membership;
  const operator = OPERATORS.find((each) => each === (sign.text === '==' ? '=' : sign.text));
  if (operator === undefined || score === undefined) {
    diagnostics.error(
      'bad-argument',
      operator === undefined ? `'${sign.text}' is no comparison` : 'the score is missing',
      sign.span,
      FORM,
    );
    return undefined;
  }
  const number = readNumber(score, 'the score', SCORES, diagnostics);
  return number === undefined ? undefined : { operator, score: number };
}

const iprep = defineOption<IprepOption>({
  name: 'iprep',
  value: 'required',
  repeatable: true,
  parse,
  compile({ side, category, asked }, builder, node) {
    const scores: Ranges =
      typeof asked === 'string'
        ? [[0, MAX_SCORE]]
        : integerRanges({ operator: asked.operator, value: asked.score }, MAX_SCORE);
    const span = (node.value ?? node.name).span;
    if (scores.length === 0) {
      builder.diagnostics.error(
        'never-matches',
        'no score passes this comparison',
        span,
        `scores go from 0 to ${MAX_SCORE}`,
      );
      return;
    }
    const found = builder.environment.data?.reputation(category, scores) ?? NO_FILES;
    if (isProblem(found)) builder.diagnostics.error(found.code, found.message, span, found.hint);
    else
      builder.addFlowTest({
        kind: 'address',
        side,
        addresses: asked === 'isnotset' ? addressDifference(EVERY_ADDRESS, found) : found,
        perFlow: true,
      });
  },
  print: ({ side, category, asked }) =>
    `${side},${category},${typeof asked === 'string' ? asked : `${asked.operator},${asked.score}`}`,
  doc: {
    appliesTo: 'packet',
    summary:
      'Compares the reputation that the source, the destination, one of them (any) or both have in a category, or asks whether they have one.',
    syntax:
      'iprep:<any|src|dst|both>,<category>,<<|<=|>|>=|=|!=>,<0-127>; or iprep:<any|src|dst|both>,<category>,<isset|isnotset>;',
    example: 'iprep:dst,CnC,>,30;',
    differences:
      "Categories and reputations are those of the settings reputation.categories and reputation.files, in Suricata's formats, read when rules are loaded; without them the rule is an error. Within a category the most specific network counts; of the same network twice the first line, of the same address twice the last, as in Suricata, and where they differ a warning says so. A score of an address in one category leaves those of its networks in others as they are. An address without a reputation passes isnotset alone. A rule on addresses and reputation alone looks at the first packet of each direction of a flow, as in Suricata.",
  },
});

export const iprepOptions: readonly RuleOption[] = [iprep];
