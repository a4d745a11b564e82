/** The buffers of files by number: which of them a number is. Stage: app; filled once. */
import { BUFFERS, BUFFER_SPECS } from '../buffers.js';

/** The name of a buffer of files; undefined for all others. */
export const LOCAL_FILE_BUFFERS: readonly (string | undefined)[] = BUFFER_SPECS.map((spec, number) =>
  spec.ofFiles === true ? BUFFERS[number] : undefined,
);
