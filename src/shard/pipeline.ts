/**
 * The path of a packet through a shard, from its ring record to alert candidates, in one function. Stage: shard.
 *
 * One packet after the other, in one thread; nothing is shared and nothing allocated per packet. Time comes from the
 * records, never from the clock. An exception here ends the shard: the pool accounts for the packet and starts another.
 */
import type { ApplicationLayer } from '../app/layer.js';
import { IP_PROTOCOL, LAYER_FLAG, Packet } from '../decode/packet.js';
import type { InspectionProfile } from '../block/inspection-profile.js';
import type { CandidateSink } from '../detect/event/candidate.js';
import type { Detector } from '../detect/detect.js';
import type { HostBits } from '../detect/state/host-bits.js';
import type { HostTags } from '../detect/state/tag-hosts.js';
import { RECORD_KIND, type FrameRingReader } from '../ring/frame-ring.js';
import { DIRECTION, type Flow, type FlowEnd } from '../flow/flow.js';
import { spokenApplication } from '../flow/flow-application.js';
import type { FlowOrigins } from '../flow/flow-origins.js';
import type { FlowTable } from '../flow/table.js';
import { SHARD_SLOTS } from '../counters/names.js';
import { TcpObserver } from '../stream/tcp-observer.js';
import { FLUSH, type Reassembler } from '../stream/reassembler.js';
import { isNewConnection } from '../stream/tcp-state.js';
import { NO_RECORD } from '../ring/record-ring.js';
import { zlibCalls } from '../util/zlib-calls.js';
import type { AnomalyLog } from './anomaly-log.js';
import type { Duplicates } from './duplicates.js';
import type { Evidence } from './evidence.js';
import { FlowPacket } from './flow-packet.js';
import { FlowUnits } from './flow-units.js';
import { isLethal } from './lethal-flows.js';
import type { FlowLog } from './flow-log.js';
import { ProfiledUnits } from './profiled-units.js';
import type { HalfConnections } from './half-connections.js';
import type { StreamLosses } from './stream-losses.js';
import type { TransactionLog } from './transaction-log.js';
import { CONTROL } from './task.js';

/** Whoever sends so many packets has had an answer. */
const ANSWERED_PACKETS = 4;

export interface PipelineParts {
  readonly flows: FlowTable;
  readonly sink: CandidateSink;
  readonly reassembler: Reassembler;
  readonly origins: FlowOrigins;
  /** Where groups of mirror sessions show packets more than once. */
  readonly duplicates?: Duplicates | undefined;
  /** Whether TCP connections are picked up without their opening. */
  readonly midstream: boolean;
  /** Reading captures: what waits in a stream waits for the flow's next packet, or its end, whenever that is. */
  readonly offline?: boolean | undefined;
  /** Where applications are told and parsed; left out, packets alone are inspected. */
  readonly applications?: ApplicationLayer | undefined;
  /** Where flows that are over, transactions, and what is odd in packets, are noted, if that is asked for. */
  readonly flowLog?: FlowLog | undefined;
  readonly transactionLog?: TransactionLog | undefined;
  readonly anomalyLog?: AnomalyLog | undefined;
  /** Where packets of flows that alert are handed on. */
  readonly evidence?: Evidence | undefined;
  /** Marks of hosts and pairs; undefined where the detector keeps its own. */
  readonly hostBits?: HostBits | undefined;
  /** Tags of hosts, likewise. */
  readonly hostTags?: HostTags | undefined;
  /** Where it is noted which mirror sessions miss bytes. */
  readonly losses?: StreamLosses | undefined;
  /** Where it is noted which mirror sessions show a direction each. */
  readonly halves?: HalfConnections | undefined;
  /** Bytes of a flow after which it is passed over; 0 for never. */
  readonly bypassBytes?: number | undefined;
  /** The shard's counter row, written in place. */
  readonly counts: Float64Array;
  /** Words shared with the main thread (`CONTROL`). */
  readonly control: Int32Array;
  /** Where what inspection costs is noted; undefined where nobody asks for it. */
  readonly profile?: InspectionProfile | undefined;
}

export class Pipeline {
  /** Of the rule set in use; set before the first packet. */
  detector!: Detector;
  private readonly parts: PipelineParts;
  private readonly packet = new Packet();
  private readonly observer: TcpObserver;
  private readonly units: FlowUnits | undefined;
  private readonly flowPacket: FlowPacket;

  constructor(parts: PipelineParts) {
    this.parts = parts;
    this.flowPacket = new FlowPacket(parts.origins);
    this.units = unitsOf(parts);
    this.observer = new TcpObserver(parts.midstream);
  }

  /**
   * Takes up to `limit` records of ring number `index`, or fewer where the event loop has to turn first (zlibCalls).
   * @returns how many, negative when the ring's producer has ended.
   */
  drain(ring: FrameRingReader, index: number, limit: number): number {
    const { counts, control } = this.parts;
    for (let taken = 0; taken < limit; taken++) {
      if (zlibCalls.areMany) return taken;
      const kind = ring.next();
      if (kind === NO_RECORD) return taken;
      // The end stays in the ring, for the shard that takes over should this one die before all of its rings have
      // ended.
      if (kind === RECORD_KIND.end) {
        this.packet.seq = Math.max(this.packet.seq, ring.seq);
        return -1;
      }
      const { weight } = ring;
      // Should this throw, the main thread passes over the record.
      control[CONTROL.ring] = index + 1;
      let slot: number = SHARD_SLOTS.inspectedPackets;
      if (kind !== RECORD_KIND.packet) this.takeMark(kind, ring);
      else if (!this.inspect(ring)) slot = SHARD_SLOTS.droppedLethalFlow;
      ring.releaseCounted(counts, slot, weight);
      control[CONTROL.ring] = 0;
    }
    return limit;
  }

  /** To be called for each flow that ends, while it is still what it was: at the packet or mark at hand. */
  flowEnded(flow: Flow, reason: FlowEnd): void {
    const { applications, reassembler, flowLog, transactionLog, evidence, losses } = this.parts;
    this.inspectRest(flow, true);
    evidence?.end(flow, this.standIn(flow));
    this.countSides(flow);
    transactionLog?.begin(this.standIn(flow), flow, DIRECTION.toServer);
    const transactions = applications?.status(flow)?.made ?? -1;
    applications?.finish(flow);
    flowLog?.log(flow, reason, this.packet.seq, this.packet.capture, transactions);
    applications?.end(flow);
    reassembler.release(flow);
    losses?.note(flow.vni, flow.lastUs);
  }

  /** A mirror that shows one direction only shows it in all connections; one packet or two may go unanswered. */
  private countSides(flow: Flow): void {
    const { packetsToServer, packetsToClient, protocol } = flow;
    if (protocol !== IP_PROTOCOL.tcp || Math.max(packetsToServer, packetsToClient) < ANSWERED_PACKETS) return;
    this.parts.counts[SHARD_SLOTS.tcpConnections]++;
    if (packetsToServer > 0 && packetsToClient > 0) return;
    this.parts.counts[SHARD_SLOTS.tcpOneSided]++;
    this.parts.halves?.note(flow);
  }

  /** Inspects what waits in the streams of a flow, which is over, or has not moved for long. */
  private inspectRest(flow: Flow, isOver: boolean): void {
    const { units, detector } = this;
    const { reassembler, sink, transactionLog, losses } = this.parts;
    if (units === undefined || !this.isRead(flow) || !units.hasRest(flow)) return;
    reassembler.flush(flow, isOver ? FLUSH.end : FLUSH.waited);
    losses?.note(flow.vni, flow.lastUs);
    const packet = this.standIn(flow);
    transactionLog?.begin(packet, flow, DIRECTION.toServer);
    if (flow.passed) {
      units.passOverRest(flow);
    } else {
      const wasTold = spokenApplication(flow) !== 0;
      detector.begin(packet, flow, DIRECTION.toServer);
      units.inspectRest(detector, flow, isOver);
      if (!wasTold && spokenApplication(flow) !== 0) detector.inspectTold(flow);
      detector.finishFlow(sink);
    }
    if (!isOver) units.settle(flow);
  }

  /** What stands for a flow of which no packet is at hand. */
  private standIn(flow: Flow): Packet {
    return this.flowPacket.load(flow, this.packet.seq, this.packet.capture);
  }

  /** Whether the flow's application is read: one that a pass rule covers is, where somebody wants to be told of it. */
  private isRead(flow: Flow): boolean {
    return !flow.elephant && (!flow.passed || this.parts.transactionLog !== undefined);
  }

  private takeMark(kind: number, ring: FrameRingReader): void {
    this.packet.seq = ring.seq;
    this.parts.control[CONTROL.flow] = 0;
    if (kind === RECORD_KIND.tick) this.sweep(ring.timeUs);
    else if (kind === RECORD_KIND.capture) this.startCapture();
  }

  private sweep(nowUs: number): void {
    const { flows, reassembler, offline } = this.parts;
    flows.sweep(nowUs);
    if (offline !== true) {
      for (const index of reassembler.waitingSince(Math.floor(nowUs / 1e6))) this.inspectRest(flows.at(index), false);
    }
    this.parts.hostTags?.sweep(nowUs);
  }

  /**
   * A capture starts with nothing from the one before. Datasets, marks and tags of hosts matter only where there is one
   * shard.
   */
  private startCapture(): void {
    this.parts.flows.clear();
    if (!this.detector.keepsHostState) return;
    this.parts.hostBits?.clear();
    this.parts.hostTags?.clear();
    this.detector.restartDatasets();
  }

  /**
   * The IP layers of a frame whose flows are in this shard, the outermost first. @returns false where one of them was
   * left out.
   */
  private inspect(ring: FrameRingReader): boolean {
    const { packet } = this;
    const { control } = this.parts;
    let isWhole = true;
    const { flows, origins, duplicates, sink, counts, reassembler, anomalyLog, transactionLog, evidence } = this.parts;
    const { applications, losses, bypassBytes = 0 } = this.parts;
    const observes = this.detector.wantsTcpEvents || anomalyLog !== undefined;
    ring.loadFrame(packet);
    const { layerCount, inspectedLayers } = ring;
    for (let layer = 0; layer < layerCount; layer++) {
      if (((inspectedLayers >>> layer) & 1) === 0) continue;
      ring.loadLayer(packet, layer);
      if (control[CONTROL.lethalFlows] > 0 && isLethal(control, packet.flowHash)) {
        isWhole = false;
        continue;
      }
      // Should this throw, the main thread knows whose packet it was.
      control[CONTROL.flow] = packet.flowHash;
      if (duplicates !== undefined && duplicates.isCopy(packet)) continue;
      if (applications !== undefined) {
        if (applications.isCrowded) flows.giveWay(applications);
        applications.timeUs = packet.timeUs;
      }
      let flow: Flow | null = flows.lookup(packet);
      let inStream = false;
      if (flow !== null && packet.protocol === IP_PROTOCOL.tcp) {
        if (isNewConnection(flow, packet, flows.direction)) flow = flows.restart(packet);
        if (reassembler.isConcealed(flow, flows.direction)) packet.flags |= LAYER_FLAG.concealed;
        inStream = reassembler.take(flow, packet, flows.direction);
        flows.settle(flow);
        losses?.note(packet.vni, packet.timeUs);
      }
      if (flow !== null && bypassBytes > 0 && this.isElephant(flow, bypassBytes)) {
        this.passElephantOver(flow);
        continue;
      }
      if (observes && flow !== null && packet.protocol === IP_PROTOCOL.tcp)
        this.observer.observe(flow, packet, flows.direction);
      if (flow !== null) {
        if (!packet.isError) {
          origins.note(flow, packet, flows.direction);
          duplicates?.note(flow, packet);
        }
        if (evidence !== undefined && !flow.passed) evidence.remember(flow, packet);
        transactionLog?.begin(packet, flow, flows.direction);
      }
      if (flow !== null && this.isRead(flow)) this.readFlow(flow, packet);
      if (this.detector.begin(packet, flow, flows.direction)) {
        this.detector.inspectPacket(inStream);
        if (flow !== null) this.inspectFlow(flow, packet);
        const alerts = this.detector.finish(sink, ring);
        if (evidence !== undefined) this.handOnEvidence(evidence, flow, alerts);
      } else if (flow !== null) {
        this.passOver(flow, inStream);
      }
      if (flow !== null) this.units?.settle(flow);
      anomalyLog?.log(packet, flow, ring.receivedMs);
      if (flow !== null && this.detector.wasTold) anomalyLog?.logTold(packet, flow, ring.receivedMs);
    }
    // As the frame itself: once, however many records it has.
    if (isWhole && packet.weight > 0) counts[SHARD_SLOTS.inspectedBytes] += packet.frameLength;
    return isWhole;
  }

  /** @param alerts whether the packet at hand does. */
  private handOnEvidence(evidence: Evidence, flow: Flow | null, alerts: boolean): void {
    if (flow === null) {
      if (alerts) evidence.handOnAlone(this.packet);
    } else if (flow.alerted) {
      evidence.handOn(flow, this.packet);
    }
  }

  /** A pass rule covers the flow: nobody wants its bytes, unless to be told of its transactions. */
  private passOver(flow: Flow, inStream: boolean): void {
    const { reassembler } = this.parts;
    if (this.isRead(flow)) {
      this.units?.passOver(flow);
    } else if (inStream) {
      reassembler.giveUp(flow, DIRECTION.toServer);
      reassembler.giveUp(flow, DIRECTION.toClient);
    }
  }

  /** Whether the flow is passed over for its size; what waits in its streams is inspected as it becomes so. */
  private isElephant(flow: Flow, bypassBytes: number): boolean {
    if (flow.elephant) return true;
    if (flow.bytesToServer + flow.bytesToClient <= bypassBytes) return false;
    const { counts, reassembler } = this.parts;
    this.inspectRest(flow, false);
    flow.elephant = true;
    counts[SHARD_SLOTS.elephantFlows]++;
    if (flow.protocol !== IP_PROTOCOL.tcp) return true;
    reassembler.giveUp(flow, DIRECTION.toServer);
    reassembler.giveUp(flow, DIRECTION.toClient);
    return true;
  }

  /** Its packets are counted, and handed on where it has alerted: there they are evidence. */
  private passElephantOver(flow: Flow): void {
    const { counts, evidence } = this.parts;
    const { packet } = this;
    if (evidence !== undefined && flow.alerted) {
      evidence.remember(flow, packet);
      evidence.handOn(flow, packet);
    }
    counts[SHARD_SLOTS.elephantPackets] += packet.weight;
    if (packet.weight > 0) counts[SHARD_SLOTS.elephantBytes] += packet.frameLength;
  }

  /** Lets the flow's application read what the packet makes known. */
  private readFlow(flow: Flow, packet: Packet): void {
    const { units } = this;
    const { direction } = this.parts.flows;
    if (packet.protocol === IP_PROTOCOL.tcp) units?.readStreams(flow, direction);
    else if (isDatagram(packet)) units?.readDatagram(flow, direction, packet);
  }

  /** Inspects it. */
  private inspectFlow(flow: Flow, packet: Packet): void {
    const { units, detector } = this;
    const { direction } = this.parts.flows;
    if (packet.protocol === IP_PROTOCOL.tcp) units?.inspectStreams(detector, flow, direction);
    else if (isDatagram(packet)) units?.inspectDatagram(detector, flow, direction);
  }
}

/** One whose header is malformed has no payload; one with a wrong checksum is read like any other. */
const isDatagram = ({ protocol, payloadLength }: Packet): boolean => protocol === IP_PROTOCOL.udp && payloadLength > 0;

/** Undefined where no application is read. */
function unitsOf({ applications, reassembler, profile }: PipelineParts): FlowUnits | undefined {
  if (applications === undefined) return undefined;
  const parts = { applications, reassembler };
  return profile === undefined ? new FlowUnits(parts) : new ProfiledUnits(parts, profile);
}
