/**
 * All places that events go to: each gets every line and has a buffer of its own, so that one that is slow or gone
 * holds up no other. Stage: output, main thread.
 */
import { noStats, type Sink, type SinkStats } from './sink.js';

export class Outputs implements Sink {
  readonly name = 'all';
  readonly sinks: readonly Sink[];

  constructor(sinks: readonly Sink[]) {
    this.sinks = sinks;
  }

  /** @returns false when it was dropped somewhere. */
  write(line: Uint8Array): boolean {
    let all = true;
    for (const sink of this.sinks) all = sink.write(line) && all;
    return all;
  }

  /** Added up: a line that two places get counts twice. */
  get stats(): SinkStats {
    const sum = noStats();
    for (const { stats } of this.sinks)
      for (const key of Object.keys(sum) as (keyof SinkStats)[]) sum[key] += stats[key];
    return sum;
  }

  get isUp(): boolean {
    return this.sinks.every(({ isUp }) => isUp);
  }

  get pendingBytes(): number {
    return this.sinks.reduce((sum, { pendingBytes }) => sum + pendingBytes, 0);
  }

  get isCrowded(): boolean {
    return this.sinks.some(({ isCrowded }) => isCrowded);
  }

  /** Of those that are crowded; where none is, of the first. */
  async drain(): Promise<void> {
    const crowded = this.sinks.filter(({ isCrowded }) => isCrowded);
    await Promise.all((crowded.length > 0 ? crowded : this.sinks.slice(0, 1)).map((sink) => sink.drain()));
  }

  reopen(): void {
    for (const sink of this.sinks) sink.reopen();
  }

  async close(deadlineMilliseconds?: number): Promise<void> {
    await Promise.all(this.sinks.map((sink) => sink.close(deadlineMilliseconds)));
  }
}
