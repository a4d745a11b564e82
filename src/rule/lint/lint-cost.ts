/**
 * Rules that cost, or say, more than their author may know: nothing that the prefilter could look for, a literal that
 * is everywhere, no condition at all. Stage: rule (lint).
 *
 * Only hints: a rule may be worth its cost. Where a fast_pattern is written, the author has chosen; where ports, flags
 * or flowbits narrow a rule down, few packets get as far as its contents.
 */
import type { OptionNode } from '../ast.js';
import type { OpenBuffer } from '../compile/buffer-builder.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { RuleProgram } from '../program.js';
import { isCommonPattern } from './common-patterns.js';
import { valueSpan, type LintedRule } from './lint-context.js';

const SHORT = 2;
const REMEDY = 'add a longer or rarer content, put fast_pattern on another one, or name ports';
const EVERY_PACKET: readonly string[] = ['ip', 'ipv4', 'ipv6', 'pkthdr'];
/** What a rule without alerts may be for, beside state that it sets. */
const EFFECTS: ReadonlySet<string> = new Set([
  'tag',
  'filestore',
  'dataset',
  'datarep',
  'tls.store',
  'tls_store',
  'config',
  'bypass',
  'lua',
  'luajit',
  'stream_reassemble',
]);

export function lintCost(rule: LintedRule, diagnostics: Diagnostics): void {
  const { program, node } = rule;
  if (program.msg === '')
    diagnostics.hint(
      'missing-msg',
      'the rule has no msg, so its alerts do not say what was found',
      node.action.span,
      'write msg:"<what it finds>";',
    );
  lintSilence(rule, diagnostics);
  lintBothWays(rule, diagnostics);
  if (program.waitingFor.length > 0 || isNarrow(program)) return;
  const { fastPattern } = program;
  if (fastPattern === undefined) lintUnfiltered(rule, diagnostics);
  else if (!isChosen(rule)) lintPattern(fastPattern.bytes, rule, diagnostics);
}

/** Whether the author chose the fast pattern. */
function isChosen({ trace }: LintedRule): boolean {
  return trace.buffers.some(({ matches }) =>
    matches.some((match) => match.kind === 'content' && 'fastPattern' in match && match.fastPattern !== undefined),
  );
}

/** Whether something other than contents keeps most packets away. */
function isNarrow({ header, packetTests, flowTests, bitTests }: RuleProgram): boolean {
  const hasPorts = header.sourcePorts !== undefined || header.destinationPorts !== undefined;
  return (
    hasPorts ||
    packetTests.length > 0 ||
    flowTests.length > 0 ||
    bitTests.some(({ operation }) => operation === 'isset')
  );
}

function lintSilence({ program, node }: LintedRule, diagnostics: Diagnostics): void {
  if (!program.noalert || program.effects.length > 0 || program.action === 'pass') return;
  if (node.options.some(({ name }) => EFFECTS.has(name.text.toLowerCase()))) return;
  const silence = node.options.find(
    ({ name, value }) => name.text.toLowerCase() === 'noalert' || value?.text.toLowerCase() === 'noalert',
  );
  if (silence !== undefined)
    diagnostics.warning(
      'without-effect',
      'the rule makes no alert and sets nothing, so it does nothing',
      valueSpan(silence),
      'leave out noalert, or set a flowbit for other rules to ask for',
    );
}

function lintBothWays({ program, node }: LintedRule, diagnostics: Diagnostics): void {
  const direction = program.flow?.direction;
  if (!program.header.bidirectional || direction === undefined || node.direction === undefined) return;
  const [from, to] = direction === 'to_server' ? ['client', 'server'] : ['server', 'client'];
  diagnostics.hint(
    'both-directions',
    `'<>' takes either side for the source, and flow asks for packets ${direction} alone`,
    node.direction.span,
    `write '->' with the ${from} on its left and the ${to} on its right`,
  );
}

function lintUnfiltered({ program, trace, node }: LintedRule, diagnostics: Diagnostics): void {
  const looking = trace.buffers.find(
    ({ buffer, matches, absent }) => buffer === 'payload' && matches.length > 0 && absent === undefined,
  );
  if (looking !== undefined) {
    const [what, at] = describeSteps(looking);
    diagnostics.hint(
      'no-fast-pattern',
      `${what}, so every payload is looked at in full`,
      valueSpan(at),
      'add a content that must be there, ports, or flowbits:isset',
    );
    return;
  }
  const { header, flow, buffers, thresholds, noalert, action } = program;
  const open =
    header.applications === undefined &&
    header.source === undefined &&
    header.destination === undefined &&
    header.hook === undefined &&
    flow === undefined &&
    buffers.length === 0 &&
    program.bitTests.length === 0;
  if (open && EVERY_PACKET.includes(header.protocol) && thresholds.length === 0 && !noalert && action !== 'pass') {
    diagnostics.warning(
      'matches-everything',
      'the rule has no condition, so it alerts on all traffic',
      node.protocol.span,
      'name addresses, ports or contents; or add a threshold',
    );
  }
}

function describeSteps({ matches, nodes }: OpenBuffer): [what: string, at: OptionNode] {
  const pcre = matches.findIndex((match) => match.kind === 'pcre');
  if (pcre >= 0) return ['the prefilter has no content to look for before the regular expression', nodes[pcre]!];
  const content = matches.findIndex((match) => match.kind === 'content');
  return content >= 0
    ? ['the prefilter cannot look for what must not be there', nodes[content]!]
    : ['the prefilter has no content to look for', nodes[0]!];
}

function lintPattern(bytes: Uint8Array, { trace }: LintedRule, diagnostics: Diagnostics): void {
  const short = bytes.length <= SHORT;
  if (!short && !isCommonPattern(bytes)) return;
  for (const { matches, nodes } of trace.buffers) {
    const at = matches.findIndex(
      (match) =>
        match.kind === 'content' &&
        !match.negated &&
        match.bytes.length === bytes.length &&
        match.bytes.every((byte, i) => byte === bytes[i]),
    );
    if (at < 0) continue;
    const what = short
      ? `the content to look for has ${bytes.length === 1 ? '1 byte' : `${bytes.length} bytes`}`
      : 'the content to look for is in much of all traffic';
    diagnostics.hint('weak-fast-pattern', `${what}, so the rule is looked at often`, valueSpan(nodes[at]!), REMEDY);
    return;
  }
}
