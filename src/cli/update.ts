/**
 * `periscope update`: fetches rules, checks them, and puts them in the place of those before. Stage: cli.
 *
 * Status 0 when the rules are new or were up to date, 1 when too many of the new ones fail (the old ones stay), 2 for a
 * wrong call, 3 when the archive could not be had, trusted, unpacked or written (the old ones stay).
 */
import type { Config } from '../config/schema.js';
import { tenantsOf } from '../config/tenants.js';
import { ArchiveError } from '../load/archive-file.js';
import { unpackArchive } from '../load/archive.js';
import type { DataSettings } from '../load/data-settings.js';
import {
  fetchChecked,
  readChecksum,
  SourceError,
  type Checksum,
  type Fetched,
  type FetchOptions,
} from '../load/fetch-source.js';
import { checkFolder, InstallError, readState, StagedRules } from '../load/install-rules.js';
import type { LoadProgress, LoadReport } from '../load/load-rules.js';
import { objectionTo } from '../load/rule-update.js';
import { counted } from '../util/counted.js';
import { paintFor, type Paint } from '../util/paint.js';
import { reasonOf } from '../util/reason.js';
import { configure } from './configuration.js';
import { CommandError, EXIT } from './exit.js';
import type { UpdateFlags } from './flags.js';
import { showProgress } from './progress.js';
import { renderErrors } from './report.js';
import { MAXIMUM_ARCHIVE_BYTES } from './rule-updates.js';
import { version } from './version.js';

const MAXIMUM_SHOWN = 10;

export interface UpdateOptions {
  readonly source: string;
  readonly output: string;
  /** Of the archive; undefined takes the one published beside it, where there is one. */
  readonly checksum?: Checksum | undefined;
  /** Share of rules that may fail, from 0 to 1. */
  readonly failures: number;
  /** Fetch and install also what has not changed. */
  readonly force: boolean;
  readonly timeoutMs: number;
  readonly settings: Pick<Config, 'vars' | 'vni' | 'classificationFile' | 'referenceFile'>;
  /** Which files rules may take data from; none but those beside them when left out. */
  readonly data?: DataSettings | undefined;
  readonly write: (text: string) => void;
  /** How errors are coloured; not at all when left out. */
  readonly paint?: Paint | undefined;
  /** Takes one line at a time that overwrites the last, where somebody is watching. */
  readonly writeProgress?: ((text: string) => void) | undefined;
}

export async function updateRules(flags: UpdateFlags): Promise<number> {
  const { config, warnings } = configure({ ...flags, rules: [] });
  for (const warning of warnings) process.stderr.write(`periscope: ${warning}\n`);
  return runUpdate({
    source: flags.source,
    output: flags.output,
    checksum: flags.checksum === undefined ? undefined : checksumFlag(flags.checksum),
    failures: numberFlag('--max-failed', flags.maxFailed, 100) / 100,
    force: flags.force === true,
    timeoutMs: numberFlag('--timeout', flags.timeout, 86_400) * 1000,
    settings: config,
    data: config,
    write: (text) => process.stderr.write(text),
    paint: paintFor(process.stderr),
    writeProgress: process.stderr.isTTY ? showProgress : undefined,
  });
}

/** The exit status; throws a `CommandError` where nothing could be done. */
export async function runUpdate(options: UpdateOptions): Promise<number> {
  try {
    checkFolder(options.output);
    options.writeProgress?.(`fetching ${options.source}`);
    const fetched = await fetchNew(options).finally(() => options.writeProgress?.(''));
    if (fetched === undefined) {
      options.write(`${options.source} has not changed: the rules in ${options.output} stay\n`);
      return EXIT.done;
    }
    return install(fetched, options);
  } catch (error) {
    const problem = problemOf(error, options);
    if (problem === undefined) throw error;
    throw new CommandError(EXIT.failed, `${problem}; the rules in ${options.output} stay as they are`);
  }
}

/** Undefined for what is a bug. */
function problemOf(error: unknown, { source, output }: UpdateOptions): string | undefined {
  if (error instanceof SourceError || error instanceof InstallError) return error.message;
  if (error instanceof ArchiveError) return `${source} cannot be unpacked: ${error.message}`;
  const isOfSystem = (error as NodeJS.ErrnoException).syscall !== undefined;
  return isOfSystem ? `rules cannot be written to ${output}, or beside it: ${reasonOf(error)}` : undefined;
}

/** The archive, its checksum checked; undefined where the rules in use are made from it. */
async function fetchNew({
  source,
  output,
  checksum,
  force,
  timeoutMs,
  write,
  writeProgress,
}: UpdateOptions): Promise<Fetched | undefined> {
  const onProgress =
    writeProgress && ((bytes: number): void => writeProgress(`fetching ${source}: ${(bytes / 1e6).toFixed(1)} MB`));
  const fetching: FetchOptions = {
    timeoutMs,
    maximumBytes: MAXIMUM_ARCHIVE_BYTES,
    userAgent: `periscope/${version()}`,
    onProgress,
  };
  const state = readState(output);
  const known = state?.source === source && !force ? state : undefined;
  return fetchChecked(source, known, fetching, checksum, () =>
    write(`no checksum is published beside ${source}: what was fetched is taken as it is\n`),
  );
}

function install(
  { bytes, state }: Fetched,
  { source, output, failures, settings, data, write, paint, writeProgress }: UpdateOptions,
): number {
  const staged = new StagedRules(output, unpackArchive(bytes, source), state);
  try {
    const onProgress =
      writeProgress &&
      (({ rules, filesDone, files }: LoadProgress): void =>
        writeProgress(`checking: ${rules} rules read, ${filesDone} of ${files} files done`));
    const report = staged.check({
      variables: settings.vars,
      tenants: tenantsOf(settings),
      classificationFile: settings.classificationFile,
      referenceFile: settings.referenceFile,
      data,
      onProgress,
    });
    writeProgress?.('');
    const problem = objectionTo(report, failures, '--max-failed');
    showErrors(report, write, paint);
    if (problem !== undefined) {
      write(`the new rules are not taken: ${problem}; the rules in ${output} stay as they are\n`);
      return EXIT.findings;
    }
    staged.install();
    const waiting = report.waitingRules > 0 ? `, ${report.waitingRules} of them waiting for what is not there yet` : '';
    write(
      `${counted(report.loaded, 'rule')} from ${counted(report.files, 'file')} ${report.loaded === 1 ? 'is' : 'are'} in ${output}${waiting}; ${report.failed} failed; a running sensor takes them up on SIGHUP\n`,
    );
    return EXIT.done;
  } finally {
    staged.discard();
  }
}

function showErrors({ diagnostics }: LoadReport, write: (text: string) => void, paint: Paint | undefined): void {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  write(renderErrors(errors.slice(0, MAXIMUM_SHOWN), errors.length, paint));
}

function checksumFlag(text: string): Checksum {
  const checksum = readChecksum(text);
  if (checksum === undefined)
    throw new CommandError(EXIT.usage, '--checksum takes an MD5 (32 hexadecimal digits) or SHA-256 (64)');
  return checksum;
}

function numberFlag(flag: string, text: string, maximum: number): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0 && value <= maximum))
    throw new CommandError(EXIT.usage, `${flag} takes a number from 0 to ${maximum}, not '${text}'`);
  return value;
}
