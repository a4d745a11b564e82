/** Telnet, as the application layer knows it. Stage: app. It has frames alone: neither transactions nor events. */
import { FRAME_STATE } from '../frame/buffers.js';
import type { Protocol } from '../protocol.js';
import { TelnetConnection } from './parser.js';

export const TELNET: Protocol = {
  name: 'telnet',
  complete: [FRAME_STATE.whole, FRAME_STATE.whole],
  endsRange: 'nothing',
  open: () => new TelnetConnection(),
};
