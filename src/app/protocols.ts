/**
 * The protocols that are parsed. Stage: app. Of the others the application layer knows that a flow speaks them, and no
 * more.
 */
import { BITTORRENT_DHT } from './bittorrent-dht/index.js';
import { DCERPC } from './dcerpc/index.js';
import { DNS, LLMNR, MDNS } from './dns/index.js';
import { FTP, FTP_DATA } from './ftp/index.js';
import { isParsedBy, type ApplicationSettings } from './application-settings.js';
import { HTTP1, Http1Protocol } from './http1/index.js';
import { HTTP1_DEFAULTS, type Http1Settings } from './http1/settings.js';
import { HTTP2, Http2Protocol } from './http2/index.js';
import { KRB5 } from './krb5/index.js';
import { LDAP } from './ldap/index.js';
import { MQTT } from './mqtt/index.js';
import { MODBUS } from './modbus/index.js';
import { DNP3 } from './dnp3/index.js';
import { ENIP } from './enip/index.js';
import { IKE } from './ike/index.js';
import { NFS } from './nfs/index.js';
import { DHCP } from './dhcp/index.js';
import { NTP } from './ntp/index.js';
import { RDP } from './rdp/index.js';
import { RFB } from './rfb/index.js';
import { SNMP } from './snmp/index.js';
import { TELNET } from './telnet/index.js';
import { TFTP } from './tftp/index.js';
import type { Protocol } from './protocol.js';
import { IMAP } from './imap/index.js';
import { POP3 } from './pop3/index.js';
import { PGSQL } from './pgsql/index.js';
import { QUIC } from './quic/index.js';
import { SMB } from './smb/index.js';
import { SMTP } from './smtp/index.js';
import { SIP } from './sip/index.js';
import { SSH } from './ssh/index.js';
import type { EncryptionHandling } from './tls/encryption-handling.js';
import { TLS, tlsWith } from './tls/index.js';
import { WEBSOCKET } from './websocket/index.js';

export const PROTOCOLS: readonly Protocol[] = [
  HTTP1,
  HTTP2,
  WEBSOCKET,
  TLS,
  DNS,
  MDNS,
  LLMNR,
  QUIC,
  DCERPC,
  FTP,
  FTP_DATA,
  IMAP,
  POP3,
  SMTP,
  SSH,
  SIP,
  SMB,
  KRB5,
  LDAP,
  MQTT,
  MODBUS,
  DNP3,
  ENIP,
  IKE,
  NFS,
  DHCP,
  NTP,
  SNMP,
  RFB,
  RDP,
  TELNET,
  TFTP,
  BITTORRENT_DHT,
  PGSQL,
];

/** The protocols that are parsed as the configuration has it; what becomes of TLS, and how HTTP is read. */
export function protocolsWith(
  settings: ApplicationSettings,
  handling?: EncryptionHandling,
  http: Http1Settings = HTTP1_DEFAULTS,
): readonly Protocol[] {
  return PROTOCOLS.filter(({ name }) => isParsedBy(settings, name)).map((protocol) => {
    if (protocol === TLS) return handling === undefined ? TLS : tlsWith(handling);
    if (protocol.name !== 'http' && protocol.name !== 'http2') return protocol;
    const own = settings[protocol.name];
    const { requestBody = http.requestBody, responseBody = http.responseBody } = own ?? {};
    const bounds = { ...http, requestBody, responseBody, openRequests: own?.transactions ?? http.openRequests };
    return protocol.name === 'http2' ? new Http2Protocol(bounds) : new Http1Protocol(bounds);
  });
}
