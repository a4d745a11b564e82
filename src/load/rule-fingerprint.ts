/**
 * Whether what rules are loaded from has changed, told without reading it: names, sizes, times and numbers of files.
 * Stage: load. Links are followed, as a mounted Kubernetes config map changes by a link.
 */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { findFiles } from './find-files.js';

/** `paths` may name directories and globs, as for `--rules`; one that is empty names nothing. */
export function fingerprint(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const path of paths) {
    if (path === '') continue;
    for (const file of findFiles(path).files) hash.update(`${file}\0${stateOf(file)}\0`);
    hash.update('\0');
  }
  return hash.digest('hex');
}

function stateOf(path: string): string {
  try {
    const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? 'gone' : `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
  } catch (error) {
    // A file that cannot be looked at is as good as gone.
    return (error as NodeJS.ErrnoException).code ?? 'gone';
  }
}
