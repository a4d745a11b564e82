/** What rules look at in RFB (VNC). Stage: app; names and shapes alone. Reference: Suricata, RFB keywords. */
import type { BufferSpec, Progress } from '../buffer-spec.js';
import { fieldSpecs, number } from '../fields/field-spec.js';

const { toServer, toClient } = fieldSpecs('rfb');

/** Progress of the sides: the login, and of the server the screen. */
export const RFB_STATE = { login: 1, screen: 2 } as const satisfies Readonly<Record<string, Progress>>;

const SECURITY_RESULTS = { ok: 0, fail: 1, toomany: 2, unknown: 3 };

export const RFB_BUFFERS: readonly BufferSpec[] = [
  toClient('rfb.name', 'the name of the desktop', { kind: 'single', toClient: RFB_STATE.screen }),
  toServer('rfb.sectype', 'the type of login that was chosen', number(0xffff_ffff)),
  toClient('rfb.secresult', 'the outcome of the login', number(0xffff_ffff, SECURITY_RESULTS)),
];
