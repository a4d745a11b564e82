/** The `dhcp` object of events. Stage: app; called for events alone, so it allocates. Bound: 8 KiB. */
import { eventObject, type EventMembers, type EventValue } from '../fields/event-object.js';
import { printedText } from '../printed-text.js';

const KINDS = ['unknown', 'discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform'];
const TYPES: Readonly<Record<number, string>> = { 1: 'request', 2: 'reply' };
/** What clients ask for, of what has a name. */
const PARAMETERS: Readonly<Record<number, string>> = {
  1: 'subnet_mask',
  3: 'router',
  6: 'dns_server',
  15: 'domain',
  35: 'arp_timeout',
  42: 'ntp_server',
  66: 'tftp_server_name',
  150: 'tftp_server_ip',
};
const MAC_AT = 28;
const MOST_MAC = 16;
const ADDRESS_BYTES = 4;
const END = 255;

type Printer = (value: Buffer) => EventValue;

const hex = (bytes: Buffer): string => bytes.toString('hex').replace(/(..)(?=.)/g, '$1:');
const text: Printer = (value) => (value.length === 0 ? undefined : printedText(value, 0, value.length));
const address: Printer = (value) => (value.length === ADDRESS_BYTES ? value.join('.') : '');
const seconds: Printer = (value) => (value.length === ADDRESS_BYTES ? value.readUInt32BE() : undefined);
const addresses: Printer = (value) =>
  Array.from({ length: Math.floor(value.length / ADDRESS_BYTES) }, (_, index) =>
    value.subarray(index * ADDRESS_BYTES, (index + 1) * ADDRESS_BYTES).join('.'),
  );

/** Members by the code of the option. */
const OPTIONS: Readonly<Record<number, readonly [member: string, print: Printer]>> = {
  1: ['subnet_mask', address],
  3: ['routers', addresses],
  6: ['dns_servers', addresses],
  12: ['hostname', text],
  50: ['requested_ip', address],
  51: ['lease_time', seconds],
  53: ['dhcp_type', (value) => (value.length === 0 ? undefined : (KINDS[value[0]!] ?? KINDS[0]))],
  55: ['params', (value) => [...value].flatMap((code) => PARAMETERS[code] ?? [])],
  58: ['renewal_time', seconds],
  59: ['rebinding_time', seconds],
  60: ['vendor_class_identifier', text],
  // Behind the type of hardware.
  61: ['client_id', (value) => (value.length === 0 ? undefined : hex(value.subarray(1)))],
};

/** Of the head of a message, and its options, as far as they were kept. */
export function dhcpObject(head: Buffer, options: Buffer): string {
  const at = (place: number): string => head.subarray(place, place + ADDRESS_BYTES).join('.');
  const type = TYPES[head[0]!] ?? '<unknown>';
  return eventObject('dhcp', {
    type,
    id: head.readUInt32BE(4),
    client_mac: hex(head.subarray(MAC_AT, MAC_AT + Math.min(head[2]!, MOST_MAC))),
    assigned_ip: at(16),
    client_ip: at(12),
    ...(type === 'reply' ? { relay_ip: at(24), next_server_ip: at(20) } : {}),
    ...membersOf(options),
  });
}

function membersOf(options: Buffer): EventMembers {
  const members: Record<string, EventValue> = {};
  for (let at = 0; at + 1 < options.length && options[at] !== END;) {
    const code = options[at++]!;
    if (code === 0) continue;
    const length = options[at++]!;
    if (at + length > options.length) break;
    const [member, print] = OPTIONS[code] ?? [];
    if (member !== undefined) members[member] ??= print!(options.subarray(at, at + length));
    at += length;
  }
  return members;
}
