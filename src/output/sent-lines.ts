/**
 * What a connection was handed last, to be sent again when it breaks: what was on its way then reached nobody, and
 * nobody says so. Stage: output, main thread.
 *
 * Bounded by time and by bytes; whoever got a line before the connection broke gets it twice.
 */

interface Piece {
  readonly bytes: Buffer;
  readonly lines: number;
  readonly ms: number;
}

export class SentLines {
  private readonly milliseconds: number;
  private readonly limitBytes: number;
  private readonly pieces: Piece[] = [];
  private heldBytes = 0;

  constructor(milliseconds: number, limitBytes: number) {
    this.milliseconds = milliseconds;
    this.limitBytes = limitBytes;
  }

  /** Keeps whole lines, not a copy of them; one piece is kept, whatever its length. */
  add(bytes: Buffer, lines: number, nowMs: number): void {
    this.pieces.push({ bytes, lines, ms: nowMs });
    this.heldBytes += bytes.length;
    while (
      this.pieces.length > 1 &&
      (this.heldBytes > this.limitBytes || nowMs - this.pieces[0]!.ms > this.milliseconds)
    )
      this.heldBytes -= this.pieces.shift()!.bytes.length;
  }

  /** Hands out what was sent lately, oldest first, and keeps nothing. */
  take(nowMs: number): readonly Piece[] {
    const taken = this.pieces.splice(0).filter(({ ms }) => nowMs - ms <= this.milliseconds);
    this.heldBytes = 0;
    return taken;
  }
}
