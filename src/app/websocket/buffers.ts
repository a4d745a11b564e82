/**
 * What rules look at in WebSocket. Stage: app; names and shapes alone. Reference: Suricata's documentation of its
 * WebSocket keywords.
 */
import type { BufferSpec, NumberValues } from '../buffer-spec.js';

/** A frame is a transaction, and there at once. */
export const WEBSOCKET_STATE = { frame: 1 } as const;

export const OPCODES: Readonly<Record<string, number>> = {
  continuation: 0,
  text: 1,
  binary: 2,
  close: 8,
  ping: 9,
  pong: 10,
};
/** Of a frame's first byte. */
export const WEBSOCKET_FLAG = { fin: 0x80, comp: 0x40 } as const;

const websocket = (name: string, what: string, more: Partial<BufferSpec>): BufferSpec => ({
  name,
  what,
  applications: ['websocket'],
  scope: 'tx',
  kind: 'single',
  toServer: WEBSOCKET_STATE.frame,
  toClient: WEBSOCKET_STATE.frame,
  ...more,
});
const number = (values: NumberValues): Partial<BufferSpec> => ({ kind: 'number', values });

export const WEBSOCKET_BUFFERS: readonly BufferSpec[] = [
  websocket('websocket.payload', 'the payload, unmasked and decompressed; of a fragment the message so far', {}),
  websocket('websocket.opcode', 'the type of the frame', number({ maximum: 255, names: OPCODES })),
  websocket(
    'websocket.flags',
    'the flags of the frame',
    number({ maximum: 255, names: WEBSOCKET_FLAG, list: 'all', bits: true }),
  ),
  websocket('websocket.mask', 'the mask of a frame that has one', number({ maximum: 0xffff_ffff })),
];
