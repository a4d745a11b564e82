/**
 * The application protocols that are told apart, by the names that events give them. Stage: app; names alone, for
 * rules, events and metrics as well. A protocol's number is its place here plus 1; 0 is "not known yet".
 *
 * Which of them are parsed is said in `parsed`; of the others a flow's protocol is known, and nothing of what it says.
 */
export interface Application {
  /** As events name it (EVE, `app_proto`). */
  readonly name: string;
  /** Ports that servers of it listen on, as a hint where bytes leave it open. */
  readonly tcp?: readonly number[];
  readonly udp?: readonly number[];
  /** Its messages are parsed, so that its buffers can be inspected. */
  readonly parsed?: true;
  /** What events of its transactions are called (EVE, `event_type`), where that is not its name; '' of none. */
  readonly event?: string;
}

export const APPLICATIONS = [
  { name: 'failed' },
  { name: 'http', tcp: [80, 8080], parsed: true },
  { name: 'http2', tcp: [80, 443], event: 'http', parsed: true },
  { name: 'tls', tcp: [443, 465, 636, 853, 990, 993, 995], parsed: true },
  { name: 'dns', tcp: [53], udp: [53], parsed: true },
  { name: 'mdns', udp: [5353], parsed: true },
  { name: 'llmnr', udp: [5355], parsed: true },
  { name: 'quic', udp: [443], parsed: true },
  { name: 'ssh', tcp: [22], parsed: true },
  { name: 'smtp', tcp: [25, 587], parsed: true },
  { name: 'imap', tcp: [143], parsed: true },
  { name: 'pop3', tcp: [110], parsed: true },
  { name: 'ftp', tcp: [21], parsed: true },
  { name: 'ftp-data', event: 'ftp_data', parsed: true },
  { name: 'smb', tcp: [139, 445], parsed: true },
  { name: 'dcerpc', tcp: [135], parsed: true },
  { name: 'sip', tcp: [5060], udp: [5060], parsed: true },
  { name: 'rdp', tcp: [3389], parsed: true },
  { name: 'telnet', tcp: [23], event: '', parsed: true },
  { name: 'krb5', tcp: [88], udp: [88], parsed: true },
  { name: 'ldap', tcp: [389], udp: [389], parsed: true },
  { name: 'nfs', tcp: [2049], udp: [2049], parsed: true },
  { name: 'mqtt', tcp: [1883], parsed: true },
  { name: 'modbus', tcp: [502], parsed: true },
  { name: 'dnp3', tcp: [20000], parsed: true },
  { name: 'enip', tcp: [44818], udp: [44818], parsed: true },
  { name: 'ntp', udp: [123], parsed: true },
  { name: 'dhcp', udp: [67, 68], parsed: true },
  { name: 'snmp', udp: [161, 162], parsed: true },
  { name: 'tftp', udp: [69], parsed: true },
  { name: 'ike', udp: [500, 4500], parsed: true },
  { name: 'rfb', tcp: [5900], parsed: true },
  { name: 'bittorrent-dht', udp: [6881], event: 'bittorrent_dht', parsed: true },
  { name: 'websocket', parsed: true },
  { name: 'pgsql', tcp: [5432], parsed: true },
  { name: 'mysql', tcp: [3306] },
  { name: 'redis', tcp: [6379] },
  { name: 'socks', tcp: [1080] },
  { name: 'bittorrent', tcp: [6881], udp: [6969] },
] as const satisfies readonly Application[];

export type ApplicationName = (typeof APPLICATIONS)[number]['name'];

const IDS: ReadonlyMap<string, number> = new Map(APPLICATIONS.map(({ name }, index) => [name, index + 1]));

/** Number of an application whose name is right. */
export function applicationId(name: ApplicationName): number {
  return IDS.get(name) ?? 0;
}

/** Whether what an application says is parsed. */
export function isParsed(name: ApplicationName): boolean {
  return APPLICATIONS.some((application: Application) => application.name === name && application.parsed === true);
}

/** What events of an application's transactions are called, by its number. */
export function eventTypeOf(id: number): string {
  const { name, event = name }: Application = APPLICATIONS[id - 1];
  return event;
}

/** The types of events that transactions make. */
export const TRANSACTION_EVENTS: readonly string[] = [
  ...new Set(
    APPLICATIONS.flatMap((application: Application, index) =>
      application.parsed && application.event !== '' ? eventTypeOf(index + 1) : [],
    ),
  ),
];

/** Whether shards tell what flows speak. */
export const APPLICATIONS_ARE_TOLD: boolean = true;
/** What is known by what parsers of others say, and by no bytes of its own. */
const TOLD_BY_PARSERS: readonly ApplicationName[] = [];

/** Whether it is known of flows that they speak this, parsed or not. */
export function isTold(name: ApplicationName): boolean {
  return APPLICATIONS_ARE_TOLD && !TOLD_BY_PARSERS.includes(name);
}

export const NOT_KNOWN = 0;
/** Bytes of a direction that look like none of them, or too few of them came. */
export const FAILED = applicationId('failed');

/** A set of applications as two words, by number. */
export function applicationBits(names: readonly (ApplicationName | 'unknown')[]): [low: number, high: number] {
  const words: [number, number] = [0, 0];
  for (const name of names) {
    const id = name === 'unknown' ? NOT_KNOWN : applicationId(name);
    words[id >>> 5]! |= 1 << (id & 31);
  }
  return words;
}
