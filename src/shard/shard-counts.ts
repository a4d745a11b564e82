/**
 * What the parts of a shard have counted, added up where the main thread reads it. Stage: shard.
 *
 * Parts count since they were made. The sums hold what the shard's predecessors have counted as well, and what rules
 * before those in use have: only what a part's total has grown by is added.
 */
import type { ApplicationLayer } from '../app/layer.js';
import { STORE_LOSSES } from '../app/file/file-store.js';
import type { FileNeeds } from '../app/file/needs.js';
import type { FrameLog } from '../app/frame/frame-log.js';
import { SHARD_LAYOUT, SHARD_SLOTS } from '../counters/names.js';
import type { Detector } from '../detect/detect.js';
import type { FlowTable } from '../flow/table.js';
import type { Reassembler } from '../stream/reassembler.js';
import type { StreamStats } from '../stream/stream-stats.js';
import type { AnomalyLog } from './anomaly-log.js';
import type { Duplicates } from './duplicates.js';
import type { Evidence } from './evidence.js';
import type { FileRingWriter } from './file-ring.js';
import type { FlowLog } from './flow-log.js';

export interface CountingParts {
  readonly flows: Pick<FlowTable, 'stats' | 'memoryRefused'>;
  readonly streamStats: StreamStats;
  readonly reassembler: Pick<Reassembler, 'windowStats'>;
  readonly applications: Pick<ApplicationLayer, 'carried'>;
  readonly fileNeeds: FileNeeds;
  readonly frames: FrameLog;
  readonly fileRing: FileRingWriter | undefined;
  readonly flowLog: FlowLog | undefined;
  readonly anomalyLog: AnomalyLog | undefined;
  readonly evidence: Evidence | undefined;
  readonly duplicates: Duplicates | undefined;
}

export class ShardCounts {
  private readonly sums: Float64Array;
  private readonly parts: CountingParts;
  /** Totals of this thread's parts as last added. */
  private readonly added = new Float64Array(SHARD_LAYOUT.size);
  /** Those of the rules in use. */
  private detector: Detector | undefined;
  private readonly ofDetector = new Float64Array(SHARD_LAYOUT.size);

  /** `sums`: by SHARD_SLOTS. */
  constructor(sums: Float64Array, parts: CountingParts) {
    this.sums = sums;
    this.parts = parts;
  }

  /** Adds what has been counted since the last time. */
  collect(busyMicroseconds: number): void {
    this.sums[SHARD_SLOTS.busyMicroseconds] += busyMicroseconds;
    this.addFlows();
    this.addStreams();
    this.addEvents();
    this.addFiles();
    if (this.detector !== undefined) this.addDetector(this.detector);
  }

  /** Other rules are in use from here on: what they count begins at zero. */
  use(detector: Detector): void {
    this.detector = detector;
    this.ofDetector.fill(0);
  }

  private addFlows(): void {
    const { flows, duplicates } = this.parts;
    this.sums[SHARD_SLOTS.flowsActive] = flows.stats.active;
    this.add(SHARD_SLOTS.flowsStarted, flows.stats.started);
    this.add(SHARD_SLOTS.flowsExpired, flows.stats.expired);
    this.add(SHARD_SLOTS.flowsEvicted, flows.stats.evicted);
    this.add(SHARD_SLOTS.flowsCrowdedOut, flows.stats.crowdedOut);
    this.add(SHARD_SLOTS.flowMemoryRefused, flows.memoryRefused);
    this.add(SHARD_SLOTS.duplicatePackets, duplicates?.count ?? 0);
  }

  private addStreams(): void {
    const { streamStats, reassembler } = this.parts;
    const { windows, windowBytes, evicted, evictedBytes } = reassembler.windowStats;
    this.sums[SHARD_SLOTS.streamWindows] = windows;
    this.sums[SHARD_SLOTS.streamWindowBytes] = windowBytes;
    this.add(SHARD_SLOTS.streamEvicted, evicted);
    this.add(SHARD_SLOTS.streamEvictedBytes, evictedBytes);
    this.add(SHARD_SLOTS.tcpMidstreamPickups, streamStats.midstreamPickups);
    this.add(SHARD_SLOTS.tcpOutOfWindow, streamStats.outOfWindow);
    this.add(SHARD_SLOTS.tcpGaps, streamStats.gaps);
    this.add(SHARD_SLOTS.tcpGapBytes, streamStats.gapBytes);
    this.add(SHARD_SLOTS.tcpJumps, streamStats.jumps);
    this.add(SHARD_SLOTS.streamTooFar, streamStats.tooFar);
    this.add(SHARD_SLOTS.streamNoMemory, streamStats.noMemory);
    this.add(SHARD_SLOTS.streamLate, streamStats.late);
    this.add(SHARD_SLOTS.streamOverlaps, streamStats.overlaps);
    this.add(SHARD_SLOTS.streamDifferentOverlaps, streamStats.differentOverlaps);
    this.add(SHARD_SLOTS.streamInvalidTimestamps, streamStats.invalidTimestamps);
    this.add(SHARD_SLOTS.streamInvalidAcks, streamStats.invalidAcks);
    this.add(SHARD_SLOTS.streamCutBytes, streamStats.cutBytes);
    this.add(SHARD_SLOTS.streamUrgentTakenOut, streamStats.urgentTakenOut);
    this.add(SHARD_SLOTS.streamUrgentKept, streamStats.urgentKept);
  }

  private addEvents(): void {
    const { flowLog, anomalyLog, evidence } = this.parts;
    this.add(SHARD_SLOTS.flowEvents, flowLog?.written ?? 0);
    this.add(SHARD_SLOTS.flowEventsDropped, flowLog?.dropped ?? 0);
    this.add(SHARD_SLOTS.anomalyEvents, anomalyLog?.written ?? 0);
    this.add(SHARD_SLOTS.anomalyEventsDropped, anomalyLog?.dropped ?? 0);
    this.add(SHARD_SLOTS.anomaliesWithheld, anomalyLog?.withheld ?? 0);
    if (evidence === undefined) return;
    this.add(SHARD_SLOTS.evidencePackets, evidence.stats.packets);
    this.add(SHARD_SLOTS.evidenceDropped, evidence.stats.dropped);
    this.add(SHARD_SLOTS.evidenceBeyondFile, evidence.stats.beyondFile);
    this.add(SHARD_SLOTS.evidenceStartsForgotten, evidence.stats.startsForgotten);
  }

  private addFiles(): void {
    const { applications, fileNeeds, fileRing, frames } = this.parts;
    this.add(SHARD_SLOTS.filesRefused, fileNeeds.refused);
    this.add(SHARD_SLOTS.mailValuesRefused, fileNeeds.mailValuesRefused);
    this.add(SHARD_SLOTS.framesRefused, frames.refused);
    this.add(SHARD_SLOTS.carriedDnsRefused, applications.carried.refused);
    if (fileRing === undefined) return;
    for (let why = 0; why < STORE_LOSSES.length; why++)
      this.add(SHARD_SLOTS.filesLostIncomplete + why, fileRing.losses[why]);
  }

  private addDetector(detector: Detector): void {
    const { ofDetector } = this;
    const { stats, tagStats } = detector;
    this.add(SHARD_SLOTS.candidates, stats.alerts, ofDetector);
    this.add(SHARD_SLOTS.candidatesHeldBack, stats.alertsHeldBack, ofDetector);
    this.add(SHARD_SLOTS.candidatesDropped, stats.alertsDropped, ofDetector);
    this.add(SHARD_SLOTS.taggedPackets, tagStats.recorded, ofDetector);
    this.add(SHARD_SLOTS.taggedPacketsDropped, tagStats.dropped, ofDetector);
    this.add(SHARD_SLOTS.tagsRefused, tagStats.refused, ofDetector);
    this.add(SHARD_SLOTS.flowBitsRefused, stats.flowBitsRefused, ofDetector);
    this.add(SHARD_SLOTS.rulesForgotten, stats.rulesForgotten, ofDetector);
    this.add(SHARD_SLOTS.ruleErrors, stats.ruleErrors, ofDetector);
    this.add(SHARD_SLOTS.inspectionErrors, stats.inspectionErrors, ofDetector);
    this.add(SHARD_SLOTS.detectStepLimits, detector.stepLimit, ofDetector);
    this.add(SHARD_SLOTS.pcreErrors, detector.brokenRegexes, ofDetector);
    this.add(SHARD_SLOTS.pcreStepLimits, detector.regexLimit, ofDetector);
  }

  private add(slot: number, total: number, added = this.added): void {
    this.sums[slot] += total - added[slot];
    added[slot] = total;
  }
}
