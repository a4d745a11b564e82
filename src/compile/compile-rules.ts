/**
 * Packs rule programs into one block of tables (rule-block.ts). Stage: load, on the loader thread.
 *
 * Rows are in the order in which the candidates of a packet are verified: pass, drop, reject, alert, log; rules that
 * set a flowbit before rules that read it; then priority, gid and sid. The same programs in the same order give the
 * same bytes.
 */
import { applicationBits, type ApplicationName } from '../app/applications.js';
import type { BufferRegistry } from '../app/buffers.js';
import type { Pattern } from '../match/literal/matcher.js';
import { compilePatternSet } from '../match/literal/tables.js';
import { isFrame } from '../app/frame/buffers.js';
import { applicationsOf } from '../rule/compile/transactions.js';
import type { BitEffect, BitTest, FastPattern, FlowTest, PacketTest, RuleProgram, Tag } from '../rule/program.js';
import type { DatasetMatch } from '../rule/buffer-match.js';
import type { AddressSet, Tenant, Threshold } from '../block/terms.js';
import { RuleMap } from '../util/rule-map.js';
import { resolveBitGroups } from './bit-groups.js';
import { assignBitIds } from './bit-ids.js';
import { BlockWriter } from './block-writer.js';
import { ACTIONS } from '../block/terms.js';
import { enginesOf, trialOrder, type Engines } from './engines.js';
import { eventJson } from './event-json.js';
import { type Filtered, writeGroups } from './group.js';
import type { Unfiltered } from './header-index.js';
import { numberVariables } from './number-variables.js';
import { inVerificationOrder, type Ordered } from './order.js';
import {
  framePlaces,
  packetPlaces,
  packetTransports,
  payloadPlaces,
  type Place,
  streamPlaces,
  txPlaces,
} from './places.js';
import { packBuffer } from './pack-steps.js';
import { hostScope, packBitEffects, packBitTests, packFieldTests, packTags } from './pack-tests.js';
import { payloadPattern } from './payload-pattern.js';
import {
  MAX_DATASET_CHANGES,
  MAX_ENGINES,
  MAX_CAPTURES,
  RULE,
  RULE_KIND,
  RULE_WORDS,
  THRESHOLD_KINDS,
  TRACKS,
  UNIQUE_ON,
} from '../block/rule-block.js';
import { MAX_VARIABLES } from '../block/step-layout.js';
import { flowBits, ruleFlags, transports } from './rule-flags.js';
import { type Listed, packStreamRules, packTxRules } from './listed-rules.js';
import { packUnfiltered } from './unfiltered-index.js';
import { WordList } from '../block/word-list.js';

/** Steps of one buffer; the verifier recurses once per step. */
const MAX_STEPS = 256;

export interface CompileOptions {
  /** Makes the tables that the shards' scanner reads; the matcher's own by default. */
  readonly compilePatterns?: (patterns: readonly Pattern[]) => Uint8Array;
  /** Flowbit ids of the generation before: names keep theirs. */
  readonly bitIds?: ReadonlyMap<string, number>;
  /** All buffers that there are; those of the engine by default. */
  readonly buffers?: BufferRegistry | undefined;
  /** Mirror sessions with variables of their own, as the programs were compiled with them. */
  readonly tenants?: readonly Tenant[] | undefined;
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
  const compiler = new RuleCompiler(options);
  for (const program of programs) compiler.add(program);
  return compiler.finish();
}

/** Zeroed memory for a block, aligned to 64 bytes. */
export type Allocate = (bytes: number) => Uint8Array;

/** Which rule is meant, and whether it waits. */
export type RuleIdentity = Pick<RuleProgram, 'gid' | 'sid' | 'waitingFor'>;

/** What is kept of a rule until all are known: its row is packed, its number among the rules is not. */
interface PackedRule extends Ordered {
  /** Number of its row in the order added. */
  readonly index: number;
  readonly transports: number;
  readonly pattern: FastPattern | undefined;
  /** Where its pattern is looked for; of a rule of transactions without one, where it is listed. */
  readonly places: readonly Place[];
  /** What is looked for in streams beside it. */
  readonly beside: Omit<Filtered, 'row'> | undefined;
  readonly tags: readonly Tag[];
  readonly tcpEvents: boolean;
  /** Datasets that the rule changes, by their number in the block. */
  readonly changedDatasets: readonly number[];
  /** Of rules without a pattern, whose index is made at the end. */
  readonly program: RuleProgram | undefined;
}

/**
 * Packs rules one by one, so that no program outlives its packing: those of a large set would take more memory than all
 * else. What depends on the other rules (order, flowbit ids, groups) waits for `finish`.
 */
export class RuleCompiler {
  private readonly options: CompileOptions;
  private readonly writer: BlockWriter;
  private readonly rows = new WordList();
  private readonly packed: (PackedRule | undefined)[] = [];
  /** Where a sid of a gid stands in `packed`. */
  private readonly places = new RuleMap<number>();
  private readonly skipped: SkippedRule[] = [];
  private waiting = 0;

  constructor(options: CompileOptions = {}) {
    this.options = options;
    this.writer = new BlockWriter(options.buffers);
    for (const [vni, tenant] of sessionsOf(options.tenants ?? [])) this.writer.tenants.push(vni, tenant);
  }

  add(program: RuleProgram): void {
    if (program.waitingFor.length > 0) {
      this.waiting++;
      return;
    }
    const found = obstacle(program);
    if (found !== undefined) {
      this.skipped.push({ gid: program.gid, sid: program.sid, reason: found.reason });
      return;
    }
    const { action, gid, sid, priority, fastPattern, tags = NONE } = program;
    const pattern = fastPattern !== undefined && fastPattern.bytes.length > 0 ? fastPattern : undefined;
    const flow = flowBits(program);
    const looks: Looks = {
      flow,
      transports: transports(program),
      engines: enginesOf(program.buffers, flow, this.writer.buffers),
      applications: applicationsOf(program, this.writer.buffers) ?? NONE,
    };
    packRow(program, looks, this.writer, this.rows, this.options);
    const index = this.packed.length;
    this.places.set(gid, sid, index);
    this.packed.push({
      action,
      gid,
      sid,
      priority,
      // What is kept of all rules is less with one empty list for them.
      bitTests: orNone(program.bitTests),
      effects: orNone(program.effects),
      pattern,
      tags,
      index,
      transports: looks.transports,
      places: placesOf(program, pattern, looks),
      beside: besideOf(program, looks),
      tcpEvents: program.packetTests.some((test) => test.kind === 'tcp_event' && test.events.length > 0),
      program: pattern === undefined ? program : undefined,
      changedDatasets: this.datasetsChangedBy(program),
    });
  }

  private datasetsChangedBy(program: RuleProgram): readonly number[] {
    const changes = datasetChanges(program);
    return changes.length === 0 ? NONE : changes.map(({ set }) => this.writer.addDataset(set));
  }

  /** Takes back a rule that was added, for a newer revision; its packed words stay behind, unused. */
  remove({ gid, sid, waitingFor }: RuleIdentity): void {
    if (waitingFor.length > 0) {
      this.waiting--;
      return;
    }
    const place = this.places.get(gid, sid);
    if (place !== undefined) this.packed[place] = undefined;
  }

  /** The block of all rules added; `allocate` gives the memory it is written to, a new array by default. */
  finish(allocate: Allocate = (bytes) => new Uint8Array(bytes)): CompiledRules {
    const rules = inVerificationOrder(resolveBitGroups(this.packed.filter((rule) => rule !== undefined)));
    this.writeTables(rules);
    const block = this.writer.finish(rules.length, allocate);
    return { block, ruleCount: rules.length, waiting: this.waiting, skipped: this.skipped };
  }

  private writeTables(rules: readonly PackedRule[]): void {
    const { writer } = this;
    const ids = assignBitIds([...bitNames(rules)], this.options.bitIds);
    for (const [name, id] of [...ids].sort(([, a], [, b]) => a - b)) writer.bitNames.push(id, writer.addString(name));
    const filtered: Filtered[] = [];
    const unfiltered: Unfiltered[] = [];
    const listed: Listed[] = [];
    const idOf = (name: string): number => ids.get(name)!;
    rules.forEach((rule, row) => {
      this.placeRow(rule, idOf);
      const { pattern, program, beside } = rule;
      if (beside !== undefined) filtered.push({ row, places: beside.places, pattern: beside.pattern });
      if (pattern !== undefined) filtered.push({ row, places: rule.places, pattern });
      else if (isOfTransactions(program!)) listed.push({ row, places: rule.places });
      else
        unfiltered.push({
          row,
          transports: packetTransports(program!, rule.transports),
          flags: ruleFlags(program!),
          program: program!,
        });
    });
    writeGroups(filtered, writer, this.options.compilePatterns ?? compilePatternSet);
    for (const word of packUnfiltered(unfiltered)) writer.unfiltered.push(word);
    for (const word of packTxRules(listed)) writer.txRules.push(word);
    for (const word of packStreamRules(unfiltered)) writer.streamRules.push(word);
  }

  /** Copies a row to its place in the block and adds what needed the flowbits' ids. */
  private placeRow(rule: PackedRule, bitId: (name: string) => number): void {
    const { rules, code, thresholdRules } = this.writer;
    const number = rules.length / RULE_WORDS;
    const row = rules.extend(RULE_WORDS);
    row.set(this.rows.slice(rule.index * RULE_WORDS, (rule.index + 1) * RULE_WORDS));
    if (row[RULE.thresholdCount]! > 0) thresholdRules.push(number);
    row[RULE.bits] = code.length;
    if (rule.bitTests.length > 0) code.append(packBitTests(rule.bitTests, bitId, this.writer));
    row[RULE.bitsEnd] = code.length;
    row[RULE.effects] = code.length;
    if (rule.effects.length > 0) code.append(packBitEffects(rule.effects, bitId, this.writer));
    if (rule.tags.length > 0) code.append(packTags(rule.tags));
    row[RULE.effectsEnd] = code.length;
    this.noteState(rule);
  }

  /** Says in the block what a rule keeps across packets or flows. */
  private noteState({ bitTests, effects, tags, tcpEvents, changedDatasets }: PackedRule): void {
    const { writer } = this;
    for (const set of changedDatasets) writer.changeDataset(set);
    if (tcpEvents) writer.tcpEvents = true;
    if (bitTests.some(isOfHosts) || effects.some(isOfHosts) || tags.some(({ scope }) => scope !== 'session'))
      writer.hostState = true;
  }
}

const NONE: readonly never[] = [];
const orNone = <T>(list: readonly T[]): readonly T[] => (list.length === 0 ? NONE : list);

const isOfHosts = ({ scope }: BitTest | BitEffect): boolean => hostScope(scope) >= 0;

/** Mirror sessions of tenants, ascending, with the tenant's number. */
const sessionsOf = (tenants: readonly Tenant[]): [vni: number, tenant: number][] =>
  tenants.flatMap(({ vnis }, index) => vnis.map((vni): [number, number] => [vni, index + 1])).sort(([a], [b]) => a - b);

export interface Obstacle {
  readonly reason: string;
  /** Keywords that may be to blame, in lower case, the likeliest first. */
  readonly keywords: readonly string[];
  readonly hint: string | undefined;
}

/** Why the rule cannot be inspected, undefined where it can. */
export function obstacle(program: RuleProgram): Obstacle | undefined {
  const { buffers } = program;
  if (!isOfTransactions(program) && program.bitTests.some(isOfTransaction))
    return {
      reason: 'it asks for a bit of a transaction, and looks at none',
      keywords: ['xbits'],
      hint: 'name a hook behind the protocol, as in http1:response_line, or a buffer of messages',
    };
  if (program.variableCount > 0 && numberVariables(program).variableCount > MAX_VARIABLES)
    return { reason: `more than ${MAX_VARIABLES} variables`, keywords: ['byte_extract', 'byte_math'], hint: undefined };
  if (program.effects.some(({ capture }) => capture !== undefined && capture.text >= MAX_CAPTURES))
    return { reason: `more than ${MAX_CAPTURES} captures`, keywords: ['pcre'], hint: undefined };
  if (datasetChanges(program).length > MAX_DATASET_CHANGES)
    return { reason: `more than ${MAX_DATASET_CHANGES} changes of datasets`, keywords: ['dataset'], hint: undefined };
  if (buffers.length > MAX_ENGINES)
    return {
      reason: `more than ${MAX_ENGINES} buffers`,
      keywords: ['content'],
      hint: 'write several rules, joined by flowbits',
    };
  for (let i = 0; i < buffers.length; i++)
    if (buffers[i]!.matches.length > MAX_STEPS)
      return { reason: `more than ${MAX_STEPS} steps over one buffer`, keywords: ['content'], hint: undefined };
  return undefined;
}

const isOfTransaction = ({ scope }: BitTest): boolean => scope === 'tx';

const isOfTransactions = ({ kind }: RuleProgram): boolean => kind === 'tx' || kind === 'txPayload';

/** Where the pattern of a rule is looked for, or where a rule of transactions without one is listed. */
function placesOf(program: RuleProgram, pattern: FastPattern | undefined, looks: Looks): readonly Place[] {
  const { kind } = program;
  const { flow, transports: classes } = looks;
  if (isOfTransactions(program)) {
    const { each } = looks.engines;
    const engine =
      each.find((_engine, index) => program.buffers[index]!.buffer === pattern?.buffer) ??
      each.find(({ number }) => number === 0)!;
    if (program.buffers.some(({ buffer }) => isFrame(buffer))) return framePlaces(engine);
    return txPlaces(looks.applications, engine);
  }
  const ofPackets = packetTransports(program, classes);
  return kind === 'stream' || kind === 'both' ? payloadPlaces(ofPackets, classes, flow) : packetPlaces(ofPackets, flow);
}

function besideOf(program: RuleProgram, looks: Looks): Omit<Filtered, 'row'> | undefined {
  const pattern = payloadPattern(program);
  return pattern && { pattern, places: streamPlaces(looks.transports, looks.flow) };
}

function datasetChanges({ buffers }: RuleProgram): readonly DatasetMatch[] {
  let changes: DatasetMatch[] | undefined;
  for (let i = 0; i < buffers.length; i++) {
    const { matches } = buffers[i]!;
    for (let j = 0; j < matches.length; j++) {
      const match = matches[j]!;
      if (match.kind !== 'dataset' || (match.operation !== 'set' && match.operation !== 'unset')) continue;
      (changes ??= []).push(match);
    }
  }
  return changes ?? NONE;
}

function bitNames(rules: readonly PackedRule[]): Set<string> {
  const names = new Set<string>();
  for (const { bitTests, effects } of rules) {
    for (const test of bitTests) for (const name of test.names) names.add(name);
    for (const effect of effects) for (const name of effect.names) names.add(name);
  }
  return names;
}

/** A header that names DNS over HTTPS is about flows of HTTP/2, also where buffers of DNS, or none, are asked for. */
function flowTestsOf(program: RuleProgram, asked: readonly ApplicationName[]): readonly FlowTest[] {
  const isCarried = program.header.applications?.includes('http2') === true && asked.includes('dns');
  if (!isCarried) return program.flowTests;
  return [...program.flowTests, { kind: 'application', applications: ['http2'], side: 'final', negated: false }];
}

/** What a rule looks at. */
interface Looks {
  /** FLOW_BIT. */
  readonly flow: number;
  /** By TRANSPORT. */
  readonly transports: number;
  readonly engines: Engines;
  /** Those that it asks for. */
  readonly applications: readonly ApplicationName[];
}

function packRow(
  program: RuleProgram,
  looks: Looks,
  writer: BlockWriter,
  rows: WordList,
  options: CompileOptions,
): void {
  const row = rows.extend(RULE_WORDS);
  const buffers = program.variableCount === 0 ? program.buffers : numberVariables(program).buffers;
  const { engines, applications } = looks;
  const { code } = writer;
  row[RULE.action] = ACTIONS.indexOf(program.action);
  row[RULE.gid] = program.gid;
  row[RULE.sid] = program.sid;
  row[RULE.rev] = program.rev;
  row[RULE.priority] = program.priority;
  row[RULE.classes] = looks.transports;
  row[RULE.flags] = ruleFlags(program);
  row[RULE.flow] = looks.flow;
  const ends = writer.endsOf(program.header);
  for (let i = 0; i < ends.length; i++) row[RULE.source + i] = ends[i]!;
  row[RULE.tenants] = writer.addTenantEnds(program.header.tenants, ends);
  row[RULE.tests] = code.length;
  packTests(program.packetTests, writer);
  row[RULE.flowTests] = code.length;
  packTests(flowTestsOf(program, applications), writer);
  row[RULE.testsEnd] = code.length;
  row[RULE.buffers] = code.length;
  const order = trialOrder(program);
  for (let i = 0; i < order.length; i++) packBuffer(buffers[order[i]!]!, engines.each[order[i]!]!, writer);
  row[RULE.buffersEnd] = code.length;
  row[RULE.thresholds] = writer.thresholds.length / 6;
  row[RULE.thresholdCount] = program.thresholds.length;
  if (program.thresholds.length > 0)
    for (const each of program.thresholds) writer.thresholds.push(...packThreshold(each));
  row[RULE.json] = writer.appendString(eventJson(program, options.referencePrefix));
  row[RULE.msg] = writer.addString(program.msg);
  row[RULE.classtype] = writer.addCommonString(program.classtype ?? '');
  row[RULE.category] = writer.addCommonString(program.category);
  row[RULE.file] = writer.addCommonString(program.origin.file);
  row[RULE.line] = program.origin.line;
  row[RULE.kind] = RULE_KIND[program.kind];
  const asked = applicationBits(applications);
  row[RULE.applications] = asked[0];
  row[RULE.moreApplications] = asked[1];
  row[RULE.engines] = engines.count;
  row[RULE.sides] = engines.sides;
}

function packTests(tests: readonly (PacketTest | FlowTest)[], writer: BlockWriter): void {
  if (tests.length > 0) writer.code.append(packFieldTests(tests, (set: AddressSet) => writer.addAddresses(set)));
}

/** In the order of THRESHOLD. */
function packThreshold(threshold: Threshold): number[] {
  return [
    THRESHOLD_KINDS.indexOf(threshold.kind),
    TRACKS.indexOf(threshold.track),
    threshold.count,
    threshold.seconds,
    threshold.multiplier ?? 0,
    threshold.uniqueOn === undefined ? -1 : UNIQUE_ON.indexOf(threshold.uniqueOn),
  ];
}
