/**
 * Renders the event of a transaction that is done with, as Suricata's loggers of applications do: `event_type` dns,
 * tls, http … Stage: detect, in the shard. Events may allocate; these are off unless they are asked for.
 *
 *   {"timestamp":…,"event_type":"dns","src_ip":…,"tx_id":0,"dns":{"version":3,"type":"request",…}}
 *
 * A message by itself has the direction in which it went; source of all others is the client. That of a file is who
 * sends it.
 */
import { FILE_EVENT, fileObject } from '../../app/file/eve.js';
import type { TransferredFile } from '../../app/file/file.js';
import type { Transaction } from '../../app/transaction.js';
import type { Packet } from '../../decode/packet.js';
import type { Flow } from '../../flow/flow.js';
import type { Candidate } from './candidate.js';
import { EventWriter, type EventOptions } from './event-writer.js';

export class TransactionRenderer {
  private readonly writer: EventWriter;

  constructor(options: EventOptions = {}) {
    this.writer = new EventWriter(0, options);
  }

  /**
   * `type` is what the event is called, `packet` goes in its direction.
   * @returns the same object every time; null where there is nothing to tell.
   */
  render(type: string, transaction: Transaction, packet: Packet, flow: Flow): Candidate | null {
    const object = transaction.eve(false);
    if (object === '') return null;
    const { writer } = this;
    writer.begin('transaction', packet, flow, 0, type);
    writer.line.append(`"tx_id":${transaction.id},${object}${writer.frame(packet)}}`);
    return writer.candidate;
  }

  /** The event of a file of the transaction; `packet` goes the way of the file, `bytes` are the shard's memory. */
  renderFile(
    file: TransferredFile,
    bytes: Uint8Array,
    transaction: Transaction,
    packet: Packet,
    flow: Flow,
  ): Candidate {
    const object = transaction.eve(false);
    const { writer } = this;
    writer.begin('transaction', packet, flow, 0, FILE_EVENT);
    if (object !== '') writer.line.append(`${object},`);
    writer.line.append(`"fileinfo":${fileObject(file, bytes, transaction.id)}${writer.frame(packet)}}`);
    return writer.candidate;
  }
}
