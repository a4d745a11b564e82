/**
 * EtherNet/IP over TCP and UDP, and CIP in it (CIP networks library, volume 2, chapter 2). Stage: app. A request and
 * its answer are one transaction.
 *
 *   | command (2) | length (2) | session (4) | status (4) | context (8) | options (4) | data |       little endian
 */
import type { Direction } from '../../flow/flow.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { FieldTable } from '../fields/field-table.js';
import { SIDE } from '../fields/field-list.js';
import { MESSAGE } from '../fields/field-transaction.js';
import { MessageConnection } from '../fields/message-connection.js';
import { oldestUnanswered, type PlainLayout, type PlainTransaction } from '../fields/plain-transaction.js';
import { frameNumber } from '../frame/buffers.js';
import type { FrameLog } from '../frame/frame-log.js';
import { MessageFrames } from '../frame/message-frames.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { probeEnip } from '../probe/industrial.js';
import { ENIP_BUFFERS, ENIP_COMMANDS, ENIP_STATE } from './buffers.js';
import {
  ENIP_HEADER_BYTES,
  GET_LIST,
  ITEM,
  MOST_CALLS,
  MOST_ITEMS,
  MULTIPLE,
  RESPONSE,
  SET_LIST,
} from './constants.js';
import { enipObject } from './eve.js';
import { enipEvent } from './events.js';
import { segmentKind, segmentValue } from './segments.js';

const FIELDS = new FieldTable(ENIP_BUFFERS, ['request', 'response']);
const F = (name: string): number => FIELDS.of(name);
const FIELD = {
  product: F('enip.product_name'),
  service: F('enip.service_name'),
  command: F('enip_command'),
  status: F('enip.status'),
  version: F('enip.protocol_version'),
  identityStatus: F('enip.identity_status'),
  serial: F('enip.serial'),
  state: F('enip.state'),
  revision: F('enip.revision'),
  capabilities: F('enip.capabilities'),
  vendor: F('enip.vendor_id'),
  device: F('enip.device_type'),
  code: F('enip.product_code'),
  attribute: F('enip.cip_attribute'),
  class: F('enip.cip_class'),
  instance: F('enip.cip_instance'),
  cipStatus: F('enip.cip_status'),
  extended: F('enip.cip_extendedstatus'),
  cip: F('enip.cip'),
  messages: [F('request'), F('response')] as const,
};
export const ENIP_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 8192,
  mostFields: 256,
  overflow: enipEvent('too_many_fields'),
  print: (tx) => enipObject(tx.bytesOf(FIELD.messages[0]), tx.bytesOf(FIELD.messages[1])),
};
/** Bytes that are kept of both messages for events, and attributes of a list. */
const MOST_KEPT = 2048;
const MOST_LISTED = 16;
const FIELD_OF = { class: FIELD.class, instance: FIELD.instance, attribute: FIELD.attribute } as const;
const MOST_DEPTH = 1;
const STATUS_AT = 8;
const WORD = 0x1_0000;

const FRAMES = new MessageFrames('enip.pdu', 'enip.hdr', 'enip.data');
const ITEM_FRAME = frameNumber('enip.enip.item');
const CALL_FRAME = frameNumber('enip.cip');
const ITEM_HEADER_BYTES = 4;

export class EnipConnection extends MessageConnection<PlainTransaction> {
  private sides = 0;
  /** Of the message at hand. */
  private frames: FrameLog | null = null;

  protected override probe(): Probe {
    return probeEnip;
  }

  protected override message(direction: Direction, input: Input): boolean {
    const { position, available } = input;
    if (available < ENIP_HEADER_BYTES) return false;
    const reader = this.share.reader.begin(position, position + available, true);
    const command = reader.u16();
    const length = reader.u16();
    const total = ENIP_HEADER_BYTES + length;
    if (available < total && !input.datagram) return false;
    this.sides = 1 << direction;
    this.frames = input.frames;
    reader.skip(4);
    const whole = Math.min(total, available);
    const key = command + WORD * this.sequence(command, position + ENIP_HEADER_BYTES, position + whole);
    const tx = (direction === 0 ? null : oldestUnanswered(this, key)) ?? this.begin();
    if (tx === null) return false;
    tx.key = key;
    reader.begin(position + STATUS_AT, position + whole, true);
    tx.addNumber(FIELD.command, this.sides, command);
    tx.addNumber(FIELD.status, this.sides, reader.u32());
    reader.begin(position + ENIP_HEADER_BYTES, position + whole, true);
    this.body(tx, command, direction, reader);
    if (reader.failed || available < total) tx.raise(enipEvent('invalid_pdu'), direction);
    tx.keep(FIELD.messages[direction], this.sides, position, whole, tx.text.length + MOST_KEPT);
    tx.advance(direction, MESSAGE);
    if (direction === 1 || isUnanswered(command)) this.completeAlone(tx, direction);
    if (this.frames !== null) FRAMES.note(this.frames, direction, position, ENIP_HEADER_BYTES, whole);
    input.take(whole);
    return true;
  }

  protected override completeAlone(tx: PlainTransaction, direction: Direction): void {
    super.completeAlone(tx, direction);
    tx.advance(0, ENIP_STATE.answered);
  }

  /** The number of a call of a connection, from 1 on; 0 of all others. */
  private sequence(command: number, at: number, end: number): number {
    if (command !== ENIP_COMMANDS['send_unit_data']) return 0;
    const reader = this.share.reader.begin(at, end, true);
    reader.skip(6);
    const count = reader.u16();
    for (let index = 0; index < count && index < MOST_ITEMS && !reader.failed; index++) {
      const type = reader.u16();
      const length = reader.u16();
      if (type === ITEM.connected && length >= 2) return reader.u16() + 1;
      reader.skip(length);
    }
    return 0;
  }

  private body(tx: PlainTransaction, command: number, direction: Direction, reader: ByteReader): void {
    if (command === ENIP_COMMANDS['register_session']) {
      tx.addNumber(FIELD.version, this.sides, reader.u16());
    } else if (command === ENIP_COMMANDS['send_rr_data'] || command === ENIP_COMMANDS['send_unit_data']) {
      // An interface and a time.
      reader.skip(6);
      this.items(tx, reader);
    } else if (direction === 1 && command <= ENIP_COMMANDS['list_interfaces']! && reader.left > 0)
      this.items(tx, reader);
  }

  private items(tx: PlainTransaction, reader: ByteReader): void {
    const count = reader.u16();
    const { end } = reader;
    for (let index = 0; index < count && index < MOST_ITEMS; index++) {
      const type = reader.u16();
      const length = reader.u16();
      const next = reader.at + length;
      if (reader.failed || next > end) {
        reader.failed = true;
        return;
      }
      this.frames?.add(
        ITEM_FRAME,
        (this.sides >>> 1) as Direction,
        next - length - ITEM_HEADER_BYTES,
        ITEM_HEADER_BYTES + length,
      );
      reader.begin(reader.at, next, true);
      if (type === ITEM.identity) this.identity(tx, reader);
      else if (type === ITEM.services) this.services(tx, reader);
      else if (type === ITEM.unconnected) this.call(tx, reader, 0);
      else if (type === ITEM.connected) {
        reader.skip(2);
        this.call(tx, reader, 0);
      }
      const { failed } = reader;
      reader.begin(next, end, true);
      reader.failed = failed;
    }
  }

  private identity(tx: PlainTransaction, reader: ByteReader): void {
    tx.addNumber(FIELD.version, this.sides, reader.u16());
    reader.skip(16);
    tx.addNumber(FIELD.vendor, this.sides, reader.u16());
    tx.addNumber(FIELD.device, this.sides, reader.u16());
    tx.addNumber(FIELD.code, this.sides, reader.u16());
    const major = reader.u8();
    tx.addNumber(FIELD.revision, this.sides, major * 256 + reader.u8());
    tx.addNumber(FIELD.identityStatus, this.sides, reader.u16());
    tx.addNumber(FIELD.serial, this.sides, reader.u32());
    const length = reader.u8();
    const at = reader.skip(length);
    if (!reader.failed) tx.addText(FIELD.product, this.sides, at, length);
    tx.addNumber(FIELD.state, this.sides, reader.u8());
  }

  private services(tx: PlainTransaction, reader: ByteReader): void {
    tx.addNumber(FIELD.version, this.sides, reader.u16());
    tx.addNumber(FIELD.capabilities, this.sides, reader.u16());
    const at = reader.at;
    let length = 0;
    while (length < reader.left && reader.bytes[at + length] !== 0) length++;
    if (length > 0) tx.addText(FIELD.service, this.sides, at, length);
  }

  /** A call of CIP, or what comes of it; several in one. */
  private call(tx: PlainTransaction, reader: ByteReader, depth: number): void {
    const start = reader.at;
    if (reader.left > 0) this.frames?.add(CALL_FRAME, (this.sides >>> 1) as Direction, start, reader.left);
    const service = reader.u8();
    if ((service & RESPONSE) !== 0) {
      reader.skip(1);
      tx.addNumber(FIELD.cipStatus, SIDE.both, reader.u8());
      const words = reader.u8();
      for (let index = 0; index < words && !reader.failed; index++)
        tx.addNumber(FIELD.extended, SIDE.both, reader.u16());
      this.note(tx, service & ~RESPONSE, -1, -1);
      if (service === (MULTIPLE | RESPONSE) && depth < MOST_DEPTH) this.calls(tx, reader, start, reader.at);
      return;
    }
    const end = reader.at + 1 + 2 * reader.u8();
    if (end > reader.end) reader.failed = true;
    else this.path(tx, service, reader, end);
    if (service === MULTIPLE && depth < MOST_DEPTH && !reader.failed) this.calls(tx, reader, start, end);
  }

  private path(tx: PlainTransaction, service: number, reader: ByteReader, end: number): void {
    let [called, attribute] = [-1, -1];
    while (reader.at < end && !reader.failed) {
      const segment = reader.u8();
      const kind = segmentKind(segment);
      if (kind === undefined) {
        reader.failed = true;
        return;
      }
      const value = segmentValue(segment, reader);
      tx.addNumber(FIELD_OF[kind], SIDE.both, value);
      if (kind === 'class') called = value;
      if (kind === 'attribute') attribute = value;
    }
    if (reader.at > end) reader.failed = true;
    this.note(tx, service, called, attribute);
    if (service === GET_LIST || service === SET_LIST) this.listed(tx, service, called, reader);
  }

  /** Attributes that are asked for, or the first that is set: the others stand behind values of any length. */
  private listed(tx: PlainTransaction, service: number, called: number, reader: ByteReader): void {
    const count = reader.u16();
    const most = service === SET_LIST ? 1 : MOST_LISTED;
    for (let index = 0; index < count && index < most && !reader.failed; index++) {
      const attribute = reader.u16();
      if (reader.failed) break;
      tx.addNumber(FIELD.attribute, SIDE.both, attribute);
      this.note(tx, service, called, attribute);
    }
  }

  private calls(tx: PlainTransaction, reader: ByteReader, start: number, end: number): void {
    const last = reader.end;
    reader.begin(end, last, true);
    const count = reader.u16();
    for (let index = 0; index < count && index < MOST_CALLS; index++) {
      reader.begin(end + 2 + 2 * index, last, true);
      const offset = reader.u16();
      if (reader.failed || end + offset >= last || end + offset <= start) return;
      const next = index + 1 < count ? reader.u16() : 0;
      const isAhead = next > offset && end + next < last;
      reader.begin(end + offset, isAhead ? end + next : last, true);
      this.call(tx, reader, MOST_DEPTH);
    }
  }

  /** Service, and class and attribute, each with a byte that says whether there is one. */
  private note(tx: PlainTransaction, service: number, called: number, attribute: number): void {
    const from = tx.text.length;
    if (!tx.beginText(this.sides, 11)) return;
    const { text } = tx;
    text.push(service);
    for (const value of [called, attribute]) {
      text.push(Number(value >= 0));
      for (let shift = 24; shift >= 0; shift -= 8) text.push((value >>> shift) & 255);
    }
    tx.endText(FIELD.cip, this.sides, from);
  }
}

const isUnanswered = (command: number): boolean =>
  command === ENIP_COMMANDS['nop'] || command === ENIP_COMMANDS['unregister_session'];
