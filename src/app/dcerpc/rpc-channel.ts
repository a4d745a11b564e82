/**
 * What goes over one connection, or one pipe: interfaces are bound, then called, in fragments perhaps. Stage: app.
 *
 * Each call and each bind is a transaction of the owner's, which hands in whole messages one by one. A fragment that
 * does not follow on the call's first one is passed over, with an event. Bounds: MOST_CONTEXTS interfaces, and those of
 * transactions.
 */
import type { Direction } from '../../flow/flow.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { ContextTable, MOST_CONTEXTS } from './context-table.js';
import { FLAG, PDU_HEADER_BYTES, type Pdu } from './pdu.js';
import type { RpcTransaction } from './rpc-transaction.js';
import { TYPE } from './type-names.js';

const TO_SERVER = 0;
const TO_CLIENT = 1;
const MESSAGE = 1;
const OBJECT_BYTES = 16;
const SYNTAX_BYTES = 20;
const NOTHING_CALLED = -1;

/** Numbers of the owner's events. */
export interface RpcEvents {
  readonly malformed: number;
  readonly stubTooLong: number;
  readonly tooManyContexts: number;
  readonly fragmentLost: number;
}

/** Who keeps the transactions. */
export interface RpcOwner {
  /** The open call of this number on the channel; null where there is none. */
  findCall(channel: RpcChannel, callId: number): RpcTransaction | null;
  /** A new transaction of the channel; null where there are too many. */
  beginCall(channel: RpcChannel): RpcTransaction | null;
}

export class RpcChannel {
  readonly contexts = new ContextTable();
  private readonly events: RpcEvents;

  constructor(events: RpcEvents) {
    this.events = events;
  }

  clear(): void {
    this.contexts.clear();
  }

  /**
   * Takes a message, whose header was read, from `at` on. @returns the transaction that it belongs to; null where it is
   * of none.
   */
  take(owner: RpcOwner, direction: Direction, pdu: Pdu, reader: ByteReader, at: number): RpcTransaction | null {
    reader.begin(at + PDU_HEADER_BYTES, pdu.bodyEnd(reader.bytes, at), pdu.little);
    switch (pdu.type) {
      case TYPE.request:
        return this.request(owner, direction, pdu, reader);
      case TYPE.bind:
      case TYPE.alterContext:
        return this.bind(owner, direction, pdu, reader);
      case TYPE.response:
      case TYPE.fault:
        return this.response(owner, direction, pdu, reader);
      case TYPE.bindAck:
      case TYPE.alterContextResponse:
      case TYPE.bindNak:
        return this.bindAnswer(owner, direction, pdu, reader);
      default:
        return null;
    }
  }

  private begin(owner: RpcOwner, pdu: Pdu): RpcTransaction | null {
    const tx = owner.beginCall(this);
    if (tx === null) return null;
    tx.callId = pdu.callId;
    tx.littleEndian = pdu.little;
    tx.minorVersion = pdu.minor;
    return tx;
  }

  private bind(owner: RpcOwner, direction: Direction, pdu: Pdu, reader: ByteReader): RpcTransaction | null {
    const tx = this.begin(owner, pdu);
    if (tx === null) return null;
    tx.requestType = pdu.type;
    tx.fragments[direction] = 1;
    if (!this.readContexts(tx, reader)) tx.raise(this.events.tooManyContexts, direction);
    if (reader.failed) tx.raise(this.events.malformed, direction);
    tx.advance(direction, MESSAGE);
    return tx;
  }

  /** @returns false where there are too many. */
  private readContexts(tx: RpcTransaction, reader: ByteReader): boolean {
    const { contexts } = this;
    contexts.beginBind();
    // Sizes of fragments, and the group.
    reader.skip(8);
    const count = reader.u8();
    reader.skip(3);
    for (let index = 0; index < count && !reader.failed; index++) {
      const number = reader.u16();
      const syntaxes = reader.u8();
      reader.skip(1);
      const place = contexts.add(number, reader);
      if (place >= 0) tx.name(contexts, place);
      else if (!reader.failed) return false;
      reader.skip(syntaxes * SYNTAX_BYTES);
    }
    return contexts.count < MOST_CONTEXTS || count === 0;
  }

  private bindAnswer(owner: RpcOwner, direction: Direction, pdu: Pdu, reader: ByteReader): RpcTransaction | null {
    const tx = owner.findCall(this, pdu.callId) ?? this.begin(owner, pdu);
    if (tx === null) return null;
    tx.responseType = pdu.type;
    tx.fragments[direction] = 1;
    if (pdu.type !== TYPE.bindNak) {
      this.readResults(tx, reader);
      if (reader.failed) tx.raise(this.events.malformed, direction);
    }
    this.end(tx, direction);
    return tx;
  }

  private readResults(tx: RpcTransaction, reader: ByteReader): void {
    const from = reader.at - PDU_HEADER_BYTES;
    reader.skip(8);
    reader.skip(reader.u16());
    reader.skip((4 - ((reader.at - from) & 3)) & 3);
    const count = reader.u8();
    reader.skip(3);
    for (let index = 0; index < count; index++) {
      const result = reader.u16();
      const reason = reader.u16();
      reader.skip(SYNTAX_BYTES);
      if (reader.failed) return;
      this.contexts.answer(result, reason);
      tx.answer(index, result, reason);
    }
  }

  private request(owner: RpcOwner, direction: Direction, pdu: Pdu, reader: ByteReader): RpcTransaction | null {
    // How much there will be, which nobody need keep to.
    reader.skip(4);
    const context = reader.u16();
    const opnum = reader.u16();
    if ((pdu.flags & FLAG.object) !== 0) reader.skip(OBJECT_BYTES);
    const found = pdu.isFirst ? null : owner.findCall(this, pdu.callId);
    const tx = found ?? this.begin(owner, pdu);
    if (tx === null) return null;
    if (found === null || !found.isRequestSeen) {
      tx.requestType = TYPE.request;
      tx.opnum = opnum;
      const place = this.contexts.find(context);
      if (place > NOTHING_CALLED && this.contexts.mayBeCalled(place)) tx.call(this.contexts, place, pdu.isFirst);
      else if (place > NOTHING_CALLED) tx.name(this.contexts, place);
      if (!pdu.isFirst) tx.raise(this.events.fragmentLost, direction);
    }
    this.addStub(tx, direction, pdu, reader);
    return tx;
  }

  private response(owner: RpcOwner, direction: Direction, pdu: Pdu, reader: ByteReader): RpcTransaction | null {
    // A size, the context, how often it was cancelled, and a byte that means nothing.
    reader.skip(8);
    const tx = owner.findCall(this, pdu.callId) ?? this.begin(owner, pdu);
    if (tx === null) return null;
    tx.responseType = pdu.type;
    if (pdu.type === TYPE.response) {
      this.addStub(tx, direction, pdu, reader);
      if (!pdu.isLast) return tx;
    }
    this.end(tx, direction);
    return tx;
  }

  private addStub(tx: RpcTransaction, direction: Direction, pdu: Pdu, reader: ByteReader): void {
    if (reader.failed) tx.raise(this.events.malformed, direction);
    if (!tx.addStub(direction, reader.at, reader.left)) tx.raise(this.events.stubTooLong, direction);
    if (pdu.isLast) tx.advance(direction, MESSAGE);
  }

  /** The answer is there: nothing more is to come of the question. */
  private end(tx: RpcTransaction, direction: Direction): void {
    tx.advance(direction, MESSAGE);
    tx.advance(direction === TO_CLIENT ? TO_SERVER : TO_CLIENT, MESSAGE);
  }
}
