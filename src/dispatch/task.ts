/**
 * What the main thread hands to a dispatch thread, what that thread says back, and the words both look at. Stage:
 * dispatch.
 */
import type { RingPlace } from '../ring/record-ring.js';
import type { TunnelPortOptions } from '../decode/tunnel-ports.js';
import type { FilterOptions } from './capture-filter.js';
import type { DefragOptions } from './defrag.js';
import type { AdmissionOptions } from './flow-admission.js';

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
  readonly rings: readonly RingPlace[];
  readonly doorbells: readonly SharedArrayBuffer[];
  /** Doorbell of the main thread, which may hold alerts until this dispatcher has caught up. */
  readonly alertBell: SharedArrayBuffer;
  readonly counters: SharedArrayBuffer;
  readonly counterRow: number;
  readonly vniTable: SharedArrayBuffer;
  readonly sequence: SharedArrayBuffer;
  /** Words of `SWITCH`. */
  readonly switches: SharedArrayBuffer;
  readonly verifyChecksums: boolean;
  readonly defrag: DefragOptions;
  readonly filter: FilterOptions;
  readonly tunnelPorts: TunnelPortOptions;
  /** Which flows go first in an overload; packets do, without it. */
  readonly admission: AdmissionOptions | undefined;
  /** How long the thread warms up while rules are loaded; 0 for not at all. */
  readonly warmUpMs: number;
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

/**
 * Words that the main thread sets. `stop` and `go` to 1: end the source; begin with it (captures wait for that, sockets
 * do not). `opened` to the number of dispatchers, the first ones, that may open their sources.
 */
export const SWITCH = { stop: 0, go: 1, opened: 2 } as const;
export const SWITCH_BYTES = 12;

export type DispatcherMessage =
  /** Its modules are loaded. */
  | { readonly kind: 'loaded' }
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'bound';
      readonly address: string;
      readonly port: number;
      readonly method: 'recvmmsg' | 'dgram';
      readonly reason: string | undefined;
      readonly requestedBufferBytes: number;
      readonly grantedBufferBytes: number;
    }
  | { readonly kind: 'refused'; readonly message: string }
  | { readonly kind: 'captures'; readonly reports: readonly CaptureReport[] };

/** Published by a dispatcher between two batches: all that it took is in the rings. */
const IDLE = -1n;

/**
 * Sequence numbers: one counter for all dispatchers, so that frames have one order; and, per dispatcher, the number
 * below which everything that it took is in the rings. 64-bit words: [0] next number, [1 + dispatcher] published, or
 * `IDLE`.
 *
 * A dispatcher that is idle holds nobody up: whatever it may still bring is numbered from a counter that only rises. So
 * whoever reads the counter FIRST and finds the dispatcher idle AFTERWARDS may take the number read for what is
 * published: what the dispatcher had taken by then is in the rings, and what it takes later has that number or a higher
 * one. It says that it is busy before it takes a number, and that it is idle after its records are in the rings.
 */
export class SequenceWords {
  private readonly words: BigInt64Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new BigInt64Array(memory);
  }

  static allocate(dispatchers: number): SharedArrayBuffer {
    const memory = new SharedArrayBuffer(8 * (1 + dispatchers));
    new BigInt64Array(memory, 8).fill(IDLE);
    return memory;
  }

  /** Takes `count` numbers for a dispatcher, which is busy from now on. @returns the first. */
  take(dispatcher: number, count: number): number {
    // Its numbers are not below what the counter is now.
    Atomics.store(this.words, 1 + dispatcher, Atomics.load(this.words, 0));
    return Number(Atomics.add(this.words, 0, BigInt(count)));
  }

  /** The next number that anybody takes. */
  get next(): number {
    return Number(Atomics.load(this.words, 0));
  }

  publish(dispatcher: number, below: number): void {
    Atomics.store(this.words, 1 + dispatcher, BigInt(below));
  }

  /** All that the dispatcher took is in the rings. */
  rest(dispatcher: number): void {
    Atomics.store(this.words, 1 + dispatcher, IDLE);
  }

  /** The number below which all that the dispatcher takes is in the rings; `next` is what the counter was before. */
  published(dispatcher: number, next: number): number {
    const published = Atomics.load(this.words, 1 + dispatcher);
    return published === IDLE ? next : Number(published);
  }
}
