/**
 * What a protocol keeps of a flow that speaks it: the parser's state and the open transactions. Stage: app. Pooled per
 * protocol; nothing here is called by more than one thread.
 */
import type { OpenFrames } from './frame/frame-log.js';
import type { Direction, Flow } from '../flow/flow.js';
import type { ApplicationName } from './applications.js';
import type { Input } from './input.js';
import type { Transaction } from './transaction.js';

export const UNKNOWN_SUCCESSOR = 'unknown';

export abstract class Connection {
  /** Open transactions, the oldest first: the first `count` places. */
  readonly transactions: Transaction[] = [];
  count = 0;
  /** Those that the parser has completed as they were, because there were too many: since they were counted last. */
  cut = 0;
  /** Set by a parser that can make nothing of what it reads: the protocol ends on this flow, and is counted. */
  broken = false;
  /**
   * What the rest of the flow speaks (Upgrade, STARTTLS): a protocol's name, UNKNOWN_SUCCESSOR where its bytes are to
   * tell (CONNECT), or '' while it is this one. Nothing is parsed any more once it is set; what was not taken is the
   * successor's.
   */
  successor: ApplicationName | typeof UNKNOWN_SUCCESSOR | '' = '';
  /** A set of directions in which the rest is encrypted: it is neither kept nor inspected, only counted. */
  bypassed = 0;
  /**
   * Payload is not inspected any more from the next packet on, neither by segments nor as streams: those are readable
   * up to `encryptedFrom`, places by direction in bytes from their start.
   */
  isEncrypted = false;
  readonly encryptedFrom: [toServer: number, toClient: number] = [Infinity, Infinity];
  /** Nothing of the flow is to be inspected any more, once what there is has been. */
  endsInspection = false;

  /** A set of directions in which a part of a message was taken, and the rest of it is to come. */
  unfinished = 0;

  /** Frames that have begun, where rules ask for such. */
  readonly openFrames: OpenFrames = [null, null];

  /** A flow that speaks it has been told. The flow is a cursor: what is needed of it is to be copied. */
  noteFlow(_flow: Flow): void {}

  /** Reads what it can; what it does not take comes again, with more. */
  abstract parse(direction: Direction, input: Input): void;

  /** `bytes` of a direction are missing. @returns false where it cannot go on behind them. */
  gap(_direction: Direction, _bytes: number): boolean {
    return false;
  }

  /** Nothing comes any more from the side that sends in `direction`. */
  close(_direction: Direction): void {}

  /** Takes back a transaction that is done with, to be used again. */
  release(transaction: Transaction): void {
    transaction.reset();
  }

  /** Makes it as new. All transactions have been released. */
  reset(): void {
    this.count = 0;
    this.cut = 0;
    this.broken = false;
    this.successor = '';
    this.bypassed = 0;
    this.isEncrypted = false;
    this.encryptedFrom.fill(Infinity);
    this.unfinished = 0;
    this.endsInspection = false;
  }
}
