/**
 * What a parser shows of its connection to whoever hands it bytes and inspects what it reads. Stage: app.
 *
 * PERF: an object of one shape for all protocols, beside the parsers, of which each has its own: whoever looks at more
 * than four shapes in one place looks each property up (test/bench/pair.mjs).
 */
import type { ApplicationName } from './applications.js';
import type { OpenFrames } from './frame/frame-log.js';
import type { Transaction } from './transaction.js';

export const UNKNOWN_SUCCESSOR = 'unknown';

/** What the rest of a flow speaks: a protocol's name, or UNKNOWN_SUCCESSOR where its bytes are to tell (CONNECT). */
export type Successor = ApplicationName | typeof UNKNOWN_SUCCESSOR;

export class ConnectionStatus {
  /** Open transactions, the oldest first: the first `count` places. */
  readonly transactions: Transaction[] = [];
  count = 0;
  /** Transactions that there have been, those that were released among them. */
  made = 0;
  /** Those that the parser has completed as they were, because there were too many: since they were counted last. */
  cut = 0;
  /** Set by a parser that can make nothing of what it reads: the protocol ends on this flow, and is counted. */
  broken = false;
  /**
   * Set where the rest of the flow is another protocol's (Upgrade, STARTTLS); '' while it is this one. Nothing is
   * parsed any more once it is set; what was not taken is the successor's.
   */
  successor: Successor | '' = '';
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

  /** Makes it as new. All transactions have been released. */
  reset(): void {
    this.count = 0;
    this.made = 0;
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
