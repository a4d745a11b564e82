/**
 * Exceptions that a shard survives, on their way to the log of the main thread: in a parser, in a rule, in what looks
 * at packets and transactions. Stage: shard. All of them are counted; so many are told in a second.
 */
import type { MessagePort } from 'node:worker_threads';
import { SecondLimit } from '../util/second-limit.js';

export interface ShardError {
  readonly shard: number;
  /** What has thrown: a parser, named by its application, a rule, by its row in the generation, or detection itself. */
  readonly application?: string | undefined;
  readonly rule?: number | undefined;
  readonly generation?: number | undefined;
  /** The rule was taken out for it. */
  readonly isOut: boolean;
  readonly message: string;
  readonly stack: string;
}

const MOST_PER_SECOND = 10;
const MOST_STACK = 2000;

export class ErrorReports {
  private readonly port: MessagePort;
  private readonly shard: number;
  private readonly limit = new SecondLimit(MOST_PER_SECOND);

  constructor(port: MessagePort, shard: number) {
    this.port = port;
    this.shard = shard;
  }

  ofParser(application: string, error: unknown): void {
    this.report(error, { application, isOut: false });
  }

  ofDetection(error: unknown, rule: number | undefined, generation: number, isOut: boolean): void {
    this.report(error, { rule, generation, isOut });
  }

  private report(error: unknown, about: Omit<ShardError, 'shard' | 'message' | 'stack'>): void {
    if (!this.limit.passes(performance.now() * 1000)) return;
    const { message, stack } = error instanceof Error ? error : new Error(String(error));
    const said: ShardError = {
      ...about,
      shard: this.shard,
      message: message.slice(0, MOST_STACK),
      stack: (stack ?? message).slice(0, MOST_STACK),
    };
    this.port.postMessage(said);
  }
}
