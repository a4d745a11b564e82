/** What is told of WebSocket frames (`app-layer-event:websocket.…`). Stage: app; data only. */
import { protocolEvent as event, type ProtocolEvent } from '../protocol-event.js';

export const WEBSOCKET_EVENTS = [
  event('skip_end_of_payload', 'A payload of more than 64 KiB; the rest is not inspected.'),
  event('reassembly_limit_reached', 'A message of more than 64 KiB in its fragments; the rest is not inspected.'),
  event('failed_decompression', 'A compressed message is damaged, or refers to what was not seen.'),
] as const satisfies readonly ProtocolEvent[];

export type WebSocketEventName = (typeof WEBSOCKET_EVENTS)[number]['name'];

/** The number of an event. */
export function webSocketEvent(name: WebSocketEventName): number {
  return WEBSOCKET_EVENTS.findIndex((known) => known.name === name);
}
