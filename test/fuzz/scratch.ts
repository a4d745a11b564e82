/** Files that targets read: in one folder of the process, which is removed behind the tests, or behind the fuzzing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

let folder = '';
const remove = (): void => {
  if (folder !== '') rmSync(folder, { recursive: true, force: true });
};
// The threads of the suite have no exit of their own, and `npm run fuzz` has no hooks.
afterAll(remove);
process.once('exit', remove);

export function scratchFile(name: string): string {
  if (folder === '') folder = mkdtempSync(join(tmpdir(), 'periscope-fuzz-'));
  return join(folder, name);
}
