/** RFB (VNC): the version that both sides begin with. Stage: app. RFC 6143, section 7.1.1. */
import { ANSWER, isDigit, type Answer } from './answer.js';

const VERSION = 'RFB ddd.ddd\n';

export function probeRfb(bytes: Uint8Array, start: number, length: number): Answer {
  const count = Math.min(length, VERSION.length);
  for (let i = 0; i < count; i++) {
    const expected = VERSION.charCodeAt(i);
    const byte = bytes[start + i];
    if (VERSION[i] === 'd' ? !isDigit(byte) : byte !== expected) return ANSWER.no;
  }
  return length < VERSION.length ? ANSWER.more : ANSWER.yes;
}
