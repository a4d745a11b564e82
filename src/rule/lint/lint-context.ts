/**
 * What a lint is given: a finished rule, and where each of its parts was written. Stage: rule (lint).
 */
import type { OptionNode, RuleNode } from '../ast.js';
import type { Diagnostics, Span } from '../diagnostics/diagnostic.js';
import type { RuleProgram } from '../program.js';
import type { RuleTrace } from '../compile/rule-builder.js';

export interface LintedRule {
  readonly node: RuleNode;
  readonly program: RuleProgram;
  readonly trace: RuleTrace;
}

const LONGEST_QUOTE = 48;

/** The part of an option to point at: its value where it has one. */
export function valueSpan({ name, value }: OptionNode): Span {
  return value === undefined || value.text === '' ? name.span : value.span;
}

/** The first option of this name, in any case. */
export function optionNamed(options: readonly OptionNode[], keyword: string): OptionNode | undefined {
  return options.find(({ name }) => name.text.toLowerCase() === keyword);
}

/** An option as it was written, cut where it is long. */
export function optionText({ name, value }: OptionNode): string {
  const text = value === undefined ? name.text : `${name.text}:${value.text}`;
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE - 1)}…` : text;
}

/** The rule loads and can never match; `message` ends with the reason. */
export function never(diagnostics: Diagnostics, message: string, span: Span, hint: string): void {
  diagnostics.warning('never-matches', `${message}, so the rule never matches`, span, hint);
}
