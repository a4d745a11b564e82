/**
 * The protocols that are parsed. Stage: app. Of the others the application layer knows that a flow speaks them, and no
 * more.
 */
import type { Protocol } from './protocol.js';

export const PROTOCOLS: readonly Protocol[] = [];
