/**
 * Properties of MQTT 5 by their number: the member of events, and how a value is written (section 2.2.2.2). Stage: app;
 * values are read for events alone, otherwise they are counted.
 */
import type { ByteReader } from '../fields/byte-reader.js';
import type { EventMembers, EventValue } from '../fields/event-object.js';
import { printedText } from '../printed-text.js';

type Kind = 'flag' | 'u8' | 'u16' | 'u32' | 'length' | 'text' | 'pair';

const PROPERTIES: Readonly<Record<number, readonly [member: string, kind: Kind]>> = {
  1: ['payload_format_indicator', 'u8'],
  2: ['message_expiry_interval', 'u32'],
  3: ['content_type', 'text'],
  8: ['response_topic', 'text'],
  9: ['correlation_data', 'text'],
  11: ['subscription_identifier', 'length'],
  17: ['session_expiry_interval', 'u32'],
  18: ['assigned_client_identifier', 'text'],
  19: ['server_keep_alive', 'u16'],
  21: ['authentication_method', 'text'],
  22: ['authentication_data', 'text'],
  23: ['request_problem_information', 'u8'],
  24: ['will_delay_interval', 'u32'],
  25: ['request_response_information', 'u8'],
  26: ['response_information', 'text'],
  28: ['server_reference', 'text'],
  31: ['reason_string', 'text'],
  33: ['receive_maximum', 'u16'],
  34: ['topic_alias_maximum', 'u16'],
  35: ['topic_alias', 'u16'],
  36: ['maximum_qos', 'u8'],
  37: ['retain_available', 'u8'],
  38: ['user_properties', 'pair'],
  39: ['maximum_packet_size', 'u32'],
  40: ['wildcard_subscription_available', 'u8'],
  41: ['subscription_identifiers_available', 'u8'],
  42: ['shared_subscription_available', 'u8'],
};
/** Of a list. */
export const MOST_PROPERTIES = 256;
const BYTES = { flag: 1, u8: 1, u16: 2, u32: 4 } as const;
const MOST_LENGTH_BYTES = 4;

/** A length in groups of seven bits, the lowest first. */
export function lengthOf(reader: ByteReader): number {
  let length = 0;
  for (let index = 0; index < MOST_LENGTH_BYTES; index++) {
    const byte = reader.u8();
    length += (byte & 0x7f) * 128 ** index;
    if (byte < 0x80) return length;
  }
  reader.failed = true;
  return length;
}

export function textOf(reader: ByteReader): string {
  const length = reader.u16();
  const at = reader.skip(length);
  return reader.failed ? '' : printedText(reader.bytes, at, length);
}

/**
 * Passes over the properties of a message.
 * @returns whether there are more than MOST_PROPERTIES.
 */
export function passProperties(reader: ByteReader): boolean {
  const length = lengthOf(reader);
  const start = reader.skip(length);
  if (reader.failed || length <= MOST_PROPERTIES) return false;
  const { end } = reader;
  reader.begin(start, start + length);
  let count = 0;
  while (count <= MOST_PROPERTIES && reader.left > 0 && passProperty(reader)) count++;
  reader.begin(start + length, end);
  return count > MOST_PROPERTIES;
}

/** @returns whether it is one, and all there. */
function passProperty(reader: ByteReader): boolean {
  const kind = PROPERTIES[reader.u8()]?.[1];
  if (kind === undefined) return false;
  if (kind === 'length') lengthOf(reader);
  else if (kind === 'text' || kind === 'pair') {
    reader.skip(reader.u16());
    if (kind === 'pair') reader.skip(reader.u16());
  } else reader.skip(BYTES[kind]);
  return !reader.failed;
}

/** For events: undefined where there are none. */
export function propertiesOf(reader: ByteReader): EventMembers | undefined {
  const length = lengthOf(reader);
  const end = Math.min(reader.end, reader.at + length);
  const members: Record<string, EventValue> = {};
  const pairs: EventMembers[] = [];
  for (let index = 0; index < MOST_PROPERTIES && reader.at < end && !reader.failed; index++) {
    const [member, kind] = PROPERTIES[reader.u8()] ?? [];
    if (kind === undefined) break;
    if (kind === 'pair') pairs.push({ key: textOf(reader), value: textOf(reader) });
    else members[member!] = valueOf(reader, kind);
  }
  reader.at = end;
  if (pairs.length > 0) members['user_properties'] = pairs;
  return Object.keys(members).length === 0 ? undefined : members;
}

function valueOf(reader: ByteReader, kind: Exclude<Kind, 'pair'>): EventValue {
  switch (kind) {
    case 'flag':
      return reader.u8() !== 0;
    case 'u8':
      return reader.u8();
    case 'u16':
      return reader.u16();
    case 'u32':
      return reader.u32();
    case 'length':
      return lengthOf(reader);
    default:
      return textOf(reader);
  }
}
