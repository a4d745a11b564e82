/** What characters of base64 stand for (RFC 4648, sections 4 and 5). */

/** The value of a character that base64 does not have. */
export const NO_BASE64 = 64;

/** By character. */
export const BASE64_VALUES = valuesOf('+/');
/** As BASE64_VALUES, of base64url and of base64. */
export const BASE64URL_VALUES = valuesOf('+/', '-_');

/** `lasts`: characters for 62 and 63. */
function valuesOf(...lasts: readonly string[]): Uint8Array {
  const values = new Uint8Array(256).fill(NO_BASE64);
  for (const last of lasts)
    [...`ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789${last}`].forEach((character, value) => {
      values[character.charCodeAt(0)] = value;
    });
  return values;
}
