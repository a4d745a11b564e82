/**
 * Sends datagrams as a mirrored interface does: from one of 128 UDP source ports, one for each value of a 7-bit hash of
 * the inner flow. Stage: ingest's counterpart, used by `mirror` only.
 *
 * Sockets are opened when first used, and connected, so that the kernel looks up the route once. A datagram is two
 * ranges of memory, header and frame, which the kernel joins: frames are never copied. Those of one source port that
 * follow one another go in one sendmmsg; the order over all ports is that of `push`.
 */

/** AWS mirrors from ports 65408 to 65535. */
export const FIRST_SOURCE_PORT = 65408;
export const SOURCE_PORTS = 128;

/** Nothing can be sent to the target: no route, no address of its family, not permitted. */
export class SendError extends Error {}

export class SendCounts {
  /** Datagrams that the kernel took. */
  sent = 0;
  /** Given up: too long, no buffers after many tries, no route. */
  failed = 0;
  /** Answers that nobody listens there (ICMP port unreachable); the datagrams count as sent. */
  refused = 0;
  /** The last reason for a failure, such as `EMSGSIZE`. */
  lastError: string | undefined;
}

export interface DatagramSender {
  readonly method: 'sendmmsg' | 'dgram';
  readonly counts: SendCounts;
  /** Source ports that were taken by another program, so that the kernel chose another. */
  readonly replacedPorts: readonly number[];
  /**
   * Queues a datagram for source port `FIRST_SOURCE_PORT + lane`: the first `headerLength` bytes of `header`, which are
   * copied, and a range of `bytes`, which must stay until `flush`. May send what is queued. True when the queue is full
   * and `flush` is due.
   */
  push(
    lane: number,
    header: Uint8Array,
    headerLength: number,
    bytes: Uint8Array,
    offset: number,
    length: number,
  ): boolean;
  /** Sends what is queued. */
  flush(): void | Promise<void>;
  /** Counts answers that came after the last datagram of a port, where the sender can ask for them. */
  takeLateAnswers?(): void;
  close(): void;
}
