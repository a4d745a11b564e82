/**
 * Whether everybody on the machine may change a file: such rules are anybody's, and so is what the sensor looks for.
 * Stage: load. Links are followed: the mode of what they lead to counts.
 */
import { statSync } from 'node:fs';

const OTHERS_WRITE = 0o002;

export function isWorldWritable(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && (stat.mode & OTHERS_WRITE) !== 0;
}
