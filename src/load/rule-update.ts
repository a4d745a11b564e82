/**
 * One update of the rules that a sensor fetches by itself. Stage: load, a thread of its own (update-thread.ts).
 *
 *   DIRECTORY/rules            the set in use, as lists have made it
 *   DIRECTORY/rules.previous   the one before
 *   DIRECTORY/sources/NAME     the archive of each source as it was last taken, and NAME.json on it
 *
 * All sources make one set: what cannot be fetched is taken as it was last time. Nothing is written before the whole
 * set has been compiled with the sensor's settings; a set of which too many rules fail, or whose lists cannot be read,
 * replaces nothing, and is looked at anew next time.
 */
import { createHash } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../util/make-directory.js';
import { reasonOf } from '../util/reason.js';
import type { ArchiveFile } from './archive-file.js';
import { unpackArchive } from './archive.js';
import { applyLists, type Listed } from './apply-lists.js';
import { fetchChecked, SourceError, type FetchOptions, type SourceState } from './fetch-source.js';
import { checkFolder, readState, StagedRules, type CheckSettings } from './install-rules.js';
import type { LoadReport } from './load-rules.js';
import { parseLists, type ListName } from './rule-lists.js';

export interface UpdateRequest {
  readonly sources: readonly string[];
  readonly directory: string;
  /** Paths; empty for none. */
  readonly lists: Readonly<Record<ListName, string>>;
  /** Share of rules that may fail, from 0 to 1. */
  readonly failures: number;
  readonly fetching: Omit<FetchOptions, 'onProgress'>;
  readonly settings: CheckSettings;
}

export interface UpdateOutcome {
  readonly kind: 'unchanged' | 'installed' | 'refused';
  /** Why it was refused. */
  readonly reason: string;
  /** Of sources that could not be fetched; the set has what they were last time, or nothing of them. */
  readonly problems: readonly string[];
  readonly loaded: number;
  readonly failed: number;
  readonly listed: Omit<Listed, 'files'>;
}

const NOTHING = { enabled: 0, disabled: 0, modified: 0, dropping: 0 };
const NAME_LENGTH = 12;
const LIST_NAMES = ['enable', 'disable', 'modify', 'drop'] as const;

interface Source {
  readonly source: string;
  /** Of its files in `directory`, and of its folder in the set. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly state: SourceState;
  /** What is in it, where it is new. */
  readonly files?: readonly ArchiveFile[];
}

export const rulesFolder = (directory: string): string => join(directory, 'rules');

/** Throws where nothing can be had or written: SourceError, ArchiveError, InstallError, ListError, or of files. */
export async function updateRuleSet(request: UpdateRequest): Promise<UpdateOutcome> {
  const { directory, settings, failures } = request;
  const folder = rulesFolder(directory);
  makeDirectory(join(directory, 'sources'));
  checkFolder(folder);
  const problems: string[] = [];
  const sources: Source[] = [];
  for (const source of request.sources) {
    const got = await fetchOrKept(source, request, problems);
    if (got !== undefined) sources.push(got);
  }
  if (sources.length === 0) throw new SourceError(problems.join('; '));
  const texts = readLists(request.lists);
  const state = setState(sources, texts);
  const outcome = { reason: '', problems, loaded: 0, failed: 0, listed: NOTHING };
  if (readState(folder)?.sha256 === state.sha256) {
    keep(sources, directory);
    return { ...outcome, kind: 'unchanged' };
  }
  const lists = parseLists(texts);
  const made = sources.map(({ bytes, source, name, files = unpackArchive(bytes, source) }) =>
    inFolder(name, applyLists(files, lists)),
  );
  const listed = made.reduce(added, NOTHING);
  const staged = new StagedRules(
    folder,
    made.flatMap(({ files }) => files),
    state,
  );
  try {
    const report = staged.check(settings);
    const { loaded, failed } = report;
    const reason = objectionTo(report, failures, 'reload.maxFailedPercent');
    if (reason !== undefined) return { ...outcome, kind: 'refused', reason, loaded, failed, listed };
    keep(sources, directory);
    staged.install();
    return { ...outcome, kind: 'installed', loaded, failed, listed };
  } finally {
    staged.discard();
  }
}

/** Why rules are not to be used. `name` is that of the bound. */
export function objectionTo(
  { files, loaded, failed, diagnostics }: LoadReport,
  failures: number,
  name: string,
): string | undefined {
  if (files === 0) return 'the archive holds no rule files';
  const unreadable = diagnostics.find(({ code }) => code.startsWith('unreadable-'));
  if (unreadable !== undefined) return `${unreadable.file}: ${unreadable.message}`;
  if (loaded === 0) return 'none of them loads';
  const percent = (100 * failed) / (loaded + failed);
  return failed > failures * (loaded + failed)
    ? `${failed} of ${loaded + failed} rules fail (${percent.toFixed(1)} %), more than the ${failures * 100} % of ${name}`
    : undefined;
}

/** What is there now, or what was there last time, with a problem; undefined where there is neither. */
async function fetchOrKept(
  source: string,
  { directory, fetching }: UpdateRequest,
  problems: string[],
): Promise<Source | undefined> {
  const name = createHash('sha256').update(source).digest('hex').slice(0, NAME_LENGTH);
  const path = join(directory, 'sources', name);
  const known = keptSource(source, path, name);
  try {
    const fetched = await fetchChecked(source, known?.state, fetching);
    if (fetched === undefined) return known;
    // What cannot be unpacked is as good as not fetched.
    return { source, name, ...fetched, files: unpackArchive(fetched.bytes, source) };
  } catch (error) {
    problems.push(error instanceof SourceError ? error.message : `${source}: ${reasonOf(error)}`);
    return known;
  }
}

function keptSource(source: string, path: string, name: string): Source | undefined {
  try {
    const state = JSON.parse(readFileSync(`${path}.json`, 'utf8')) as SourceState;
    const bytes = readFileSync(path);
    const isWhole = createHash('sha256').update(bytes).digest('hex') === state.sha256;
    return state.source === source && isWhole ? { source, name, bytes, state } : undefined;
  } catch {
    return undefined;
  }
}

function keep(sources: readonly Source[], directory: string): void {
  for (const { name, bytes, state, files } of sources) {
    if (files === undefined) continue;
    const path = join(directory, 'sources', name);
    writeWhole(path, bytes);
    writeWhole(`${path}.json`, JSON.stringify(state));
  }
}

function writeWhole(path: string, content: Uint8Array | string): void {
  writeFileSync(`${path}.new`, content, { mode: 0o644 });
  renameSync(`${path}.new`, path);
}

type ListTexts = Partial<Record<ListName, { readonly path: string; readonly text: string }>>;

function readLists(paths: UpdateRequest['lists']): ListTexts {
  const named = LIST_NAMES.filter((name) => paths[name] !== '');
  return Object.fromEntries(
    named.map((name) => [name, { path: paths[name], text: readFileSync(paths[name], 'latin1') }]),
  );
}

/** Of the whole set: it is another one when a source or a list is. */
function setState(sources: readonly Source[], texts: ListTexts): SourceState {
  const hash = createHash('sha256');
  for (const { source, state } of sources) hash.update(`${source}\0${state.sha256}\0`);
  for (const name of LIST_NAMES) hash.update(`${name}\0${texts[name]?.text ?? ''}\0`);
  return { source: sources.map(({ source }) => source).join(' '), sha256: hash.digest('hex') };
}

function inFolder(name: string, { files, ...counts }: Listed): Listed {
  return { files: files.map(({ path, content }): ArchiveFile => ({ path: `${name}/${path}`, content })), ...counts };
}

const added = (sum: Omit<Listed, 'files'>, one: Listed): Omit<Listed, 'files'> => ({
  enabled: sum.enabled + one.enabled,
  disabled: sum.disabled + one.disabled,
  modified: sum.modified + one.modified,
  dropping: sum.dropping + one.dropping,
});
