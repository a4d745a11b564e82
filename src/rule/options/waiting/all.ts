/**
 * All keywords that wait for a protocol, and `uricontent`, a content of one. Stage: rule. When a protocol gets its parser,
 * its table leaves this folder and its keywords get files of their own.
 */
import { contentOptions } from '../content.js';
import type { RuleOption } from '../option.js';
import { appLayerOptions } from './app-layer.js';
import { DNS, MDNS } from './dns.js';
import { FILES } from './files.js';
import { HTTP, HTTP2 } from './http.js';
import { DNP3, ENIP, INDUSTRIAL_SNORT, MODBUS } from './industrial.js';
import { POP3, SMTP } from './mail.js';
import { ARP, DHCP, IKE, LDAP, MQTT, PGSQL, RFB, SIP, SNMP, WEBSOCKET } from './signalling.js';
import { QUIC, TLS } from './tls.js';
import { DCERPC, FTP, KRB5, NFS, SMB, SSH, TFTP } from './transfer.js';
import { WAITING, waitingOptions } from './waiting-keyword.js';

const [content] = contentOptions;

/** A content in the address of an HTTP request; modifiers may follow. */
const uricontent: RuleOption = {
  ...content!,
  name: 'uricontent',
  compile(value, builder, node) {
    builder.waitFor('http');
    content!.compile(value, builder, node);
  },
  doc: { appliesTo: WAITING, summary: 'A content in the address of an HTTP request, as content with http_uri. Waits for http.', syntax: 'uricontent:[!]"<text>";', example: 'uricontent:"/cgi-bin/"; nocase;' },
};

export const waitingKeywordOptions: readonly RuleOption[] = [
  ...[HTTP, HTTP2, DNS, MDNS, TLS, QUIC, FILES, SMTP, POP3, FTP, TFTP, SSH, SMB, DCERPC, NFS, KRB5, SIP, SNMP, IKE, RFB, DHCP, LDAP, MQTT, WEBSOCKET, PGSQL, ARP, MODBUS, DNP3, ENIP, ...INDUSTRIAL_SNORT].flatMap(waitingOptions),
  ...appLayerOptions,
  uricontent,
];
