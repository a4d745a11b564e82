/**
 * All buffers that rules inspect. Stage: app; rule, compile and detect take names and numbers from here. A number
 * is a place here. Those of a protocol are in its folder: names and shapes, no parser.
 */
import { EVENT_BUFFERS } from './application-events.js';
import type { BufferSpec } from './buffer-spec.js';
import { DCERPC_BUFFERS } from './dcerpc/buffers.js';
import { DNS_BUFFERS } from './dns/buffers.js';
import { FILE_BUFFERS } from './file/buffers.js';
import { FRAME_BUFFERS } from './frame/buffers.js';
import { FTP_BUFFERS } from './ftp/buffers.js';
import { HTTP1_BUFFERS } from './http1/buffers.js';
import { HTTP2_BUFFERS } from './http2/buffers.js';
import { IMAP_BUFFERS } from './imap/buffers.js';
import { KRB5_BUFFERS } from './krb5/buffers.js';
import { LDAP_BUFFERS } from './ldap/buffers.js';
import { MQTT_BUFFERS } from './mqtt/buffers.js';
import { MODBUS_BUFFERS } from './modbus/buffers.js';
import { DNP3_BUFFERS } from './dnp3/buffers.js';
import { ENIP_BUFFERS } from './enip/buffers.js';
import { IKE_BUFFERS } from './ike/buffers.js';
import { NFS_BUFFERS } from './nfs/buffers.js';
import { DHCP_BUFFERS } from './dhcp/buffers.js';
import { NTP_BUFFERS } from './ntp/buffers.js';
import { RDP_BUFFERS } from './rdp/buffers.js';
import { RFB_BUFFERS } from './rfb/buffers.js';
import { SNMP_BUFFERS } from './snmp/buffers.js';
import { TFTP_BUFFERS } from './tftp/buffers.js';
import { PGSQL_BUFFERS } from './pgsql/buffers.js';
import { POP3_BUFFERS } from './pop3/buffers.js';
import { PACKET_BUFFERS } from './packet-buffers.js';
import { QUIC_BUFFERS } from './quic/buffers.js';
import { STATE_BUFFERS } from './state-buffers.js';
import { SMTP_BUFFERS } from './smtp/buffers.js';
import { SIP_BUFFERS } from './sip/buffers.js';
import { SSH_BUFFERS } from './ssh/buffers.js';
import { SMB_BUFFERS } from './smb/buffers.js';
import { TLS_BUFFERS } from './tls/buffers.js';
import { WEBSOCKET_BUFFERS } from './websocket/buffers.js';

export type BufferName = string;

/** Buffers by number and by name. */
export class BufferRegistry {
  readonly specs: readonly BufferSpec[];
  private readonly numbers: ReadonlyMap<string, number>;

  constructor(specs: readonly BufferSpec[]) {
    // PERF: in one shape, as the compiler of rules asks for them all the time.
    this.specs = specs.map((spec) => Object.assign({ ...UNSAID }, spec));
    this.numbers = new Map(specs.map(({ name }, index) => [name, index]));
  }

  /** The number of a buffer; throws where there is none of that name. */
  number(name: BufferName): number {
    const number = this.numbers.get(name);
    if (number === undefined) throw new Error(`there is no buffer ${name}`);
    return number;
  }

  spec(name: BufferName): BufferSpec {
    return this.specs[this.number(name)]!;
  }
}

/** All that a specification may say. */
const UNSAID = {
  name: undefined,
  keyword: undefined,
  aliases: undefined,
  modifiers: undefined,
  letter: undefined,
  what: undefined,
  applications: undefined,
  scope: undefined,
  kind: undefined,
  ofFiles: undefined,
  accumulates: undefined,
  toServer: undefined,
  toClient: undefined,
  lowercase: undefined,
  eitherCase: undefined,
  longest: undefined,
  common: undefined,
  values: undefined,
  example: undefined,
  differences: undefined,
} satisfies Record<keyof BufferSpec, undefined>;

export const BUFFER_SPECS: readonly BufferSpec[] = [
  ...PACKET_BUFFERS,
  ...DNS_BUFFERS,
  ...TLS_BUFFERS,
  ...QUIC_BUFFERS,
  ...HTTP1_BUFFERS,
  ...FILE_BUFFERS,
  ...HTTP2_BUFFERS,
  ...FTP_BUFFERS,
  ...IMAP_BUFFERS,
  ...PGSQL_BUFFERS,
  ...POP3_BUFFERS,
  ...SMTP_BUFFERS,
  ...SSH_BUFFERS,
  ...SIP_BUFFERS,
  ...WEBSOCKET_BUFFERS,
  ...STATE_BUFFERS,
  ...DCERPC_BUFFERS,
  ...EVENT_BUFFERS,
  ...SMB_BUFFERS,
  ...KRB5_BUFFERS,
  ...LDAP_BUFFERS,
  ...MQTT_BUFFERS,
  ...MODBUS_BUFFERS,
  ...DNP3_BUFFERS,
  ...ENIP_BUFFERS,
  ...IKE_BUFFERS,
  ...NFS_BUFFERS,
  ...DHCP_BUFFERS,
  ...NTP_BUFFERS,
  ...SNMP_BUFFERS,
  ...RFB_BUFFERS,
  ...RDP_BUFFERS,
  ...TFTP_BUFFERS,
  ...FRAME_BUFFERS,
];

/** Those of packets and of all protocols. */
export const ALL_BUFFERS = new BufferRegistry(BUFFER_SPECS);

/** Their names, by number. */
export const BUFFERS: readonly string[] = BUFFER_SPECS.map(({ name }) => name);

/** The number of a buffer; throws where there is none of that name. */
export const bufferNumber = (name: BufferName): number => ALL_BUFFERS.number(name);

/** By buffer: 1 where it is how far a side of a transaction is. */
export const IS_STATE = Uint8Array.from(BUFFER_SPECS, (spec) => Number(STATE_BUFFERS.includes(spec)));

/** By buffer: 1 where it is the events that a transaction has raised. */
export const IS_EVENTS = Uint8Array.from(BUFFER_SPECS, (spec) => Number(EVENT_BUFFERS.includes(spec)));

/** Not a part of the packet. */
export const BASE64_DATA = bufferNumber('base64_data');

/** By buffer: 1 where more of it may come as long as the transaction is there. */
export const ACCUMULATES = Uint8Array.from(BUFFER_SPECS, (spec, buffer) =>
  Number(spec.accumulates === true || IS_EVENTS[buffer] === 1),
);

/** By buffer: 1 where it is of files, of which there may be several. */
export const OF_FILES = Uint8Array.from(BUFFER_SPECS, ({ ofFiles }) => Number(ofFiles === true));
