/**
 * Keywords with a value of their own form that ask something of a message: the text is checked by a pattern, and what
 * it means is added to the rule. Stage: rule.
 */
import type { OptionNode } from '../ast.js';
import type { Ranges } from '../../block/terms.js';
import type { RuleBuilder, Side } from '../compile/rule-builder.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

export interface PatternCondition {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly side?: Side;
  /** What the value looks like, without blanks around commas. */
  readonly form: RegExp;
  readonly syntax: string;
  readonly example: string;
  readonly summary: string;
  readonly differences?: string;
  /** `found` is what the form has found in the value. */
  readonly compile: (found: RegExpExecArray, builder: RuleBuilder, node: OptionNode) => void;
}

export function patternCondition(condition: PatternCondition): RuleOption {
  const { name, aliases, side, form, syntax, example, summary, differences } = condition;
  return defineOption<string>({
    name,
    aliases,
    side,
    value: 'required',
    repeatable: true,
    parse(node, diagnostics) {
      const word = requireValue(node, diagnostics);
      if (word === undefined) return undefined;
      const text = unquoted(word.text).replace(/\s*,\s*/g, ',');
      if (form.test(text)) return text;
      diagnostics.error(
        'unknown-argument',
        `${node.name.text} does not take '${word.text}'`,
        word.span,
        `write ${node.name.text}:${syntax};`,
      );
      return undefined;
    },
    compile: (text, builder, node) => condition.compile(form.exec(text)!, builder, node),
    print: (text) => text,
    doc: { appliesTo: 'message', summary, syntax: `${name}:${syntax};`, example: `${name}:${example};`, differences },
  });
}

/** Numbers that a rule asks for, without those that there cannot be; that none is left is reported. */
export function possible(
  ranges: Ranges,
  what: string,
  maximum: number,
  builder: RuleBuilder,
  { name, value }: OptionNode,
): Ranges {
  const left = ranges
    .map(([low, high]) => [Math.max(0, low), Math.min(high, maximum)] as const)
    .filter(([low, high]) => low <= high);
  if (left.length === 0)
    builder.diagnostics.error(
      'never-matches',
      `no ${what} is what this asks for`,
      (value ?? name).span,
      `${what} goes from 0 to ${maximum}`,
    );
  return left;
}

/** Snort 3 puts any value in quotes. */
const unquoted = (text: string): string => /^"\s*([^"]*?)\s*"$/.exec(text)?.[1] ?? text;
