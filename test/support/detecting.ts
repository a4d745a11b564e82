/** Runs rules over frames in one thread: decode, flow, TCP state, detection; what a shard does without its rings. */
import { decodeFrame, DecodeCounts } from '../../src/decode/decode.js';
import { DecodedFrame, IP_PROTOCOL, LINK_TYPE, Packet } from '../../src/decode/packet.js';
import {
  candidateBytes,
  CANDIDATE_KIND,
  type Candidate,
  type CandidateSink,
} from '../../src/detect/event/candidate.js';
import { compileRules, type CompileOptions } from '../../src/compile/compile-rules.js';
import { Detector } from '../../src/detect/detect.js';
import type { DetectorOptions } from '../../src/detect/detector-options.js';
import { RuleSet } from '../../src/block/rule-set.js';
import type { Direction, Flow } from '../../src/flow/flow.js';
import { FlowTable } from '../../src/flow/table.js';
import type { RuleProgram } from '../../src/rule/program.js';
import { TcpObserver } from '../../src/stream/tcp-observer.js';
import type { Reassembler } from '../../src/stream/reassembler.js';
import { isNewConnection } from '../../src/stream/tcp-state.js';
import { naiveTables, NaiveScanner } from './naive-scanner.js';
import { reassemblerOf } from './streams.js';

export interface Alert {
  readonly sid: number;
  /** Number of the frame, from 0. */
  readonly frame: number;
  readonly event: Record<string, unknown>;
  readonly candidate: Omit<Candidate, 'line'>;
}

export class AlertList implements CandidateSink {
  readonly alerts: Alert[] = [];
  /** Packets recorded because a rule tagged their flow or host. */
  readonly packets: Alert[] = [];
  full = false;

  emit(candidate: Candidate): boolean {
    if (this.full) return false;
    const text = Buffer.from(candidate.line.written).toString('utf8');
    if (candidateBytes(candidate.line.length) % 8 !== 0) throw new Error('records are multiples of 8 bytes');
    const copy = { ...candidate, srcIp: candidate.srcIp.slice(), dstIp: candidate.dstIp.slice() };
    (candidate.kind === CANDIDATE_KIND.packet ? this.packets : this.alerts).push({
      sid: candidate.sid,
      frame: candidate.seq,
      event: JSON.parse(text) as Record<string, unknown>,
      candidate: copy,
    });
    return true;
  }
}

/** A block at `base` of a shared memory, with noise around it. */
export function placeBlock(block: Uint8Array, base = 0): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(base + block.length + 256);
  const bytes = new Uint8Array(memory).fill(0xa5);
  bytes.set(block, base);
  return memory;
}

export interface SensorOptions {
  readonly detector?: DetectorOptions;
  readonly compile?: CompileOptions;
  readonly base?: number;
  readonly midstream?: boolean;
  readonly linkType?: number;
}

export class Sensor {
  readonly rules: RuleSet;
  readonly detector: Detector;
  readonly sink = new AlertList();
  readonly flows: FlowTable;
  readonly packet = new Packet();
  private readonly reassembler: Reassembler;
  private readonly frame = new DecodedFrame();
  private readonly options: SensorOptions;
  private readonly observer: TcpObserver;
  private frames = 0;

  constructor(programs: readonly RuleProgram[], options: SensorOptions = {}) {
    this.options = options;
    this.observer = new TcpObserver(options.midstream ?? true);
    const { block } = compileRules(programs, { compilePatterns: naiveTables, ...options.compile });
    const memory = placeBlock(block, options.base);
    this.rules = new RuleSet(memory, options.base ?? 0);
    this.detector = new Detector(this.rules, new NaiveScanner(memory), options.detector);
    const midstream = options.midstream ?? true;
    this.flows = new FlowTable({
      cap: 1000,
      vniInKey: true,
      midstream,
      onEnd: (flow) => this.reassembler.release(flow),
    });
    this.reassembler = reassemblerOf(this.flows, { midstream, parsed: false, depthBytes: 0 });
  }

  /** Alerts of this frame, in order. */
  send(bytes: Uint8Array, change?: (packet: Packet) => void): Alert[] {
    const before = this.sink.alerts.length;
    const { packet } = this;
    decodeFrame(bytes, 0, bytes.length, this.options.linkType ?? LINK_TYPE.ethernet, this.frame, new DecodeCounts());
    for (let layer = 0; layer < this.frame.layerCount; layer++) {
      packet.loadFrame(bytes, this.frame, layer);
      packet.seq = this.frames;
      packet.timeUs = 1_700_000_000_000_000 + this.frames * 1000;
      change?.(packet);
      this.inspect();
    }
    this.frames++;
    return this.sink.alerts.slice(before);
  }

  /** Sids that alert on this frame, in order. */
  sids(bytes: Uint8Array, change?: (packet: Packet) => void): number[] {
    return this.send(bytes, change).map((alert) => alert.sid);
  }

  private inspect(): void {
    const { packet, flows } = this;
    let flow: Flow | null = flows.lookup(packet);
    if (flow !== null && packet.protocol === IP_PROTOCOL.tcp) {
      if (isNewConnection(flow, packet, flows.direction)) flow = flows.restart(packet);
      this.reassembler.take(flow, packet, flows.direction);
      flows.settle(flow);
      if (this.detector.wantsTcpEvents) this.observer.observe(flow, packet, flows.direction);
    }
    this.detector.inspect(packet, flow, flows.direction as Direction, this.sink);
  }
}

/** Sids that fire on one frame by itself. */
export const sidsOn = (programs: readonly RuleProgram[], bytes: Uint8Array, options: SensorOptions = {}): number[] =>
  new Sensor(programs, options).sids(bytes);
