/** What `read` writes to, looked at before hours are spent on captures. Stage: cli. */
import { accessSync, constants, statSync, type BigIntStats } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '../util/reason.js';
import { CommandError, EXIT } from './exit.js';

/**
 * Throws a `CommandError` where a destination is one of the captures, which would be emptied, or where one of `reports`
 * (which are written at the end) cannot be written. `events` is a path, `-` or `off`; `reports` those asked for.
 */
export function checkDestinations(
  captures: readonly string[],
  events: string,
  reports: readonly (string | undefined)[],
): void {
  const wanted = reports.filter((path) => path !== undefined && path !== '-') as string[];
  for (const path of [events, ...wanted]) {
    const capture = path === '-' ? undefined : captures.find((each) => isSameFile(each, path));
    if (capture !== undefined)
      throw new CommandError(EXIT.usage, `${path} would be written over the capture ${capture}: name another file`);
  }
  for (const path of wanted) {
    try {
      // What is there need not be readable: a pipe or a device, for example.
      const isThere = lookAt(path) !== undefined;
      accessSync(isThere ? path : dirname(path), constants.W_OK);
      if (lookAt(path)?.isDirectory() === true) throw Object.assign(new Error(), { code: 'EISDIR' });
    } catch (error) {
      throw new CommandError(EXIT.failed, `cannot write ${path}: ${reasonOf(error)}`);
    }
  }
}

function isSameFile(one: string, other: string): boolean {
  const [a, b] = [lookAt(one), lookAt(other)];
  return a?.isFile() === true && b !== undefined && a.dev === b.dev && a.ino === b.ino;
}

function lookAt(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    // Whoever opens it says why that cannot be.
    return undefined;
  }
}
