/** SIP, as the application layer knows it. Stage: app. */
import { PerArena } from '../per-arena.js';
import type { Protocol } from '../protocol.js';
import { SIP_STATE } from './buffers.js';
import { SipConnection, SipShare } from './parser.js';

export { SIP_EVENTS } from './events.js';

const shares = new PerArena((arena) => new SipShare(arena));

export const SIP: Protocol = {
  name: 'sip',
  complete: [SIP_STATE.message, SIP_STATE.message],
  endsRange: 'message',
  open: (arena) => new SipConnection(shares.of(arena)),
};
