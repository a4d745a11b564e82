/**
 * How many more files and sockets this process may open; undefined where the system does not tell (other than Linux).
 */
import { readdirSync, readFileSync } from 'node:fs';

export function freeDescriptors(): number | undefined {
  try {
    const limit = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return limit === null ? undefined : Number(limit[1]) - readdirSync('/proc/self/fd').length;
  } catch {
    return undefined;
  }
}
