/**
 * Packs rule programs into one block of tables (rule-block.ts). Stage: load, on the loader thread.
 *
 * Rows are in the order in which the candidates of a packet are verified: pass, drop, reject, alert, log; rules that set a
 * flowbit before rules that read it; then priority, gid and sid. The same programs in the same order give the same bytes.
 */
import type { Pattern } from '../match/matcher.js';
import { compilePatternSet } from '../match/tables.js';
import type { BitEffect, BitTest, RuleProgram, Threshold } from '../rule/program.js';
import { assignBitIds } from './bit-ids.js';
import { BlockWriter } from './block-writer.js';
import { ACTIONS } from './candidate.js';
import { eventJson } from './event-json.js';
import { type Filtered, writeGroups } from './group.js';
import { numberVariables } from './number-variables.js';
import { inVerificationOrder } from './order.js';
import { packBuffer } from './pack-steps.js';
import { packBitEffects, packBitTests, packPacketTests } from './pack-tests.js';
import { RULE, RULE_WORDS, THRESHOLD_KINDS, TRACKS, UNIQUE_ON } from './rule-block.js';
import { flowBits, ruleFlags, transports } from './rule-flags.js';
import { MAX_VARIABLES } from './step-state.js';
import { packUnfiltered, type Unfiltered } from './unfiltered-index.js';

/** Steps of one buffer; the verifier recurses once per step. */
const MAX_STEPS = 256;

export interface CompileOptions {
  /** Makes the tables that the shards' scanner reads; the matcher's own by default. */
  readonly compilePatterns?: (patterns: readonly Pattern[]) => Uint8Array;
  /** Flowbit ids of the generation before: names keep theirs. */
  readonly bitIds?: ReadonlyMap<string, number>;
  /** URL prefix of a reference system; references go into events where it is given. */
  readonly referencePrefix?: (system: string) => string | undefined;
}

export interface SkippedRule {
  readonly gid: number;
  readonly sid: number;
  readonly reason: string;
}

export interface CompiledRules {
  /** A multiple of 64 bytes, to be copied to the start of a shared memory. */
  readonly block: Uint8Array;
  /** Rules in the block. */
  readonly ruleCount: number;
  /** Rules that wait for an application protocol, and rules that this engine cannot inspect. */
  readonly waiting: number;
  readonly skipped: readonly SkippedRule[];
}

export function compileRules(programs: readonly RuleProgram[], options: CompileOptions = {}): CompiledRules {
  const ready = programs.filter((program) => program.waitingFor.length === 0);
  const skipped: SkippedRule[] = [];
  const rules = ready.filter((program) => {
    const reason = obstacle(program);
    if (reason !== undefined) skipped.push({ gid: program.gid, sid: program.sid, reason });
    return reason === undefined;
  });
  return {
    block: writeBlock(inVerificationOrder(rules), options),
    ruleCount: rules.length,
    waiting: programs.length - ready.length,
    skipped,
  };
}

/** Why the rule cannot be inspected, undefined where it can. */
function obstacle(program: RuleProgram): string | undefined {
  const scope = [...program.bitTests, ...program.effects].find((bit) => bit.scope !== 'flow')?.scope;
  if (scope !== undefined) return `state of scope ${scope} is not kept`;
  if (numberVariables(program).variableCount > MAX_VARIABLES) return `more than ${MAX_VARIABLES} variables`;
  if (program.buffers.some((buffer) => buffer.matches.length > MAX_STEPS)) return `more than ${MAX_STEPS} steps over one buffer`;
  return undefined;
}

function writeBlock(rules: readonly RuleProgram[], options: CompileOptions): Uint8Array {
  const writer = new BlockWriter();
  const ids = assignBitIds(rules.flatMap(bitNames), options.bitIds);
  for (const [name, id] of [...ids].sort(([, a], [, b]) => a - b)) writer.bitNames.push(id, writer.addString(name));
  const filtered: Filtered[] = [];
  const unfiltered: Unfiltered[] = [];
  rules.forEach((program, row) => {
    writeRule(program, writer, (name) => ids.get(name)!, options);
    const { fastPattern } = program;
    if (fastPattern !== undefined && fastPattern.bytes.length > 0) filtered.push({ row, transports: transports(program), pattern: fastPattern });
    else unfiltered.push({ row, transports: transports(program), flags: ruleFlags(program), program });
  });
  writeGroups(filtered, writer, options.compilePatterns ?? compilePatternSet);
  for (const word of packUnfiltered(unfiltered)) writer.unfiltered.push(word);
  return writer.finish(rules.length);
}

const bitNames = (program: RuleProgram): string[] => [...program.bitTests, ...program.effects].flatMap((bit: BitTest | BitEffect) => [...bit.names]);

function writeRule(program: RuleProgram, writer: BlockWriter, bitId: (name: string) => number, options: CompileOptions): void {
  const row = new Array<number>(RULE_WORDS).fill(0);
  row[RULE.action] = ACTIONS.indexOf(program.action);
  row[RULE.gid] = program.gid;
  row[RULE.sid] = program.sid;
  row[RULE.rev] = program.rev;
  row[RULE.priority] = program.priority;
  row[RULE.classes] = transports(program);
  row[RULE.flags] = ruleFlags(program);
  row[RULE.flow] = flowBits(program);
  row[RULE.source] = writer.addAddresses(program.header.source);
  row[RULE.destination] = writer.addAddresses(program.header.destination);
  row[RULE.sourcePorts] = writer.addPorts(program.header.sourcePorts);
  row[RULE.destinationPorts] = writer.addPorts(program.header.destinationPorts);
  [row[RULE.tests], row[RULE.testsEnd]] = writeCode(writer, packPacketTests(program.packetTests));
  [row[RULE.bits], row[RULE.bitsEnd]] = writeCode(writer, packBitTests(program.bitTests, bitId));
  [row[RULE.buffers], row[RULE.buffersEnd]] = writeCode(writer, numberVariables(program).buffers.flatMap((buffer) => packBuffer(buffer, writer)));
  [row[RULE.effects], row[RULE.effectsEnd]] = writeCode(writer, packBitEffects(program.effects, bitId));
  row[RULE.thresholds] = writer.thresholds.length / 6;
  row[RULE.thresholdCount] = program.thresholds.length;
  for (const threshold of program.thresholds) writer.thresholds.push(...packThreshold(threshold));
  row[RULE.json] = writer.addString(eventJson(program, options.referencePrefix));
  row[RULE.msg] = writer.addString(program.msg);
  row[RULE.classtype] = writer.addString(program.classtype ?? '');
  row[RULE.category] = writer.addString(program.category);
  row[RULE.file] = writer.addString(program.origin.file);
  row[RULE.line] = program.origin.line;
  for (const word of row) writer.rules.push(word);
}

function writeCode(writer: BlockWriter, code: readonly number[]): [start: number, end: number] {
  const start = writer.code.length;
  for (const word of code) writer.code.push(word);
  return [start, writer.code.length];
}

/** In the order of THRESHOLD. */
function packThreshold(threshold: Threshold): number[] {
  return [
    THRESHOLD_KINDS.indexOf(threshold.kind), TRACKS.indexOf(threshold.track), threshold.count, threshold.seconds,
    threshold.multiplier ?? -1, threshold.uniqueOn === undefined ? -1 : UNIQUE_ON.indexOf(threshold.uniqueOn),
  ];
}

