/** The built command, and modules of the build for threads that tests start: those cannot load TypeScript. */
import { existsSync } from 'node:fs';
import { it } from 'vitest';
import { pathToFileURL } from 'node:url';
import { dirname, join } from 'node:path';
import { AS_MODULES, MAIN } from './sensor.js';

const modules = AS_MODULES.TESTED_MAIN;
const missing = [MAIN, modules].filter((path) => !existsSync(path));
if (missing.length > 0) console.warn(`skipped: ${missing.join(', ')} is not built`);

/** `it`, where there is a build. */
export const builtIt = missing.length === 0 ? it : it.skip;

/** Where a module of the build is, as in `util/word-lock.js`. */
export const builtUrl = (path: string): string => pathToFileURL(join(dirname(modules), path)).href;
