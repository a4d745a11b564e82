/** A frame of WebSocket, in the direction in which it was sent. Stage: app. Pooled. */
import type { Arena } from '../../memory/arena.js';
import type { Direction } from '../../flow/flow.js';
import type { Span } from '../../memory/span.js';
import { bufferNumber } from '../buffers.js';
import { TextBlock } from '../text-block.js';
import { Transaction } from '../transaction.js';
import { OPCODES, WEBSOCKET_FLAG, WEBSOCKET_STATE } from './buffers.js';

/** What is inspected of a message. */
export const PAYLOAD_LIMIT = 65_536;

const PAYLOAD = bufferNumber('websocket.payload');
const OPCODE = bufferNumber('websocket.opcode');
const FLAGS = bufferNumber('websocket.flags');
const MASK = bufferNumber('websocket.mask');
const OPCODE_NAMES = new Map(Object.entries(OPCODES).map(([name, code]) => [code, name]));

export class WebSocketTransaction extends Transaction {
  readonly payload: TextBlock;
  opcode = 0;
  /** The upper half of the first byte. */
  flags = 0;
  /** NaN without one. */
  mask = NaN;

  constructor(arena: Arena) {
    super();
    this.payload = new TextBlock(arena, PAYLOAD_LIMIT);
  }

  /** It is complete, and there is nothing of it on the other side. */
  sent(direction: Direction): void {
    this.progressToServer = WEBSOCKET_STATE.frame;
    this.progressToClient = WEBSOCKET_STATE.frame;
    this.inspected = 2 >> direction;
    this.dirty = 1 << direction;
  }

  override locate(buffer: number, instance: number, _direction: Direction, span: Span): boolean {
    return buffer === PAYLOAD && instance === 0 && span.set(this.payload.start, this.payload.length);
  }

  override number(buffer: number, instance: number, _direction: Direction): number {
    if (instance > 0) return NaN;
    switch (buffer) {
      case OPCODE:
        return this.opcode;
      case FLAGS:
        return this.flags;
      case MASK:
        return this.mask;
      default:
        return NaN;
    }
  }

  /** `"websocket":{…}`, as Suricata prints it. */
  override eve(): string {
    const fin = (this.flags & WEBSOCKET_FLAG.fin) !== 0;
    const mask = Number.isNaN(this.mask) ? '' : `"mask":${this.mask},`;
    const name = OPCODE_NAMES.get(this.opcode) ?? `unknown-${this.opcode}`;
    return `"websocket":{"fin":${fin},${mask}"opcode":"${name}"}`;
  }

  override reset(): void {
    super.reset();
    this.payload.clear();
    this.opcode = 0;
    this.flags = 0;
    this.mask = NaN;
  }
}
