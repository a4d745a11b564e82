/**
 * The `mqtt` object of events, from the messages as they were kept: | type, flags | length | … |. Stage: app; called
 * for events alone, so it allocates. Bound: 8 KiB, 64 topics.
 */
import { ByteReader } from '../fields/byte-reader.js';
import { eventObject, type EventMembers } from '../fields/event-object.js';
import { printedText } from '../printed-text.js';
import { MQTT_TYPES } from './buffers.js';
import { lengthOf, propertiesOf, textOf } from './properties.js';

const NAMES = Object.keys(MQTT_TYPES);
const VERSION_5 = 5;
const MOST_TOPICS = 64;
const FLAG = { username: 128, password: 64, willRetain: 32, will: 4, clean: 2 } as const;

/** Of the messages of a transaction, in their order, by the version that the connection had agreed on. */
export function mqttObject(messages: readonly Uint8Array[], version: number): string {
  const members: Record<string, EventMembers> = {};
  for (const bytes of messages) {
    const reader = new ByteReader(bytes).begin(0, bytes.length);
    const head = reader.u8();
    const name = NAMES[head >>> 4]!;
    const length = lengthOf(reader);
    const skipped = length - reader.left;
    members[name] = {
      qos: (head >>> 1) & 3,
      retain: (head & 1) !== 0,
      dup: (head & 8) !== 0,
      ...(skipped > 0 && name !== 'publish'
        ? { truncated: true, skipped_length: skipped }
        : membersOf(name, (head >>> 1) & 3, reader, version === VERSION_5)),
    };
  }
  return messages.length === 0 ? '' : eventObject('mqtt', members);
}

function membersOf(name: string, qos: number, reader: ByteReader, is5: boolean): EventMembers {
  const properties = (): EventMembers | undefined => (is5 && reader.left > 0 ? propertiesOf(reader) : undefined);
  switch (name) {
    case 'connect':
      return connect(reader);
    case 'connack':
      return {
        session_present: (reader.u8() & 1) !== 0,
        return_code: reader.u8(),
        properties: properties(),
      };
    case 'publish': {
      const topic = textOf(reader);
      const id = qos > 0 ? reader.u16() : undefined;
      const more = properties();
      const message = printedText(reader.bytes, reader.at, reader.left);
      return { topic, message_id: id, message, properties: more };
    }
    case 'subscribe': {
      const id = reader.u16();
      const more = properties();
      return {
        message_id: id,
        topics: topics(reader, () => ({ topic: textOf(reader), qos: reader.u8() & 3 })),
        properties: more,
      };
    }
    case 'unsubscribe': {
      const id = reader.u16();
      const more = properties();
      return { message_id: id, topics: topics(reader, () => textOf(reader)), properties: more };
    }
    case 'suback':
    case 'unsuback': {
      const id = reader.u16();
      const more = properties();
      const codes = topics(reader, () => reader.u8());
      if (name === 'suback') return { message_id: id, qos_granted: codes, properties: more };
      return { message_id: id, reason_codes: codes.length === 0 ? undefined : codes, properties: more };
    }
    case 'puback':
    case 'pubrec':
    case 'pubrel':
    case 'pubcomp':
      return { message_id: reader.u16(), ...reason(reader, is5) };
    case 'disconnect':
    case 'auth':
      return reason(reader, is5);
    default:
      return {};
  }
}

function reason(reader: ByteReader, is5: boolean): EventMembers {
  if (!is5 || reader.left === 0) return {};
  return { reason_code: reader.u8(), properties: reader.left > 0 ? propertiesOf(reader) : undefined };
}

function topics<T>(reader: ByteReader, read: () => T): T[] {
  const found: T[] = [];
  while (found.length < MOST_TOPICS && reader.left > 0 && !reader.failed) {
    const topic = read();
    if (!reader.failed) found.push(topic);
  }
  return found;
}

function connect(reader: ByteReader): EventMembers {
  const protocol = textOf(reader);
  const version = reader.u8();
  const flags = reader.u8();
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const next = (): EventMembers | undefined => (version === VERSION_5 ? propertiesOf(reader) : undefined);
  reader.skip(2);
  const properties = next();
  const client = textOf(reader);
  const willProperties = has(FLAG.will) ? next() : undefined;
  const will = has(FLAG.will)
    ? { topic: textOf(reader), message: textOf(reader), properties: willProperties }
    : undefined;
  return {
    protocol_string: protocol,
    protocol_version: version,
    client_id: client,
    flags: {
      username: has(FLAG.username),
      password: has(FLAG.password),
      will_retain: has(FLAG.willRetain),
      will: has(FLAG.will),
      clean_session: has(FLAG.clean),
    },
    username: has(FLAG.username) ? textOf(reader) : undefined,
    password: has(FLAG.password) ? textOf(reader) : undefined,
    will,
    properties,
  };
}
