/**
 * Makes a directory and those above it. In the place of `mkdirSync` with `recursive`, which Node 20 runs in circles
 * for ever where a file system takes no directories though the one above is there (/proc: ENOENT).
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Throws what the system says of the first directory that cannot be made, with its path. */
export function makeDirectory(path: string, mode = 0o777): void {
  const missing: string[] = [];
  for (let at = resolve(path); !isThere(at); at = dirname(at)) missing.push(at);
  for (const directory of missing.reverse()) {
    try {
      mkdirSync(directory, mode);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Another thread or program was as fast.
      if (code === 'EEXIST' && isThere(directory)) continue;
      throw code === 'ENOENT' ? new Error(`no directory can be made in ${dirname(directory)}`) : error;
    }
  }
}

/** Whether there is a directory; throws where something else is in its place. */
function isThere(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (!stat.isDirectory()) throw new Error(`${path} is no directory`);
  return true;
}
