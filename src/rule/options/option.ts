/**
 * The shape of a keyword: one entry per rule option, all in one registry (registry.ts). Stage: rule.
 *
 * `parse` reads the opaque value into `V` and reports what is wrong with it; `compile` adds what it means to the rule
 * under construction and reports what makes no sense in its place; `print` writes the value back so that
 * parse → print → parse is the identity; `doc` feeds the reference page.
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { RuleBuilder, Side } from '../compile/rule-builder.js';

export interface OptionDoc {
  /** One sentence. */
  readonly summary: string;
  /** Syntax of the whole option, as in `depth:<number|variable>;`. */
  readonly syntax: string;
  readonly example: string;
  /** What it applies to: 'rule', 'packet', 'buffer', 'content modifier', 'flow', 'alert'. */
  readonly appliesTo: string;
  /** Where it differs from Suricata or Snort. */
  readonly differences?: string | undefined;
}

export interface RuleOption<V = unknown> {
  readonly name: string;
  readonly aliases?: readonly string[] | undefined;
  /** Whether a value is needed, refused, or may be given. */
  readonly value: 'required' | 'none' | 'optional';
  /** May stand more than once in a rule. */
  readonly repeatable: boolean;
  /** Its value may be as long as a rule. */
  readonly longValue?: boolean | undefined;
  /** The direction that has what it speaks of, where only one has: a rule for the other one never matches. */
  readonly side?: Side | undefined;
  readonly parse: (node: OptionNode, diagnostics: Diagnostics) => V | undefined;
  readonly compile: (value: V, builder: RuleBuilder, node: OptionNode) => void;
  /** The value's text, undefined for a keyword without one. */
  readonly print: (value: V) => string | undefined;
  readonly doc: OptionDoc;
}

/** Keeps the value's type inside one option while the registry holds them all, in one shape. */
export function defineOption<V>(option: RuleOption<V>): RuleOption {
  const { name, aliases, value, repeatable, longValue, side, parse, compile, print, doc } =
    option as unknown as RuleOption;
  return { name, aliases, value, repeatable, longValue, side, parse, compile, print, doc };
}
