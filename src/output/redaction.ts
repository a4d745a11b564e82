/**
 * Takes out of what is written what nobody may see: fields of events by their names, and whatever matches patterns, in
 * events and in the packets of evidence. Stage: output, main thread. Costs the parsing of each event, where it is on.
 *
 * Where base64 holds bytes of the traffic (`payload`, `packet`, bodies of HTTP), patterns look at those bytes. What
 * matches is written over with as many X, so that lengths and offsets stay; checksums of packets then are wrong. A text
 * that is split over two packets is found in neither: what must not be kept at all is not kept by patterns, but by
 * leaving evidence off.
 */

export interface RedactionOptions {
  /** Regular expressions. */
  readonly patterns: readonly string[];
  /** Dotted names of members of events; a list on the way stands for each of its items. */
  readonly fields: readonly string[];
}

const REDACTED = '[redacted]';
/** Members that hold bytes of the traffic, and nothing else. */
const BASE64 = ['payload', 'packet', 'http_request_body', 'http_response_body'];

export class Redaction {
  private readonly texts: readonly RegExp[];
  private readonly bytes: readonly RegExp[];
  private readonly fields: readonly (readonly string[])[];

  constructor({ patterns, fields }: RedactionOptions) {
    this.texts = patterns.map((pattern) => new RegExp(pattern, 'gu'));
    // Over bytes as characters, of which each is one.
    this.bytes = patterns.map((pattern) => new RegExp(pattern, 'g'));
    this.fields = fields.map((field) => field.split('.'));
  }

  /** Whether there is anything to take out. */
  get isEmpty(): boolean {
    return this.texts.length === 0 && this.fields.length === 0;
  }

  /** An event as it may be written: a line of JSON without newline. */
  line(line: Uint8Array): Uint8Array {
    const event = JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8')) as object;
    for (const field of this.fields) takeOut(event, field, 0);
    return Buffer.from(JSON.stringify(this.texts.length === 0 ? event : this.value(event, '')));
  }

  /** A frame as it may be written; the same where nothing matches. */
  frame(frame: Uint8Array): Uint8Array {
    if (this.bytes.length === 0) return frame;
    const text = Buffer.from(frame.buffer, frame.byteOffset, frame.length).toString('latin1');
    const clean = cover(text, this.bytes);
    return clean === text ? frame : Buffer.from(clean, 'latin1');
  }

  private value(value: unknown, name: string): unknown {
    if (typeof value === 'string') return this.text(value, name);
    if (Array.isArray(value)) return value.map((item) => this.value(item, name));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, this.value(member, key)]));
  }

  private text(text: string, name: string): string {
    if (!BASE64.includes(name)) return cover(text, this.texts);
    return Buffer.from(cover(Buffer.from(text, 'base64').toString('latin1'), this.bytes), 'latin1').toString('base64');
  }
}

function cover(text: string, patterns: readonly RegExp[]): string {
  let covered = text;
  for (const pattern of patterns) covered = covered.replace(pattern, (found) => 'X'.repeat(found.length));
  return covered;
}

/** A text is replaced, anything else is left out. */
function takeOut(value: unknown, field: readonly string[], depth: number): void {
  if (Array.isArray(value)) {
    for (const item of value) takeOut(item, field, depth);
    return;
  }
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, field[depth]!)) return;
  const members = value as Record<string, unknown>;
  const name = field[depth]!;
  if (depth < field.length - 1) takeOut(members[name], field, depth + 1);
  else if (typeof members[name] === 'string') members[name] = REDACTED;
  else delete members[name];
}
