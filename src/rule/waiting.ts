/**
 * What rule sets use and Periscope does not parse yet: protocols and the keywords that look into them. Stage: rule.
 *
 * A rule that needs one of these protocols is *waiting*: loaded, counted and listed, not inspected. Its keywords are in
 * options/waiting, with their values. Known keywords without an implementation do not make a rule wait: they are an error
 * in a rule that would be inspected. When a protocol gets its parser, its lines leave this file.
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

/** Families of keywords of which some are not in the tables of options/waiting, by how their names start. */
const KEYWORD_STARTS: Readonly<Record<string, string>> = {
  'imap.': 'imap', 'mime.': 'smtp', 'rdp.': 'rdp', 'ntp.': 'ntp', 'ether.': 'ether', 'ike.': 'ike', 'ldap.': 'ldap', 'pgsql.': 'pgsql', 'snmp.': 'snmp', 'mqtt.': 'mqtt', 'rfb.': 'rfb',
  'dnp3.': 'dnp3', 'enip.': 'enip', 'modbus.': 'modbus', 'dhcp.': 'dhcp', 'websocket.': 'websocket', nfs4_: 'nfs', 'nfs.': 'nfs',
};

/** Known to Suricata or Snort, no protocol's own, and not built. */
const UNSUPPORTED: ReadonlySet<string> = new Set([
  'config', 'cvs', 'datarep', 'dataset', 'engine-event', 
  'fast_pattern_only', 'geoip', 'ipaddr', 'iprep', 'l3_proto', 
  'stream-event', 'stream_reassemble', 'vlan.id', 'vlan.layers', 'regex', 'appids', 'dsl',
  'ip.src', 'ip.dst', 'dst_ip', 'src_ip', 'frame', 'detection', 
  'casemap', 'domain', 'gunzip', 
  'subslice', 'tld', 'zlib_deflate', 
]);

const STARTS = Object.entries(KEYWORD_STARTS).sort(([a], [b]) => b.length - a.length);

/** The application protocol that a header's protocol names, undefined when it names none. */
export function waitingProtocol(name: string): string | undefined {
  return own(PROTOCOLS, name.toLowerCase());
}

/** The application protocol that a keyword without an entry in the registry looks into, undefined when it is none of those. */
export function waitingKeyword(name: string): string | undefined {
  const lower = name.toLowerCase();
  return STARTS.find(([start]) => lower.startsWith(start))?.[1];
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
