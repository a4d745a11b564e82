/**
 * What was lost, as one figure with its parts: of what was mirrored to us and of what came of it, the share that is
 * missing, by where it was lost. Stage: metrics. Since the start; each part is of what reached it, so `all` is what
 * none of them has let through.
 *
 * upstream: bytes of TCP acknowledged and never seen. socket, ring (overloads among it), shard, and those of what is
 * sent to us (decapsulate, decode, defragment): packets. memory: bytes of streams that gave way before they were looked
 * at, and segments that found none. output: events. What the configuration leaves out is no loss.
 */
import {
  DISPATCHER_SLOTS,
  DROP_REASONS,
  SHARD_SLOTS,
  eventsDropped,
  frameBalance,
  type CounterTotals,
} from '../counters/names.js';
import { gauge, many, type CounterSnapshot, type MetricDefinition } from './definition.js';

type LossPart =
  'upstream' | 'socket' | 'decapsulate' | 'decode' | 'defragment' | 'ring' | 'shard' | 'memory' | 'output';

/** Parts that are called otherwise than the stage of their drops. */
const PART_OF_STAGE: Readonly<Record<string, string>> = { overload: 'ring' };

/** Shares, 0 to 1, by part. */
export function lossesOf({ totals, output }: CounterSnapshot): Readonly<Record<LossPart, number>> {
  const { received, kernelDropped } = frameBalance(totals);
  const { dispatcher, shard } = totals;
  const reached = received + kernelDropped;
  const gapBytes = shard[SHARD_SLOTS.tcpGapBytes];
  const dropped = (part: LossPart): number => shareOf(droppedAt(totals, part), reached);
  return {
    upstream: shareOf(gapBytes, gapBytes + dispatcher[DISPATCHER_SLOTS.receivedBytes]),
    socket: dropped('socket'),
    decapsulate: dropped('decapsulate'),
    decode: dropped('decode'),
    defragment: dropped('defragment'),
    ring: dropped('ring'),
    shard: dropped('shard'),
    memory: Math.min(
      1,
      shareOf(shard[SHARD_SLOTS.streamEvictedBytes], shard[SHARD_SLOTS.inspectedBytes]) +
        shareOf(shard[SHARD_SLOTS.streamNoMemory], shard[SHARD_SLOTS.inspectedPackets]),
    ),
    output: outputLoss(shard, output),
  };
}

/** What is lost of all, as what is left passes one part after the other. */
function lossOfAll(losses: Readonly<Record<LossPart, number>>): number {
  const { upstream, memory, output, ...packets } = losses;
  const ofPackets = Math.min(
    1,
    Object.values(packets).reduce((sum, share) => sum + share, 0),
  );
  return 1 - (1 - upstream) * (1 - ofPackets) * (1 - memory) * (1 - output);
}

function droppedAt(totals: CounterTotals, part: LossPart): number {
  return DROP_REASONS.reduce(
    (sum, { stage, row, slot }) => ((PART_OF_STAGE[stage] ?? stage) === part ? sum + totals[row][slot] : sum),
    0,
  );
}

/** Events without room on their way from a shard, or at an output. */
function outputLoss(shard: ArrayLike<number>, output: CounterSnapshot['output']): number {
  const lost = eventsDropped(shard) + (output?.lost ?? 0);
  return shareOf(lost, lost + (output?.lines ?? shard[SHARD_SLOTS.candidates]));
}

const shareOf = (part: number, all: number): number => (part === 0 ? 0 : part / Math.max(1, all));

export const LOSS_METRICS: readonly MetricDefinition<CounterSnapshot>[] = [
  gauge('loss_ratio', 'Share of what was mirrored that was lost since the start, anywhere.', (snapshot) =>
    lossOfAll(lossesOf(snapshot)),
  ),
  many(
    'gauge',
    'loss_part_ratio',
    'Share that was lost in one place: of bytes upstream and in memory, of events at the output, else of packets.',
    (snapshot: CounterSnapshot) => Object.entries(lossesOf(snapshot)),
    { part: ([part]) => part },
    ([, share]) => share,
  ),
];
