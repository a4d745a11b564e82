/**
 * Puts a fetched archive of rules in the place of the one before, if it loads. Stage: load.
 *
 *   DIR.new-xxxx   unpacked and checked, then renamed to DIR
 *   DIR.previous   what DIR was before
 *
 * Until the new rules have been read with all others' settings and found good, nothing of what is in use is touched; a
 * reload in between sees the old rules. The switch is two renames: in the instant between them the folder is not there,
 * and a sensor that reloads just then keeps the rules it has.
 */
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { LocatedDiagnostic } from '../rule/diagnostics/render-diagnostic.js';
import type { ArchiveFile } from './archive-file.js';
import { compileFromFiles, type CompileInputs } from './build-rule-set.js';
import type { SourceState } from './fetch-source.js';
import type { LoadReport } from './load-rules.js';
import { makeDirectory } from '../util/make-directory.js';

/** Beside the rules it is about; says that a folder is ours to replace. */
const STATE_FILE = 'periscope-source.json';
/** What is of use in an archive of rules; anything else in it is left out. */
const WANTED =
  /\.(?:rules|rules\.gz|config|conf|map|txt|md|lst|csv|rep)$|(?:^|\/)(?:LICENSE|COPYING|AUTHORS|VRT-License)[^/]*$/i;

/** Empty files: those that come with the rules, or the built-in ones. */
export type CheckSettings = Pick<
  CompileInputs,
  'variables' | 'tenants' | 'classificationFile' | 'referenceFile' | 'data' | 'onProgress'
>;

/** The folder cannot be used; the message says why. */
export class InstallError extends Error {}

/** What is known of the rules in the folder; undefined where they are not from an archive, or there are none. */
export function readState(folder: string): SourceState | undefined {
  try {
    const state = JSON.parse(readFileSync(join(folder, STATE_FILE), 'utf8')) as SourceState;
    return typeof state.source === 'string' && typeof state.sha256 === 'string' ? state : undefined;
  } catch {
    return undefined;
  }
}

/** Throws for a folder with files that did not come from an archive. */
export function checkFolder(folder: string): void {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) throw new InstallError(`${folder} is no directory`);
  if (readState(folder) === undefined && readdirSync(folder).length > 0) {
    throw new InstallError(
      `${folder} holds files that update did not put there; name another directory with --output, as this one would be replaced whole`,
    );
  }
}

const previousOf = (folder: string): string => `${folder}.previous`;

/** The rules before those in the folder take its place again; false where there are none. */
export function restorePrevious(folder: string): boolean {
  const previous = previousOf(folder);
  if (statSync(previous, { throwIfNoEntry: false }) === undefined) return false;
  rmSync(folder, { recursive: true, force: true });
  renameSync(previous, folder);
  return true;
}

/** New rules, unpacked beside the folder that they are to replace. */
export class StagedRules {
  readonly files: number;
  private readonly folder: string;
  private readonly staged: string;

  constructor(folder: string, files: readonly ArchiveFile[], state: SourceState) {
    this.folder = resolve(folder);
    makeDirectory(dirname(this.folder));
    this.staged = mkdtempSync(`${this.folder}.new-`);
    // A sensor runs as another user than who updates, as often as not.
    chmodSync(this.staged, 0o755);
    const wanted = files.filter(({ path }) => WANTED.test(path));
    this.files = wanted.length;
    for (const { path, content } of wanted) {
      makeDirectory(dirname(join(this.staged, path)));
      writeFileSync(join(this.staged, path), content, { flag: 'wx', mode: 0o644 });
    }
    writeFileSync(join(this.staged, STATE_FILE), `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o644 });
  }

  /** Loads and compiles all of it; places in diagnostics are those in the archive. */
  check({ variables, tenants, classificationFile, referenceFile, data, onProgress }: CheckSettings): LoadReport {
    const { report } = compileFromFiles({
      rules: [this.staged],
      variables,
      tenants,
      includeDisabled: false,
      data,
      onProgress,
      classificationFile: classificationFile || this.find('classification.config'),
      referenceFile: referenceFile || this.find('reference.config'),
    });
    const place = (path: string): string =>
      path.startsWith(this.staged) ? path.slice(this.staged.length + 1) || basename(this.folder) : path;
    return {
      ...report,
      diagnostics: report.diagnostics.map((diagnostic): LocatedDiagnostic => ({
        ...diagnostic,
        file: place(diagnostic.file),
      })),
    };
  }

  /** Takes the place of the folder; where that fails, the folder is what it was. */
  install(): void {
    const previous = previousOf(this.folder);
    rmSync(previous, { recursive: true, force: true });
    const replaces = statSync(this.folder, { throwIfNoEntry: false }) !== undefined;
    try {
      if (replaces) renameSync(this.folder, previous);
      renameSync(this.staged, this.folder);
    } catch (error) {
      if (statSync(this.folder, { throwIfNoEntry: false }) === undefined && replaces) renameSync(previous, this.folder);
      const busy = (error as NodeJS.ErrnoException).code === 'EBUSY';
      throw new InstallError(
        `${this.folder} cannot be replaced: ${(error as Error).message}${busy ? '; a mount point cannot: name a directory within it' : ''}`,
      );
    }
  }

  /** Removes what was not installed. */
  discard(): void {
    rmSync(this.staged, { recursive: true, force: true });
  }

  /** The path of a settings file that came with the rules; empty without one. */
  private find(name: string): string {
    const found = readdirSync(this.staged, { recursive: true, encoding: 'utf8' }).find(
      (path) => basename(path) === name,
    );
    return found === undefined ? '' : join(this.staged, found);
  }
}
