/**
 * A syntax tree to what it means: header, then option by option in the order written. Stage: rule (compile).
 *
 * Everything wrong with a rule is reported in one go; a rule with an error yields no program. A keyword of a protocol
 * that is not parsed yet makes the rule wait.
 */
import type { OptionNode, RuleNode, Word } from '../ast.js';
import { compileAction, compileHeader, nameOfProtocol } from './compile-header.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { lintRule } from '../lint/linter.js';
import { otherToolHint } from '../options/keyword-hints.js';
import { findOption, nearestOption } from '../options/registry.js';
import type { RuleOption } from '../options/option.js';
import { unmetRequirement } from '../options/requires.js';
import type { RuleProgram } from '../program.js';
import { SILENT_ACTIONS } from './protocols.js';
import { checkTransactions } from './transactions.js';
import { ProgramBuilder, type RuleEnvironment } from './rule-builder.js';
import { strayQuote } from '../parse/stray-quote.js';
import { swallowedOption } from '../parse/swallowed-option.js';
import type { TenantVariables } from './tenant-variables.js';
import type { Variables } from './variables.js';

export interface CompileContext {
  readonly variables: Variables;
  readonly tenants?: TenantVariables | undefined;
  readonly environment: RuleEnvironment;
  /** Of this rule alone: any error in it keeps the rule from being built. */
  readonly diagnostics: Diagnostics;
  readonly origin: RuleProgram['origin'];
  /** Whether to say what a rule that loads does not do. */
  readonly lint?: boolean | undefined;
}

/** Snort 3 looks at the request of a response where a keyword says so. */
const OF_REQUEST = /\brequest\b/;

/**
 * Characters of one value: far more than any author writes, and few enough for expressions that look for a form in it.
 */
const MAXIMUM_VALUE_LENGTH = 8192;

/**
 * The rule's program; undefined where an error was reported or, without one, where the rule itself asks to be left out.
 */
export function compileRule(node: RuleNode, context: CompileContext): RuleProgram | undefined {
  const { diagnostics } = context;
  if (asksToBeLeftOut(node, diagnostics)) return undefined;
  const action = compileAction(node.action, diagnostics);
  const compiled = compileHeader(node, context.variables, diagnostics, context.tenants);
  const builder = new ProgramBuilder(context.environment, diagnostics, context.origin.file);
  if (compiled?.waitingFor !== undefined) builder.waitFor(compiled.waitingFor);
  if (SILENT_ACTIONS.has(node.action.text.toLowerCase())) builder.noalert = true;
  builder.protocol = nameOfProtocol(node.protocol.text);
  if (compiled?.state !== undefined) builder.waitForState(compiled.state, { name: node.protocol, value: undefined });
  compileOptions(node.options, builder);
  checkTransaction(node.direction, builder);
  if (builder.sid === undefined && !node.options.some(({ name }) => findOption(name.text)?.name === 'sid')) {
    reportMissingSid(node, diagnostics);
  }
  if (action === undefined || compiled === undefined) return undefined;
  const program = builder.build({ action, header: compiled.header, origin: context.origin });
  if (program !== undefined && program.waitingFor.length === 0)
    checkTransactions(program, builder.trace(), node.direction, diagnostics);
  if (diagnostics.hasErrors) return undefined;
  if (program !== undefined && context.lint === true) lintRule({ node, program, trace: builder.trace() }, diagnostics);
  return program;
}

const REQUIRES = 'requires';

function asksToBeLeftOut({ options }: RuleNode, diagnostics: Diagnostics): boolean {
  for (const node of options) {
    const { text } = node.name;
    if (text.length !== REQUIRES.length || text.toLowerCase() !== REQUIRES) continue;
    const reason = unmetRequirement(node, isOption);
    if (reason === undefined) continue;
    diagnostics.hint(
      'unmet-requirement',
      `${reason}, so the rule is left out`,
      node.value!.span,
      'the rule says itself that it cannot do without',
    );
    return true;
  }
  return false;
}

/** A sid that is part of another option's value is not missing but swallowed. */
function reportMissingSid({ options, span }: RuleNode, diagnostics: Diagnostics): void {
  const holder = options.find(({ value }) => value !== undefined && /\bsid\s*:/.test(value.text));
  const swallowed = holder && swallowedOption(holder.value!, isOption);
  if (swallowed === undefined)
    diagnostics.error(
      'missing-sid',
      'the rule has no sid',
      { start: span.end - 1, end: span.end },
      'give it a number of its own: sid:1000001;',
    );
  else if (!diagnostics.hasErrors) diagnostics.add(swallowed);
}

/** `=>` joins both directions of a transaction: it says something only where there are transactions. */
function checkTransaction(direction: Word | undefined, builder: ProgramBuilder): void {
  if (direction?.text !== '=>') return;
  if (builder.isWaiting) builder.waitFor('transactions', '=>');
  else if (!builder.looksAtTransactions)
    builder.diagnostics.error(
      'unsupported-direction',
      "'=>' joins both directions of one transaction, and this rule looks at no transactions",
      direction.span,
      "write '->' for one direction or '<>' for both",
    );
}

function compileOptions(options: readonly OptionNode[], builder: ProgramBuilder): void {
  /** Of those that may stand only once. */
  const seen: RuleOption[] = [];
  let unknown = 0;
  for (const node of options) {
    const option = findOption(node.name.text);
    if (option === undefined) {
      reportUnknown(node, builder, ++unknown <= HINTED_UNKNOWN);
    } else {
      const mark = builder.diagnostics.list.length;
      const value = checkUse(option, node, seen, builder.diagnostics)
        ? option.parse(node, builder.diagnostics)
        : undefined;
      // Quotes inside a text may be the ends of options, too.
      const { list } = builder.diagnostics;
      const isDoubtful =
        value === undefined || (list.length > mark && list.slice(mark).some(({ code }) => code === 'inner-quote'));
      if (isDoubtful && explainSwallowed(node, mark, builder.diagnostics)) continue;
      if (value === undefined) continue;
      builder.at(node);
      if (option.side !== undefined && !OF_REQUEST.test(node.value?.text ?? '')) builder.addSide(option.side, node);
      option.compile(value, builder, node);
    }
  }
}

const isOption = (name: string): boolean => findOption(name) !== undefined;

/** Where a value is wrong because it holds the options behind it, that is said instead. */
function explainSwallowed({ value }: OptionNode, mark: number, diagnostics: Diagnostics): boolean {
  const swallowed = value && swallowedOption(value, isOption);
  if (swallowed !== undefined) diagnostics.replace(mark, swallowed);
  return swallowed !== undefined;
}

/** Whether the option stands where it may and has a value where it must. */
function checkUse(option: RuleOption, node: OptionNode, seen: RuleOption[], diagnostics: Diagnostics): boolean {
  const { text, span } = node.name;
  if (!option.repeatable) {
    if (seen.includes(option)) {
      diagnostics.error('duplicate-option', `${text} is set twice`, span, 'keep one of them');
      return false;
    }
    seen.push(option);
  }
  if (option.value === 'required' && (node.value === undefined || node.value.text === '')) {
    diagnostics.error('missing-value', `${text} needs a value`, span, `write ${option.doc.syntax}`);
    return false;
  }
  if (option.value === 'none' && node.value !== undefined) {
    diagnostics.error(
      'unexpected-value',
      `${text} takes no value`,
      node.value.text === '' ? span : node.value.span,
      `write ${text};`,
    );
    return false;
  }
  return node.value === undefined || checkValue(option, node.name.text, node.value, diagnostics);
}

/** What holds of every value, whatever its keyword makes of it. */
function checkValue(option: RuleOption, name: string, { text, span }: Word, diagnostics: Diagnostics): boolean {
  if (text.length > MAXIMUM_VALUE_LENGTH && option.longValue !== true) {
    diagnostics.error(
      'too-long',
      `the value of ${name} has ${text.length} characters; ${MAXIMUM_VALUE_LENGTH} is the most`,
      span,
    );
    return false;
  }
  const stray = strayQuote(text);
  if (stray < 0) return true;
  const at = span.start + stray;
  diagnostics.error(
    'bad-quote',
    'a double quote too many, so that it cannot be told where the value ends',
    { start: at, end: at + 1 },
    String.raw`write \" for a quote inside, \; for a semicolon; end the option with ';' behind its closing quote`,
  );
  return false;
}

/** Unknown keywords of a rule that are compared with all known ones: a rule may consist of thousands. */
const HINTED_UNKNOWN = 16;

function reportUnknown({ name: { text, span } }: OptionNode, builder: ProgramBuilder, hinted: boolean): void {
  const close = hinted ? nearestOption(text) : undefined;
  builder.leaveBuffer();
  builder.diagnostics.error(
    'unknown-keyword',
    `unknown keyword '${text}'`,
    span,
    otherToolHint(text) ?? (close === undefined ? undefined : `did you mean ${close}?`),
  );
}
