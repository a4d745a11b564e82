/**
 * A compiled rule set as it crosses threads: made by the loader, kept by the main thread, opened by every shard. All of
 * it is structured-clone data; memories are shared, not copied.
 */

/** One generation of the compiled rules, as it crosses threads: the memory is shared, not copied. */
export interface RuleSetHandle {
  readonly generation: number;
  /** The matcher's kernel; undefined where it scans in JavaScript. */
  readonly kernel: WebAssembly.Module | undefined;
  /** The rule block; every shard copies its pattern tables and literals into its own memory. */
  readonly block: SharedArrayBuffer;
  /** One bit per rule row: set to take the rule out of detection at once. */
  readonly quarantine: SharedArrayBuffer;
  /** A word per rule row: what the rule did wrong (rule-strikes.ts). */
  readonly strikes: SharedArrayBuffer;
  /** One bit per rule row: set where a shard gave up the rule because of a limit. */
  readonly limited: SharedArrayBuffer;
  /** Windows of thresholds that are full (detect/event/full-windows.ts); undefined where no shard is told of them. */
  readonly fullWindows?: SharedArrayBuffer | undefined;
  /** By shard: where it notes what rules cost (inspection-profile.ts); undefined where nobody asks for it. */
  readonly profiles?: readonly SharedArrayBuffer[] | undefined;
  /** By shard: where it notes what time rules take (rule-times.ts); likewise. */
  readonly times?: readonly SharedArrayBuffer[] | undefined;
}

/** Memory for what shards note of so many rules. */
export const newRuleWords = (ruleCount: number): Pick<RuleSetHandle, 'quarantine' | 'strikes' | 'limited'> => ({
  quarantine: new SharedArrayBuffer(4 * Math.ceil((ruleCount + 1) / 32)),
  strikes: new SharedArrayBuffer(4 * (ruleCount + 1)),
  limited: new SharedArrayBuffer(4 * Math.ceil((ruleCount + 1) / 32)),
});
