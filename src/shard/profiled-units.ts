/**
 * Reassembly and parsing where what inspection costs is measured (read --profile): they do what those without do, and
 * note how long it takes. Stage: shard.
 */
import { APPLICATION_COST, STAGES, type InspectionProfile } from '../block/inspection-profile.js';
import type { Packet } from '../decode/packet.js';
import type { Direction, Flow } from '../flow/flow.js';
import { applicationOf } from '../flow/flow-application.js';
import { Reassembler } from '../stream/reassembler.js';
import { FlowUnits, type FlowUnitsParts } from './flow-units.js';

const REASSEMBLY = STAGES.indexOf('reassembly');
const PARSE = STAGES.indexOf('parse');

export class ProfiledReassembler extends Reassembler {
  private readonly profile: InspectionProfile;

  constructor(profile: InspectionProfile, ...parts: ConstructorParameters<typeof Reassembler>) {
    super(...parts);
    this.profile = profile;
  }

  override take(flow: Flow, packet: Packet, direction: Direction): boolean {
    const startMs = performance.now();
    const inStream = super.take(flow, packet, direction);
    this.profile.addStage(REASSEMBLY, 1, packet.payloadLength, (performance.now() - startMs) * 1000, 0);
    return inStream;
  }
}

export class ProfiledUnits extends FlowUnits {
  private readonly profile: InspectionProfile;

  constructor(parts: FlowUnitsParts, profile: InspectionProfile) {
    super(parts);
    this.profile = profile;
  }

  override readStreams(flow: Flow, direction: Direction): void {
    const startMs = performance.now();
    super.readStreams(flow, direction);
    this.note(flow, startMs);
  }

  override readDatagram(flow: Flow, direction: Direction, packet: Packet): void {
    const startMs = performance.now();
    super.readDatagram(flow, direction, packet);
    this.note(flow, startMs);
  }

  /** What was read says what the flow speaks. */
  private note(flow: Flow, startMs: number): void {
    const microseconds = (performance.now() - startMs) * 1000;
    this.profile.addStage(PARSE, 1, 0, microseconds, 0);
    this.profile.addTime(applicationOf(flow), APPLICATION_COST.parse, microseconds);
  }
}
