/** Commands of FTP as numbers: their four characters in capital letters, blanks behind shorter ones. Stage: app. */
const codeOf = (name: string): number =>
  Array.from(name.padEnd(4)).reduce((code, character) => (code << 8) | character.charCodeAt(0), 0);

export const COMMAND = {
  port: codeOf('PORT'),
  eprt: codeOf('EPRT'),
  pasv: codeOf('PASV'),
  epsv: codeOf('EPSV'),
  auth: codeOf('AUTH'),
  retr: codeOf('RETR'),
  stor: codeOf('STOR'),
  stou: codeOf('STOU'),
  appe: codeOf('APPE'),
  list: codeOf('LIST'),
  nlst: codeOf('NLST'),
  mlsd: codeOf('MLSD'),
} as const;

export const upper = (byte: number): number => (byte >= 0x61 && byte <= 0x7a ? byte - 0x20 : byte);

/** The number of a word; 0 for one that is longer. */
export function commandAt(bytes: Uint8Array, start: number, length: number): number {
  if (length > 4) return 0;
  let code = 0;
  for (let index = 0; index < 4; index++) code = (code << 8) | (index < length ? upper(bytes[start + index]!) : 0x20);
  return code;
}
