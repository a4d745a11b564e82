/**
 * One direction of a TCP connection by the book: an array of bytes, and for each the segment that it came with. The
 * oracle of the reassembler: no windows, no maps, no bounds, and a policy that is asked byte by byte, piece by piece.
 */
import type { HostPolicy } from '../../src/util/host-policy.js';

type Rule = (start: number, end: number, pieceStart: number, pieceEnd: number) => boolean;

/** Whether the new segment [start, end) wins over what is left of an older one, by the published descriptions. */
const NEW_WINS: Readonly<Record<HostPolicy, Rule>> = {
  first: () => false,
  vista: () => false,
  last: () => true,
  bsd: (start, _end, pieceStart) => start < pieceStart,
  'bsd-right': (start, _end, pieceStart) => start < pieceStart,
  windows: (start, _end, pieceStart) => start < pieceStart,
  macos: (start, _end, pieceStart) => start < pieceStart,
  linux: (start, end, pieceStart, pieceEnd) => start < pieceStart || (start === pieceStart && end > pieceEnd),
  'old-linux': (start, end, pieceStart, pieceEnd) => start < pieceStart || (start === pieceStart && end >= pieceEnd),
  solaris: (start, end, pieceStart, pieceEnd) => (start <= pieceStart ? end >= pieceEnd : end > pieceEnd),
};

export class NaiveStream {
  readonly bytes: (number | undefined)[] = [];
  private readonly owners: number[] = [];
  private readonly policy: HostPolicy;
  private segments = 0;

  constructor(policy: HostPolicy) {
    this.policy = policy;
  }

  /** Bytes in front of the first that is missing. */
  get ready(): number {
    let end = 0;
    while (this.bytes[end] !== undefined) end++;
    return end;
  }

  /** `start` counts from the start of the stream. */
  take(start: number, data: Uint8Array): void {
    const owner = this.segments++;
    const end = start + data.length;
    // What came in order was delivered by every receiver; only `last` says otherwise.
    const settled = this.policy === 'last' ? 0 : this.ready;
    const pieces = this.owners.map((_, at) => this.pieceAt(at));
    for (let at = Math.max(0, start); at < end; at++) {
      const piece = this.bytes[at] === undefined ? undefined : pieces[at];
      if (piece !== undefined && (at < settled || !NEW_WINS[this.policy](start, end, piece[0], piece[1]))) continue;
      this.bytes[at] = data[at - start];
      this.owners[at] = owner;
    }
  }

  /** The text, with `·` for each byte that is missing. */
  get text(): string {
    return Array.from(this.bytes, (byte) => (byte === undefined ? '·' : String.fromCharCode(byte))).join('');
  }

  private pieceAt(at: number): readonly [number, number] | undefined {
    const owner = this.owners[at];
    if (owner === undefined) return undefined;
    let start = at;
    let end = at + 1;
    while (start > 0 && this.owners[start - 1] === owner) start--;
    while (this.owners[end] === owner) end++;
    return [start, end];
  }
}
