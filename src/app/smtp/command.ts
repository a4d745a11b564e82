/** The commands of SMTP that something follows from, as they stand in a line. Stage: app. RFC 5321, 3030, 3207. */
export const COMMAND = {
  other: 0,
  helo: 1,
  mail: 2,
  rcpt: 3,
  data: 4,
  bdat: 5,
  rset: 6,
  quit: 7,
  starttls: 8,
  /** The end of a mail has a reply as a command has. */
  mailEnd: 9,
} as const;

const WORDS: readonly (readonly [word: string, command: number])[] = [
  ['ehlo', COMMAND.helo],
  ['helo', COMMAND.helo],
  ['lhlo', COMMAND.helo],
  ['mail from', COMMAND.mail],
  ['rcpt to', COMMAND.rcpt],
  ['data', COMMAND.data],
  ['bdat', COMMAND.bdat],
  ['rset', COMMAND.rset],
  ['quit', COMMAND.quit],
  ['starttls', COMMAND.starttls],
];
const COLON = 58;

export const isBlank = (byte: number): boolean => byte === 32 || byte === 9;

/** The command in the line [from, end). */
export function commandOf(bytes: Uint8Array, from: number, end: number): number {
  for (const [word, command] of WORDS) {
    if (!begins(bytes, from, end, word)) continue;
    const behind = from + word.length;
    const hasColon = word.includes(' ');
    if (hasColon ? bytes[behind] === COLON && behind < end : behind === end || isBlank(bytes[behind]!)) return command;
  }
  return COMMAND.other;
}

function begins(bytes: Uint8Array, from: number, end: number, word: string): boolean {
  if (end - from < word.length) return false;
  for (let index = 0; index < word.length; index++) {
    const byte = bytes[from + index]!;
    if ((byte >= 65 && byte <= 90 ? byte | 32 : byte) !== word.charCodeAt(index)) return false;
  }
  return true;
}

/** Bytes of the word that a command begins with, and its colon: where its argument may begin. */
export const ARGUMENT_AT: Readonly<Record<number, number>> = {
  [COMMAND.helo]: 4,
  [COMMAND.mail]: 10,
  [COMMAND.rcpt]: 8,
  [COMMAND.bdat]: 4,
};

/** Where the argument from `from` on begins. */
export function argumentStart(bytes: Uint8Array, from: number, end: number): number {
  while (from < end && isBlank(bytes[from]!)) from++;
  return from;
}

/** The end of the word from `from` on. */
export function wordEnd(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && !isBlank(bytes[at]!)) at++;
  return at;
}

/** The end of an address: of its brackets, else the next blank. */
export function addressEnd(bytes: Uint8Array, from: number, end: number): number {
  const closing = bytes[from] === 60 ? 62 : 32;
  let at = from;
  while (at < end && bytes[at] !== closing) at++;
  return at < end && closing === 62 ? at + 1 : at;
}
