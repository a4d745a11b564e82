/**
 * An event on its way from a shard to the main thread, an alert candidate, a recorded packet, a flow, an anomaly or a
 * transaction: a bounded byte record with what thresholds and ordering need, then the finished EVE line. Stage: detect
 * → output.
 *
 *   bytes 0        8        16       24       32       40       48     64     80     96
 *         | size kind | seq | timeUs | received | flowId | ruleRow | srcIp | dstIp | ports … | EVE line
 *
 * Every record is a multiple of 8 bytes; 64-bit fields are doubles, the rest 32-bit words, native byte order.
 */
import { EventLine } from './event-line.js';

/** Word (4-byte) offsets in a record's header. Doubles are given by their first word and are 8-byte aligned. */
const CANDIDATE = {
  /** Record size in bytes, header and padding included. */
  size: 0,
  /** CANDIDATE_KIND: the kind of record in the ring that carries it (ring/record-ring.ts). */
  kind: 1,
  /** Double: position of the frame's layer in dispatch order. */
  seq: 2,
  /** Double: packet time, microseconds. */
  timeUs: 4,
  /** Double: when the dispatcher received the frame, milliseconds of `performance.timeOrigin + now()`; 0 offline. */
  receivedMs: 6,
  /** Double: flow id, 0 without a flow. */
  flowId: 8,
  /** Generation of the rule set, and the rule's row in it. */
  generation: 10,
  rule: 11,
  gid: 12,
  sid: 13,
  /** 4 or 6, 0 without IP. */
  ipVersion: 14,
  protocol: 15,
  srcPort: 16,
  dstPort: 17,
  vni: 18,
  /** 1 (most urgent) … 255. */
  severity: 19,
  /** Index into ACTIONS. */
  action: 20,
  capture: 21,
  /** 16 bytes each, IPv4 in the first four. */
  srcIp: 22,
  dstIp: 26,
  /** Length of the EVE line in bytes, without newline; the line follows the header. */
  lineLength: 30,
} as const;
export const CANDIDATE_HEADER_BYTES = 128;

/**
 * An alert is subject to thresholds and counted; the others are neither, and have no rule, severity and action.
 * Evidence has a packet in place of an EVE line (evidence-record.ts).
 */
export const CANDIDATE_KIND = { alert: 1, packet: 2, flow: 3, anomaly: 4, transaction: 5, evidence: 6 } as const;

/** Room for one record in a sink: header and line, rounded up to 8 bytes. */
export const candidateBytes = (lineLength: number): number => (CANDIDATE_HEADER_BYTES + lineLength + 7) & ~7;

/** A candidate in a shard, before it is written to the ring. One object, filled again for every alert. */
export class Candidate {
  kind: number = CANDIDATE_KIND.alert;
  seq = 0;
  timeUs = 0;
  receivedMs = 0;
  flowId = 0;
  generation = 0;
  rule = 0;
  gid = 0;
  sid = 0;
  ipVersion = 0;
  protocol = 0;
  srcPort = 0;
  dstPort = 0;
  vni = -1;
  severity = 0;
  action = 0;
  capture = 0;
  /** IPv4 in the first four bytes, the rest 0. */
  readonly srcIp = new Uint8Array(16);
  readonly dstIp = new Uint8Array(16);
  /** The EVE line, UTF-8, without newline. */
  readonly line = new EventLine();
}

/** Where detection hands its candidates: the ring to the main thread, or a list in tests. */
export interface CandidateSink {
  /**
   * Takes the candidate in before it returns; the object is used again. False when there was no room, to be counted.
   */
  emit(candidate: Candidate): boolean;
}

/** Three views of one memory, as records are written and read. */
export interface CandidateMemory {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Uint8Array;
}

/** Writes a record at byte `at` (a multiple of 8) and returns its size. BOUNDS: there is room for `candidateBytes`. */
export function encodeCandidate(candidate: Candidate, memory: CandidateMemory, at: number): number {
  const { words, doubles, bytes } = memory;
  const size = candidateBytes(candidate.line.length);
  const word = at >>> 2;
  words[word + CANDIDATE.size] = size;
  words[word + CANDIDATE.lineLength] = candidate.line.length;
  doubles[(word + CANDIDATE.seq) >>> 1] = candidate.seq;
  doubles[(word + CANDIDATE.timeUs) >>> 1] = candidate.timeUs;
  doubles[(word + CANDIDATE.receivedMs) >>> 1] = candidate.receivedMs;
  doubles[(word + CANDIDATE.flowId) >>> 1] = candidate.flowId;
  words[word + CANDIDATE.generation] = candidate.generation;
  words[word + CANDIDATE.rule] = candidate.rule;
  words[word + CANDIDATE.gid] = candidate.gid;
  words[word + CANDIDATE.sid] = candidate.sid;
  words[word + CANDIDATE.ipVersion] = candidate.ipVersion;
  words[word + CANDIDATE.protocol] = candidate.protocol;
  words[word + CANDIDATE.srcPort] = candidate.srcPort;
  words[word + CANDIDATE.dstPort] = candidate.dstPort;
  words[word + CANDIDATE.vni] = candidate.vni;
  words[word + CANDIDATE.severity] = candidate.severity;
  words[word + CANDIDATE.action] = candidate.action;
  words[word + CANDIDATE.capture] = candidate.capture;
  for (let i = 0; i < 16; i++) {
    bytes[at + CANDIDATE.srcIp * 4 + i] = candidate.srcIp[i];
    bytes[at + CANDIDATE.dstIp * 4 + i] = candidate.dstIp[i];
  }
  bytes.set(candidate.line.written, at + CANDIDATE_HEADER_BYTES);
  return size;
}

/** Reads records where they lie; `at` chooses one. The main thread's side. */
export class CandidateView {
  private readonly memory: CandidateMemory;
  private word = 0;

  constructor(memory: CandidateMemory) {
    this.memory = memory;
  }

  /** Looks at the record at this byte offset. */
  moveTo(at: number): this {
    this.word = at >>> 2;
    return this;
  }

  get size(): number {
    return this.word32(CANDIDATE.size);
  }
  get kind(): number {
    return this.word32(CANDIDATE.kind);
  }
  get seq(): number {
    return this.double(CANDIDATE.seq);
  }
  get timeUs(): number {
    return this.double(CANDIDATE.timeUs);
  }
  get receivedMs(): number {
    return this.double(CANDIDATE.receivedMs);
  }
  get flowId(): number {
    return this.double(CANDIDATE.flowId);
  }
  get generation(): number {
    return this.word32(CANDIDATE.generation);
  }
  get rule(): number {
    return this.word32(CANDIDATE.rule);
  }
  get gid(): number {
    return this.word32(CANDIDATE.gid) >>> 0;
  }
  get sid(): number {
    return this.word32(CANDIDATE.sid) >>> 0;
  }
  get ipVersion(): number {
    return this.word32(CANDIDATE.ipVersion);
  }
  get protocol(): number {
    return this.word32(CANDIDATE.protocol);
  }
  get srcPort(): number {
    return this.word32(CANDIDATE.srcPort);
  }
  get dstPort(): number {
    return this.word32(CANDIDATE.dstPort);
  }
  get vni(): number {
    return this.word32(CANDIDATE.vni);
  }
  get severity(): number {
    return this.word32(CANDIDATE.severity);
  }
  get action(): number {
    return this.word32(CANDIDATE.action);
  }
  get capture(): number {
    return this.word32(CANDIDATE.capture);
  }
  /** 16 bytes in the memory: valid until the record is released. */
  get srcIp(): Uint8Array {
    return this.part(CANDIDATE.srcIp * 4, 16);
  }
  get dstIp(): Uint8Array {
    return this.part(CANDIDATE.dstIp * 4, 16);
  }
  /** The EVE line in the memory, without newline: valid until the record is released. */
  get line(): Uint8Array {
    return this.part(CANDIDATE_HEADER_BYTES, this.word32(CANDIDATE.lineLength));
  }

  private word32(field: number): number {
    return this.memory.words[this.word + field];
  }

  private double(field: number): number {
    return this.memory.doubles[(this.word + field) >>> 1];
  }

  private part(offset: number, length: number): Uint8Array {
    const at = this.word * 4 + offset;
    return this.memory.bytes.subarray(at, at + length);
  }
}
