/**
 * A packet on its way from a shard to the file with the evidence of an alert: what a `Candidate` of the kind evidence
 * carries in place of an EVE line. Stage: detect → output.
 *
 *   bytes 0              8             12          16    20            24      28     28 + name
 *         | time, us f64 | wire length | link type | vni | name length | flags | name | frame |
 *
 * Little-endian. A record with a link type of -1 has no frame and ends the file: the flow is over.
 */
import type { Flow } from '../../flow/flow.js';
import type { Packet } from '../../decode/packet.js';
import type { Candidate } from './candidate.js';
import { eveTime } from './eve-text.js';

const HEADER_BYTES = 28;
/** The latest packet that the flow has: what the alerts before it came with. */
const IS_LATEST = 1;
const END = -1;
/** Of the record at hand. */
const HEADER = new DataView(new ArrayBuffer(HEADER_BYTES));

export interface EvidencePacket {
  readonly timeUs: number;
  readonly wireLength: number;
  readonly linkType: number;
  readonly vni: number;
  /** Whether it is the latest packet of the flow, which the alerts before it came with. */
  readonly isLatest: boolean;
}

/** What was read of a record; `frame` is in the record's memory. */
export interface EvidenceRecord extends EvidencePacket {
  readonly name: string;
  readonly isEnd: boolean;
  readonly frame: Uint8Array;
}

/** The file with the evidence of a flow, or of a packet without one: names in order of time. */
export function evidenceName(flow: Flow | null, packet: Packet): string {
  const time = eveTime(flow?.startUs ?? packet.timeUs).replace(/[-:]|\+0000/g, '');
  return `${time}Z-${flow === null ? `p${packet.seq}` : flow.id}.pcapng`;
}

/** Fills the candidate's line; a packet of null ends the file. */
export function encodeEvidence(
  candidate: Candidate,
  name: string,
  packet: EvidencePacket | null,
  bytes: Uint8Array,
  at: number,
  length: number,
): void {
  HEADER.setFloat64(0, packet?.timeUs ?? 0, true);
  HEADER.setUint32(8, packet?.wireLength ?? 0, true);
  HEADER.setInt32(12, packet?.linkType ?? END, true);
  HEADER.setInt32(16, packet?.vni ?? -1, true);
  HEADER.setUint32(20, name.length, true);
  HEADER.setUint32(24, packet?.isLatest === true ? IS_LATEST : 0, true);
  const { line } = candidate;
  line.length = 0;
  line
    .appendBytes(new Uint8Array(HEADER.buffer))
    .append(name)
    .appendBytes(bytes.subarray(at, at + length));
}

export function decodeEvidence(line: Uint8Array): EvidenceRecord {
  const view = new DataView(line.buffer, line.byteOffset, line.length);
  const linkType = view.getInt32(12, true);
  const frameAt = HEADER_BYTES + view.getUint32(20, true);
  return {
    timeUs: view.getFloat64(0, true),
    wireLength: view.getUint32(8, true),
    linkType,
    vni: view.getInt32(16, true),
    isLatest: view.getUint32(24, true) === IS_LATEST,
    name: Buffer.from(line.subarray(HEADER_BYTES, frameAt)).toString('latin1'),
    isEnd: linkType === END,
    frame: line.subarray(frameAt),
  };
}
