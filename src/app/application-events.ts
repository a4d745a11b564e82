/**
 * The events of all protocols that are parsed, for rules (`app-layer-event`). Stage: app; names and shapes alone. Those
 * that a transaction has raised are numbers of a buffer, which rules compare: an event's number is its place in the
 * list of its protocol.
 */
import type { ApplicationName } from './applications.js';
import type { BufferSpec } from './buffer-spec.js';
import { DHT_EVENTS } from './bittorrent-dht/events.js';
import { DCERPC_EVENTS } from './dcerpc/events.js';
import { DNS_EVENTS } from './dns/events.js';
import { FTP_EVENTS } from './ftp/events.js';
import { HTTP1_EVENTS } from './http1/events.js';
import { HTTP2_EVENTS } from './http2/events.js';
import { SMB_EVENTS } from './smb/events.js';
import { KRB5_EVENTS } from './krb5/events.js';
import { LDAP_EVENTS } from './ldap/events.js';
import { MQTT_EVENTS } from './mqtt/events.js';
import { MODBUS_EVENTS } from './modbus/events.js';
import { DNP3_EVENTS } from './dnp3/events.js';
import { ENIP_EVENTS } from './enip/events.js';
import { IKE_EVENTS } from './ike/events.js';
import { NFS_EVENTS } from './nfs/events.js';
import { DHCP_EVENTS } from './dhcp/events.js';
import { NTP_EVENTS } from './ntp/events.js';
import { RDP_EVENTS } from './rdp/events.js';
import { RFB_EVENTS } from './rfb/events.js';
import { SNMP_EVENTS } from './snmp/events.js';
import { TFTP_EVENTS } from './tftp/events.js';
import type { ProtocolEvent } from './protocol-event.js';
import { IMAP_EVENTS } from './imap/events.js';
import { PGSQL_EVENTS } from './pgsql/events.js';
import { POP3_EVENTS } from './pop3/events.js';
import { QUIC_EVENTS } from './quic/events.js';
import { SMTP_EVENTS } from './smtp/events.js';
import { SIP_EVENTS } from './sip/events.js';
import { SSH_EVENTS } from './ssh/events.js';
import { TLS_EVENTS } from './tls/events.js';
import { WEBSOCKET_EVENTS } from './websocket/events.js';

export interface ApplicationEvents {
  /** What stands before the name of an event. */
  readonly prefix: string;
  readonly application: ApplicationName;
  readonly events: readonly ProtocolEvent[];
  /** Names that Suricata knows and that are never raised here, and why. */
  readonly silent?: Readonly<Record<string, string>>;
}

const AS_FAR = 'forms are read as far as they go';
const OF_PARSER = "it is of Suricata's own parser";

export const APPLICATION_EVENTS: readonly ApplicationEvents[] = [
  { prefix: 'dns', application: 'dns', events: DNS_EVENTS },
  { prefix: 'mdns', application: 'mdns', events: DNS_EVENTS },
  { prefix: 'llmnr', application: 'llmnr', events: DNS_EVENTS },
  {
    prefix: 'tls',
    application: 'tls',
    events: TLS_EVENTS,
    silent: {
      certificate_invalid_der: 'a certificate that is no DER raises invalid_certificate, or names the field',
      certificate_invalid_x509name: 'a malformed name raises certificate_invalid_issuer or certificate_invalid_subject',
      error_message_encountered: 'errors of SSLv2 are not told apart',
      heartbeat_message: 'heartbeats are legitimate; what is wrong with one has an event of its own',
      too_many_records_in_packet: 'records are those of a stream, however many a packet has',
    },
  },
  { prefix: 'dcerpc', application: 'dcerpc', events: DCERPC_EVENTS },
  {
    prefix: 'smb',
    application: 'smb',
    events: SMB_EVENTS,
    silent: {
      internal_error: OF_PARSER,
      record_overflow: 'a message of any length is read as far as rules look',
      malformed_ntlmssp_response: 'answers to logins are not read',
      read_request_too_large: 'read_response_too_large tells what was given',
      response_to_server: 'a message is read as what it says it is, whoever sends it',
      request_to_client: 'a message is read as what it says it is, whoever sends it',
    },
  },
  { prefix: 'krb5', application: 'krb5', events: KRB5_EVENTS },
  {
    prefix: 'ldap',
    application: 'ldap',
    events: LDAP_EVENTS,
    silent: {
      too_many_responses: 'of more responses than there is room for too_many_fields tells',
      incomplete_data: 'what breaks off in a datagram raises invalid_data, and a stream may go on',
    },
  },
  {
    prefix: 'mqtt',
    application: 'mqtt',
    events: MQTT_EVENTS,
    silent: {
      missing_msg_id: 'a message that needs a number has one, or breaks off',
      too_many_messages: 'the messages of a transaction are bounded by their kinds, one of each',
    },
  },
  {
    prefix: 'modbus',
    application: 'modbus',
    events: MODBUS_EVENTS,
    silent: { invalid_unit_identifier: 'any unit may be one' },
  },
  {
    prefix: 'dnp3',
    application: 'dnp3',
    events: DNP3_EVENTS,
    silent: { flooded: 'each message is a transaction of its own: none waits for an answer' },
  },
  {
    prefix: 'enip',
    application: 'enip',
    events: ENIP_EVENTS,
  },
  {
    prefix: 'ike',
    application: 'ike',
    events: IKE_EVENTS,
    silent: {
      payload_extra_data: 'what is behind the payloads of a message is not looked at',
    },
  },
  {
    prefix: 'nfs',
    application: 'nfs',
    events: NFS_EVENTS,
    silent: {
      unsupported_version: 'versions 2 to 4 are read',
    },
  },
  { prefix: 'dhcp', application: 'dhcp', events: DHCP_EVENTS },
  {
    prefix: 'ntp',
    application: 'ntp',
    events: NTP_EVENTS,
    silent: {
      unsolicited_response: 'each datagram is told by itself: servers broadcast, and rules have ntp.mode',
      not_request: 'the mode of a message is what rules ask for by ntp.mode',
      not_response: 'the mode of a message is what rules ask for by ntp.mode',
    },
  },
  { prefix: 'snmp', application: 'snmp', events: SNMP_EVENTS },
  { prefix: 'rfb', application: 'rfb', events: RFB_EVENTS },
  { prefix: 'rdp', application: 'rdp', events: RDP_EVENTS },
  { prefix: 'telnet', application: 'telnet', events: [] },
  { prefix: 'tftp', application: 'tftp', events: TFTP_EVENTS },
  { prefix: 'bittorrent-dht', application: 'bittorrent-dht', events: DHT_EVENTS },
  {
    prefix: 'http2',
    application: 'http2',
    events: HTTP2_EVENTS,
    silent: {
      dns_request_too_long: 'DNS over HTTP is not looked into',
      dns_response_too_long: 'DNS over HTTP is not looked into',
      invalid_http1_settings: 'the settings that an upgrade brings are not judged',
      invalid_range: 'ranges are not put together',
    },
  },
  {
    prefix: 'ftp',
    application: 'ftp',
    events: FTP_EVENTS,
  },
  { prefix: 'ssh', application: 'ssh', events: SSH_EVENTS },
  { prefix: 'sip', application: 'sip', events: SIP_EVENTS },
  { prefix: 'websocket', application: 'websocket', events: WEBSOCKET_EVENTS },
  { prefix: 'imap', application: 'imap', events: IMAP_EVENTS },
  {
    prefix: 'pgsql',
    application: 'pgsql',
    events: PGSQL_EVENTS,
    silent: { too_many_responses: 'rows and messages that answer a query are counted, not kept' },
  },
  {
    prefix: 'pop3',
    application: 'pop3',
    events: POP3_EVENTS,
  },
  { prefix: 'quic', application: 'quic', events: QUIC_EVENTS },
  {
    prefix: 'smtp',
    application: 'smtp',
    events: SMTP_EVENTS,
    silent: {
      bdat_chunk_len_exceeded: 'a chunk has as many bytes as BDAT says, and a command follows',
      failed_protocol_change: 'what follows STARTTLS is told by its bytes',
      mime_invalid_qp: AS_FAR,
      mime_long_enc_line: AS_FAR,
      mime_long_header_name: AS_FAR,
      mime_long_line: AS_FAR,
      mime_malformed_msg: AS_FAR,
      mime_parse_failed: AS_FAR,
    },
  },
  {
    prefix: 'http',
    application: 'http',
    events: HTTP1_EVENTS,
    silent: {
      file_name_too_long: AS_FAR,
      multipart_generic_error: AS_FAR,
      multipart_invalid_header: AS_FAR,
      multipart_no_filedata: AS_FAR,
      lzma_memlimit_reached: 'a body that grows too large raises compression_bomb_limit_reached',
      invalid_authority_port: 'ports of CONNECT are not judged',
      invalid_server_port_in_request: 'ports of URIs are not judged',
      request_server_port_tcp_port_mismatch: 'ports of URIs are not judged',
      too_many_warnings: OF_PARSER,
      unknown_error: OF_PARSER,
    },
  },
];

/** The buffer of the events of a protocol. */
export const eventBuffer = ({ prefix }: ApplicationEvents): string => `${prefix}:event`;

export const EVENT_BUFFERS: readonly BufferSpec[] = APPLICATION_EVENTS.map((of) => ({
  name: eventBuffer(of),
  keyword: '',
  what: 'the events that a transaction has raised',
  applications: [of.application],
  scope: 'tx',
  kind: 'number',
  toServer: 0,
  toClient: 0,
}));
