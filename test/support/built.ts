/** Modules of the build, for threads that tests start: those cannot load TypeScript. */
import { existsSync } from 'node:fs';
import { it } from 'vitest';
import { pathToFileURL } from 'node:url';
import { dirname, join } from 'node:path';
import { MAIN } from './sensor.js';

const present = existsSync(MAIN);
if (!present) console.warn(`skipped: ${MAIN} is not built`);

/** `it`, where there is a build. */
export const builtIt = present ? it : it.skip;

/** Where a module of the build is, as in `util/word-lock.js`. */
export const builtUrl = (path: string): string => pathToFileURL(join(dirname(MAIN), path)).href;
