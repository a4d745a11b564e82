/**
 * Frames: parts of what a protocol's messages are made of, as they were sent, by the names that Suricata 8 gives them.
 * Stage: app; names alone. `frame:tls.hdr;` makes one the current buffer.
 */
import type { ApplicationName } from '../applications.js';
import type { BufferSpec } from '../buffer-spec.js';

const BY_APPLICATION = {
  http: ['http1.request', 'http1.response'],
  http2: ['http2.pdu', 'http2.hdr', 'http2.data'],
  tls: ['tls.pdu', 'tls.hdr', 'tls.data', 'tls.alert', 'tls.heartbeat', 'tls.ssl2.pdu', 'tls.ssl2.hdr'],
  dns: ['dns.pdu'],
  mdns: ['mdns.pdu'],
  smtp: ['smtp.command_line', 'smtp.response_line', 'smtp.data'],
  websocket: ['websocket.pdu', 'websocket.header', 'websocket.data'],
  ssh: ['ssh.record.pdu', 'ssh.record.hdr', 'ssh.record.data'],
  smb: [
    ...(['smb.nbss.pdu', 'smb.nbss.hdr', 'smb.nbss.data'] as const),
    ...(['smb.smb1.pdu', 'smb.smb1.hdr', 'smb.smb1.data'] as const),
    ...(['smb.smb2.pdu', 'smb.smb2.hdr', 'smb.smb2.data'] as const),
    ...(['smb.smb3.pdu', 'smb.smb3.hdr', 'smb.smb3.data'] as const),
  ],
  dcerpc: ['dcerpc.pdu', 'dcerpc.hdr', 'dcerpc.data'],
  sip: [
    ...(['sip.pdu', 'sip.request.line', 'sip.request.headers', 'sip.request.body'] as const),
    ...(['sip.response.line', 'sip.response.headers', 'sip.response.body'] as const),
  ],
  ldap: ['ldap.pdu'],
  nfs: [
    ...(['nfs.rpc.pdu', 'nfs.rpc.hdr', 'nfs.rpc.data', 'nfs.rpc.creds', 'nfs.nfs.pdu', 'nfs.nfs.status'] as const),
    ...(['nfs.nfs4.pdu', 'nfs.nfs4.hdr', 'nfs.nfs4.ops', 'nfs.nfs4.status'] as const),
  ],
  mqtt: ['mqtt.pdu', 'mqtt.header', 'mqtt.data'],
  enip: ['enip.pdu', 'enip.hdr', 'enip.data', 'enip.enip.item', 'enip.cip'],
  rfb: ['rfb.pdu'],
  telnet: ['telnet.pdu', 'telnet.ctl', 'telnet.data'],
} as const satisfies Partial<Record<ApplicationName, readonly string[]>>;

export type FrameName = (typeof BY_APPLICATION)[keyof typeof BY_APPLICATION][number];

const ALL = Object.entries(BY_APPLICATION).flatMap(([application, names]) =>
  names.map((name) => ({ application: application as ApplicationName, name })),
);

/** In the order of their numbers. */
export const FRAMES: readonly FrameName[] = ALL.map(({ name }) => name);

export const frameNumber = (name: FrameName): number => FRAMES.indexOf(name);

/** The buffer of a frame. */
export const frameBuffer = (name: FrameName): string => `frame:${name}`;

/** A frame is there when it is whole. */
export const FRAME_STATE = { whole: 1 } as const;

export const FRAME_BUFFERS: readonly BufferSpec[] = ALL.map(({ application, name }) => ({
  name: frameBuffer(name),
  keyword: '',
  what: `the frame ${name}`,
  applications: [application],
  scope: 'tx',
  kind: 'single',
  toServer: FRAME_STATE.whole,
  toClient: FRAME_STATE.whole,
}));

const BUFFERS: ReadonlySet<string> = new Set(FRAME_BUFFERS.map(({ name }) => name));

/** Whether a buffer is a frame. */
export const isFrame = (buffer: string): boolean => BUFFERS.has(buffer);
