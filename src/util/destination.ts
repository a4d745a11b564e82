/** Where events go besides a file, as settings write it: `tcp://collector:5170`, `unix:/run/events.sock`. */

export interface Destination {
  /** As it was written. */
  readonly text: string;
  /** Messages of RFC 5424, counted in octets; lines of JSON otherwise. */
  readonly syslog: boolean;
  readonly transport: 'unix' | 'tcp' | 'tls';
  /** Of a Unix socket. */
  readonly path: string;
  /** Without brackets, as a socket wants it. */
  readonly host: string;
  readonly port: number;
}

const UNIX = /^(syslog\+)?unix:(\/.+)$/;
const NETWORK = /^(?:(syslog\+)?(tcp|tls)):\/\/(\[[0-9a-fA-F:.%]+\]|[^\s:/[\]]+):(\d{1,5})$/;

export const DESTINATION_ALLOWED =
  'a list of unix:/PATH, tcp://HOST:PORT and tls://HOST:PORT, each also with syslog+ before it';

/** @returns undefined where the text is no destination. */
export function parseDestination(text: string): Destination | undefined {
  const unix = UNIX.exec(text);
  if (unix !== null)
    return { text, syslog: unix[1] !== undefined, transport: 'unix', path: unix[2]!, host: '', port: 0 };
  const network = NETWORK.exec(text);
  if (network === null) return undefined;
  const port = Number(network[4]);
  if (port === 0 || port > 65_535) return undefined;
  const transport = network[2] as 'tcp' | 'tls';
  return {
    text,
    syslog: network[1] !== undefined,
    transport,
    path: '',
    host: network[3]!.replace(/^\[|\]$/g, ''),
    port,
  };
}

/** Of syslog: who speaks. */
export const FACILITIES = {
  user: 1,
  daemon: 3,
  auth: 4,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;
export type Facility = keyof typeof FACILITIES;
