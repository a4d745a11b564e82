/** The calls that reach the event file. Stage: output; tests put others in their place. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, statSync, write } from 'node:fs';

type WriteDone = (error: NodeJS.ErrnoException | null, written: number) => void;

export interface FileCalls {
  open(path: string, flags: number): number;
  write(fd: number, bytes: Buffer, from: number, length: number, done: WriteDone): void;
  close(fd: number): void;
  /** Size of a file that can be shortened; undefined of a pipe, a device, a socket. */
  size(fd: number): number | undefined;
  /** When a file that is open was last written to. */
  writtenMs(fd: number): number;
  shorten(fd: number, size: number): void;
  /** Whether the path still leads to the open file: it was not moved away, removed or replaced. */
  leadsTo(path: string, fd: number): boolean;
}

export const FILE_CALLS: FileCalls = {
  open: (path, flags) => openSync(path, flags, 0o644),
  write,
  close: closeSync,
  size: (fd) => {
    const stats = fstatSync(fd);
    return stats.isFile() ? stats.size : undefined;
  },
  writtenMs: (fd) => fstatSync(fd).mtimeMs,
  shorten: ftruncateSync,
  leadsTo: (path, fd) => {
    const there = statSync(path, { throwIfNoEntry: false });
    const here = fstatSync(fd);
    return there?.ino === here.ino && there.dev === here.dev;
  },
};

/**
 * A descriptor that stands for 1 or 2: where that is a pipe it is opened a second time, without blocking. The flag then
 * is ours alone, and not that of whoever else writes there. Where that is not allowed (another user's pipe in a
 * container), or it is no pipe, the descriptor it is.
 */
export function openStandard(fd: number, calls: FileCalls): number {
  try {
    if (!fstatSync(fd).isFIFO()) return fd;
    return calls.open(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return fd;
  }
}

/** Whether a path could not be opened because it is a pipe that nobody has opened for reading. */
export function isPipeWithoutReader(error: unknown, path: string): boolean {
  return (
    (error as NodeJS.ErrnoException).code === 'ENXIO' && statSync(path, { throwIfNoEntry: false })?.isFIFO() === true
  );
}
