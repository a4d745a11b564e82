/**
 * Tells of losses when they begin and when they are over: one line each, with what to change, whatever their number.
 * Called once a second with the counts of drops by stage and reason; those of what is sent to us (malformed, no
 * mirrored traffic, filtered) are not the sensor's losses and make no line.
 */
import { REMEDIES } from './remedies.js';

export interface LossLogger {
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}

interface Kind {
  readonly name: string;
  /** Drops of these stages and reasons are of one kind; at its end each is told by itself where there are several. */
  readonly counts: Readonly<Record<string, string>>;
  readonly begins: string;
  readonly ends: string;
}

const KINDS: readonly Kind[] = [
  {
    name: 'socket.kernel',
    counts: { 'socket.kernel': 'packets' },
    begins: `the kernel drops packets, as the receive buffer is full: ${REMEDIES.socket}`,
    ends: 'the kernel drops no more packets',
  },
  {
    name: 'overload',
    counts: { 'overload.new_flow': 'ofNewFlows', 'overload.known_flow': 'ofKnownFlows', 'ring.full': 'ofFullRings' },
    begins: `an overload begins: shards cannot keep up, and flows are left out, new ones first: ${REMEDIES.overload}`,
    ends: 'the overload is over',
  },
];
/** Seconds without a drop after which a loss is over. */
const QUIET_SECONDS = 10;

type Counts = Readonly<Record<string, number>>;

interface Loss {
  readonly begunMs: number;
  /** Counts before it began. */
  readonly before: Counts;
  lastMs: number;
}

export class LossLog {
  private readonly log: LossLogger;
  private seen: Counts = {};
  private readonly losses = new Map<Kind, Loss>();

  constructor(log: LossLogger) {
    this.log = log;
  }

  look(counts: Counts, nowMs: number): void {
    for (const kind of KINDS) {
      const loss = this.losses.get(kind);
      if (packetsOf(kind, counts, this.seen) > 0) this.goOn(kind, loss, counts, nowMs);
      else if (loss !== undefined && nowMs - loss.lastMs >= QUIET_SECONDS * 1000) this.end(kind, loss);
    }
    this.seen = counts;
  }

  private goOn(kind: Kind, loss: Loss | undefined, counts: Counts, nowMs: number): void {
    if (loss !== undefined) {
      loss.lastMs = nowMs;
      return;
    }
    this.losses.set(kind, { begunMs: nowMs, before: this.seen, lastMs: nowMs });
    this.log.warn({ reason: kind.name, packets: packetsOf(kind, counts, this.seen) }, kind.begins);
  }

  private end(kind: Kind, { begunMs, lastMs, before }: Loss): void {
    this.losses.delete(kind);
    const parts = Object.entries(kind.counts).map(([key, name]) => [name, grown(key, this.seen, before)]);
    const seconds = Math.round((lastMs - begunMs) / 1000);
    const packets = packetsOf(kind, this.seen, before);
    this.log.info({ reason: kind.name, packets, ...Object.fromEntries(parts), seconds }, kind.ends);
  }
}

const grown = (key: string, counts: Counts, before: Counts): number => (counts[key] ?? 0) - (before[key] ?? 0);

const packetsOf = ({ counts: keys }: Kind, counts: Counts, before: Counts): number =>
  Object.keys(keys).reduce((sum, key) => sum + grown(key, counts, before), 0);
