/**
 * MQTT 3.1, 3.1.1 and 5 on one connection. Stage: app. A message and what answers it are one transaction: connect and
 * connack, publish and puback or pubrec, pubrel and pubcomp, subscribe and suback …; all else is one by itself. Behind
 * a gap, and behind a length that is none, the next message is searched for.
 *
 *   | type, flags | length (1-4) | … |        taken when it is whole; of one over 64 KiB the first bytes are read
 */
import type { Direction } from '../../flow/flow.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { FieldTable } from '../fields/field-table.js';
import { SIDE } from '../fields/field-list.js';
import { MESSAGE } from '../fields/field-transaction.js';
import { MessageConnection } from '../fields/message-connection.js';
import { MOST_SEARCHED, type PlainLayout, type PlainTransaction } from '../fields/plain-transaction.js';
import { MessageFrames } from '../frame/message-frames.js';
import type { Input } from '../input.js';
import type { Probe } from '../probe/answer.js';
import { MQTT_BUFFERS } from './buffers.js';
import { mqttObject } from './eve.js';
import { mqttEvent } from './events.js';
import { passProperties } from './properties.js';
import { findMqtt } from './resynchronise.js';

const FIELDS = new FieldTable(MQTT_BUFFERS, ['raw']);
export const MQTT_LAYOUT: PlainLayout = {
  table: FIELDS,
  mostBytes: 131_072,
  mostFields: 256,
  overflow: mqttEvent('too_many_fields'),
  print: (tx) => mqttObject(allBytes(tx), tx.numberOf(FIELD.version) ?? 0),
};
const MALFORMED = mqttEvent('malformed_traffic');
const UNINTRODUCED = mqttEvent('unintroduced_message');
const WRONG_QUALITY = mqttEvent('invalid_qos_level');
const UNASSIGNED = mqttEvent('unassigned_msg_type');
const DOUBLE = mqttEvent('double_connect');
const TOO_LONG = mqttEvent('message_too_long');
const TOO_MANY_PROPERTIES = mqttEvent('too_many_properties');
const MOST_MESSAGE = 65_536;
const MOST_LENGTH_BYTES = 4;
/** Of the messages of a transaction, for events. */
const MOST_KEPT = 98_304;
const FRAMES = new MessageFrames('mqtt.pdu', 'mqtt.header', 'mqtt.data');
const VERSION_5 = 5;
const TYPE = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const;
/** By type: what it answers, 0 for nothing. */
const ANSWERS = [0, 0, 1, 0, 3, 3, 0, 6, 0, 8, 0, 10, 0, 0, 0, 0];
/** The event of an answer to nothing, by the type that it answers. */
const UNASKED: Readonly<Record<number, number>> = {
  1: mqttEvent('missing_connect'),
  3: mqttEvent('missing_publish'),
  6: mqttEvent('missing_publish'),
  8: mqttEvent('missing_subscribe'),
  10: mqttEvent('missing_unsubscribe'),
};
/** By type: whether it carries a number. */
const NUMBERED = new Set<number>([4, 5, 6, 7, 8, 9, 10, 11]);
const FLAG = { username: 128, password: 64, will: 4 } as const;
const F = (name: string): number => FIELDS.of(name);
const FIELD = {
  client: F('mqtt.connect.clientid'),
  user: F('mqtt.connect.username'),
  password: F('mqtt.connect.password'),
  protocol: F('mqtt.connect.protocol_string'),
  willTopic: F('mqtt.connect.willtopic'),
  will: F('mqtt.connect.willmessage'),
  topic: F('mqtt.publish.topic'),
  message: F('mqtt.publish.message'),
  subscribed: F('mqtt.subscribe.topic'),
  unsubscribed: F('mqtt.unsubscribe.topic'),
  type: F('mqtt.type'),
  flags: F('mqtt.flags'),
  qos: F('mqtt.qos'),
  version: F('mqtt.protocol_version'),
  connectFlags: F('mqtt.connect.flags'),
  present: F('mqtt.connack.session_present'),
  reason: F('mqtt.reason_code'),
  raw: F('raw'),
};

export class MqttConnection extends MessageConnection<PlainTransaction> {
  private version = 0;
  private isConnected = false;
  private sides = 0;

  override reset(): void {
    super.reset();
    this.version = 0;
    this.isConnected = false;
  }

  protected override probe(): Probe {
    return findMqtt;
  }

  protected override message(direction: Direction, input: Input): boolean {
    const { bytes, position, available } = input;
    let length = 0;
    let at = position + 1;
    for (let shift = 1; ; shift *= 128) {
      if (at >= position + available) return false;
      const byte = bytes[at++];
      length += (byte & 0x7f) * shift;
      if (byte < 0x80) break;
      if (at - position > MOST_LENGTH_BYTES) {
        const tx = this.begin();
        if (tx === null) return false;
        tx.raise(MALFORMED, direction);
        this.completeAlone(tx, direction);
        this.lose(direction);
        input.take(1);
        return true;
      }
    }
    const kept = Math.min(length, MOST_MESSAGE);
    if (at + kept > position + available) return false;
    const tx = this.take(direction, bytes[position], this.share.reader.begin(at, at + kept));
    if (tx === null) return false;
    tx.keep(FIELD.raw, 1 << direction, position, at - position + kept, MOST_KEPT);
    if (length > MOST_MESSAGE) tx.raise(TOO_LONG, direction);
    if (input.frames !== null) FRAMES.note(input.frames, direction, position, at - position, at - position + length);
    input.skip(at - position + length);
    return true;
  }

  /** @returns null where there is no room for it. */
  private take(direction: Direction, head: number, reader: ByteReader): PlainTransaction | null {
    const type = head >>> 4;
    const qos = (head >>> 1) & 3;
    this.sides = 1 << direction;
    const from = reader.at;
    const id = NUMBERED.has(type) ? reader.u16() : 0;
    const asked = ANSWERS[type];
    const isWhole = !reader.failed;
    const open = asked === 0 ? null : this.find(asked * 65_536 + id);
    const tx = open ?? this.begin();
    if (tx === null) return null;
    if (open === null) tx.key = type * 65_536 + id;
    if (isWhole && open === null && asked !== 0) tx.raise(UNASKED[asked]!, direction);
    if (!this.isConnected && type > TYPE.connack) tx.raise(UNINTRODUCED, direction);
    if (qos === 3) tx.raise(WRONG_QUALITY, direction);
    tx.addNumber(FIELD.type, this.sides, type);
    tx.addNumber(FIELD.flags, this.sides, head & 15);
    tx.addNumber(FIELD.qos, this.sides, qos);
    this.body(tx, direction, type, qos, from, reader);
    tx.addNumber(FIELD.version, this.sides, this.version);
    if (reader.failed) tx.raise(MALFORMED, direction);
    tx.advance(direction, MESSAGE);
    if (!this.waits(type, qos) || reader.failed) tx.advance(direction === 0 ? 1 : 0, MESSAGE);
    return tx;
  }

  /** Whether the other side is to say something. */
  private waits(type: number, qos: number): boolean {
    if (type === TYPE.publish) return qos > 0;
    return type === TYPE.connect || type === TYPE.subscribe || type === TYPE.unsubscribe || type === TYPE.pubrel;
  }

  private find(key: number): PlainTransaction | null {
    for (let index = Math.min(this.count, MOST_SEARCHED) - 1; index >= 0; index--) {
      const tx = this.transactions[index] as PlainTransaction;
      if (tx.key === key && (tx.progressToClient < MESSAGE || tx.progressToServer < MESSAGE)) return tx;
    }
    return null;
  }

  private body(
    tx: PlainTransaction,
    direction: Direction,
    type: number,
    qos: number,
    from: number,
    reader: ByteReader,
  ): void {
    if (type === TYPE.connect) {
      if (this.isConnected) tx.raise(DOUBLE, direction);
      this.isConnected = true;
      return this.connect(tx, reader);
    }
    switch (type) {
      case TYPE.connack:
        tx.addNumber(FIELD.present, this.sides, reader.u8() & 1);
        tx.addNumber(FIELD.reason, this.sides, reader.u8());
        return;
      case TYPE.publish:
        return this.publish(tx, qos, reader);
      case TYPE.subscribe:
        return this.topics(tx, FIELD.subscribed, 1, reader);
      case TYPE.unsubscribe:
        return this.topics(tx, FIELD.unsubscribed, 0, reader);
      case TYPE.suback:
      case TYPE.unsuback:
        this.properties(tx, reader);
        while (reader.left > 0) this.reason(tx, reader);
        return;
      case TYPE.disconnect:
      case TYPE.auth:
        if (type === TYPE.auth && this.version !== VERSION_5) tx.raise(MALFORMED, direction);
        if (this.version === VERSION_5 && reader.left > 0) tx.addNumber(FIELD.reason, this.sides, reader.u8());
        return;
      case 0:
        tx.raise(UNASSIGNED, direction);
        return;
      default:
        if (
          this.version === VERSION_5 &&
          type >= TYPE.puback &&
          type <= TYPE.pubcomp &&
          reader.at > from &&
          reader.left > 0
        )
          tx.addNumber(FIELD.reason, this.sides, reader.u8());
    }
  }

  private reason(tx: PlainTransaction, reader: ByteReader): void {
    const code = reader.u8();
    if (this.version === VERSION_5) tx.addNumber(FIELD.reason, this.sides, code);
  }

  private connect(tx: PlainTransaction, reader: ByteReader): void {
    this.text(tx, FIELD.protocol, reader);
    this.version = reader.u8();
    const flags = reader.u8();
    tx.addNumber(FIELD.connectFlags, this.sides, flags);
    reader.skip(2);
    this.properties(tx, reader);
    this.text(tx, FIELD.client, reader);
    if ((flags & FLAG.will) !== 0) {
      this.properties(tx, reader);
      this.text(tx, FIELD.willTopic, reader);
      this.text(tx, FIELD.will, reader);
    }
    if ((flags & FLAG.username) !== 0) this.text(tx, FIELD.user, reader);
    if ((flags & FLAG.password) !== 0) this.text(tx, FIELD.password, reader);
  }

  private publish(tx: PlainTransaction, qos: number, reader: ByteReader): void {
    this.text(tx, FIELD.topic, reader);
    if (qos > 0) {
      const id = reader.u16();
      tx.key = TYPE.publish * 65_536 + id;
    }
    this.properties(tx, reader);
    const { left } = reader;
    tx.addText(FIELD.message, this.sides, reader.skip(left), left);
  }

  private topics(tx: PlainTransaction, field: number, more: number, reader: ByteReader): void {
    this.properties(tx, reader);
    if (reader.left === 0) reader.failed = true;
    while (reader.left > 0 && !reader.failed) {
      this.text(tx, field, reader);
      reader.skip(more);
    }
  }

  private text(tx: PlainTransaction, field: number, reader: ByteReader): void {
    const length = reader.u16();
    const start = reader.skip(length);
    if (!reader.failed) tx.addText(field, this.sides, start, length);
  }

  /** Of version 5: passed over. */
  private properties(tx: PlainTransaction, reader: ByteReader): void {
    if (this.version !== VERSION_5 || reader.left === 0) return;
    if (passProperties(reader)) tx.raise(TOO_MANY_PROPERTIES, this.sides === SIDE.toClient ? 1 : 0);
  }
}

const allBytes = (tx: PlainTransaction): Uint8Array[] =>
  Array.from({ length: tx.countOf(FIELD.raw) }, (_, index) => tx.bytesOf(FIELD.raw, index)!);
