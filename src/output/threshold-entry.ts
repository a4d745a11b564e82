/**
 * How often one rule has matched for one host, pair or flow, and what that makes of the next match. Stage: output.
 *
 * Meanings are Suricata's. A window starts with a match and lasts `seconds`, its last moment included; a match behind
 * it starts the next. So does one before it, other than in Suricata: time has then stepped back, as where captures
 * follow one another in one file or a clock was set, and the window would else last until the old time comes again.
 *
 *   limit             the first `count` matches of a window alert
 *   threshold         every `count`-th match of a window alerts
 *   both              the `count`-th match of a window alerts, once
 *   detection_filter  the matches of a window after the first `count` alert; with `unique_on`, once it has seen more
 *   than
 *                     `count` different ports
 *   backoff           the matches `count`, `count * multiplier`, `count * multiplier^2` … alert; no window
 *   rate_filter       all alert, those after the first `count` of a window with another action, for `timeout` seconds
 */
import type { Threshold } from '../block/terms.js';

/** Packets may come so much out of order, as from several taps: that is no step of time. */
const DISORDER_US = 100_000;

/** Whether a time is neither behind a window nor before it. */
const isWithin = (startUs: number, seconds: number, timeUs: number): boolean =>
  timeUs <= startUs + seconds * 1e6 && timeUs >= startUs - DISORDER_US;

export class ThresholdEntry {
  private startUs: number;
  private count = 0;
  /** backoff: the match that alerts next. */
  private next: number;
  /** rate_filter: since when the new action holds, or undefined. */
  private activeUs: number | undefined;
  /** Different ports of this window; one more than `count` is all that matters. */
  private readonly ports: Set<number> | undefined;

  constructor(threshold: Threshold, timeUs: number) {
    this.startUs = timeUs;
    this.next = threshold.count;
    this.ports = threshold.kind === 'detection_filter' && threshold.uniqueOn !== undefined ? new Set() : undefined;
  }

  /** Ports kept, for the bound on memory. */
  get portCount(): number {
    return this.ports?.size ?? 0;
  }

  /** Whether the new action of a rate_filter holds. */
  get active(): boolean {
    return this.activeUs !== undefined;
  }

  /** Counts a match. @returns whether it alerts. */
  match(threshold: Threshold, timeUs: number, port: number): boolean {
    if (threshold.kind === 'backoff') return this.matchBackoff(threshold);
    if (threshold.kind === 'rate_filter') return this.matchRate(threshold, timeUs);
    this.openWindow(threshold, timeUs);
    this.count++;
    switch (threshold.kind) {
      case 'limit':
        return this.count <= threshold.count;
      case 'both':
        return this.count === threshold.count;
      case 'threshold':
        if (this.count < threshold.count) return false;
        this.count = 0;
        return true;
      case 'detection_filter':
        return this.matchFilter(threshold, port);
    }
  }

  /** limit, both: when the window began of which nothing alerts any more; undefined where something may. */
  fullSince({ count }: Threshold): number | undefined {
    return this.count >= count ? this.startUs : undefined;
  }

  /** Whether forgetting this entry changes nothing any more. */
  isOver({ kind, seconds }: Threshold, timeUs: number): boolean {
    return kind !== 'backoff' && this.activeUs === undefined && timeUs > this.startUs + seconds * 1e6;
  }

  /** Whether forgetting it changes nothing unless time, which has stepped back, comes to its window again. */
  isAhead(timeUs: number): boolean {
    return timeUs < this.startUs - DISORDER_US;
  }

  private openWindow(threshold: Threshold, timeUs: number): void {
    if (isWithin(this.startUs, threshold.seconds, timeUs)) return;
    this.startUs = timeUs;
    this.count = 0;
    this.ports?.clear();
  }

  private matchFilter(threshold: Threshold, port: number): boolean {
    if (this.ports === undefined) return this.count > threshold.count;
    if (this.ports.size <= threshold.count) this.ports.add(port);
    return this.ports.size > threshold.count;
  }

  private matchBackoff(threshold: Threshold): boolean {
    this.count++;
    if (this.count !== this.next) return false;
    // A multiplier of 1 would alert no more: the next match is then the next one.
    this.next = Math.max(this.next * (threshold.multiplier ?? 1), this.count + 1);
    return true;
  }

  private matchRate(threshold: Threshold, timeUs: number): boolean {
    const timeoutSeconds = threshold.timeoutSeconds ?? 0;
    if (this.activeUs !== undefined) {
      if (timeoutSeconds === 0 || isWithin(this.activeUs, timeoutSeconds, timeUs)) return true;
      this.activeUs = undefined;
      this.startUs = timeUs;
      this.count = 0;
    }
    this.openWindow(threshold, timeUs);
    this.count++;
    if (this.count > threshold.count) this.activeUs = timeUs;
    return true;
  }
}
