/**
 * Where the program lies: the folder that holds `main` and, below it, the scripts of threads and what they warm up
 * with. That is `build` for modules as the compiler wrote them, `dist` for the bundle, whose chunks lie one folder deep
 * so that the way up is the same, and `src` where tests load TypeScript.
 */
const FOLDER = new URL('..', import.meta.url);

/** Of a script or a file of the program, by its path below that folder, such as `shard/worker.js`. */
export const programFile = (path: string): URL => new URL(path, FOLDER);

/** Of package.json, which lies beside that folder. */
export const manifestFile = (): URL => new URL('../package.json', FOLDER);
