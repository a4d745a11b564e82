/**
 * Prometheus's own checker, where it is installed (Debian: `apt-get install prometheus`); elsewhere tests say that they
 * skip.
 */
import { spawnSync } from 'node:child_process';

export const hasPromtool = spawnSync('promtool', ['--version']).error === undefined;
if (!hasPromtool)
  console.warn('SKIPPED: promtool is not installed, so alert rules, dashboards and metrics go unchecked');

/** Runs promtool. @returns its status and all that it said. */
export function promtool(args: readonly string[], input?: string): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8', input, timeout: 60_000 });
  return { status, said: `${stdout}${stderr}` };
}
