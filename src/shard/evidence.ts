/**
 * The packets of flows that alert, on their way to a file each. Stage: shard; only where evidence is asked for.
 *
 * Every packet of a flow is kept for a while (packet-memory.ts), so that an alert brings its flow from the first packet
 * that still is there; what comes behind the alert goes as it comes, up to the size of a file. They go through the ring
 * of candidates, behind the alert, so that they are written in order and where the alert is: one that thresholds hold
 * back has no file.
 */
import { Candidate, CANDIDATE_KIND, type CandidateSink } from '../detect/event/candidate.js';
import { encodeEvidence, evidenceName } from '../detect/event/evidence-record.js';
import type { Packet } from '../decode/packet.js';
import type { Flow } from '../flow/flow.js';
import { NOWHERE, PacketMemory } from './packet-memory.js';

export interface EvidenceMemoryOptions {
  /** What is kept of packets. */
  readonly bytes: number;
  /** What goes into one file at most. */
  readonly fileBytes: number;
  /** Flows of the shard. */
  readonly flows: number;
}

/** Packets handed on at a time; the rest of a long flow is what came last. */
const MOST_AT_ONCE = 65_536;

export class Evidence {
  /** Packets handed on; those lost because the ring of candidates was full, or behind the end of a full file. */
  readonly stats = { packets: 0, dropped: 0, beyondFile: 0, startsForgotten: 0 };
  private readonly memory: PacketMemory;
  private readonly fileBytes: number;
  private readonly sink: CandidateSink;
  /** By the flows' places in the table: the latest packet kept, the latest handed on, and bytes handed on. */
  private readonly latest: Float64Array;
  private readonly sent: Float64Array;
  private readonly sentBytes: Float64Array;
  private readonly candidate = new Candidate();
  /** Places of what is to be handed on, the latest first. */
  private readonly places = new Float64Array(MOST_AT_ONCE);

  constructor({ bytes, fileBytes, flows }: EvidenceMemoryOptions, sink: CandidateSink) {
    this.memory = new PacketMemory(bytes);
    this.fileBytes = fileBytes;
    this.sink = sink;
    this.latest = new Float64Array(flows).fill(NOWHERE);
    this.sent = new Float64Array(flows).fill(NOWHERE);
    this.sentBytes = new Float64Array(flows);
  }

  /** Keeps a packet that its flow has counted, or an error about it. */
  remember(flow: Flow, packet: Packet): void {
    const { index } = flow;
    if (!packet.isError && flow.packetsToServer + flow.packetsToClient === 1) this.forget(index);
    if (this.sentBytes[index] >= this.fileBytes) {
      this.stats.beyondFile++;
      return;
    }
    const place = this.memory.keep(packet, flow.id, this.latest[index]);
    if (place !== NOWHERE) this.latest[index] = place;
  }

  /** Hands on what is kept of a flow that has alerted and was not handed on yet; `packet` is the one at hand. */
  handOn(flow: Flow, packet: Packet): void {
    const { memory, places } = this;
    const { index } = flow;
    const sent = this.sent[index];
    let count = 0;
    let place = this.latest[index];
    while (place > sent && count < MOST_AT_ONCE && memory.has(place, flow.id)) {
      places[count++] = place;
      place = memory.before(place);
    }
    if (sent === NOWHERE && place !== NOWHERE) this.stats.startsForgotten++;
    if (count === 0) return;
    const name = evidenceName(flow, packet);
    for (let i = count - 1; i >= 0; i--) this.handOnKept(index, places[i], name, flow.id, packet);
    this.sent[index] = this.latest[index];
  }

  /** A packet without a flow has alerted. */
  handOnAlone(packet: Packet): void {
    const { candidate } = this;
    this.prepare(0, packet);
    const { timeUs, wireLength, linkType, vni, bytes, frameOffset, frameLength } = packet;
    const alone = { timeUs, wireLength, linkType, vni, isLatest: true };
    encodeEvidence(candidate, evidenceName(null, packet), alone, bytes, frameOffset, frameLength);
    this.emit();
  }

  /** A flow is over: what is left goes, and the end. `packet` stands for it. */
  end(flow: Flow, packet: Packet): void {
    if (flow.alerted) {
      this.handOn(flow, packet);
      this.prepare(flow.id, packet);
      encodeEvidence(this.candidate, evidenceName(flow, packet), null, this.memory.bytes, 0, 0);
      this.sink.emit(this.candidate);
    }
    this.forget(flow.index);
  }

  private forget(index: number): void {
    this.latest[index] = NOWHERE;
    this.sent[index] = NOWHERE;
    this.sentBytes[index] = 0;
  }

  private handOnKept(index: number, place: number, name: string, flowId: number, packet: Packet): void {
    const { memory, candidate } = this;
    const length = memory.frameLength(place);
    this.sentBytes[index] += length;
    if (this.sentBytes[index] > this.fileBytes) {
      this.stats.beyondFile++;
      return;
    }
    this.prepare(flowId, packet);
    const kept = {
      timeUs: memory.timeUs(place),
      wireLength: memory.wireLength(place),
      linkType: memory.linkType(place),
      vni: memory.vni(place),
      isLatest: place === this.latest[index],
    };
    encodeEvidence(candidate, name, kept, memory.bytes, memory.frameAt(place), length);
    this.emit();
  }

  /** The place in the order of events is that of the packet at hand. */
  private prepare(flowId: number, packet: Packet): void {
    const { candidate } = this;
    candidate.kind = CANDIDATE_KIND.evidence;
    candidate.seq = packet.seq;
    candidate.timeUs = packet.timeUs;
    candidate.flowId = flowId;
    candidate.vni = packet.vni;
    candidate.capture = packet.capture;
  }

  private emit(): void {
    if (this.sink.emit(this.candidate)) this.stats.packets++;
    else this.stats.dropped++;
  }
}
