/**
 * Tells what is wrong with the mirror, as far as its traffic shows it: bytes lost upstream, packets that are cut, seen
 * from one side or twice, sessions that fall silent or never speak, a clock that steps. One line when it begins, with
 * what to change, one when it is over. Looked at once a second, judged by the minute.
 */
import { DISPATCHER_SLOTS, SHARD_SLOTS, type CounterTotals } from '../counters/names.js';
import type { LossLogger } from './loss-log.js';
import { REMEDIES } from './remedies.js';

/** Running totals. */
export interface MirrorTotals {
  readonly packets: number;
  readonly bytes: number;
  readonly gapBytes: number;
  readonly cutPackets: number;
  /** TCP connections of some packets that are over, and those of them of which one side was seen. */
  readonly connections: number;
  readonly oneSided: number;
  /** TCP segments whose bytes were there already. */
  readonly repeated: number;
}

export interface MirrorFigures {
  readonly totals: MirrorTotals;
  readonly sessions: readonly { readonly vni: number; readonly packets: number; readonly lastSeenUs: number }[];
  /** VNIs that the configuration names. */
  readonly named: readonly string[];
}

interface Trouble {
  readonly name: string;
  readonly share: (grown: MirrorTotals) => number;
  /** From this share on it is told. */
  readonly least: number;
  readonly says: string;
}

const WINDOW_MS = 60_000;
/** Fewer connections or packets in a minute say nothing. */
const LEAST_CONNECTIONS = 20;
const LEAST_PACKETS = 1000;
export const SILENT_SECONDS = 30 * 60;
const NEVER_MS = 10 * 60_000;
/** Fewer packets are a stray's. */
export const SESSION_PACKETS = 1000;
/** Share of packets that bring bytes a second time. */
export const LEAST_TWICE = 0.2;
const CLOCK_STEP_MS = 1000;

const TROUBLES: readonly Trouble[] = [
  {
    name: 'upstream',
    share: ({ gapBytes, bytes }) => gapBytes / Math.max(1, gapBytes + bytes),
    least: 0.01,
    says: `bytes of TCP are acknowledged that were never mirrored: ${REMEDIES.upstream}`,
  },
  {
    name: 'cut',
    share: ({ cutPackets, packets }) => cutPackets / Math.max(1, packets),
    least: 0.01,
    says: `packets are cut: ${REMEDIES.cut}`,
  },
  {
    name: 'one_sided',
    share: ({ oneSided, connections }) => (connections < LEAST_CONNECTIONS ? 0 : oneSided / connections),
    least: 0.2,
    says: `of many connections one direction is seen: ${REMEDIES.oneSided}`,
  },
  {
    name: 'twice',
    share: ({ repeated, packets }) => (packets < LEAST_PACKETS ? 0 : repeated / packets),
    least: LEAST_TWICE,
    says: `many bytes of TCP come twice: ${REMEDIES.twice}`,
  },
];

const NOTHING: MirrorTotals = {
  packets: 0,
  bytes: 0,
  gapBytes: 0,
  cutPackets: 0,
  connections: 0,
  oneSided: 0,
  repeated: 0,
};

export const mirrorTotals = ({ dispatcher, shard }: CounterTotals): MirrorTotals => ({
  packets: dispatcher[DISPATCHER_SLOTS.receivedPackets],
  bytes: dispatcher[DISPATCHER_SLOTS.receivedBytes],
  gapBytes: shard[SHARD_SLOTS.tcpGapBytes],
  cutPackets: dispatcher[DISPATCHER_SLOTS.truncatedPackets],
  connections: shard[SHARD_SLOTS.tcpConnections],
  oneSided: shard[SHARD_SLOTS.tcpOneSided],
  repeated: shard[SHARD_SLOTS.streamOverlaps],
});

export class MirrorLog {
  /** Steps of the clock by more than a second. */
  clockSteps = 0;
  private readonly log: LossLogger;
  private readonly startMs: number;
  private readonly troubles = new Set<string>();
  private readonly silent = new Set<number>();
  /** Of the named ones: those that were heard at some time, and those of which it was told that they were not. */
  private readonly heard = new Set<string>();
  private readonly missed = new Set<string>();
  private before = NOTHING;
  private windowMs: number;
  private skewMs: number | undefined;

  constructor(log: LossLogger, nowMs: number) {
    this.log = log;
    this.startMs = nowMs;
    this.windowMs = nowMs;
  }

  /** @param read asked by the minute alone. @param nowMs a clock that never steps. @param wallMs that of the day. */
  look(read: () => MirrorFigures, nowMs: number, wallMs: number): void {
    this.lookAtClock(wallMs - nowMs);
    if (nowMs - this.windowMs < WINDOW_MS) return;
    this.windowMs = nowMs;
    const figures = read();
    this.lookAtTroubles(figures.totals);
    this.lookForSilent(figures, wallMs);
    this.lookForHeard(figures);
    if (nowMs - this.startMs >= NEVER_MS) this.lookForMissed(figures);
  }

  private lookAtClock(skewMs: number): void {
    const step = skewMs - (this.skewMs ?? skewMs);
    this.skewMs = skewMs;
    if (Math.abs(step) < CLOCK_STEP_MS) return;
    this.clockSteps++;
    this.log.warn({ seconds: Math.round(step / 100) / 10 }, `the clock has stepped: ${REMEDIES.clock}`);
  }

  private lookAtTroubles(totals: MirrorTotals): void {
    const grown = difference(totals, this.before);
    this.before = totals;
    for (const { name, share, least, says } of TROUBLES) {
      const now = share(grown);
      const percent = Math.round(now * 1000) / 10;
      if (now >= least && !this.troubles.has(name)) {
        this.troubles.add(name);
        this.log.warn({ mirror: name, percent }, says);
      } else if (now < least && this.troubles.delete(name)) {
        this.log.info({ mirror: name, percent }, 'the mirror is well again in this');
      }
    }
  }

  private lookForSilent({ sessions }: MirrorFigures, wallMs: number): void {
    for (const { vni, packets, lastSeenUs } of sessions) {
      const silentMs = wallMs - lastSeenUs / 1000;
      if (vni < 0 || packets < SESSION_PACKETS) continue;
      const isSilent = silentMs >= SILENT_SECONDS * 1000;
      if (isSilent && !this.silent.has(vni)) {
        this.silent.add(vni);
        this.log.warn(
          { vni, minutes: Math.round(silentMs / 60_000) },
          `a mirror session has fallen silent: ${REMEDIES.silent}`,
        );
      } else if (!isSilent && this.silent.delete(vni)) {
        this.log.info({ vni }, 'the mirror session is heard again');
      }
    }
  }

  private lookForHeard({ sessions, named }: MirrorFigures): void {
    const present = new Set(sessions.map(({ vni }) => String(vni)));
    for (const vni of named) {
      if (!present.has(vni)) continue;
      this.heard.add(vni);
      if (this.missed.delete(vni)) this.log.info({ vni: Number(vni) }, 'the mirror session is heard now');
    }
  }

  private lookForMissed({ named }: MirrorFigures): void {
    for (const vni of named) {
      if (this.heard.has(vni) || this.missed.has(vni)) continue;
      this.missed.add(vni);
      this.log.warn(
        { vni: Number(vni) },
        `a mirror session that vni.names has was not heard since the start: ${REMEDIES.unheard}`,
      );
    }
  }
}

function difference(now: MirrorTotals, before: MirrorTotals): MirrorTotals {
  const grown: Record<string, number> = {};
  for (const key of Object.keys(NOTHING) as (keyof MirrorTotals)[]) grown[key] = now[key] - before[key];
  return grown as unknown as MirrorTotals;
}
