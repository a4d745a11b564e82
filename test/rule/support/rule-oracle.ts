/**
 * What must hold of any text given as a rule, whether it is one or not. Throws where it does not.
 *
 * Nothing throws; what is reported has a code and a place within the text; a program comes of it or an error does,
 * unless the rule asks to be left out. The short ways of the parser say what the grammar says. What was loaded is what
 * was written: no option is missing, the printed rule is the same rule, as written and as each keyword prints its own
 * value; and its packed form agrees with the naive verifier.
 */
import { isDeepStrictEqual } from 'node:util';
import { compileRules, obstacle } from '../../../src/compile/compile-rules.js';
import { RuleSet } from '../../../src/block/rule-set.js';
import { Verifier } from '../../../src/detect/verify/verify.js';
import type { OptionNode, RuleNode } from '../../../src/rule/ast.js';
import { compileRule } from '../../../src/rule/compile/compile-rule.js';
import { Diagnostics, type Diagnostic } from '../../../src/rule/diagnostics/diagnostic.js';
import { findOption } from '../../../src/rule/options/registry.js';
import { parseRule, RuleParser } from '../../../src/rule/parse/parser.js';
import { printHeader, printOption, printRule } from '../../../src/rule/parse/printer.js';
import type { RuleProgram } from '../../../src/rule/program.js';
import { Variables } from '../../../src/rule/compile/variables.js';
import { placeBlock } from '../../support/detecting.js';
import { naiveTables } from '../../support/naive-scanner.js';
import { naiveVerify } from '../../support/naive-verify.js';
import { beginPacket, payloadPacket } from '../../support/payload-packet.js';
import { withoutPlaces } from './arbitrary-rule.js';
import { naiveHeader, naiveOptions } from './naive-options.js';

/** The naive verifier tries everything, which is too much beyond these. */
const MOST_STEPS = 6;
const PAYLOAD_BYTES = 40;

const environment = {
  classification: (name: string) =>
    name === 'trojan-activity' ? { description: 'A Network Trojan was detected', priority: 1 } : undefined,
  reference: (system: string) => (system === 'cve' ? 'https://example.test/' : undefined),
};
const origin = { file: 'test.rules', line: 1 };

export interface Loaded {
  readonly program: RuleProgram | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

export class RuleOracle {
  /** Rules that loaded so far, those that wait, and comparisons of verifiers of which some matched. */
  loaded = 0;
  waiting = 0;
  verified = 0;
  matched = 0;
  /** How often each code was met. */
  readonly codes = new Map<string, number>();
  private readonly variables = new Variables();
  private readonly parser = new RuleParser();
  private readonly knownCode: (code: string) => boolean;

  constructor(knownCode: (code: string) => boolean = () => true) {
    this.knownCode = knownCode;
  }

  check(text: string): Loaded {
    const diagnostics = new Diagnostics();
    const node = parseRule(text, diagnostics);
    this.checkShortWay(text, node, diagnostics.list);
    const program = node && this.compile(node, diagnostics);
    const isLeftOut = diagnostics.list.at(-1)?.code === 'unmet-requirement';
    if ((program === undefined) !== (diagnostics.hasErrors || isLeftOut))
      throw new Error(`a program comes of it or an error: ${codesOf(diagnostics.list)}`);
    for (const diagnostic of diagnostics.list) this.checkDiagnostic(diagnostic, text);
    if (node !== undefined) this.checkNode(text, node);
    if (node !== undefined && program !== undefined) this.checkProgram(node, program, diagnostics.list);
    return { program, diagnostics: diagnostics.list };
  }

  private compile(node: RuleNode, diagnostics: Diagnostics): RuleProgram | undefined {
    return compileRule(node, { variables: this.variables, environment, diagnostics, origin, lint: true });
  }

  private checkShortWay(text: string, node: RuleNode | undefined, list: readonly Diagnostic[]): void {
    const diagnostics = new Diagnostics();
    const quick = this.parser.parse(text, diagnostics);
    expectEqual(quick, node, 'the short way reads another rule');
    expectEqual(diagnostics.list, list, 'the short way says something else');
  }

  private checkDiagnostic({ code, severity, message, span }: Diagnostic, text: string): void {
    this.codes.set(code, (this.codes.get(code) ?? 0) + 1);
    const inside = span.start >= 0 && span.start <= span.end && span.end <= Math.max(1, text.length);
    if (!inside) throw new Error(`${code} points at ${span.start}-${span.end} of ${text.length}`);
    if (!/^[a-z][a-z0-9-]*$/.test(code) || !this.knownCode(code)) throw new Error(`'${code}' is no known code`);
    if (!['error', 'warning', 'hint'].includes(severity) || message === '')
      throw new Error(`${code} has no severity or message`);
  }

  /** The tree holds everything that was written, and prints to itself. */
  private checkNode(text: string, node: RuleNode): void {
    // A list may stand without brackets, and is printed with them.
    const bare = (part: string): string => part.replace(/[\s[\]]+/g, '').toLowerCase();
    const { header } = naiveHeader(text);
    if (bare(printHeader(node)) !== bare(header)) throw new Error(`the header was read as ${printHeader(node)}`);
    const options = node.options.map(({ name, value }) =>
      value === undefined ? name.text : `${name.text}:${value.text}`,
    );
    expectEqual(options, naiveOptions(text), 'options of the tree are not those of the text');
    const again = parseRule(printRule(node), new Diagnostics());
    expectEqual(withoutPlaces(again), withoutPlaces(node), 'printed and read again, it is another rule');
  }

  private checkProgram(node: RuleNode, program: RuleProgram, list: readonly Diagnostic[]): void {
    this.loaded++;
    const printed = this.compilePrinted(printRule(node));
    expectEqual(printed.program, program, 'printed and compiled, it means something else');
    expectEqual(codesOf(printed.diagnostics), codesOf(list), 'printed, it is warned of otherwise');
    const canonical = `${printHeader(node)} (${node.options.map(printCanonical).join(' ')})`;
    // What it waits for is named as it was written.
    const anyName = { waitingKeywords: undefined };
    const again = { ...this.compilePrinted(canonical).program, ...anyName };
    expectEqual(again, { ...program, ...anyName }, `as the keywords print it, it means something else: ${canonical}`);
    if (program.waitingFor.length > 0) this.waiting++;
    else if (obstacle(program) === undefined) this.checkPacked(program);
  }

  private compilePrinted(text: string): Loaded {
    const diagnostics = new Diagnostics();
    const node = parseRule(text, diagnostics);
    return { program: node && this.compile(node, diagnostics), diagnostics: diagnostics.list };
  }

  private checkPacked(program: RuleProgram): void {
    const { block, ruleCount } = compileRules([program], { compilePatterns: naiveTables });
    if (ruleCount !== 1) throw new Error('the rule is not in its block');
    const rules = new RuleSet(placeBlock(block));
    const { gid, sid, rev, priority, msg, thresholds, action } = rules.ruleInfo(0);
    // Half a surrogate pair, which no rule file can hold, does not survive UTF-8.
    const text = Buffer.from(program.msg).toString();
    const named = {
      gid: program.gid,
      sid: program.sid,
      rev: program.rev,
      priority: program.priority,
      msg: text,
      action: program.action,
    };
    expectEqual({ gid, sid, rev, priority, msg, action }, named, 'packed, it is called something else');
    expectEqual(withoutPlaces(thresholds), withoutPlaces(program.thresholds), 'packed, it has other thresholds');
    const steps = program.buffers.flatMap(({ matches }) => matches);
    if (steps.length > MOST_STEPS) return;
    const verifier = new Verifier(rules);
    for (const payload of payloadsFor(program)) {
      beginPacket(verifier, payloadPacket(payload, 0));
      const before = verifier.stepLimit;
      const result = verifier.verify(0);
      if (verifier.regexes.broken > 0) throw new Error('an expression that loaded cannot be made ready');
      if (verifier.stepLimit > before) continue;
      const wanted = naiveVerify(program, (buffer) =>
        buffer === 'payload' && payload.length > 0 ? payload : undefined,
      );
      this.verified++;
      if (wanted) this.matched++;
      if (wanted !== result)
        throw new Error(`packed, it ${result ? 'matches' : 'does not match'} ${Buffer.from(payload).toString('hex')}`);
    }
  }
}

/** The option as its keyword writes it; as it stands where the keyword is not in the registry. */
function printCanonical(node: OptionNode): string {
  const option = findOption(node.name.text);
  const value = option?.parse(node, new Diagnostics());
  if (option === undefined || value === undefined) return printOption(node);
  const printed = option.print(value);
  return printOption({
    name: { ...node.name, text: option.name },
    value: printed === undefined ? undefined : { text: printed, span: node.name.span },
  });
}

/** Nothing, noise, and what the rule looks for: in order, with something between, and cut. */
function payloadsFor(program: RuleProgram): Uint8Array[] {
  const contents = program.buffers.flatMap(({ matches }) =>
    matches.flatMap((match) => (match.kind === 'content' && !match.negated ? [[...match.bytes]] : [])),
  );
  const last = program.buffers.flatMap(({ matches }) => matches).findLast((match) => match.kind === 'content');
  const lead = last?.kind === 'content' && typeof last.offset === 'number' ? Math.max(0, Math.min(last.offset, 16)) : 0;
  const close = [...new Array<number>(lead).fill(0x2e), ...contents.flat()];
  const apart = contents.flatMap((bytes) => [0x00, 0x02, ...bytes]);
  return [[], [0x61, 0x00, 0x31, 0x0d, 0x0a], close, apart, [...close, ...apart], close.slice(0, -1)].map((bytes) =>
    Uint8Array.from(bytes.slice(0, PAYLOAD_BYTES)),
  );
}

const codesOf = (list: readonly Diagnostic[]): string[] => list.map(({ code }) => code).sort();

function expectEqual(actual: unknown, expected: unknown, what: string): void {
  if (!isDeepStrictEqual(actual, expected)) throw new Error(`${what}\n  ${shown(actual)}\n  ${shown(expected)}`);
}

function shown(value: unknown): string {
  const text =
    JSON.stringify(value, (_key, each: unknown) =>
      typeof each === 'bigint' ? `${each}n` : each instanceof Map ? [...each] : each,
    ) ?? 'undefined';
  return text.length > 2000 ? `${text.slice(0, 2000)}…` : text;
}
