/**
 * Events as messages of syslog: RFC 5424, framed by counting octets (RFC 6587, RFC 5425). Stage: output, main thread.
 *
 * Time, kind and severity come from the event itself, which says them near its beginning, in the shape in which shards
 * render it; what is not found there has the values that stand for "not known". The message is the event, whole.
 */

import { FACILITIES, type Facility } from '../util/destination.js';

export interface SyslogOptions {
  readonly facility: Facility;
  /** Name of the sensor, or of its host. */
  readonly hostname: string;
  readonly processId: number;
}

const NEWLINE = 0x0a;
/** `{"timestamp":"2026-11-26T10:34:39.123456+0000"`, as all events begin. */
const TIME_AT = '{"timestamp":"'.length;
const TIME_LENGTH = '2026-11-26T10:34:39.123456'.length;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/;
const KIND = Buffer.from('"event_type":"');
const SEVERITY = Buffer.from('"severity":');
/** The kind of an event stands behind its time and, at most, the numbers of its flow and packet. */
const HEAD_BYTES = 256;
const MOST_KIND = 32;
/** Critical, error, warning for the rules' 1 to 3; notice for less urgent ones; informational for what is no alert. */
const OF_RULE: Readonly<Record<number, number>> = { 1: 2, 2: 3, 3: 4 };
const NOTICE = 5;
const INFORMATIONAL = 6;
const MOST_HOSTNAME = 255;

export class SyslogFraming {
  private readonly facility: number;
  /** What stands between the time and the kind of an event. */
  private readonly from: string;

  constructor({ facility, hostname, processId }: SyslogOptions) {
    this.facility = FACILITIES[facility];
    const name = hostname.replace(/[^\x21-\x7e]/g, '_').slice(0, MOST_HOSTNAME);
    this.from = `${name === '' ? '-' : name} periscope ${processId}`;
  }

  /** Frames whole lines, each with its newline; those are not sent. */
  frame(lines: Buffer): Buffer {
    const parts: Buffer[] = [];
    for (let at = 0; at < lines.length;) {
      const end = lines.indexOf(NEWLINE, at);
      const line = lines.subarray(at, end);
      const header = this.header(line);
      parts.push(Buffer.from(`${header.length + line.length} ${header}`), line);
      at = end + 1;
    }
    return Buffer.concat(parts);
  }

  /** ASCII, so that its length is that of its bytes. */
  private header(line: Buffer): string {
    const time = line.toString('latin1', TIME_AT, TIME_AT + TIME_LENGTH);
    const kind = kindOf(line);
    const severity = kind === 'alert' ? severityOf(line) : INFORMATIONAL;
    const priority = this.facility * 8 + severity;
    return `<${priority}>1 ${TIME.test(time) ? `${time}Z` : '-'} ${this.from} ${kind} - `;
  }
}

function kindOf(line: Buffer): string {
  const at = line.subarray(0, HEAD_BYTES).indexOf(KIND);
  const kind =
    at < 0 ? undefined : /^\w+/.exec(line.toString('latin1', at + KIND.length, at + KIND.length + MOST_KIND));
  return kind?.[0] ?? '-';
}

/** That of the rule; texts of the packet stand behind the alert's own object. */
function severityOf(line: Buffer): number {
  const at = line.indexOf(SEVERITY);
  return (at < 0 ? undefined : OF_RULE[line[at + SEVERITY.length]! - 0x30]) ?? NOTICE;
}
