/**
 * Tells of losses when they begin and when they are over: one line each, with what to change, whatever their number.
 * Called once a second with the counts of drops by stage and reason; those of what is sent to us (malformed, no
 * mirrored traffic, filtered) are not the sensor's losses and make no line.
 */
export interface LossLogger {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

/** By stage and reason. */
const REMEDIES: Readonly<Record<string, string>> = {
  'socket.kernel':
    'the kernel drops packets, as the receive buffer is full: raise net.core.rmem_max, add processors, or set sockets: 2',
  'ring.full': 'packets are dropped, as shards cannot keep up: more workers and processors, or fewer rules',
};
/** Seconds without a drop after which a loss is over. */
const QUIET_SECONDS = 10;

interface Loss {
  readonly begunMs: number;
  /** Count before it began, and at the last look. */
  readonly before: number;
  count: number;
  lastMs: number;
}

export class LossLog {
  private readonly log: LossLogger;
  private readonly seen = new Map<string, number>();
  private readonly losses = new Map<string, Loss>();

  constructor(log: LossLogger) {
    this.log = log;
  }

  look(counts: Readonly<Record<string, number>>, nowMs: number): void {
    for (const [key, remedy] of Object.entries(REMEDIES)) {
      const count = counts[key] ?? 0;
      const before = this.seen.get(key) ?? 0;
      this.seen.set(key, count);
      const loss = this.losses.get(key);
      if (count > before) this.goOn(key, remedy, loss, before, count, nowMs);
      else if (loss !== undefined && nowMs - loss.lastMs >= QUIET_SECONDS * 1000) this.end(key, loss);
    }
  }

  private goOn(
    key: string,
    remedy: string,
    loss: Loss | undefined,
    before: number,
    count: number,
    nowMs: number,
  ): void {
    if (loss === undefined) {
      this.losses.set(key, { begunMs: nowMs, before, count, lastMs: nowMs });
      this.log.warn({ reason: key, packets: count - before }, remedy);
      return;
    }
    loss.count = count;
    loss.lastMs = nowMs;
  }

  private end(key: string, { begunMs, lastMs, before, count }: Loss): void {
    this.losses.delete(key);
    const seconds = Math.round((lastMs - begunMs) / 1000);
    this.log.info({ reason: key, packets: count - before, seconds }, 'no more packets are dropped');
  }
}
