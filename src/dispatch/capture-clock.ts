/**
 * The time of a capture, as its frames tell it, and when it ticks. Stage: dispatch.
 *
 * Some captures have frames of an absurd time among others. Whoever believes them ends all flows, and has no ticks any
 * more until the others come up to them. So a time that is far from the last is believed once a few frames in a row
 * have it: forward, that is a tick; backward, the clock begins anew there. A function of the frames in their order
 * alone, so that it is the same for any number of shards.
 */
const TICK_US = 10_000_000;
/** Farther than this from the last time, ahead or behind, is not believed of one frame. */
const FAR_US = 600_000_000;
const AGREED = 3;

export class CaptureClock {
  /** The latest time that is believed. */
  nowUs = 0;
  private tickUs = 0;
  /** Frames in a row that are far from `nowUs` and near to each other, and the last of them. */
  private doubted = 0;
  private doubtedUs = 0;

  reset(): void {
    this.nowUs = 0;
    this.tickUs = 0;
    this.doubted = 0;
  }

  /** @returns whether a tick lies before the frame of this time. The first frame starts the clock. */
  ticksBefore(timeUs: number): boolean {
    const isFar = this.tickUs > 0 && Math.abs(timeUs - this.nowUs) > FAR_US;
    if (isFar && !this.isAgreed(timeUs)) return false;
    this.doubted = 0;
    const isBehind = isFar && timeUs < this.nowUs;
    if (isBehind || this.tickUs === 0) {
      this.nowUs = timeUs;
      this.tickUs = timeUs;
      return false;
    }
    if (timeUs > this.nowUs) this.nowUs = timeUs;
    if (timeUs - this.tickUs < TICK_US) return false;
    this.tickUs = timeUs;
    return true;
  }

  private isAgreed(timeUs: number): boolean {
    const isNear = this.doubted > 0 && Math.abs(timeUs - this.doubtedUs) <= FAR_US;
    this.doubted = isNear ? this.doubted + 1 : 1;
    this.doubtedUs = timeUs;
    return this.doubted === AGREED;
  }
}
