/**
 * What `read --profile` says: what inspection cost by stage, by protocol and by rule, as a document for tools and as
 * tables for people. Field names of the document are an interface (docs/performance.md).
 */
import {
  APPLICATION_COST,
  APPLICATION_COST_COLUMNS,
  RULE_COST,
  RULE_COST_COLUMNS,
  STAGE_COST,
  STAGE_COST_COLUMNS,
  STAGES,
  type InspectionProfile,
  type Stage,
} from '../block/inspection-profile.js';
import type { RuleInfo } from '../block/rule-set.js';
import { APPLICATION_NAMES, SHARD_LAYOUT, SHARD_SLOTS } from '../counters/names.js';

/** Pairs of looks at the clock that tell what one costs. */
const CLOCK_PAIRS = 20_000;

export interface ProfileInput {
  readonly profile: InspectionProfile;
  /** The shards' counters, added up. */
  readonly shard: ArrayLike<number>;
  readonly ruleInfo: (row: number) => RuleInfo;
}

export interface StageCost {
  readonly stage: Stage | 'rest';
  readonly count: number;
  readonly bytes: number;
  readonly microseconds: number;
  readonly verification_microseconds: number;
  /** Of the time in which shards were at work; of rules, of that in which rules were verified. 0 to 1. */
  readonly share: number;
}

export interface ProtocolCost {
  readonly app_proto: string;
  readonly flows: number;
  readonly transactions: number;
  readonly packets: number;
  readonly bytes: number;
  readonly parse_microseconds: number;
  readonly inspection_microseconds: number;
  readonly share: number;
}

export interface RuleCost {
  readonly gid: number;
  readonly sid: number;
  readonly rev: number;
  readonly msg: string;
  readonly file: string;
  readonly line: number;
  readonly candidates: number;
  readonly evaluations: number;
  readonly matches: number;
  readonly microseconds: number;
  /** Of the evaluation that took longest. */
  readonly max_microseconds: number;
  readonly share: number;
}

export interface ProfileReport {
  readonly packets: number;
  readonly bytes: number;
  readonly rules_loaded: number;
  readonly busy_microseconds: number;
  readonly verification_microseconds: number;
  readonly timing_nanoseconds: number;
  readonly stages: readonly StageCost[];
  readonly protocols: readonly ProtocolCost[];
  /** The dearest first; those that never were candidates are left out. */
  readonly rules: readonly RuleCost[];
}

export function profileReport({ profile, shard, ruleInfo }: ProfileInput): ProfileReport {
  const busy = shard[SHARD_SLOTS.busyMicroseconds];
  const { rules } = profile;
  let verification = 0;
  for (let at = RULE_COST.microseconds; at < rules.length; at += RULE_COST_COLUMNS) verification += rules[at];
  return {
    packets: shard[SHARD_SLOTS.inspectedPackets],
    bytes: shard[SHARD_SLOTS.inspectedBytes],
    rules_loaded: profile.ruleCount,
    busy_microseconds: round(busy),
    verification_microseconds: round(verification),
    timing_nanoseconds: Math.round(timingNanoseconds()),
    stages: stageCosts(profile, busy),
    protocols: protocolCosts(profile, shard, busy),
    rules: ruleCosts(profile, ruleInfo, verification),
  };
}

/** In the order of the path, and what is left of the time in which shards were at work. */
function stageCosts({ stages }: InspectionProfile, busy: number): readonly StageCost[] {
  let rest = busy;
  const costs = STAGES.map((stage, index): StageCost => {
    const at = index * STAGE_COST_COLUMNS;
    const microseconds = stages[at + STAGE_COST.microseconds];
    rest -= microseconds;
    return {
      stage,
      count: stages[at + STAGE_COST.count],
      bytes: stages[at + STAGE_COST.bytes],
      microseconds: round(microseconds),
      verification_microseconds: round(stages[at + STAGE_COST.verification]),
      share: share(microseconds, busy),
    };
  });
  // The turn in which a shard died is not counted as work; what its stages had taken by then is in them.
  const left = Math.max(0, rest);
  const others = { count: 0, bytes: 0, microseconds: round(left), verification_microseconds: 0 };
  return [...costs, { stage: 'rest', ...others, share: share(left, busy) }];
}

function protocolCosts(
  { applications }: InspectionProfile,
  shard: ArrayLike<number>,
  busy: number,
): readonly ProtocolCost[] {
  return APPLICATION_NAMES.map((name, index): ProtocolCost => {
    const at = index * APPLICATION_COST_COLUMNS;
    const parse = applications[at + APPLICATION_COST.parse];
    const inspection = applications[at + APPLICATION_COST.inspection];
    return {
      app_proto: name,
      flows: shard[SHARD_LAYOUT.slots[`app.flows.${name}`]],
      transactions: shard[SHARD_LAYOUT.slots[`app.transactions.${name}`]],
      packets: applications[at + APPLICATION_COST.packets],
      bytes: applications[at + APPLICATION_COST.bytes],
      parse_microseconds: round(parse),
      inspection_microseconds: round(inspection),
      share: share(parse + inspection, busy),
    };
  })
    .filter(({ flows, packets, parse_microseconds }) => flows > 0 || packets > 0 || parse_microseconds > 0)
    .sort((a, b) => timeOf(b) - timeOf(a) || a.app_proto.localeCompare(b.app_proto));
}

const timeOf = ({ parse_microseconds, inspection_microseconds }: ProtocolCost): number =>
  parse_microseconds + inspection_microseconds;

function ruleCosts(
  { rules, ruleCount }: InspectionProfile,
  ruleInfo: ProfileInput['ruleInfo'],
  verification: number,
): readonly RuleCost[] {
  const costs: RuleCost[] = [];
  for (let row = 0; row < ruleCount; row++) {
    const at = row * RULE_COST_COLUMNS;
    const candidates = rules[at + RULE_COST.candidates];
    if (candidates === 0) continue;
    const { gid, sid, rev, msg, origin } = ruleInfo(row);
    const microseconds = rules[at + RULE_COST.microseconds];
    costs.push({
      gid,
      sid,
      rev,
      msg,
      file: origin.file,
      line: origin.line,
      candidates,
      evaluations: rules[at + RULE_COST.evaluations],
      matches: rules[at + RULE_COST.matches],
      microseconds: round(microseconds),
      max_microseconds: round(rules[at + RULE_COST.longest]),
      share: share(microseconds, verification),
    });
  }
  return costs.sort(byCost);
}

const byCost = (a: RuleCost, b: RuleCost): number =>
  b.microseconds - a.microseconds ||
  b.evaluations - a.evaluations ||
  b.candidates - a.candidates ||
  a.gid - b.gid ||
  a.sid - b.sid;

/** What it costs to take the time of something: a part of every time here, the larger the shorter what is timed. */
function timingNanoseconds(): number {
  const startMs = performance.now();
  for (let i = 0; i < CLOCK_PAIRS; i++) {
    performance.now();
    performance.now();
  }
  return ((performance.now() - startMs) * 1e6) / CLOCK_PAIRS;
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 1e6) / 1e6);
/** To a nanosecond. */
const round = (microseconds: number): number => Math.round(microseconds * 1000) / 1000;
