/**
 * How much of the machine this process may use: what the control groups that it is in leave it (cgroup v1 and v2).
 *
 * Limits hold for all groups on the way to the root, so the least one counts. In a container the mount often shows the
 * own group as its root while /proc still has the host's path: what is not there is passed over.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

export interface ContainerLimits {
  /** Processors that it may use on average; undefined where no quota is set. */
  readonly cpus: number | undefined;
  /** Undefined where no limit is set. */
  readonly memoryBytes: number | undefined;
}

/** Reads what the system says; `root` is where /proc and /sys are. */
export function containerLimits(root = '/'): ContainerLimits {
  const folders = groupFolders(root);
  return { cpus: least(folders.map(quotaOf)), memoryBytes: least(folders.map(memoryOf)) };
}

/** Processors to plan with: a quota of 1.5 is one and a half, and no more than there are. */
export function usableProcessors(root = '/', processors = availableParallelism()): number {
  return Math.min(processors, containerLimits(root).cpus ?? Infinity);
}

/** Shards by default: a processor is left for receiving. */
export function defaultWorkers(root = '/', processors = availableParallelism()): number {
  return Math.max(1, Math.floor(usableProcessors(root, processors)) - 1);
}

/** Bytes of memory to plan with, and whose limit that is. */
export function usableMemory(
  root = '/',
  machineBytes = totalmem(),
): { readonly bytes: number; readonly whose: 'container' | 'machine' } {
  const limit = containerLimits(root).memoryBytes;
  // "No limit" of cgroup v1 is a number that no machine has.
  return limit !== undefined && limit < machineBytes
    ? { bytes: limit, whose: 'container' }
    : { bytes: machineBytes, whose: 'machine' };
}

/** Folders of the groups that the process is in, and of all groups above them. */
function groupFolders(root: string): string[] {
  const mount = join(root, 'sys/fs/cgroup');
  const lines = (read(join(root, 'proc/self/cgroup')) ?? '').split('\n');
  const folders = new Set<string>();
  const take = (controller: string, path: string): void => {
    const names = path.split('/').filter((name) => name !== '' && name !== '..');
    for (let depth = names.length; depth >= 0; depth--) folders.add(join(mount, controller, ...names.slice(0, depth)));
  };
  take('', '/');
  take('cpu', '/');
  take('memory', '/');
  for (const line of lines) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    // Version 2 has one hierarchy; version 1 has one for each set of controllers, found under the set and under each
    // name.
    for (const name of new Set([controllers, ...controllers.split(',')])) take(name, path);
  }
  return [...folders];
}

function quotaOf(folder: string): number | undefined {
  const [quota, period] = (read(join(folder, 'cpu.max')) ?? '').trim().split(/\s+/);
  if (period !== undefined) return ratio(quota!, period);
  return ratio(read(join(folder, 'cpu.cfs_quota_us')) ?? '', read(join(folder, 'cpu.cfs_period_us')) ?? '');
}

/** `max` and -1 are no quota. */
function ratio(quota: string, period: string): number | undefined {
  const [value, unit] = [positive(quota), positive(period)];
  return value === undefined || unit === undefined ? undefined : value / unit;
}

const memoryOf = (folder: string): number | undefined =>
  positive(read(join(folder, 'memory.max')) ?? read(join(folder, 'memory.limit_in_bytes')) ?? '');

function positive(text: string): number | undefined {
  return /^\d+$/.test(text.trim()) && Number(text) > 0 ? Number(text) : undefined;
}

const least = (values: readonly (number | undefined)[]): number | undefined => {
  const known = values.filter((value) => value !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
};

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
