/**
 * Wall-clock time in microseconds. Stage: ingest, once per batch. Allocates nothing.
 *
 * `Date.now` has milliseconds only; `performance.now` has microseconds, but never follows when the system's clock is
 * set or slewed. So this counts with the latter and is set right by the former once a second.
 */
const CHECK_EVERY_MS = 1000;
/** More than `Date.now` is coarse, less than anybody would notice in an event's time. */
const TOLERANCE_MS = 5;

export class WallClock {
  private originMs = performance.timeOrigin;
  private checkedMs = -CHECK_EVERY_MS;

  /** Microseconds since 1970, whole. */
  nowUs(): number {
    const monotonicMs = performance.now();
    if (monotonicMs - this.checkedMs >= CHECK_EVERY_MS) this.check(monotonicMs);
    return Math.floor((this.originMs + monotonicMs) * 1000);
  }

  private check(monotonicMs: number): void {
    this.checkedMs = monotonicMs;
    const wallMs = Date.now();
    if (Math.abs(wallMs - this.originMs - monotonicMs) > TOLERANCE_MS) this.originMs = wallMs - monotonicMs;
  }
}
