/**
 * Alerts per rule, of which only the most frequent are shown. Stage: metrics, main thread. As many entries as rules that
 * have alerted; a rule set bounds them.
 */

export interface RuleCount {
  readonly gid: number;
  readonly sid: number;
  readonly alerts: number;
}

export class TopRules {
  private readonly limit: number;
  private readonly counts = new Map<string, { gid: number; sid: number; alerts: number }>();

  /** Shows `limit` rules; with 0 nothing is counted. */
  constructor(limit: number) {
    this.limit = limit;
  }

  count(gid: number, sid: number): void {
    if (this.limit === 0) return;
    const key = `${gid}:${sid}`;
    const entry = this.counts.get(key);
    if (entry === undefined) this.counts.set(key, { gid, sid, alerts: 1 });
    else entry.alerts++;
  }

  /** The most frequent first; equal ones by gid and sid. */
  top(): RuleCount[] {
    const order = (a: RuleCount, b: RuleCount): number => b.alerts - a.alerts || a.gid - b.gid || a.sid - b.sid;
    return [...this.counts.values()].sort(order).slice(0, this.limit);
  }
}
