/** Decides when each datagram of a mirrored capture is due. Stage: `mirror` only. Allocates nothing per datagram. */

/** How fast to send: as the capture was, so many datagrams or megabits of UDP payload a second, or without a pause. */
export type MirrorRate =
  | { readonly kind: 'capture' }
  | { readonly kind: 'pps' | 'mbps'; readonly value: number }
  | { readonly kind: 'unlimited' };

/** A rate by number is caught up with after a delay of so long; what is beyond it is given up. */
const MAX_LATE_MS = 100;

export class Pacer {
  private readonly rate: MirrorRate;
  private started = false;
  /** The time, in the caller's milliseconds, and for `capture` the frame's time, that the schedule counts from. */
  private originMs = 0;
  private originUs = 0;
  private datagrams = 0;
  private bits = 0;

  constructor(rate: MirrorRate) {
    if ('value' in rate && !(rate.value > 0 && Number.isFinite(rate.value)))
      throw new RangeError(`a rate of ${rate.value} is not above 0`);
    this.rate = rate;
  }

  /** The capture begins anew, or another one does: its times count from now. Rates by number go on. */
  restart(): void {
    if (this.rate.kind === 'capture') this.started = false;
  }

  /**
   * When the next datagram is due, in milliseconds; it is counted as sent. A frame from before its predecessor is due
   * at once.
   */
  dueMs(nowMs: number, timeUs: number, lengthBytes: number): number {
    const { rate } = this;
    if (rate.kind === 'unlimited') return 0;
    if (!this.started) {
      this.started = true;
      this.originMs = nowMs;
      this.originUs = timeUs;
    }
    const { datagrams, bits } = this;
    this.datagrams++;
    this.bits += lengthBytes * 8;
    if (rate.kind === 'capture') return this.originMs + (timeUs - this.originUs) / 1000;
    const dueMs = this.originMs + (rate.kind === 'pps' ? (datagrams * 1000) / rate.value : bits / (rate.value * 1000));
    // Whoever was kept from sending for long must not make up for it in a burst, which would be no rate any more.
    const lateMs = nowMs - dueMs - MAX_LATE_MS;
    if (lateMs > 0) this.originMs += lateMs;
    return dueMs;
  }
}
