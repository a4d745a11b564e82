/**
 * The receiving end of a TCP connection by the book, on the side of the server: which segments of the client it takes,
 * and what it answers. The oracle of what streams make of segments that a receiver drops. RFC 9293, section 3.10.7.4;
 * RFC 7323, section 5 (with Linux's leave for a clock that is read twice); RFC 5961, section 5.
 */
export interface Sent {
  /** Numbers from the first byte of each side on. */
  readonly at: number;
  readonly ack: number;
  readonly timestamp: number;
  readonly text: string;
}

export interface Answered {
  readonly at: number;
  readonly ack: number;
  readonly echo: number;
  readonly text: string;
}

export class NaiveReceiver {
  /** What it has sent, and what of that was acknowledged. */
  sent = 0;
  private unacknowledged = 0;
  /** What it has acknowledged. */
  private acknowledged = 0;
  /** The timestamp that it compares with. */
  recent: number;
  private readonly bytes: (string | undefined)[] = [];

  constructor(timestampOfSyn: number) {
    this.recent = timestampOfSyn;
  }

  /** What it has got in order. */
  get text(): string {
    const end = this.bytes.findIndex((byte) => byte === undefined);
    return this.bytes.slice(0, end < 0 ? this.bytes.length : end).join('');
  }

  /** @returns whether it takes the segment. */
  take({ at, ack, timestamp, text }: Sent): boolean {
    if (this.recent - timestamp > 1) return false;
    if (at + text.length < this.acknowledged) return false;
    if (ack > this.sent || ack < 0) return false;
    if (at <= this.acknowledged && timestamp > this.recent) this.recent = timestamp;
    this.unacknowledged = Math.max(this.unacknowledged, ack);
    for (let i = 0; i < text.length; i++) this.bytes[at + i] ??= text[i];
    for (let i = 0; i < this.bytes.length; i++) this.bytes[i] ??= undefined;
    return true;
  }

  /** What it says: an acknowledgement of all it has, and more text. */
  answer(text: string): Answered {
    this.acknowledged = this.text.length;
    const answered = { at: this.sent, ack: this.acknowledged, echo: this.recent, text };
    this.sent += text.length;
    return answered;
  }
}
