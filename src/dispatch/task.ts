/**
 * What the main thread hands to a dispatch thread, what that thread says back, and the words both look at. Stage: dispatch.
 */
import type { TunnelPortOptions } from '../decode/tunnel-ports.js';
import type { DefragOptions } from './defrag.js';

export interface SocketTask {
  readonly kind: 'socket';
  readonly address: string;
  readonly port: number;
  /** Whether `::` leaves IPv4 to other sockets on the port. */
  readonly ipv6Only: boolean;
  readonly tunnel: 'vxlan' | 'geneve';
  readonly receiveBufferBytes: number;
  /** Position among the sockets that share the port, and how many there are; the sockets are bound in this order. */
  readonly index: number;
  readonly sockets: number;
  readonly method: 'auto' | 'dgram';
}

export interface CapturesTask {
  readonly kind: 'captures';
  readonly paths: readonly string[];
}

export interface DispatcherTask {
  readonly dispatcher: number;
  readonly source: SocketTask | CapturesTask;
  /** One ring and one doorbell per shard. */
  readonly rings: readonly SharedArrayBuffer[];
  readonly doorbells: readonly SharedArrayBuffer[];
  readonly counters: SharedArrayBuffer;
  readonly counterRow: number;
  readonly vniTable: SharedArrayBuffer;
  readonly sequence: SharedArrayBuffer;
  /** Words of `SWITCH`. */
  readonly switches: SharedArrayBuffer;
  readonly verifyChecksums: boolean;
  readonly defrag: DefragOptions;
  readonly tunnelPorts: TunnelPortOptions;
  /** Captures: wait for a full ring instead of dropping. */
  readonly offline: boolean;
}

/** What became of one capture. */
export interface CaptureReport {
  readonly path: string;
  readonly opened: boolean;
  readonly packets: number;
  readonly bytes: number;
  readonly error?: string | undefined;
  /** Frames of each link type that is not decoded. */
  readonly undecoded: ReadonlyMap<number, number>;
}

/** Words that the main thread sets to 1: end the source; begin with it (captures wait for that, sockets do not). */
export const SWITCH = { stop: 0, go: 1 } as const;
export const SWITCH_BYTES = 8;

export type DispatcherMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'bound'; readonly address: string; readonly port: number; readonly method: 'recvmmsg' | 'dgram'; readonly reason: string | undefined; readonly requestedBufferBytes: number; readonly grantedBufferBytes: number }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'captures'; readonly reports: readonly CaptureReport[] };

/**
 * Sequence numbers: one counter for all dispatchers, so that frames have one order; and, per dispatcher, the number below
 * which everything that it took is in the rings. 64-bit words: [0] next number, [1 + dispatcher] published.
 */
export class SequenceWords {
  private readonly words: BigInt64Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new BigInt64Array(memory);
  }

  static allocate(dispatchers: number): SharedArrayBuffer {
    return new SharedArrayBuffer(8 * (1 + dispatchers));
  }

  /** Takes `count` numbers. @returns the first. */
  take(count: number): number {
    return Number(Atomics.add(this.words, 0, BigInt(count)));
  }

  publish(dispatcher: number, below: number): void {
    Atomics.store(this.words, 1 + dispatcher, BigInt(below));
  }

  published(dispatcher: number): number {
    return Number(Atomics.load(this.words, 1 + dispatcher));
  }
}
