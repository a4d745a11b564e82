/** Rule text to program for tests, with the defaults that a user gets. */
import { compileRule } from '../../../src/rule/compile/compile-rule.js';
import { Diagnostics, type Diagnostic } from '../../../src/rule/diagnostics/diagnostic.js';
import { parseRule } from '../../../src/rule/parse/parser.js';
import type { RuleProgram } from '../../../src/rule/program.js';
import { Variables } from '../../../src/rule/compile/variables.js';

const environment = {
  classification: (name: string) =>
    name === 'trojan-activity' ? { description: 'A Network Trojan was detected', priority: 1 } : undefined,
  reference: (system: string) => (system === 'cve' ? 'https://example.test/' : undefined),
};

export interface Outcome {
  readonly program: RuleProgram | undefined;
  /** Codes of everything reported. */
  readonly codes: readonly string[];
}

export function compileText(text: string, variables = new Variables()): Outcome {
  const diagnostics = new Diagnostics();
  const node = parseRule(text, diagnostics);
  const program =
    node && compileRule(node, { variables, environment, diagnostics, origin: { file: 'test.rules', line: 1 } });
  return { program, codes: diagnostics.list.map(({ code }) => code) };
}

/** What the linter says about a rule that loads. */
export function lintDiagnostics(text: string, variables = new Variables()): Diagnostic[] {
  const diagnostics = new Diagnostics();
  const node = parseRule(text, diagnostics);
  if (
    node === undefined ||
    compileRule(node, { variables, environment, diagnostics, origin: { file: 'test.rules', line: 1 } }) === undefined
  ) {
    throw new Error(`${text} does not load: ${diagnostics.list.map(({ message }) => message).join('; ')}`);
  }
  const linted = new Diagnostics();
  compileRule(node, {
    variables,
    environment,
    diagnostics: linted,
    origin: { file: 'test.rules', line: 1 },
    lint: true,
  });
  return linted.list.slice(diagnostics.list.length);
}

/** `severity code 'what the caret is under'` of each. */
export function lintText(text: string, variables = new Variables()): string[] {
  return lintDiagnostics(text, variables).map(
    ({ severity, code, span }) => `${severity} ${code} '${text.slice(span.start, span.end)}'`,
  );
}

/** The program of `alert tcp any any -> any any (<options> sid:1;)`; throws when there is none. */
export function compileOptions(options: string, header = 'alert tcp any any -> any any'): RuleProgram {
  const { program, codes } = compileText(`${header} (${options} sid:1;)`);
  if (program === undefined) throw new Error(`${options} does not compile: ${codes.join(', ')}`);
  return program;
}
