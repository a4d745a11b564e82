/** Colours on terminals that have them, unless the reader's environment says otherwise. */
import { styleText } from 'node:util';

export type Style = 'bold' | 'dim' | 'red' | 'yellow' | 'green' | 'cyan';
/** Gives a text its look. */
export type Paint = (style: Style, text: string) => string;

/** For files, pipes and tests. */
export const PLAIN: Paint = (_style, text) => text;

const COLOURED: Paint = (style, text) => styleText(style, text, { validateStream: false });

interface Environment {
  readonly FORCE_COLOR?: string | undefined;
  readonly NO_COLOR?: string | undefined;
  readonly TERM?: string | undefined;
}

/**
 * How to write to a stream: FORCE_COLOR decides where it is set (0 or false for none), then NO_COLOR, then what the
 * stream is.
 */
export function paintFor(
  stream: { readonly isTTY?: boolean | undefined },
  environment: Environment = process.env,
): Paint {
  const { FORCE_COLOR, NO_COLOR, TERM } = environment;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR === '0' || FORCE_COLOR === 'false' ? PLAIN : COLOURED;
  if ((NO_COLOR ?? '') !== '') return PLAIN;
  return stream.isTTY === true && TERM !== 'dumb' ? COLOURED : PLAIN;
}
