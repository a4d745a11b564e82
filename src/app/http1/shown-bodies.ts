/**
 * The bodies of a request and its response in alerts, as far as they are kept for inspection, with the members that
 * Suricata prints. Stage: app; called for alerts alone, and off unless it is asked for.
 */
import { printedPayload } from '../printed-text.js';
import type { Message } from './message.js';
import type { BodySettings } from './settings.js';

/** Members of the `http` object, a comma before each. */
export function shownBodies(
  request: Message,
  response: Message,
  bytes: Uint8Array,
  { bodyBytes, printableBytes }: BodySettings,
): string {
  const sides = [['request', request.body.text] as const, ['response', response.body.text] as const];
  let members = '';
  for (const [side, text] of sides) {
    const length = Math.min(text.length, printableBytes);
    if (length === 0) continue;
    members += `,"http_${side}_body_printable":${JSON.stringify(printedPayload(bytes, text.start, length))}`;
  }
  for (const [side, text] of sides) {
    const length = Math.min(text.length, bodyBytes);
    if (length === 0) continue;
    const encoded = Buffer.from(bytes.buffer, bytes.byteOffset + text.start, length).toString('base64');
    members += `,"http_${side}_body":"${encoded}"`;
  }
  return members;
}
