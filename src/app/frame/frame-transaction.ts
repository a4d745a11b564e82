/**
 * A frame as detection looks at it: a transaction of its own, whose one buffer is what was sent. Stage: app. Bound:
 * FRAME_LIMIT bytes, beyond which it is cut.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import type { Span } from '../../memory/span.js';
import { TextBlock } from '../text-block.js';
import { Transaction } from '../transaction.js';
import { FRAME_STATE, FRAMES } from './buffers.js';

export const FRAME_LIMIT = 65_536;
/** Events of frames have no `tx_id`. */
const NO_NUMBER = -1;

export class FrameTransaction extends Transaction {
  private readonly text: TextBlock;
  private frame = -1;
  private buffer = -1;
  private isCut = false;

  constructor(arena: Arena) {
    super();
    this.text = new TextBlock(arena, FRAME_LIMIT);
  }

  /** `buffer`: that of the frame of that number. */
  begin(frame: number, buffer: number, direction: Direction): void {
    this.id = NO_NUMBER;
    this.frame = frame;
    this.buffer = buffer;
    this.direction = direction;
    this.progressToServer = FRAME_STATE.whole;
    this.progressToClient = FRAME_STATE.whole;
    this.dirty = 1 << direction;
  }

  /** Takes what comes next of it; nothing behind what is missing. */
  append(from: number, count: number): void {
    if (this.isCut) return;
    const room = Math.min(count, FRAME_LIMIT - this.text.length);
    if (this.text.append(from, room) < 0 || room < count) this.isCut = true;
  }

  /** What comes next of it is missing. */
  cut(): void {
    this.isCut = true;
  }

  override locate(buffer: number, instance: number, direction: Direction, span: Span): boolean {
    if (buffer !== this.buffer || instance > 0 || direction !== this.direction) return false;
    return span.set(this.text.start, this.text.length);
  }

  override eve(): string {
    const type = FRAMES[this.frame].replace(/^[^.]*\./, '');
    const direction = this.direction === DIRECTION.toServer ? 'toserver' : 'toclient';
    return `"frame":{"type":"${type}","direction":"${direction}","length":${this.text.length},"complete":${!this.isCut}}`;
  }

  override reset(): void {
    super.reset();
    this.text.clear();
    this.buffer = -1;
    this.frame = -1;
    this.isCut = false;
  }
}
