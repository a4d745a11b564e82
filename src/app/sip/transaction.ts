/** One message of SIP, and what it carries of SDP. Stage: app. Bounds: 64 KiB of text; the body's first 16 KiB. */
import type { Arena } from '../../memory/arena.js';
import { bufferNumber } from '../buffers.js';
import { BufferTransaction } from '../fields/buffer-transaction.js';
import { sdpMembers } from './sdp-object.js';
import { SIP_BUFFERS, SIP_METHODS, SIP_STATE } from './buffers.js';

const MOST_BYTES = 65_536;

/** The number of each buffer by its keyword. */
const SIP_NUMBER: Readonly<Record<string, number>> = Object.fromEntries(
  SIP_BUFFERS.map(({ name }) => [name, bufferNumber(name)]),
);

/** Members of the object in events, in Suricata's order. */
const MEMBERS = [
  ['method', 'sip.method'],
  ['uri', 'sip.uri'],
  ['version', 'sip.protocol'],
  ['request_line', 'sip.request_line'],
  ['code', 'sip.stat_code'],
  ['reason', 'sip.stat_msg'],
  ['response_line', 'sip.response_line'],
] as const;

export class SipTransaction extends BufferTransaction {
  /** Its first line is one; what is none has no event. */
  isMessage = false;
  /** Its body is the description of a session. */
  hasSdp = false;

  constructor(arena: Arena) {
    super(arena, MOST_BYTES);
  }

  /** Takes a text of the side that speaks. @returns whether there was room. */
  take(name: string, start: number, end: number): boolean {
    return this.addText(SIP_NUMBER[name]!, 1 << this.direction, start, Math.max(0, end - start));
  }

  /** Of a request, for those that Snort names. */
  takeMethod(name: string): void {
    const number = SIP_METHODS.indexOf(name.toLowerCase()) + 1;
    if (number > 0) this.addNumber(SIP_NUMBER['sip_method']!, 1 << this.direction, number);
  }

  /** Of a response: its status, and the first digit of it. */
  takeStatus(status: number): void {
    if (status < 0) return;
    this.addNumber(SIP_NUMBER['sip_stat_code']!, 1 << this.direction, status);
    this.addNumber(SIP_NUMBER['sip_stat_code']!, 1 << this.direction, Math.floor(status / 100));
  }

  /** Nothing more comes of it, from either side. */
  complete(): void {
    this.progressToServer = SIP_STATE.message;
    this.progressToClient = SIP_STATE.message;
    this.dirty |= 1 << this.direction;
  }

  override reset(): void {
    super.reset();
    this.isMessage = false;
    this.hasSdp = false;
  }

  override eve(): string {
    if (!this.isMessage) return '';
    const members = MEMBERS.flatMap(([member, name]) => {
      const text = this.textOf(SIP_NUMBER[name]!);
      return text === undefined ? [] : [`"${member}":${JSON.stringify(text)}`];
    });
    const body = this.hasSdp ? this.textOf(SIP_NUMBER['sip_body']!) : undefined;
    if (body !== undefined) members.push(`"sdp":${JSON.stringify(sdpMembers(body))}`);
    return members.length === 0 ? '' : `"sip":{${members.join(',')}}`;
  }
}
