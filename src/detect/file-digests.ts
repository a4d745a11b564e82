/** Which digests of files rules compare with lists. Stage: detect; asked once, when they are taken in. */
import { bufferNumber } from '../app/buffers.js';
import { DIGEST, DIGEST_NAMES } from '../app/file/digests.js';

/** A set of DIGEST, of the buffers that rules ask for (asked-buffers.ts). */
export function digestsOf(asked: ReadonlySet<number>): number {
  return DIGEST_NAMES.reduce(
    (digests, name) => digests | (asked.has(bufferNumber(`file.${name}`)) ? DIGEST[name] : 0),
    0,
  );
}
