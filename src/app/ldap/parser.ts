/**
 * LDAP over TCP and UDP (RFC 4511). Stage: app. A request and its responses are one transaction, by their number; it is
 * complete with the response that ends it. Behind StartTLS the rest is TLS.
 *
 *   { number, [APPLICATION operation] { … }, controls }
 *
 * Within a security layer of SASL messages are read where they are not sealed (security-layer.ts).
 *
 * Bounds: 64 KiB of a message, of longer ones the first bytes are read; and those of the layout.
 */
import type { Direction } from '../../flow/flow.js';
import { FieldTable } from '../fields/field-table.js';
import { SIDE } from '../fields/field-list.js';
import { MESSAGE } from '../fields/field-transaction.js';
import { MessageConnection } from '../fields/message-connection.js';
import { latestUnanswered, type PlainLayout, type PlainTransaction } from '../fields/plain-transaction.js';
import { frameNumber } from '../frame/buffers.js';
import type { FrameLog } from '../frame/frame-log.js';
import type { Input } from '../input.js';
import { better, type Probe } from '../probe/answer.js';
import { probeLdap } from '../probe/directory.js';
import { LDAP_BUFFERS } from './buffers.js';
import { ldapObject } from './eve.js';
import { ldapEvent } from './events.js';
import { SecurityLayer } from './security-layer.js';
import { isBuffer, probeBuffer } from './wrap-token.js';

const FIELDS = new FieldTable(LDAP_BUFFERS, ['request', 'response']);
export const LDAP_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 32_768,
  mostFields: 512,
  overflow: ldapEvent('too_many_fields'),
  print: (tx) => ldapObject(tx.bytesOf(F.request), allBytes(tx, F.response)),
};
const INVALID = ldapEvent('invalid_data');
const NOT_FOUND = ldapEvent('request_not_found');
const MOST_MESSAGE = 65_536;
/** Of the messages of a transaction, for events. */
const MOST_KEPT = 16_384;
/** A tag, and the longest length. */
const HEADER_BYTES = 6;
const SEQUENCE = 0x30;
const INTEGER = 2;
const TEXT = 4;
const OPERATION = {
  bind: 0,
  bindResponse: 1,
  unbind: 2,
  search: 3,
  entry: 4,
  modify: 6,
  add: 8,
  delete: 10,
  rename: 12,
  compare: 14,
  abandon: 16,
  reference: 19,
  extended: 23,
  extendedResponse: 24,
  intermediate: 25,
} as const;
/** Sets of operations: responses, those that end a request, and those that have no response. */
const isResponse = (operation: number): boolean => ((1 << operation) & 0x0308_aab2) !== 0;
const isLast = (operation: number): boolean =>
  operation !== OPERATION.entry && operation !== OPERATION.reference && operation !== OPERATION.intermediate;
const isUnanswered = (operation: number): boolean => operation === OPERATION.unbind || operation === OPERATION.abandon;
/** Elements of a search ahead of the attributes: base, scope, aliases, size, time, types only, filter. */
const PDU = frameNumber('ldap.pdu');
const AHEAD_OF_ATTRIBUTES = 7;
const START_TLS = Buffer.from('1.3.6.1.4.1.1466.20037');
const F = {
  operation: FIELDS.of('ldap.request.operation'),
  dn: FIELDS.of('ldap.request.dn'),
  attribute: FIELDS.of('ldap.request.attribute_type'),
  responses: FIELDS.of('ldap.responses.operation'),
  count: FIELDS.of('ldap.responses.count'),
  names: FIELDS.of('ldap.responses.dn'),
  result: FIELDS.of('ldap.responses.result_code'),
  message: FIELDS.of('ldap.responses.message'),
  attributes: FIELDS.of('ldap.responses.attribute_type'),
  request: FIELDS.of('request'),
  response: FIELDS.of('response'),
};

/** Where it is not known whether there is a security layer: what began it may be missing. */
const probeEither: Probe = (bytes, start, length, direction) =>
  better(probeLdap(bytes, start, length, direction), probeBuffer(bytes, start, length, direction));

export class LdapConnection extends MessageConnection<PlainTransaction> {
  private wantsTls = false;
  /** What sides send within a security layer; null before. */
  private readonly layers: [SecurityLayer | null, SecurityLayer | null] = [null, null];

  override reset(): void {
    super.reset();
    this.wantsTls = false;
    for (const layer of this.layers) layer?.clear();
    this.layers.fill(null);
  }

  override gap(direction: Direction, bytes: number): boolean {
    this.layers[direction]?.interrupt();
    return super.gap(direction, bytes);
  }

  protected override probe(direction: Direction): Probe {
    return this.layers[direction] === null ? probeEither : probeBuffer;
  }

  protected override message(direction: Direction, input: Input): boolean {
    const { bytes, position, end, datagram, frames } = input;
    const layer = this.layers[direction];
    if (!datagram && (layer?.isWithin === true || isBuffer(bytes[position]))) return this.buffer(direction, input);
    const length = this.read(direction, position, end, datagram, frames);
    if (length > 0) input.skip(length);
    this.broken ||= length < 0 && !datagram;
    return length > 0 && this.successor === '';
  }

  /** Takes more of a buffer of a security layer, and reads the messages that are there now. */
  private buffer(direction: Direction, input: Input): boolean {
    const layer = (this.layers[direction] ??= new SecurityLayer(this.share.arena, direction));
    this.readText(direction, layer, input);
    if (!layer.take(input)) return false;
    this.readText(direction, layer, input);
    const side = 1 << direction;
    this.status.unfinished =
      layer.isWithin || layer.holdsText ? this.status.unfinished | side : this.status.unfinished & ~side;
    return this.successor === '';
  }

  private readText(direction: Direction, layer: SecurityLayer, { frames }: Input): void {
    while (this.successor === '' && layer.isReady) {
      const length = this.read(direction, layer.start, layer.end, false, frames);
      if (length < 0) layer.lose();
      if (length === 0) break;
      layer.drop(length);
    }
    layer.settle();
  }

  /**
   * Reads the message at a place, which may reach beyond `end`. @returns its length; 0 where it is not there yet, or
   * there is no room for it; -1 where it is none.
   */
  private read(direction: Direction, at: number, end: number, isAll: boolean, frames: FrameLog | null): number {
    const { ber } = this;
    if (!ber.header(at, end)) return end - at >= HEADER_BYTES ? -1 : 0;
    if (ber.tag !== SEQUENCE) return -1;
    const length = ber.stop - at;
    const kept = Math.min(length, MOST_MESSAGE);
    if (end - at < kept && !isAll) return 0;
    const stop = at + Math.min(kept, end - at);
    if (!this.take(direction, ber.start, stop)) return 0;
    frames?.add(PDU, direction, at, stop - at);
    return length;
  }

  /** @returns false where there is no room for it. */
  private take(direction: Direction, from: number, end: number): boolean {
    const { ber } = this;
    const isRead = ber.enter(INTEGER, from, end);
    const id = isRead ? ber.integer() : 0;
    const isWhole = isRead && ber.header(ber.stop, end) && (ber.tag & 0xc0) === 0x40;
    const operation = isWhole ? ber.tag & 0x1f : -1;
    const { start, stop } = ber;
    const isAnswer = operation >= 0 && isResponse(operation);
    const tx = (isAnswer ? latestUnanswered(this, id) : null) ?? this.begin();
    if (tx === null) return false;
    tx.key = id;
    if (operation < 0) {
      tx.raise(INVALID, direction);
      this.completeAlone(tx, direction);
    } else if (isAnswer) this.response(tx, operation, start, Math.min(stop, end));
    else this.request(tx, operation, start, Math.min(stop, end));
    if (operation >= 0) tx.keep(isAnswer ? F.response : F.request, 1 << direction, from, end - from, MOST_KEPT);
    return true;
  }

  private request(tx: PlainTransaction, operation: number, from: number, end: number): void {
    const { ber } = this;
    tx.addNumber(F.operation, SIDE.toServer, operation);
    let at = from;
    if (operation === OPERATION.bind && ber.enter(INTEGER, at, end)) at = ber.stop;
    if (operation === OPERATION.delete) tx.addText(F.dn, SIDE.toServer, from, end - from);
    else if (operation === OPERATION.extended) this.extended(at, end);
    else if (ber.enter(TEXT, at, end)) {
      at = ber.stop;
      tx.addText(F.dn, SIDE.toServer, ber.start, ber.stop - ber.start);
      this.requestAttributes(tx, operation, at, from, end);
    } else if (!isUnanswered(operation)) tx.raise(INVALID, 0);
    tx.advance(0, MESSAGE);
    if (isUnanswered(operation)) tx.advance(1, MESSAGE);
  }

  private requestAttributes(tx: PlainTransaction, operation: number, at: number, from: number, end: number): void {
    const { ber } = this;
    if (operation === OPERATION.search) {
      let place = from;
      for (let index = 0; index < AHEAD_OF_ATTRIBUTES; index++) {
        if (!ber.read(place, end)) return;
        place = ber.stop;
      }
      if (ber.enter(SEQUENCE, place, end)) this.texts(tx, F.attribute, SIDE.toServer, ber.start, ber.stop);
    } else if (operation === OPERATION.add && ber.enter(SEQUENCE, at, end)) {
      this.attributes(tx, F.attribute, SIDE.toServer, ber.start, ber.stop);
    } else if (operation === OPERATION.modify && ber.enter(SEQUENCE, at, end)) {
      this.changes(tx, ber.start, ber.stop);
    } else if (operation === OPERATION.compare && ber.enter(SEQUENCE, at, end)) {
      if (ber.enter(TEXT, ber.start, ber.stop)) tx.addText(F.attribute, SIDE.toServer, ber.start, ber.stop - ber.start);
    }
  }

  private texts(tx: PlainTransaction, field: number, sides: number, from: number, end: number): void {
    const { ber } = this;
    for (let at = from; ber.read(at, end); at = ber.stop)
      if (ber.tag === TEXT) tx.addText(field, sides, ber.start, ber.stop - ber.start);
  }

  /** { { type, values } … } */
  private attributes(tx: PlainTransaction, field: number, sides: number, from: number, end: number): void {
    const { ber } = this;
    for (let at = from; ber.read(at, end);) {
      at = ber.stop;
      if (ber.enter(TEXT, ber.start, ber.stop)) tx.addText(field, sides, ber.start, ber.stop - ber.start);
    }
  }

  /** { { change, { type, values } } … } */
  private changes(tx: PlainTransaction, from: number, end: number): void {
    const { ber } = this;
    for (let at = from; ber.read(at, end);) {
      at = ber.stop;
      const { start, stop } = ber;
      if (!ber.read(start, stop) || !ber.enter(SEQUENCE, ber.stop, stop)) continue;
      if (ber.enter(TEXT, ber.start, ber.stop)) tx.addText(F.attribute, SIDE.toServer, ber.start, ber.stop - ber.start);
    }
  }

  private extended(from: number, end: number): void {
    const { ber } = this;
    if (!ber.enter(0x80, from, end) || ber.stop - ber.start !== START_TLS.length) return;
    let index = 0;
    while (index < START_TLS.length && ber.bytes[ber.start + index] === START_TLS[index]) index++;
    this.wantsTls = index === START_TLS.length;
  }

  private response(tx: PlainTransaction, operation: number, from: number, end: number): void {
    const { ber } = this;
    if (!tx.has(F.operation)) tx.raise(NOT_FOUND, 1);
    tx.addNumber(F.responses, SIDE.toClient, operation);
    if (operation === OPERATION.entry && ber.enter(TEXT, from, end)) {
      const { stop } = ber;
      tx.addText(F.names, SIDE.toClient, ber.start, ber.stop - ber.start);
      if (ber.enter(SEQUENCE, stop, end)) this.attributes(tx, F.attributes, SIDE.toClient, ber.start, ber.stop);
    } else if (isLast(operation) && !this.result(tx, operation, from, end)) tx.raise(INVALID, 1);
    if (!isLast(operation)) return;
    tx.addNumber(F.count, SIDE.toClient, tx.countOf(F.responses));
    tx.advance(1, MESSAGE);
    tx.advance(0, MESSAGE);
  }

  /** A result, the name that it is about, and a message. */
  private result(tx: PlainTransaction, operation: number, from: number, end: number): boolean {
    const { ber } = this;
    if (!ber.enter(10, from, end)) return false;
    const code = ber.integer();
    tx.addNumber(F.result, SIDE.toClient, code >>> 0);
    if (operation === OPERATION.extendedResponse && this.wantsTls && code === 0) this.successor = 'tls';
    if (!ber.enter(TEXT, ber.stop, end)) return false;
    tx.addText(F.names, SIDE.toClient, ber.start, ber.stop - ber.start);
    if (!ber.enter(TEXT, ber.stop, end)) return false;
    tx.addText(F.message, SIDE.toClient, ber.start, ber.stop - ber.start);
    return true;
  }
}

const allBytes = (tx: PlainTransaction, field: number): Uint8Array[] =>
  Array.from({ length: tx.countOf(field) }, (_, index) => tx.bytesOf(field, index)!);
