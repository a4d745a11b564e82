/**
 * All keywords that wait for a protocol, and `uricontent`, a content of one. Stage: rule. When a protocol gets its parser,
 * its table leaves this folder and its keywords get files of their own.
 */
import { contentOptions } from '../content.js';
import type { RuleOption } from '../option.js';
import { appLayerOptions } from './app-layer.js';
import { DNS, LLMNR, MDNS } from './dns.js';
import { FILES } from './files.js';
import { HTTP, HTTP2 } from './http.js';
import { DNP3, ENIP, INDUSTRIAL_SNORT, MODBUS } from './industrial.js';
import { IMAP, SMTP } from './mail.js';
import { DHCP, ETHERNET, IGMP, IKE, LDAP, MQTT, NTP, PGSQL, RFB, SIP, SNMP, SOCKS, WEBSOCKET } from './signalling.js';
import { QUIC, TLS } from './tls.js';
import { DCERPC, FTP, KRB5, NFS, SMB, SSH } from './transfer.js';
import { WAITING, waitingOptions } from './waiting-keyword.js';

const [content] = contentOptions;

/** A content in the address of an HTTP request; modifiers may follow. */
const uricontent: RuleOption = {
  ...content!,
  name: 'uricontent',
  side: 'to_server',
  compile(value, builder, node) {
    builder.waitFor('http');
    content!.compile(value, builder, node);
    builder.moveContent(false);
  },
  doc: { appliesTo: WAITING, summary: 'A content in the address of an HTTP request, as content with http_uri. Waits for http.', syntax: 'uricontent:[!]"<text>";', example: 'uricontent:"/cgi-bin/"; nocase;' },
};

export const waitingKeywordOptions: readonly RuleOption[] = [
  ...[
    HTTP, HTTP2, DNS, MDNS, LLMNR, TLS, QUIC, FILES, SMTP, IMAP, FTP, SSH, SMB, DCERPC, NFS, KRB5, SIP, SNMP, IKE, RFB, DHCP, NTP, LDAP, MQTT, WEBSOCKET,
    PGSQL, SOCKS, ETHERNET, IGMP, MODBUS, DNP3, ENIP, ...INDUSTRIAL_SNORT,
  ].flatMap(waitingOptions),
  ...appLayerOptions,
  uricontent,
];
