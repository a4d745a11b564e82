/**
 * The application protocols that rules name and Periscope does not parse yet, and the hooks of their transactions.
 * Stage: rule.
 *
 * A rule that needs one of these protocols is *waiting*: loaded, counted and listed, not inspected. Its keywords are in
 * options/waiting, with their values. When a protocol gets its parser, its lines leave this file.
 */

import { APPLICATIONS, type ApplicationName } from '../../app/applications.js';

/** Protocols of headers, by every name they go by. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  http: 'http',
  http1: 'http',
  http2: 'http2',
  doh2: 'http2',
  http3: 'http3',
  file: 'file',
  dns: 'dns',
  mdns: 'mdns',
  llmnr: 'llmnr',
  tls: 'tls',
  ssl: 'tls',
  ssh: 'ssh',
  quic: 'quic',
  smtp: 'smtp',
  imap: 'imap',
  pop3: 'pop3',
  pop: 'pop3',
  nntp: 'nntp',
  ftp: 'ftp',
  'ftp-data': 'ftp',
  tftp: 'tftp',
  telnet: 'telnet',
  smb: 'smb',
  'netbios-ssn': 'smb',
  'netbios-ns': 'netbios',
  'netbios-dgm': 'netbios',
  wins: 'netbios',
  dcerpc: 'dcerpc',
  krb5: 'krb5',
  kerberos: 'krb5',
  nfs: 'nfs',
  sunrpc: 'nfs',
  ldap: 'ldap',
  pgsql: 'pgsql',
  mysql: 'mysql',
  rdp: 'rdp',
  rfb: 'rfb',
  vnc: 'rfb',
  dhcp: 'dhcp',
  ntp: 'ntp',
  snmp: 'snmp',
  sip: 'sip',
  sdp: 'sip',
  ssdp: 'ssdp',
  ike: 'ike',
  ikev2: 'ike',
  mqtt: 'mqtt',
  websocket: 'websocket',
  socks: 'socks',
  modbus: 'modbus',
  dnp3: 'dnp3',
  enip: 'enip',
  cip: 'enip',
  s7comm: 's7comm',
  s7commplus: 's7commplus',
  iec104: 'iec104',
  mms: 'mms',
  opcua: 'opcua',
  gtp: 'gtp',
  'bittorrent-dht': 'bittorrent-dht',
  bittorrent: 'bittorrent',
  irc: 'irc',
  msn: 'msn',
  jabber: 'jabber',
  arp: 'arp',
  ether: 'ether',
  igmp: 'igmp',
};

/** The applications that a header means by a name that says more than one, or another than what its rules wait for. */
const APPLICATIONS_NAMED: Readonly<Record<string, readonly ApplicationName[]>> = {
  http: ['http', 'http2'],
  http1: ['http'],
  http2: ['http2'],
  doh2: ['http2', 'dns'],
  dcerpc: ['dcerpc', 'smb'],
  'ftp-data': ['ftp-data'],
};

/** The applications that a header's protocol names; none where it names none that is told apart. */
export function applicationsNamed(name: string): readonly ApplicationName[] {
  const lower = name.toLowerCase();
  if (Object.hasOwn(APPLICATIONS_NAMED, lower)) return APPLICATIONS_NAMED[lower]!;
  return APPLICATIONS.filter((application) => application.name === waitingProtocol(lower)).map(
    (application) => application.name,
  );
}

/** `all`, or a state of a transaction: `request_headers`, `server_hello_done`. */
const HOOK = /^(?:all|(?:request|response|client|server)_[a-z_]+)$/;

/** The application protocol that a header's protocol names, undefined when it names none. */
export function waitingProtocol(name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(PROTOCOLS, lower) ? PROTOCOLS[lower] : undefined;
}

/** Whether a name can be that of a state of transactions, which a rule is to wait for. */
export function isTransactionHook(name: string): boolean {
  return HOOK.test(name);
}

/** Every name that a protocol of a header may have here. */
export function waitingProtocolNames(): readonly string[] {
  return Object.keys(PROTOCOLS);
}
