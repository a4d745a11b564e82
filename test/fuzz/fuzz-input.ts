/**
 * What a target of the fuzzing is given, and how it lies in a file: a line for each piece, its tag and its bytes in
 * hexadecimal, or `#` and a number: how many bytes are missing. The tag is the target's: a side, a link type.
 */
export type Piece = readonly [tag: string, bytes: Uint8Array | number];
export type FuzzInput = readonly Piece[];

export function encodeInput(input: FuzzInput): string {
  return input
    .map(([tag, bytes]) =>
      typeof bytes === 'number' ? `${tag} #${bytes}\n` : `${tag} ${Buffer.from(bytes).toString('hex')}\n`,
    )
    .join('');
}

/** Lines that begin with # are remarks. */
export function decodeInput(text: string): FuzzInput {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): Piece => {
      const [tag, what = ''] = line.split(' ');
      return [tag!, what.startsWith('#') ? Number(what.slice(1)) : Uint8Array.from(Buffer.from(what, 'hex'))];
    });
}

export const sizeOf = (input: FuzzInput): number =>
  input.reduce((sum, [, bytes]) => sum + (typeof bytes === 'number' ? 0 : bytes.length), 0);
