/**
 * The event of a sensor's counters: `event_type` stats, as in Suricata where the meaning is the same, and the sums of
 * frames under `periscope`. Stage: output, main thread; one every `eve.statsSeconds`, and one at the end.
 */
import { DISPATCHER_SLOTS, DROP_REASONS, frameBalance, SHARD_SLOTS, type CounterTotals } from '../counters/names.js';
import { eveTime } from '../detect/event/eve-text.js';

export interface StatsFigures {
  readonly timeUs: number;
  /** Left out for captures, whose events are the same at every run. */
  readonly uptimeSeconds: number | undefined;
  readonly totals: CounterTotals;
  readonly alerts: number;
  readonly suppressed: number;
  /** Name of the sensor, '' for none. */
  readonly sensor: string;
}

export function renderStats({ timeUs, uptimeSeconds, totals, alerts, suppressed, sensor }: StatsFigures): Uint8Array {
  const { dispatcher, shard } = totals;
  const { received, inspected, kernelDropped, pending } = frameBalance(totals);
  const stats = {
    ...(uptimeSeconds === undefined ? {} : { uptime: Math.floor(uptimeSeconds) }),
    capture: { kernel_packets: received + kernelDropped, kernel_drops: kernelDropped },
    decoder: { pkts: received, bytes: dispatcher[DISPATCHER_SLOTS.receivedBytes] },
    flow: { total: shard[SHARD_SLOTS.flowsStarted], active: shard[SHARD_SLOTS.flowsActive] },
    detect: { alert: alerts, alerts_suppressed: suppressed },
    periscope: { received, inspected, pending, dropped: drops(totals) },
  };
  const host = sensor === '' ? {} : { host: sensor };
  return Buffer.from(JSON.stringify({ timestamp: eveTime(timeUs), event_type: 'stats', ...host, stats }));
}

/** Those that there were, by stage and reason. */
function drops(totals: CounterTotals): Record<string, number> {
  const inside = DROP_REASONS.filter(({ stage, row, slot }) => stage !== 'socket' && totals[row][slot] > 0);
  return Object.fromEntries(inside.map(({ stage, reason, row, slot }) => [`${stage}.${reason}`, totals[row][slot]]));
}
