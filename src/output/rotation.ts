/**
 * When an event file has had its time or size, and where it goes then: `eve.json.20261126T103439Z`. Stage: output, main
 * thread.
 *
 * Periods are those of the clock (UTC): with 3600 seconds a file ends with the hour, also over a restart. Of the files
 * moved away the newest are kept. What goes wrong is tried again a minute later; until then the file grows.
 */
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

export interface RotationOptions {
  /** 0 for no limit. */
  readonly bytes: number;
  readonly seconds: number;
  /** Files kept besides the one that is written. */
  readonly keep: number;
}

const RETRY_MS = 60_000;
const STAMP_LENGTH = '20261126T103439Z'.length;
const MOVED = /^\d{8}T\d{6}Z(\.\d+)?$/;

export class Rotation {
  private readonly options: RotationOptions;
  private notBeforeMs = -Infinity;

  constructor(options: RotationOptions) {
    this.options = options;
  }

  /** Whether a file of so many bytes, last written at `writtenMs`, must make room before `more` are written. */
  isDue(bytes: number, more: number, writtenMs: number, nowMs: number): boolean {
    if (bytes === 0 || nowMs < this.notBeforeMs) return false;
    const { bytes: limit, seconds } = this.options;
    if (limit > 0 && bytes + more > limit) return true;
    return seconds > 0 && Math.floor(writtenMs / 1000 / seconds) !== Math.floor(nowMs / 1000 / seconds);
  }

  /** Moves the file away. Throws when it cannot. */
  moveAway(path: string, nowMs: number): void {
    this.notBeforeMs = nowMs + RETRY_MS;
    renameSync(path, freeName(path, nowMs));
    this.notBeforeMs = -Infinity;
  }

  /** Files moved away that are not kept. Throws where the folder cannot be read. */
  tooOld(path: string): readonly string[] {
    return movedFiles(path).slice(0, -this.options.keep || undefined);
  }

  /** Removes one of them. Throws when it cannot. */
  remove(path: string): void {
    rmSync(path, { force: true });
  }
}

/** Behind all that are there of the same second, so that names stay in order. */
function freeName(path: string, nowMs: number): string {
  const name = `${path}.${new Date(nowMs).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  const last = movedFiles(path).findLast((each) => each === name || each.startsWith(`${name}.`));
  return last === undefined ? name : `${name}.${countOf(last) + 1}`;
}

const countOf = (name: string): number => Number(/Z\.(\d+)$/.exec(name)?.[1] ?? 0);

/** Oldest first. */
function movedFiles(path: string): readonly string[] {
  const folder = dirname(path);
  const base = `${basename(path)}.`;
  const stampOf = (name: string): string => name.slice(base.length, base.length + STAMP_LENGTH);
  return readdirSync(folder)
    .filter((name) => name.startsWith(base) && MOVED.test(name.slice(base.length)))
    .sort((a, b) => stampOf(a).localeCompare(stampOf(b)) || countOf(a) - countOf(b))
    .map((name) => join(folder, name));
}
