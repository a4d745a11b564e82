/**
 * Events as shards rendered them, handed to a sink; alerts are counted by severity and action. Stage: output.
 *
 * A line is passed on as it is, unless a rate_filter changed the rule's action: then its `verdict` is written anew.
 */
import { ACTIONS } from '../block/terms.js';
import type { Action } from '../block/terms.js';

/** Where lines go; a `Sink` is one. */
export interface LineSink {
  /** Takes a copy of the line, without newline. @returns false when it was dropped. */
  write(line: Uint8Array): boolean;
}

/** What is to be known of an alert to write it; `CandidateView` (detect) has it. */
export interface EveAlert {
  readonly severity: number;
  /** Index into `ACTIONS`. */
  readonly action: number;
  /** UTF-8, without newline. */
  readonly line: Uint8Array;
}

export interface AlertCount {
  /** '1' to '4', or 'other'. */
  readonly severity: string;
  readonly action: Action;
  readonly alerts: number;
}

const SEVERITIES = ['1', '2', '3', '4', 'other'] as const;

export class EveWriter {
  private readonly sink: LineSink;
  private readonly counts = new Float64Array(SEVERITIES.length * ACTIONS.length);

  private readonly showsAlerts: boolean;

  /** Without `showsAlerts`, alerts are counted and not written. */
  constructor(sink: LineSink, showsAlerts = true) {
    this.sink = sink;
    this.showsAlerts = showsAlerts;
  }

  /** Writes and counts an alert; the counts include those that the sink had to drop. */
  write(alert: EveAlert, newAction?: Action): boolean {
    const action = newAction === undefined ? alert.action : ACTIONS.indexOf(newAction);
    const row = alert.severity >= 1 && alert.severity <= 4 ? alert.severity - 1 : SEVERITIES.length - 1;
    this.counts[row * ACTIONS.length + action]++;
    if (!this.showsAlerts) return true;
    return this.sink.write(action === alert.action ? alert.line : withVerdict(alert.line, ACTIONS[action]));
  }

  /** Writes an event that is no alert. */
  writeOther({ line }: Pick<EveAlert, 'line'>): boolean {
    return this.sink.write(line);
  }

  /** All combinations that can be, those that have not been with 0: actions that report, by severity. */
  alertCounts(): AlertCount[] {
    return SEVERITIES.flatMap((severity, row) =>
      ACTIONS.map((action, column) => ({
        severity,
        action,
        alerts: this.counts[row * ACTIONS.length + column],
      })).filter(({ action }) => action !== 'pass'),
    );
  }

  /** Alerts written in all. */
  get total(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }
}

/** The event with the verdict of another action: `drop` and `reject` would have dropped, all others let pass. */
export function withVerdict(line: Uint8Array, action: Action): Uint8Array {
  const event = JSON.parse(Buffer.from(line).toString('utf8')) as Record<string, unknown>;
  if (action === 'drop' || action === 'reject') event.verdict = { action: 'drop' };
  else delete event.verdict;
  return Buffer.from(JSON.stringify(event));
}
