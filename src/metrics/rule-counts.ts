/**
 * Alerts per rule, in a shape that `rate` and `increase` can read. Stage: metrics, main thread.
 *
 * What these functions see is how a series rises between two scrapes, so a series must not begin with its first alert,
 * and must never leave. A rule gets its series when the rules are loaded, if all that are loaded fit; else with its
 * first alert. A new series shows 0 for `HOLD_MS` from the first scrape that sees it, whatever has been counted by
 * then: long enough for a second Prometheus. Series are never taken away; rules beyond the limit share the one of the
 * others.
 */

export interface RuleId {
  readonly gid: number;
  readonly sid: number;
}

/** `other` for the rules without a series. */
export interface RuleCount {
  readonly gid: string;
  readonly sid: string;
  readonly alerts: number;
}

interface Series extends RuleId {
  alerts: number;
  /** When a scrape saw it first. */
  bornMs: number | undefined;
}

const HOLD_MS = 30_000;
const keyOf = ({ gid, sid }: RuleId): string => `${gid}:${sid}`;

export class RuleCounts {
  private readonly limit: number;
  private readonly series = new Map<string, Series>();
  private others = 0;

  /** Up to `limit` rules have a series; with 0 nothing is counted. */
  constructor(limit: number) {
    this.limit = limit;
  }

  /** How many rules there still is room for. */
  get room(): number {
    return this.limit - this.series.size;
  }

  /** Rules that may alert: they get their series now if there is room for all that have none. */
  expect(rules: readonly RuleId[]): void {
    const unknown = rules.filter((rule) => !this.series.has(keyOf(rule)));
    const missing = new Map(unknown.map((rule) => [keyOf(rule), rule]));
    if (missing.size > this.room) return;
    for (const rule of missing.values()) this.add(rule);
  }

  count(rule: RuleId): void {
    if (this.limit === 0) return;
    const series = this.series.get(keyOf(rule)) ?? (this.room > 0 ? this.add(rule) : undefined);
    if (series === undefined) this.others++;
    else series.alerts++;
  }

  /** All series as a scrape at `nowMs` is to see them. */
  read(nowMs: number): RuleCount[] {
    if (this.limit === 0) return [];
    const counts = [...this.series.values()].map((series) => {
      series.bornMs ??= nowMs;
      const alerts = nowMs - series.bornMs < HOLD_MS ? 0 : series.alerts;
      return { gid: String(series.gid), sid: String(series.sid), alerts };
    });
    return [...counts, { gid: 'other', sid: 'other', alerts: this.others }];
  }

  private add({ gid, sid }: RuleId): Series {
    const series = { gid, sid, alerts: 0, bornMs: undefined };
    this.series.set(keyOf(series), series);
    return series;
  }
}
