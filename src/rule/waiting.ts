/**
 * What rule sets use and Periscope does not parse yet: protocols and the keywords that look into them. Stage: rule.
 *
 * A rule that needs one of these protocols is *waiting*: loaded, counted and listed, not inspected. Transforms and other
 * known keywords without an implementation do not make a rule wait: they are an error in a rule that would be inspected.
 * When a protocol gets its parser, its lines leave this file.
 */

/** Protocols of headers, by every name they go by. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  http: 'http', http1: 'http', http2: 'http2', doh2: 'http2', file: 'file',
  dns: 'dns', mdns: 'mdns', tls: 'tls', ssl: 'tls', ssh: 'ssh', quic: 'quic',
  smtp: 'smtp', imap: 'imap', pop3: 'pop3', ftp: 'ftp', 'ftp-data': 'ftp', tftp: 'tftp', telnet: 'telnet',
  smb: 'smb', dcerpc: 'dcerpc', krb5: 'krb5', nfs: 'nfs', ldap: 'ldap', pgsql: 'pgsql', rdp: 'rdp', rfb: 'rfb',
  dhcp: 'dhcp', ntp: 'ntp', snmp: 'snmp', sip: 'sip', ike: 'ike', ikev2: 'ike', mqtt: 'mqtt', websocket: 'websocket',
  modbus: 'modbus', dnp3: 'dnp3', enip: 'enip', 'bittorrent-dht': 'bittorrent-dht', bittorrent: 'bittorrent-dht',
  arp: 'arp', ether: 'ether', sdp: 'sip', pop: 'pop3', irc: 'irc', msn: 'msn', jabber: 'jabber',
};

/** Families of keywords, by how their names start. The longest start wins. */
const KEYWORD_STARTS: Readonly<Record<string, string>> = {
  'http.': 'http', http_: 'http', 'http2.': 'http2', 'file.': 'file', file_: 'file',
  'dns.': 'dns', dns_: 'dns', 'mdns.': 'mdns', 'tls.': 'tls', tls_: 'tls', ssl_: 'tls', 'ja3.': 'tls', ja3_: 'tls', 'ja3s.': 'tls', ja3s_: 'tls', 'ja4.': 'tls', ja4_: 'tls',
  'ssh.': 'ssh', ssh_: 'ssh', 'quic.': 'quic', 'cyu.': 'quic', 'smtp.': 'smtp', smtp_: 'smtp', 'email.': 'smtp', 'mime.': 'smtp', 'imap.': 'imap', 'pop3.': 'pop3',
  'ftp.': 'ftp', 'ftpdata.': 'ftp', ftpdata_: 'ftp', 'tftp.': 'tftp', tftp_: 'tftp', 'smb.': 'smb', smb_: 'smb', 'dcerpc.': 'dcerpc', dce_: 'dcerpc',
  'krb5.': 'krb5', krb5_: 'krb5', 'nfs.': 'nfs', nfs_: 'nfs', nfs4_: 'nfs', 'ldap.': 'ldap', 'pgsql.': 'pgsql', 'rdp.': 'rdp', 'rfb.': 'rfb',
  'dhcp.': 'dhcp', 'ntp.': 'ntp', 'snmp.': 'snmp', 'sip.': 'sip', sip_: 'sip', 'sdp.': 'sip', 'ike.': 'ike', 'mqtt.': 'mqtt', 'websocket.': 'websocket',
  'modbus.': 'modbus', modbus_: 'modbus', 'dnp3.': 'dnp3', dnp3_: 'dnp3', 'enip.': 'enip', enip_: 'enip', cip_: 'enip', s7commplus_: 's7commplus', iec104_: 'iec104', mms_: 'mms', gtp_: 'gtp', 'arp.': 'arp', 'ether.': 'ether',
};

/** Keywords that no common start tells. */
const KEYWORDS: Readonly<Record<string, string>> = {
  uricontent: 'http', urilen: 'http', js_data: 'http', vba_data: 'file',
  fileext: 'file', filemagic: 'file', filemd5: 'file', filename: 'file', filesha1: 'file', filesha256: 'file', filesize: 'file', filestore: 'file',
  dnp3: 'dnp3', modbus: 'modbus', krb5: 'krb5', rpc: 'nfs', ftpbounce: 'ftp', cip: 'enip',
  'app-layer-event': 'app-layer', 'app-layer-protocol': 'app-layer', 'app-layer-state': 'app-layer',
  ftphdr: 'ftp', sslv: 'tls',
};

/** Known to Suricata or Snort, no protocol's own, and not built. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  'absent', 'asn1', 'base64_data', 'base64_decode', 'ber_data', 'ber_skip', 'bypass', 'config', 'cvs', 'datarep', 'dataset', 'decode-event', 'engine-event', 'entropy',
  'fast_pattern_only', 'flowint', 'geoip', 'ipaddr', 'iprep', 'l3_proto', 'lua', 'luajit', 'luaxform', 'nfq_set_mark', 'replace', 'sd_pattern',
  'so', 'stream-event', 'stream_reassemble', 'vlan.id', 'vlan.layers', 'regex', 'appids', 'dsl',
  'ip.src', 'ip.dst', 'dst_ip', 'src_ip', 'frame', 'detection', 'logto', 'activates', 'activated_by', 'count', 'resp', 'react', 'session',
  'casemap', 'compress_whitespace', 'domain', 'dotprefix', 'from_base64', 'gunzip', 'header_lowercase', 'pcrexform', 'strip_pseudo_headers', 'strip_whitespace',
  'subslice', 'tld', 'to_lowercase', 'to_md5', 'to_sha1', 'to_sha256', 'to_uppercase', 'url_decode', 'xor', 'zlib_deflate', 'requires',
]);

const STARTS = Object.entries(KEYWORD_STARTS).sort(([a], [b]) => b.length - a.length);

/** The application protocol that a header's protocol names, undefined when it names none. */
export function waitingProtocol(name: string): string | undefined {
  return own(PROTOCOLS, name.toLowerCase());
}

/** The application protocol that a keyword looks into, undefined when it is none of those. */
export function waitingKeyword(name: string): string | undefined {
  const lower = name.toLowerCase();
  return own(KEYWORDS, lower) ?? STARTS.find(([start]) => lower.startsWith(start))?.[1];
}

/** Whether a keyword is one of Suricata's or Snort's that is not built and belongs to no protocol. */
export function isUnsupportedKeyword(name: string): boolean {
  return UNSUPPORTED.has(name.toLowerCase());
}

/** Every name that a protocol of a header may have here. */
export function waitingProtocolNames(): readonly string[] {
  return Object.keys(PROTOCOLS);
}

function own(table: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
