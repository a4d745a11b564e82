/**
 * Plays captures to a sensor as a mirror session would: each frame as a VXLAN datagram, from a source port that goes by
 * its flow. Stage: `mirror` only, beside the sensor's path.
 *
 * Runs on the main thread: it sleeps in short steps and lets the event loop turn between them, so that signals and
 * progress are seen. Datagrams that are late go at once, so a rate holds on average.
 */
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { CaptureSource } from './capture-source.js';
import { flowLane } from './flow-lane.js';
import { MirrorFrame } from './mirror-frame.js';
import { Pacer, type MirrorRate } from './pacer.js';
import type { DatagramSender } from './sender.js';
import { shiftAddresses } from './shift-addresses.js';

/** The longest UDP payload over IPv4. */
const MAX_DATAGRAM_BYTES = 65_507;
const PROGRESS_INTERVAL_MS = 1000;
/** How long the event loop may wait, and how long a stop can go unseen. */
const MAX_BUSY_MS = 20;
const MAX_SLEEP_MS = 100;
/** Shorter waits are rounded up to this, so that the sender wakes a thousand times a second at most. */
const MIN_SLEEP_MS = 1;

export interface MirrorOptions {
  /** 0 to 16 777 215. */
  readonly vni: number;
  readonly rate: MirrorRate;
  /** Bytes to send behind the VXLAN header at most, as a mirror session's packet length; undefined does not cut. */
  readonly packetLength?: number | undefined;
  /** How many times the captures are played, each time with other addresses (shift-addresses.ts); 1 when left out. */
  readonly loop?: number | undefined;
  /** Called about once a second. */
  readonly onProgress?: ((counts: Readonly<MirrorCounts>) => void) | undefined;
}

export interface MirrorCounts {
  /** Datagrams that the kernel took, and their UDP payload bytes as queued. */
  packets: number;
  bytes: number;
  /** Datagrams that could not be sent. */
  failed: number;
  /** Frames that a mirror session cannot carry: no Ethernet and no IP within, or too long for a datagram. */
  skipped: number;
  /** Answers that nobody listens at the target. */
  refused: number;
}

export class Mirror {
  readonly counts: MirrorCounts = { packets: 0, bytes: 0, failed: 0, skipped: 0, refused: 0 };
  private readonly source: CaptureSource;
  private readonly sender: DatagramSender;
  private readonly options: MirrorOptions;
  private readonly frame: MirrorFrame;
  private readonly pacer: Pacer;
  private readonly maxLength: number;
  private readonly pause = new Int32Array(new SharedArrayBuffer(4));
  private round = 0;
  private lastTurnMs = 0;
  private lastProgressMs = 0;

  /** The caller opens and closes `source` and `sender`. */
  constructor(source: CaptureSource, sender: DatagramSender, options: MirrorOptions) {
    this.source = source;
    this.sender = sender;
    this.options = options;
    this.frame = new MirrorFrame(options.vni);
    this.pacer = new Pacer(options.rate);
    const { packetLength = Infinity } = options;
    if (!(packetLength >= 1)) throw new RangeError(`a packet length of ${packetLength} is not above 0`);
    this.maxLength = packetLength;
  }

  /** Plays everything, or until `stopRequested`; the results of each capture are then in `source.captures`. */
  async run(stopRequested: () => boolean = () => false): Promise<MirrorCounts> {
    this.lastTurnMs = this.lastProgressMs = performance.now();
    for (let round = 0; round < (this.options.loop ?? 1) && !stopRequested(); round++) {
      if (round > 0) this.source.rewind();
      this.round = round;
      if (!(await this.playOnce(stopRequested))) break;
    }
    this.sender.takeLateAnswers?.();
    this.takeCounts();
    return this.counts;
  }

  /** False when there was nothing to play, which another round would not change. */
  private async playOnce(stopRequested: () => boolean): Promise<boolean> {
    const { batch } = this.source;
    let capture = -1;
    for (let count = this.source.next(); count > 0 && !stopRequested(); count = this.source.next()) {
      if (batch.capture !== capture) this.pacer.restart();
      capture = batch.capture;
      for (let i = 0; i < count && !stopRequested(); i++) {
        if (!this.take(i)) continue;
        const nowMs = performance.now();
        const dueMs = this.pacer.dueMs(nowMs, batch.timeUs[i], this.frame.datagramLength);
        if (dueMs > nowMs) await this.waitUntil(dueMs, stopRequested);
        else if (nowMs - this.lastTurnMs > MAX_BUSY_MS) await this.turn();
        if (this.push()) await this.sender.flush();
      }
      // The source fills the same memory again.
      await this.sender.flush();
    }
    return capture >= 0;
  }

  private take(index: number): boolean {
    const { batch } = this.source;
    const { frame } = this;
    const fits =
      frame.take(batch.bytes, batch.offset[index], batch.length[index], batch.linkType[index], this.maxLength) &&
      frame.datagramLength <= MAX_DATAGRAM_BYTES;
    if (!fits) this.counts.skipped++;
    else if (this.round > 0)
      shiftAddresses(batch.bytes, frame.etherType, frame.payloadOffset, frame.payloadEnd, this.round);
    return fits;
  }

  private push(): boolean {
    const { frame } = this;
    const { bytes } = this.source.batch;
    const lane = flowLane(bytes, frame.etherType, frame.payloadOffset, frame.payloadEnd);
    this.counts.bytes += frame.datagramLength;
    return this.sender.push(lane, frame.header, frame.headerLength, bytes, frame.offset, frame.length);
  }

  private async waitUntil(dueMs: number, stopRequested: () => boolean): Promise<void> {
    await this.sender.flush();
    for (let leftMs = dueMs - performance.now(); leftMs > 0 && !stopRequested(); leftMs = dueMs - performance.now()) {
      if (leftMs > MAX_BUSY_MS) await sleep(Math.min(leftMs, MAX_SLEEP_MS));
      else Atomics.wait(this.pause, 0, 0, Math.max(leftMs, MIN_SLEEP_MS));
      if (performance.now() - this.lastTurnMs > MAX_BUSY_MS) await this.turn();
    }
  }

  /** Lets signals and timers in, and reports progress when it is time. */
  private async turn(): Promise<void> {
    await nextTurn();
    this.lastTurnMs = performance.now();
    if (this.lastTurnMs - this.lastProgressMs < PROGRESS_INTERVAL_MS) return;
    this.lastProgressMs = this.lastTurnMs;
    this.takeCounts();
    this.options.onProgress?.(this.counts);
  }

  private takeCounts(): void {
    const { sent, failed, refused } = this.sender.counts;
    this.counts.packets = sent;
    this.counts.failed = failed;
    this.counts.refused = refused;
  }
}
