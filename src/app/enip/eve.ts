/**
 * The `enip` object of events, from the messages of both sides as they were kept. Stage: app; called for events alone,
 * so it allocates. Bounds: those of events, and of the bytes that are kept; calls within a call are one deep.
 */
import { ByteReader } from '../fields/byte-reader.js';
import { eventObject, type EventMembers } from '../fields/event-object.js';
import { printedText } from '../printed-text.js';
import { ENIP_COMMANDS, ENIP_STATES } from './buffers.js';
import { CIP_CLASSES, CIP_SERVICES, CIP_STATES, DEVICE_TYPES } from './cip-names.js';
import { ITEM, MOST_CALLS, MOST_ITEMS, MULTIPLE, RESPONSE } from './constants.js';
import { segmentKind, segmentValue } from './segments.js';

const byNumber = (names: Readonly<Record<string, number>>): Readonly<Record<number, string>> =>
  Object.fromEntries(Object.entries(names).map(([name, value]) => [value, name]));
const COMMANDS = byNumber(ENIP_COMMANDS);
const STATES = byNumber(ENIP_STATES);
const nameOf = (names: Readonly<Record<number, string>>, number: number): string =>
  names[number] ?? `unknown-${number}`;

export function enipObject(request: Uint8Array | undefined, response: Uint8Array | undefined): string {
  return eventObject('enip', {
    request: request === undefined ? undefined : message(request, false),
    response: response === undefined ? undefined : message(response, true),
  });
}

function message(bytes: Uint8Array, isAnswer: boolean): EventMembers {
  const reader = new ByteReader(bytes).begin(0, bytes.length, true);
  const command = reader.u16();
  reader.skip(6);
  const status = reader.u32();
  reader.skip(8);
  const options = reader.u32();
  return {
    command: nameOf(COMMANDS, command),
    status: nameOf(STATES, status),
    ...(options === 0 ? {} : { options }),
    ...body(command, isAnswer, reader),
  };
}

function body(command: number, isAnswer: boolean, reader: ByteReader): EventMembers {
  if (command === ENIP_COMMANDS['register_session'])
    return reader.left < 4 ? {} : { register_session: { protocol_version: reader.u16(), options: reader.u16() } };
  const isCall = command === ENIP_COMMANDS['send_r_r_data'] || command === ENIP_COMMANDS['send_unit_data'];
  if (isCall) reader.skip(6);
  else if (!isAnswer || reader.left === 0) return {};
  const found = items(reader, isCall);
  return reader.failed ? {} : found;
}

/** Of the first item that says something. */
function items(reader: ByteReader, isCall: boolean): EventMembers {
  const count = Math.min(reader.u16(), MOST_ITEMS);
  for (let index = 0; index < count && !reader.failed; index++) {
    const type = reader.u16();
    const length = reader.u16();
    const at = reader.skip(length);
    if (reader.failed) break;
    const item = new ByteReader(reader.bytes).begin(at, at + length, true);
    const found = isCall ? callItem(type, item) : listed(type, item);
    if (found !== undefined) {
      reader.failed = item.failed;
      return found;
    }
    if (!isCall) break;
  }
  return {};
}

function callItem(type: number, item: ByteReader): EventMembers | undefined {
  if (type !== ITEM.unconnected && type !== ITEM.connected) return undefined;
  if (type === ITEM.connected) item.skip(2);
  return { cip: call(item, true) };
}

function listed(type: number, item: ByteReader): EventMembers | undefined {
  if (type === ITEM.services) {
    const [protocol_version, capabilities] = [item.u16(), item.u16()];
    return { list_services: { protocol_version, capabilities, service_name: text(item, item.left) } };
  }
  if (type !== ITEM.identity) return undefined;
  const protocol_version = item.u16();
  item.skip(16);
  const [vendor_id, device, product_code] = [item.u16(), item.u16(), item.u16()];
  const revision = `${item.u8()}.${item.u8()}`;
  const [status, serial] = [item.u16(), item.u32()];
  const product_name = text(item, item.u8());
  const device_type = nameOf(DEVICE_TYPES, device);
  const told = { protocol_version, revision, vendor_id, device_type, product_code, status, serial, product_name };
  return { identity: { ...told, state: item.u8() } };
}

function text(reader: ByteReader, length: number): string {
  const at = reader.skip(length);
  return reader.failed ? '' : printedText(reader.bytes, at, length);
}

function call(reader: ByteReader, isOuter: boolean): EventMembers {
  const code = reader.u8();
  const service = code & ~RESPONSE;
  const told: EventMembers = { service: nameOf(CIP_SERVICES, service) };
  const more = (code & RESPONSE) !== 0 ? outcome(reader) : path(reader);
  const within = service === MULTIPLE && isOuter ? { multiple: calls(reader) } : {};
  return { ...told, ...more, ...within };
}

function outcome(reader: ByteReader): EventMembers {
  reader.skip(1);
  const status = nameOf(CIP_STATES, reader.u8());
  const length = 2 * reader.u8();
  const at = reader.skip(length);
  if (length === 0 || reader.failed) return { status };
  return { status, status_extended: Buffer.from(reader.bytes.subarray(at, at + length)).toString('hex') };
}

function path(reader: ByteReader): EventMembers {
  const length = 2 * reader.u8();
  const at = reader.skip(length);
  if (reader.failed) return {};
  const found: { segment_type: string; value: number }[] = [];
  const segments = new ByteReader(reader.bytes).begin(at, at + length, true);
  while (segments.left > 0 && !segments.failed) {
    const segment = segments.u8();
    const kind = segmentKind(segment);
    if (kind === undefined) {
      reader.failed = true;
      return {};
    }
    found.push({ segment_type: kind, value: segmentValue(segment, segments) });
  }
  if (segments.failed) reader.failed = true;
  const called = found.findLast(({ segment_type }) => segment_type === 'class');
  return {
    ...(found.length === 0 ? {} : { path: found }),
    ...(called === undefined ? {} : { class_name: nameOf(CIP_CLASSES, called.value) }),
  };
}

function calls(reader: ByteReader): EventMembers[] {
  const start = reader.at;
  const count = Math.min(reader.u16(), MOST_CALLS);
  const found: EventMembers[] = [];
  for (let index = 0; index < count; index++) {
    const offset = reader.u16();
    if (reader.failed || start + offset >= reader.end) break;
    found.push(call(new ByteReader(reader.bytes).begin(start + offset, reader.end, true), false));
  }
  return found;
}
