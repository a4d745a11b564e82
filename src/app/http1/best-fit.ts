/**
 * The one byte that stands for a character in a path, as servers that know no UTF-8 take it: fullwidth letters, letters
 * with accents and slashes of other scripts are what they look like. Stage: app. Where there is none, `?`.
 */
const QUESTION = 63;
const ALIKE = new Map<number, number>([
  [0x2215, 0x2f],
  [0x2044, 0x2f],
  [0x29f5, 0x5c],
  [0x2216, 0x5c],
]);

/** Called for characters that are not ASCII only; it may allocate. */
export function bestFit(character: number): number {
  if (character < 0x100) return character;
  const alike = ALIKE.get(character);
  if (alike !== undefined) return alike;
  if (character > 0x10_ffff || (character >= 0xd800 && character < 0xe000)) return QUESTION;
  const plain = String.fromCodePoint(character).normalize('NFKD').codePointAt(0)!;
  return plain < 0x100 && plain !== character ? plain : QUESTION;
}
