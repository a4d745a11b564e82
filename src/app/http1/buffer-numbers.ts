/** The buffers of HTTP/1.x by number: which of them a number is. Stage: app; filled once. */
import { BUFFERS } from '../buffers.js';
import { HTTP1_BUFFERS } from './buffers.js';

const NAMES: ReadonlySet<string> = new Set(HTTP1_BUFFERS.map(({ name }) => name));

/** The name of a buffer of this protocol; undefined for those of others. */
export const LOCAL: readonly (string | undefined)[] = BUFFERS.map((name) => (NAMES.has(name) ? name : undefined));
