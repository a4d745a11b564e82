/**
 * What an alert shows of the bytes that its rule has matched: the payload of the unit, and where each content and
 * expression was found. Stage: detect, in the shard. Off unless the configuration asks for it.
 *
 * It is written down when the rule matches, as the bytes of a stream may be gone when the packet's alerts are raised.
 * Bounded: `payloadBytes` of a payload, `MOST_TRACED` places, and as many alerts as a packet may have.
 */
import { BUFFERS } from '../app/buffers.js';
import { printedPayload } from '../app/printed-text.js';
import { UNIT_KIND, type UnitKind } from './match-queue.js';
import { FOUND_BY, MatchTrace } from './verify/match-trace.js';
import type { EvidenceOptions } from './event/alert.js';
import { base64 } from './event/event-writer.js';

const UNIT_NAMES = ['packet', 'stream', 'transaction'] as const;

export class MatchEvidence {
  /** For the verifier to note places in; undefined where they are not asked for. */
  readonly trace: MatchTrace | undefined;
  private readonly payloadBytes: number;
  private readonly printableBytes: number;
  private bytes: Uint8Array = new Uint8Array(0);
  private start = 0;
  private length = 0;
  private origin = 0;
  private unit: UnitKind = UNIT_KIND.packet;

  constructor({ payloadBytes, printableBytes, matches }: EvidenceOptions) {
    this.payloadBytes = payloadBytes ?? 0;
    this.printableBytes = printableBytes ?? 0;
    this.trace = matches === true ? new MatchTrace() : undefined;
  }

  /** Whether there is anything to write down. */
  get isWanted(): boolean {
    return this.payloadBytes > 0 || this.printableBytes > 0 || this.trace !== undefined;
  }

  /** Takes in the unit that is inspected next: its payload, of which the first byte is at `origin` in its stream. */
  show(unit: UnitKind, bytes: Uint8Array, start: number, length: number, origin: number): void {
    this.unit = unit;
    this.bytes = bytes;
    this.start = start;
    this.length = length;
    this.origin = origin;
    this.trace?.clear();
  }

  /** Members of the event, each with a comma before it, for the rule that has just matched. */
  members(): string {
    let text = '';
    const payload = Math.min(this.length, this.payloadBytes);
    if (payload > 0) text += `,"payload":"${base64(this.bytes, this.start, payload)}"`;
    const printable = Math.min(this.length, this.printableBytes);
    if (printable > 0)
      text += `,"payload_printable":${JSON.stringify(printedPayload(this.bytes, this.start, printable))}`;
    if (text !== '') text += `,"stream":${this.unit === UNIT_KIND.packet ? 0 : 1}`;
    if (this.trace !== undefined) text += `,"evidence":${this.places(this.trace)}`;
    return text;
  }

  private places(trace: MatchTrace): string {
    const places: string[] = [];
    for (let i = 0; i < trace.count; i++) {
      const transformed = trace.transformed[i] === 1 ? ',"transformed":true' : '';
      places.push(
        `{"keyword":"${FOUND_BY[trace.kinds[i]]}","buffer":"${BUFFERS[trace.buffers[i]]}",` +
          `"offset":${trace.starts[i]},"length":${trace.lengths[i]}${transformed}}`,
      );
    }
    const origin = this.unit === UNIT_KIND.stream ? `,"stream_offset":${this.origin}` : '';
    return `{"unit":"${UNIT_NAMES[this.unit]}"${origin},"matches":[${places.join(',')}]}`;
  }
}
