/**
 * What inspection costs one shard: by rule, by stage and by application. Written by the shard, added up by the main
 * thread once the shard is done; there only where somebody asked for it (`read --profile`).
 *
 * One shared memory of doubles: a row per stage, a row per number that an application may have, a row per rule of one
 * rule set. Sums only grow. The writer is one thread, so that nothing is locked; while it runs a reader may see a row
 * half written.
 */

/** Columns of a rule. */
export const RULE_COST = {
  /** Times its pattern, or the index of rules without one, named it, and its header and field tests let it pass. */
  candidates: 0,
  /** Times its buffers were looked at: rules over transactions have one look for each of their buffers. */
  evaluations: 1,
  matches: 2,
  microseconds: 3,
  /** Of the evaluation that took longest. */
  longest: 4,
} as const;
export const RULE_COST_COLUMNS = 5;

/** In the order in which a packet meets them. What is not among them is not timed: rings, flows, evidence. */
export const STAGES = ['reassembly', 'parse', 'packets', 'streams', 'transactions', 'alerts'] as const;
export type Stage = (typeof STAGES)[number];

/** Columns of a stage. */
export const STAGE_COST = {
  count: 0,
  bytes: 1,
  microseconds: 2,
  /** The part of it that rules were verified in; the rest is what finds candidates. */
  verification: 3,
} as const;
export const STAGE_COST_COLUMNS = 4;

/** Columns of an application. */
export const APPLICATION_COST = { packets: 0, bytes: 1, parse: 2, inspection: 3 } as const;
export const APPLICATION_COST_COLUMNS = 4;
/** Numbers of applications have seven bits (flow/flow-application.ts). */
const APPLICATION_ROWS = 128;

const STAGE_DOUBLES = STAGES.length * STAGE_COST_COLUMNS;
const FIXED_DOUBLES = STAGE_DOUBLES + APPLICATION_ROWS * APPLICATION_COST_COLUMNS;

/** Memory for a shard's costs, of a rule set with so many rows. */
export const allocateProfile = (rules: number): SharedArrayBuffer =>
  new SharedArrayBuffer((FIXED_DOUBLES + rules * RULE_COST_COLUMNS) * Float64Array.BYTES_PER_ELEMENT);

export class InspectionProfile {
  readonly stages: Float64Array;
  readonly applications: Float64Array;
  readonly rules: Float64Array;
  /** Microseconds that rules were verified in since this was opened. */
  verification = 0;

  constructor(memory: SharedArrayBuffer) {
    const values = new Float64Array(memory);
    this.stages = values.subarray(0, STAGE_DOUBLES);
    this.applications = values.subarray(STAGE_DOUBLES, FIXED_DOUBLES);
    this.rules = values.subarray(FIXED_DOUBLES);
  }

  /** The costs of all shards together. */
  static sum(memories: readonly SharedArrayBuffer[]): InspectionProfile {
    const total = new InspectionProfile(new SharedArrayBuffer(memories[0].byteLength));
    for (const memory of memories) total.add(new InspectionProfile(memory));
    return total;
  }

  get ruleCount(): number {
    return this.rules.length / RULE_COST_COLUMNS;
  }

  addCandidate(row: number): void {
    this.rules[row * RULE_COST_COLUMNS + RULE_COST.candidates]++;
  }

  addEvaluation(row: number, microseconds: number): void {
    const at = row * RULE_COST_COLUMNS;
    this.rules[at + RULE_COST.evaluations]++;
    this.rules[at + RULE_COST.microseconds] += microseconds;
    if (microseconds > this.rules[at + RULE_COST.longest]) this.rules[at + RULE_COST.longest] = microseconds;
    this.verification += microseconds;
  }

  addMatch(row: number): void {
    this.rules[row * RULE_COST_COLUMNS + RULE_COST.matches]++;
  }

  /** `stage` is a place in STAGES; `verification` is the part of the time in which rules were verified. */
  addStage(stage: number, count: number, bytes: number, microseconds: number, verification: number): void {
    const at = stage * STAGE_COST_COLUMNS;
    this.stages[at + STAGE_COST.count] += count;
    this.stages[at + STAGE_COST.bytes] += bytes;
    this.stages[at + STAGE_COST.microseconds] += microseconds;
    this.stages[at + STAGE_COST.verification] += verification;
  }

  /** A packet of the application, with so much payload, was inspected. */
  addPacket(application: number, bytes: number): void {
    const at = application * APPLICATION_COST_COLUMNS;
    this.applications[at + APPLICATION_COST.packets]++;
    this.applications[at + APPLICATION_COST.bytes] += bytes;
  }

  /** `column` is what the time went into: APPLICATION_COST.parse or inspection. */
  addTime(application: number, column: number, microseconds: number): void {
    this.applications[application * APPLICATION_COST_COLUMNS + column] += microseconds;
  }

  private add({ stages, applications, rules }: InspectionProfile): void {
    for (let i = 0; i < stages.length; i++) this.stages[i] += stages[i];
    for (let i = 0; i < applications.length; i++) this.applications[i] += applications[i];
    for (let i = 0; i < rules.length; i++) {
      if (i % RULE_COST_COLUMNS === RULE_COST.longest) this.rules[i] = Math.max(this.rules[i], rules[i]);
      else this.rules[i] += rules[i];
    }
  }
}
