/**
 * Scrapes of /metrics, one at a time. Stage: metrics, main thread. Alerts go first: those that can be written are
 * written before a scrape begins. All scrapes together take at most a tenth of the thread's time.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export interface ScrapesOptions {
  readonly render: () => Promise<string>;
  /** Writes the alerts that can be written, for a bounded time. */
  readonly writeAlerts: () => Promise<void>;
  readonly nowMs?: () => number;
  readonly pause?: (ms: number) => Promise<void>;
}

/** A scrape of 4 ms is followed by 36 ms for other things. */
const PAUSE_PER_SCRAPE = 9;
const MAX_PAUSE_MS = 1000;

export class Scrapes {
  private readonly render: () => Promise<string>;
  private readonly writeAlerts: () => Promise<void>;
  private readonly nowMs: () => number;
  private readonly pause: (ms: number) => Promise<void>;
  private nextMs = 0;

  constructor({ render, writeAlerts, nowMs, pause }: ScrapesOptions) {
    this.render = render;
    this.writeAlerts = writeAlerts;
    this.nowMs = nowMs ?? (() => performance.now());
    this.pause = pause ?? ((ms) => sleep(ms));
  }

  /** The answer to whoever asks now; the admin thread asks for one at a time. */
  async take(): Promise<string> {
    const wait = this.nextMs - this.nowMs();
    if (wait > 0) await this.pause(Math.min(wait, MAX_PAUSE_MS));
    await this.writeAlerts();
    const begun = this.nowMs();
    try {
      return await this.render();
    } finally {
      const ended = this.nowMs();
      this.nextMs = ended + PAUSE_PER_SCRAPE * (ended - begun);
    }
  }
}
