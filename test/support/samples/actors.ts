/** Who appears in the samples. Outside addresses are those of RFC 5737, inside ones of RFC 1918. */
export const ATTACKER = '203.0.113.66';
export const CUSTOMER = '198.51.100.23';
export const WEB = '10.0.1.20';
export const DATABASE = '10.0.3.30';
export const WORKSTATION = '10.0.2.7';
export const RESOLVER = '10.0.0.2';
export const OUTSIDE_RESOLVER = '192.0.2.53';

/** Bytes that look random and are the same every time (xorshift, Marsaglia 2003). */
export function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0 || 1;
  for (let i = 0; i < length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    bytes[i] = state;
  }
  return bytes;
}
