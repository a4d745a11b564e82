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
import type { Direction, Flow } from '../../flow/flow.js';
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
    const client = this.begin(type, transaction, transaction.direction, packet, flow);
    this.writer.line.append(`"tx_id":${transaction.id},${object}`);
    return this.end(client, packet, flow);
  }

  /** The event of a file that goes in `direction`, as `packet` does; `bytes` are the shard's memory. */
  renderFile(
    file: TransferredFile,
    bytes: Uint8Array,
    transaction: Transaction,
    direction: Direction,
    packet: Packet,
    flow: Flow,
  ): Candidate {
    const object = transaction.eve(false);
    const client = this.begin(FILE_EVENT, transaction, direction, packet, flow);
    const { line } = this.writer;
    if (object !== '') line.append(`${object},`);
    line.append(`"fileinfo":${fileObject(file, bytes, transaction.id)}`);
    return this.end(client, packet, flow);
  }

  /** @returns the client that a proxy has named, or ''. */
  private begin(type: string, transaction: Transaction, direction: Direction, packet: Packet, flow: Flow): string {
    const { writer } = this;
    const header = writer.forwardedHeader;
    const client = header === '' ? '' : writer.clientOf(transaction.forwardedFor(header), packet, direction);
    writer.begin('transaction', packet, flow, 0, type, writer.endsOf(client, direction));
    return client;
  }

  private end(client: string, packet: Packet, flow: Flow): Candidate {
    const { writer } = this;
    writer.line.append(writer.clientMember(client));
    writer.marks(flow);
    writer.line.append(`${writer.frame(packet)}}`);
    return writer.candidate;
  }
}
