/**
 * Brings together alerts that are written and the packets that shards hand on behind them: a pcapng file for each flow
 * that alerts. Stage: output, main thread.
 *
 * An alert's rule and mirror session are comments of the packet that brought it, the first one's also of the file;
 * where no packet came with it, as at the end of a flow, they stand in a block of their own. Packets of flows none of
 * whose alerts was written are passed over. Flows are remembered until they end, the oldest up to a cap.
 */
import type { CandidateView } from '../detect/event/candidate.js';
import { decodeEvidence, type EvidenceRecord } from '../detect/event/evidence-record.js';
import { enhancedPacket, interfaceDescription, sectionHeader, statistics } from './pcapng.js';
import type { EvidenceFiles } from './evidence-files.js';

export interface EvidenceStoreOptions {
  readonly files: EvidenceFiles;
  /** Name and version of the program. */
  readonly application: string;
  /** Takes out of a frame what nobody may see, in place of a copy; undefined where nothing is. */
  readonly redact?: ((frame: Uint8Array) => Uint8Array) | undefined;
}

export interface EvidenceCounts {
  readonly packets: number;
  readonly files: number;
  readonly removed: number;
  /** Parts of files that were lost. */
  readonly dropped: number;
  readonly errors: number;
  /** Bytes of all files that are there. */
  readonly bytes: number;
}

interface FlowEvidence {
  /** '' before the first packet. */
  name: string;
  /** Comments that wait for their packet. */
  readonly comments: string[];
  /** Numbers of interfaces, by link type and mirror session. */
  readonly interfaces: Map<string, number>;
  latestUs: number;
}

const MOST_FLOWS = 65_536;
const MOST_COMMENTS = 64;

export class EvidenceStore {
  private packets = 0;
  private readonly options: EvidenceStoreOptions;
  private readonly flows = new Map<string, FlowEvidence>();

  constructor(options: EvidenceStoreOptions) {
    this.options = options;
  }

  get counts(): EvidenceCounts {
    const { stats, bytes } = this.options.files;
    const { files, removed, dropped, errors } = stats;
    return { packets: this.packets, files, removed, dropped, errors, bytes };
  }

  /** Whether a writer that may wait should wait for `drain`. */
  get isCrowded(): boolean {
    return this.options.files.isCrowded;
  }

  drain(): Promise<void> {
    return this.options.files.drain();
  }

  /** An alert is written: what comes behind it of its flow is wanted. */
  alerted(alert: CandidateView): void {
    const key = keyOf(alert);
    let flow = this.flows.get(key);
    if (flow === undefined) {
      this.makeRoom();
      flow = { name: '', comments: [], interfaces: new Map(), latestUs: alert.timeUs };
      this.flows.set(key, flow);
    }
    if (flow.comments.length < MOST_COMMENTS) flow.comments.push(commentOf(alert));
  }

  /** A packet, or the end of its flow. */
  take(view: CandidateView): void {
    const key = keyOf(view);
    const flow = this.flows.get(key);
    if (flow === undefined) return;
    const record = decodeEvidence(view.line);
    if (record.isEnd) this.end(key, flow);
    else this.write(flow, record);
    if (view.flowId === 0) this.end(key, flow);
  }

  /** Ends the files of all flows. */
  close(): Promise<void> {
    for (const [key, flow] of this.flows) this.end(key, flow);
    return this.drain();
  }

  private makeRoom(): void {
    if (this.flows.size < MOST_FLOWS) return;
    const [oldest] = this.flows;
    if (oldest !== undefined) this.end(...oldest);
  }

  private write(flow: FlowEvidence, record: EvidenceRecord): void {
    const { files, application, redact } = this.options;
    const blocks: Buffer[] = [];
    const isFirst = flow.name === '';
    if (isFirst) {
      flow.name = record.name;
      blocks.push(sectionHeader(application, flow.comments.slice(0, 1)));
    }
    const comments = record.isLatest ? flow.comments.splice(0) : [];
    const number = interfaceOf(flow, record, blocks);
    const frame = redact?.(record.frame) ?? record.frame;
    blocks.push(enhancedPacket(number, record.timeUs, frame, record.wireLength, comments));
    flow.latestUs = record.timeUs;
    this.packets++;
    const bytes = Buffer.concat(blocks);
    if (isFirst) files.begin(flow.name, bytes);
    else files.append(flow.name, bytes);
  }

  private end(key: string, flow: FlowEvidence): void {
    this.flows.delete(key);
    if (flow.name === '' || flow.comments.length === 0) return;
    this.options.files.append(flow.name, statistics(0, flow.latestUs, flow.comments));
  }
}

/** `rule 1:2000001:3 "msg"; vni 42 (shop)`: what the event says. */
function commentOf({ line, gid, sid, vni }: CandidateView): string {
  const event = JSON.parse(Buffer.from(line).toString('utf8')) as {
    readonly alert: { readonly rev: number; readonly signature: string };
    readonly tunnel?: { readonly name?: string };
  };
  const { rev, signature } = event.alert;
  const name = event.tunnel?.name;
  const session = vni < 0 ? '' : `; vni ${vni}${name === undefined ? '' : ` (${name})`}`;
  return `rule ${gid}:${sid}:${rev} ${JSON.stringify(signature)}${session}`;
}

/** A packet without a flow is its own. */
const keyOf = ({ flowId, seq }: CandidateView): string => (flowId > 0 ? `${flowId}` : `p${seq}`);

/** Describes the interface where it is new. */
function interfaceOf(flow: FlowEvidence, { linkType, vni }: EvidenceRecord, blocks: Buffer[]): number {
  const key = `${linkType} ${vni}`;
  let number = flow.interfaces.get(key);
  if (number === undefined) {
    number = flow.interfaces.size;
    flow.interfaces.set(key, number);
    blocks.push(interfaceDescription(linkType, vni < 0 ? 'capture' : `vni ${vni}`));
  }
  return number;
}
