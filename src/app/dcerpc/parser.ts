/**
 * DCE/RPC on one flow: messages of a connection, or datagrams. Stage: app. C706, chapter 12; MS-RPCE.
 *
 * A message is taken when it is whole, 64 KiB at most. Behind a gap the next one is searched for. A stream whose
 * messages have no header ends the protocol on the flow.
 */
import type { Direction } from '../../flow/flow.js';
import type { Arena } from '../../memory/arena.js';
import { MESSAGE } from '../fields/field-transaction.js';
import { MessageConnection, MessageShare } from '../fields/message-connection.js';
import { MOST_SEARCHED } from '../fields/plain-transaction.js';
import { MessageFrames } from '../frame/message-frames.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { probeDcerpc } from '../probe/dcerpc.js';
import { copyUuid, UUID_BYTES } from './context-table.js';
import { DATAGRAM, DATAGRAM_HEADER_BYTES, Datagram } from './datagram.js';
import { dcerpcEvent } from './events.js';
import { Pdu, PDU_HEADER_BYTES } from './pdu.js';
import { RpcChannel, type RpcEvents, type RpcOwner } from './rpc-channel.js';
import type { RpcTransaction } from './rpc-transaction.js';
import { DcerpcTransaction } from './transaction.js';
import { TYPE } from './type-names.js';

const EVENTS: RpcEvents = {
  malformed: dcerpcEvent('malformed_data'),
  stubTooLong: dcerpcEvent('stub_data_too_long'),
  tooManyContexts: dcerpcEvent('too_many_contexts'),
  fragmentLost: dcerpcEvent('fragment_lost'),
};

const FRAMES = new MessageFrames('dcerpc.pdu', 'dcerpc.hdr', 'dcerpc.data');

export class DcerpcShare extends MessageShare<DcerpcTransaction> {
  readonly pdu = new Pdu();
  readonly datagram = new Datagram();
  readonly uuid = new Uint8Array(UUID_BYTES);

  constructor(arena: Arena) {
    super(arena, (memory) => new DcerpcTransaction(memory));
  }
}

export class DcerpcConnection extends MessageConnection<DcerpcTransaction> implements RpcOwner {
  declare protected readonly share: DcerpcShare;
  private readonly channel = new RpcChannel(EVENTS);

  constructor(share: DcerpcShare) {
    super(share);
  }

  override reset(): void {
    super.reset();
    this.channel.clear();
  }

  /** Among the latest: what goes on may have begun in the bytes being read. */
  findCall(_channel: RpcChannel, callId: number): RpcTransaction | null {
    const least = Math.max(0, this.count - MOST_SEARCHED);
    for (let index = this.count - 1; index >= least; index--) {
      const tx = this.transactions[index] as DcerpcTransaction;
      if (tx.callId === callId && tx.progressToClient < MESSAGE) return tx;
    }
    return null;
  }

  beginCall(_channel: RpcChannel): RpcTransaction | null {
    return this.begin();
  }

  protected override probe(): Probe {
    return probeDcerpc;
  }

  protected override message(direction: Direction, input: Input): boolean {
    if (input.datagram) return this.takeDatagram(direction, input);
    const { bytes, position, available } = input;
    if (available < PDU_HEADER_BYTES) return false;
    const { pdu } = this.share;
    if (!pdu.read(bytes, position)) {
      this.broken = true;
      return false;
    }
    if (available < pdu.length) return false;
    if (input.frames !== null) FRAMES.note(input.frames, direction, position, PDU_HEADER_BYTES, pdu.length);
    this.channel.take(this, direction, pdu, this.share.reader, position);
    input.take(pdu.length);
    return true;
  }

  // -------------------------------------------------------------------------------------------------- datagrams

  private takeDatagram(direction: Direction, { bytes, position, available }: Input): boolean {
    const { datagram, uuid } = this.share;
    if (available < DATAGRAM_HEADER_BYTES || !datagram.read(bytes, position)) return false;
    if (
      datagram.type !== TYPE.request &&
      datagram.type !== TYPE.response &&
      datagram.type !== TYPE.fault &&
      datagram.type !== TYPE.reject
    )
      return false;
    copyUuid(bytes, position + DATAGRAM.activity, datagram.little, uuid, 0);
    const tx = this.findActivity() ?? this.beginActivity();
    if (tx === null) return false;
    if (datagram.type === TYPE.request && !tx.isRequestSeen) {
      tx.requestType = TYPE.request;
      tx.opnum = datagram.opnum;
      copyUuid(bytes, position + DATAGRAM.interface, datagram.little, uuid, 0);
      tx.setInterface(uuid, 0, datagram.version, datagram.fragment === 0);
    }
    if (datagram.type !== TYPE.request) tx.responseType = datagram.type;
    this.addFragment(tx, direction, position + DATAGRAM_HEADER_BYTES, available - DATAGRAM_HEADER_BYTES);
    return true;
  }

  private addFragment(tx: DcerpcTransaction, direction: Direction, start: number, available: number): void {
    const { datagram } = this.share;
    if (datagram.length > available) tx.raise(EVENTS.malformed, direction);
    if (datagram.fragment !== tx.nextFragment[direction]) tx.raise(EVENTS.fragmentLost, direction);
    tx.nextFragment[direction] = (datagram.fragment + 1) & 0xffff;
    if (!tx.addStub(direction, start, Math.min(datagram.length, available))) tx.raise(EVENTS.stubTooLong, direction);
    if (!datagram.isLast) return;
    tx.advance(direction, MESSAGE);
    if (datagram.type !== TYPE.request) tx.advance(direction === 0 ? 1 : 0, MESSAGE);
  }

  private findActivity(): DcerpcTransaction | null {
    const { datagram, uuid } = this.share;
    for (let index = this.count - 1; index >= 0; index--) {
      const tx = this.transactions[index] as DcerpcTransaction;
      if (tx.sequence === datagram.sequence && tx.progressToClient < MESSAGE && isSame(tx.activity, uuid)) return tx;
    }
    return null;
  }

  private beginActivity(): DcerpcTransaction | null {
    const tx = this.begin();
    if (tx === null) return null;
    const { datagram, uuid } = this.share;
    tx.isDatagram = true;
    tx.sequence = datagram.sequence;
    tx.littleEndian = datagram.little;
    for (let index = 0; index < UUID_BYTES; index++) tx.activity[index] = uuid[index];
    return tx;
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  for (let index = 0; index < UUID_BYTES; index++) if (one[index] !== other[index]) return false;
  return true;
}
