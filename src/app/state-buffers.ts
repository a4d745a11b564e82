/**
 * States of transactions that rules name: hooks behind a protocol (`http1:request_headers`), and app-layer-state.
 * Stage: app; data only. Names as Suricata has them (`--list-app-layer-hooks`).
 *
 * Each state is a buffer without keyword, of kind `number`: what it holds is how far its side is, and it is there from
 * the state on. So a rule that names one waits for it as for any other buffer.
 */
import type { ApplicationName } from './applications.js';
import type { BufferSpec, Progress } from './buffer-spec.js';
import { DNS_STATE } from './dns/buffers.js';
import { FTP_STATE, TRANSFER_STATE } from './ftp/buffers.js';
import { MESSAGE } from './fields/field-transaction.js';
import { IMAP_STATE } from './imap/buffers.js';
import { POP3_STATE } from './pop3/buffers.js';
import { HTTP1_STATE } from './http1/buffers.js';
import { QUIC_STATE } from './quic/buffers.js';
import { SIP_STATE } from './sip/buffers.js';
import { RFB_STATE } from './rfb/buffers.js';
import { PGSQL_STATE } from './pgsql/buffers.js';
import { NFS_STATE } from './nfs/buffers.js';
import { SMB_STATE } from './smb/buffers.js';
import { SMTP_STATE } from './smtp/buffers.js';
import { SSH_STATE } from './ssh/buffers.js';
import { TLS_CLIENT, TLS_SERVER } from './tls/buffers.js';
import { WEBSOCKET_STATE } from './websocket/buffers.js';

/** From which progress on a side is at a state, in the order of progress. */
type States = Readonly<Record<string, Progress>>;

interface StatesOf {
  readonly application: ApplicationName;
  /** The name in front of its hooks. */
  readonly prefix: string;
  readonly toServer: States;
  readonly toClient: States;
}

/** Of messages that are there at once, or are told of as started and complete. */
function plain(application: ApplicationName, toServer: Progress, toClient = toServer): StatesOf {
  return {
    application,
    prefix: application,
    toServer: { request_started: 0, request_complete: toServer },
    toClient: { response_started: 0, response_complete: toClient },
  };
}

/** Whose transactions are single messages, and answers to them. */
const MESSAGES: readonly ApplicationName[] = [
  'bittorrent-dht',
  'dcerpc',
  'dhcp',
  'dnp3',
  'enip',
  'ike',
  'krb5',
  'ldap',
  'modbus',
  'mqtt',
  'ntp',
  'rdp',
  'snmp',
  'tftp',
];

const STATES: readonly StatesOf[] = [
  {
    application: 'http',
    prefix: 'http1',
    toServer: httpStates('request'),
    toClient: httpStates('response'),
  },
  {
    application: 'tls',
    prefix: 'tls',
    toServer: {
      request_started: 0,
      client_in_progress: 0,
      client_hello_done: TLS_CLIENT.hello,
      client_cert_done: TLS_CLIENT.certificate,
      client_handshake_done: TLS_CLIENT.handshake,
      client_finished: TLS_CLIENT.finished,
      request_complete: TLS_CLIENT.finished,
    },
    toClient: {
      response_started: 0,
      server_in_progress: 0,
      server_hello: TLS_SERVER.hello,
      server_cert_done: TLS_SERVER.certificate,
      server_hello_done: TLS_SERVER.helloDone,
      server_handshake_done: TLS_SERVER.handshake,
      server_finished: TLS_SERVER.finished,
      response_complete: TLS_SERVER.finished,
    },
  },
  plain('dns', DNS_STATE.message),
  plain('mdns', DNS_STATE.message),
  plain('llmnr', DNS_STATE.message),
  plain('quic', QUIC_STATE.hello),
  plain('http2', HTTP1_STATE.complete),
  plain('imap', IMAP_STATE.line, IMAP_STATE.complete),
  plain('pop3', POP3_STATE.line, POP3_STATE.complete),
  plain('ftp', FTP_STATE.line, FTP_STATE.complete),
  {
    application: 'ssh',
    prefix: 'ssh',
    toServer: sshStates('request'),
    toClient: sshStates('response'),
  },
  {
    application: 'smtp',
    prefix: 'smtp',
    toServer: smtpStates('request'),
    toClient: smtpStates('response'),
  },
  plain('sip', SIP_STATE.message),
  plain('ftp-data', TRANSFER_STATE.complete),
  plain('websocket', WEBSOCKET_STATE.frame),
  plain('smb', SMB_STATE.complete),
  plain('nfs', NFS_STATE.complete),
  plain('pgsql', PGSQL_STATE.complete),
  plain('rfb', RFB_STATE.login, RFB_STATE.screen),
  ...MESSAGES.map((application) => plain(application, MESSAGE)),
];

function sshStates(side: 'request' | 'response'): States {
  return {
    [`${side}_started`]: 0,
    [`${side}_in_progress`]: 0,
    [`${side}_banner_wait_eol`]: SSH_STATE.banner,
    [`${side}_banner_done`]: SSH_STATE.banner,
    [`${side}_finished`]: SSH_STATE.complete,
    [`${side}_complete`]: SSH_STATE.complete,
  };
}

/** Of a mail: data comes behind the envelope. */
function smtpStates(side: 'request' | 'response'): States {
  return {
    [`${side}_started`]: SMTP_STATE.started,
    [`${side}_data`]: SMTP_STATE.envelope,
    [`${side}_complete`]: SMTP_STATE.complete,
  };
}

/** What comes next is read in a state: the body's begins with the end of the headers. */
function httpStates(side: 'request' | 'response'): States {
  return {
    [`${side}_started`]: HTTP1_STATE.started,
    [`${side}_line`]: HTTP1_STATE.line,
    [`${side}_headers`]: HTTP1_STATE.headers,
    [`${side}_body`]: HTTP1_STATE.headers,
    [`${side}_trailer`]: HTTP1_STATE.trailer,
    [`${side}_complete`]: HTTP1_STATE.complete,
  };
}

const SIDES = ['toServer', 'toClient'] as const;

export const STATE_BUFFERS: readonly BufferSpec[] = STATES.flatMap(({ application, prefix, ...states }) =>
  SIDES.flatMap((side) =>
    Object.entries(states[side]).map(([name, progress]): BufferSpec => ({
      name: `${prefix}:${name}`,
      keyword: '',
      what: 'how far a side of the transaction is',
      applications: [application],
      scope: 'tx',
      kind: 'number',
      [side]: progress,
    })),
  ),
);

/** A state as rules name it. */
export interface NamedState {
  /** Its buffer, and that of the next state of the side; undefined behind the last one. */
  readonly buffer: string;
  readonly next: string | undefined;
  /** The buffer of the side's first state. */
  readonly first: string;
  readonly progress: Progress;
}

/** The state of that name of a protocol, by the protocol's name in a header; undefined where it has none. */
export function findState(protocol: string, name: string): NamedState | undefined {
  const of = STATES.find(({ prefix }) => prefix === protocol);
  for (const side of SIDES) {
    const states = Object.entries(of?.[side] ?? {});
    const at = states.find(([known]) => known === name);
    if (of === undefined || at === undefined) continue;
    const buffer = (of: string): string => `${protocol}:${of}`;
    const next = states.find(([, progress]) => progress > at[1]);
    return { buffer: buffer(name), next: next && buffer(next[0]), first: buffer(states[0]![0]), progress: at[1] };
  }
  return undefined;
}

/** The hooks of a protocol, as headers have them; those of `http` are named after one of its versions. */
export function hooksOf(protocol: string): readonly string[] {
  const of = STATES.find(({ prefix }) => prefix === (protocol === 'http' ? 'http1' : protocol));
  return of === undefined ? [] : SIDES.flatMap((side) => Object.keys(of[side]).map((name) => `${of.prefix}:${name}`));
}
