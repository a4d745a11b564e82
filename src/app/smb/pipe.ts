/**
 * A named pipe: what is written to it and read from it, as messages of DCE/RPC. Stage: app.
 *
 * A message may come in several writes or reads; what is not whole yet waits in a block of the arena, a message at most
 * (64 KiB). What is no DCE/RPC is passed over.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { Pdu, PDU_HEADER_BYTES } from '../dcerpc/pdu.js';
import { RpcChannel, type RpcEvents, type RpcOwner } from '../dcerpc/rpc-channel.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { TextBlock } from '../text-block.js';
import { smbEvent } from './events.js';

const MOST_MESSAGE_BYTES = 65_536;

const PIPE_EVENTS: RpcEvents = {
  malformed: smbEvent('malformed_data'),
  stubTooLong: smbEvent('stub_data_too_long'),
  tooManyContexts: smbEvent('too_many_contexts'),
  fragmentLost: smbEvent('fragment_lost'),
};

export class Pipe {
  readonly channel = new RpcChannel(PIPE_EVENTS);
  private readonly waiting: readonly [TextBlock, TextBlock];
  private readonly reader: ByteReader;
  private readonly pdu = new Pdu();

  constructor(arena: Arena, reader: ByteReader) {
    this.reader = reader;
    this.waiting = [new TextBlock(arena, MOST_MESSAGE_BYTES), new TextBlock(arena, MOST_MESSAGE_BYTES)];
  }

  /** Takes what was written or read. */
  take(owner: RpcOwner, direction: Direction, start: number, length: number): void {
    const waiting = this.waiting[direction];
    if (waiting.length === 0) {
      const taken = this.messages(owner, direction, start, length);
      if (taken < length && waiting.append(start + taken, length - taken) < 0) waiting.clear();
      return;
    }
    if (waiting.append(start, length) < 0) {
      waiting.clear();
      return;
    }
    waiting.drop(this.messages(owner, direction, waiting.start, waiting.length));
  }

  clear(): void {
    this.channel.clear();
    for (const waiting of this.waiting) waiting.clear();
  }

  /** @returns how many bytes whole messages took; all where there is no message. */
  private messages(owner: RpcOwner, direction: Direction, start: number, length: number): number {
    const { pdu, reader } = this;
    let taken = 0;
    while (length - taken >= PDU_HEADER_BYTES) {
      if (!pdu.read(reader.bytes, start + taken)) return length;
      if (pdu.length > length - taken) return taken;
      this.channel.take(owner, direction, pdu, reader, start + taken);
      taken += pdu.length;
    }
    return taken;
  }
}
