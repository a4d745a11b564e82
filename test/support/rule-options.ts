/**
 * Options by themselves: parsed, printed and compiled through the registry and the real builder, without the rest of a
 * rule file. Spans count from the start of the options' text.
 */
import type { OptionNode } from '../../src/rule/ast.js';
import { Diagnostics, type Diagnostic } from '../../src/rule/diagnostics/diagnostic.js';
import { findOption } from '../../src/rule/options/registry.js';
import type { RuleOption } from '../../src/rule/options/option.js';
import { parseRule } from '../../src/rule/parse/parser.js';
import type { RuleProgram } from '../../src/rule/program.js';
import { ProgramBuilder } from '../../src/rule/compile/rule-builder.js';

const HEADER = 'alert ip any any -> any any (';

export interface Compiled {
  /** Undefined where an error was found. */
  readonly program: RuleProgram | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** `name:value` as the parser would hand it to the keyword. */
export function optionNode(text: string): OptionNode {
  const colon = text.indexOf(':');
  if (colon < 0) return { name: { text, span: { start: 0, end: text.length } }, value: undefined };
  const value = text.slice(colon + 1);
  const start = colon + 1 + (value.length - value.trimStart().length);
  return {
    name: { text: text.slice(0, colon), span: { start: 0, end: colon } },
    value: { text: value.trim(), span: { start, end: start + value.trim().length } },
  };
}

export function keyword(name: string): RuleOption {
  const option = findOption(name);
  if (option === undefined) throw new Error(`keyword ${name} is not registered`);
  return option;
}

/** The keyword's own reading of one option. */
export function parseOption(text: string): { readonly value: unknown; readonly diagnostics: readonly Diagnostic[] } {
  const node = optionNode(text);
  const diagnostics = new Diagnostics();
  return { value: keyword(node.name.text).parse(node, diagnostics), diagnostics: diagnostics.list };
}

/** Parses, prints, and parses again; the two values must be the same, which the caller asserts. */
export function reparse(text: string): {
  readonly first: unknown;
  readonly printed: string;
  readonly second: unknown;
  readonly again: string;
} {
  const name = optionNode(text).name.text;
  const print = (value: unknown): string => {
    const printed = keyword(name).print(value);
    return printed === undefined ? name : `${name}:${printed}`;
  };
  const first = parseOption(text).value;
  const printed = print(first);
  const second = parseOption(printed).value;
  return { first, printed, second, again: print(second) };
}

/** A rule of these options, compiled with a sid of its own; nothing but the options can be wrong with it. */
export function compileOptions(text: string): Compiled {
  const diagnostics = new Diagnostics();
  const rule = parseRule(`${HEADER}${text} sid:1;)`, diagnostics);
  if (rule === undefined) throw new Error(`no rule: ${text}: ${JSON.stringify(diagnostics.list)}`);
  const builder = new ProgramBuilder({ classification: () => undefined, reference: () => undefined }, diagnostics);
  for (const node of rule.options) {
    if (node.name.text === 'sid') continue;
    const option = keyword(node.name.text);
    const value = option.parse(node, diagnostics);
    if (value !== undefined) option.compile(value, builder, node);
  }
  builder.sid = 1;
  const program = builder.build({
    action: 'alert',
    header: {
      protocol: 'ip',
      source: undefined,
      sourcePorts: undefined,
      destination: undefined,
      destinationPorts: undefined,
      bidirectional: false,
    },
    origin: { file: 'test.rules', line: 1 },
  });
  const shift = HEADER.length;
  return {
    program,
    diagnostics: diagnostics.list.map((each) => ({
      ...each,
      span: { start: each.span.start - shift, end: each.span.end - shift },
    })),
  };
}

/** The program of options that must compile without an error. */
export function programOf(text: string): RuleProgram {
  const { program, diagnostics } = compileOptions(text);
  if (program === undefined) throw new Error(`${text}: ${JSON.stringify(diagnostics)}`);
  return program;
}

/** `code 'the text that it points at'` of everything reported. */
export function findings(text: string): string[] {
  return compileOptions(text).diagnostics.map(({ code, span }) => `${code} '${text.slice(span.start, span.end)}'`);
}
