/**
 * A syntax tree to what it means: header, then option by option in the order written. Stage: rule (compile).
 *
 * Everything wrong with a rule is reported in one go; a rule with an error yields no program. A keyword of a protocol
 * that is not parsed yet makes the rule wait, and then keywords that are not built do not count as errors.
 */
import type { OptionNode, RuleNode } from './ast.js';
import { compileAction, compileHeader } from './compile-header.js';
import type { Diagnostics } from './diagnostic.js';
import { findOption, nearestOption } from './options/registry.js';
import type { RuleOption } from './options/option.js';
import type { RuleProgram } from './program.js';
import { ProgramBuilder, type RuleEnvironment } from './rule-builder.js';
import type { Variables } from './variables.js';
import { isUnsupportedKeyword, waitingKeyword } from './waiting.js';

export interface CompileContext {
  readonly variables: Variables;
  readonly environment: RuleEnvironment;
  /** Of this rule alone: any error in it keeps the rule from being built. */
  readonly diagnostics: Diagnostics;
  readonly origin: RuleProgram['origin'];
}

/** The rule's program, undefined where an error was reported. */
export function compileRule(node: RuleNode, context: CompileContext): RuleProgram | undefined {
  const { diagnostics } = context;
  const action = compileAction(node.action, diagnostics);
  const compiled = compileHeader(node, context.variables, diagnostics);
  const builder = new ProgramBuilder(context.environment, diagnostics);
  if (compiled?.waitingFor !== undefined) builder.waitFor(compiled.waitingFor);
  compileOptions(node.options, builder);
  if (builder.sid === undefined && !node.options.some(({ name }) => findOption(name.text)?.name === 'sid')) {
    diagnostics.error('missing-sid', 'the rule has no sid', { start: node.span.end - 1, end: node.span.end }, 'give it a number of its own: sid:1000001;');
  }
  if (action === undefined || compiled === undefined) return undefined;
  return builder.build({ action, header: compiled.header, origin: context.origin });
}

function compileOptions(options: readonly OptionNode[], builder: ProgramBuilder): void {
  const seen = new Map<RuleOption, OptionNode>();
  const unsupported: OptionNode[] = [];
  for (const node of options) {
    const option = findOption(node.name.text);
    if (option === undefined) {
      compileUnknown(node, builder, unsupported);
    } else if (checkUse(option, node, seen, builder.diagnostics)) {
      const value = option.parse(node, builder.diagnostics);
      if (value !== undefined) option.compile(value, builder, node);
    }
  }
  for (const { name, node } of builder.requiredKeywords) {
    if (findOption(name) !== undefined || waitingKeyword(name) !== undefined) continue;
    builder.diagnostics.error('missing-keyword', `the keyword ${name} is not here`, node.value!.span, 'the rule says itself that it cannot do without');
  }
  if (builder.isWaiting) return;
  for (const { name } of unsupported) {
    builder.diagnostics.error('unsupported-keyword', `${name.text} is not built yet`, name.span, 'the rule would not mean the same without it');
  }
}

/** Whether the option stands where it may and has a value where it must. */
function checkUse(option: RuleOption, node: OptionNode, seen: Map<RuleOption, OptionNode>, diagnostics: Diagnostics): boolean {
  const { text, span } = node.name;
  if (!option.repeatable && seen.has(option)) {
    diagnostics.error('duplicate-option', `${text} is set twice`, span, 'keep one of them');
    return false;
  }
  seen.set(option, node);
  if (option.value === 'required' && (node.value === undefined || node.value.text === '')) {
    diagnostics.error('missing-value', `${text} needs a value`, span, `write ${option.doc.syntax}`);
    return false;
  }
  if (option.value === 'none' && node.value !== undefined) {
    diagnostics.error('unexpected-value', `${text} takes no value`, node.value.text === '' ? span : node.value.span, `write ${text};`);
    return false;
  }
  return true;
}

function compileUnknown(node: OptionNode, builder: ProgramBuilder, unsupported: OptionNode[]): void {
  const { text, span } = node.name;
  const protocol = waitingKeyword(text);
  if (protocol !== undefined) {
    builder.waitFor(protocol);
  } else if (isUnsupportedKeyword(text)) {
    unsupported.push(node);
  } else {
    const close = nearestOption(text);
    builder.diagnostics.error('unknown-keyword', `unknown keyword '${text}'`, span, close === undefined ? undefined : `did you mean ${close}?`);
  }
}
