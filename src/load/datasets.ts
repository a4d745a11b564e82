/**
 * The datasets of one load, by name: what the rules say of them brought together, their files found and read. Stage:
 * load.
 *
 * A file to load lies beside the rule file, or else in datasets.directory; what is saved, and the state of a set, in
 * that directory alone, which must be there and writable. Names stay below these directories unless a setting says
 * otherwise.
 */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, sep } from 'node:path';
import type { DatasetType } from '../block/terms.js';
import type { DataEntries, Dataset } from '../rule/buffer-match.js';
import type { LocatedDiagnostic } from '../rule/diagnostics/render-diagnostic.js';
import { isProblem, type DataProblem, type DatasetRequest, type JsonFormat } from '../rule/compile/rule-data.js';
import { reasonOf } from '../util/reason.js';
import type { DataFiles } from './data-files.js';
import { LineProblems } from './data-lines.js';
import { NO_ENTRIES } from './data-list.js';
import type { DataSettings } from './data-settings.js';
import { parseDatasetFile } from './dataset-file.js';
import { parseJsonDataset } from './dataset-json.js';

/** Beside the bytes of a value, what one takes in tables. */
const ENTRY_BYTES = 16;

/** A set and where its rules have it from. */
interface Known {
  readonly set: Dataset;
  readonly load: string | undefined;
  readonly format: JsonFormat | undefined;
}

/** Files of one set, as full paths. */
interface Paths {
  readonly load: string | undefined;
  readonly save: string | undefined;
  /** There need be no file to load yet. */
  readonly optional: boolean;
}

export class Datasets {
  readonly problems: LocatedDiagnostic[] = [];
  private readonly sets = new Map<string, Known>();
  private readonly settings: DataSettings['datasets'];
  private readonly files: DataFiles;

  constructor(settings: DataSettings['datasets'], files: DataFiles) {
    this.settings = settings;
    this.files = files;
  }

  get(request: DatasetRequest, ruleFile: string): Dataset | DataProblem {
    const name = request.name.toLowerCase();
    const paths = this.paths(request, ruleFile);
    if (isProblem(paths)) return paths;
    const known = this.sets.get(name);
    if (known !== undefined) return mismatch(known, request, paths) ?? known.set;
    const { type, memcap, format } = request;
    if (type === undefined)
      return {
        code: 'unknown-dataset',
        message: `no rule before says what ${request.name} is`,
        hint: 'add its type and file: type ip,load bad.lst',
      };
    if (paths.save !== undefined && [...this.sets.values()].some(({ set }) => set.save === paths.save)) {
      return {
        code: 'dataset-mismatch',
        message: `another dataset is saved to ${paths.save}`,
        hint: 'give each a file of its own',
        argument: request.state === undefined ? 'save' : 'state',
      };
    }
    const entries = this.load(paths, type, format);
    if (isProblem(entries)) return entries;
    const shown = entries.objects?.reduce((sum, object) => sum + object.length, 0) ?? 0;
    const size = entries.bytes.length + ENTRY_BYTES * entries.count + shown;
    if (memcap !== undefined && size > memcap) {
      return {
        code: 'dataset-too-large',
        message: `the file takes ${size} bytes, and memcap is ${memcap}`,
        hint: 'raise memcap, or leave it out',
        argument: 'memcap',
      };
    }
    const set: Dataset = { name, type, entries, save: paths.save, memcap, contextKey: format?.contextKey };
    this.sets.set(name, { set, load: paths.load, format });
    return set;
  }

  private paths({ load, save, state }: DatasetRequest, ruleFile: string): Paths | DataProblem {
    if (state !== undefined) {
      const path = this.writable(state, 'state');
      return isRefused(path) ? path : { load: path, save: path, optional: true };
    }
    const saved = save === undefined ? undefined : this.writable(save, 'save');
    if (isRefused(saved)) return saved;
    const refused = load === undefined ? undefined : this.objection(load, 'load');
    return (
      refused ?? { load: load === undefined ? undefined : this.find(load, ruleFile), save: saved, optional: false }
    );
  }

  /** The path of a file to write, or why there can be none. */
  private writable(name: string, argument: string): string | DataProblem {
    const refused = this.objection(name, argument);
    if (refused !== undefined) return refused;
    if (isAbsolute(name)) return name;
    const { directory } = this.settings;
    const reason = writableDirectory(directory);
    if (reason === undefined) return join(directory, name);
    return {
      code: 'missing-setting',
      message: `there is no directory for ${argument}: datasets.directory ${reason}`,
      hint: 'name one that can be written: --set datasets.directory=DIR',
      argument,
    };
  }

  /** Why a rule may not name this file. */
  private objection(name: string, argument: string): DataProblem | undefined {
    if (this.settings.allowAbsolutePaths) return undefined;
    if (!isAbsolute(name) && normalize(name).split(sep)[0] !== '..') return undefined;
    const message = isAbsolute(name) ? `'${name}' is an absolute path` : `'${name}' leads out of its directory`;
    return {
      code: 'bad-path',
      message,
      hint: 'write a name within the directory, or set datasets.allowAbsolutePaths',
      argument,
    };
  }

  private find(name: string, ruleFile: string): string {
    if (isAbsolute(name)) return name;
    const beside = join(dirname(ruleFile), name);
    const { directory } = this.settings;
    if (directory === '' || existsSync(beside)) return beside;
    const kept = join(directory, name);
    const isKept = existsSync(kept);
    // Which of them are there decides what is read: the one that is not belongs to the record, too.
    this.files.read(isKept ? beside : kept);
    return isKept ? kept : beside;
  }

  private load(
    { load, optional }: Paths,
    type: DatasetType,
    format: JsonFormat | undefined,
  ): DataEntries | DataProblem {
    if (load === undefined) return NO_ENTRIES;
    if (optional && !existsSync(load)) {
      this.files.read(load);
      return NO_ENTRIES;
    }
    const read = this.files.readText(load);
    const argument = optional ? 'state' : 'load';
    if ('reason' in read)
      return { code: 'unreadable-file', message: `cannot read ${load}: ${read.reason}`, hint: read.hint, argument };
    const problems = new LineProblems(load, read.text);
    const entries =
      format === undefined
        ? parseDatasetFile(read.text, type, problems)
        : parseJsonDataset(read.text, type, format, problems);
    if (typeof entries === 'string')
      return { code: 'bad-data-file', message: `${load} cannot be used: ${entries}`, argument };
    if (entries.count === 0 && problems.count > 0)
      return {
        code: 'bad-data-file',
        message: `no line of ${load} is of type ${type}`,
        hint: problems.located()[0]?.hint,
        argument,
      };
    this.problems.push(...problems.located());
    return entries;
  }
}

/** Why nothing can be written to a directory, undefined where it can. */
export function writableDirectory(directory: string): string | undefined {
  if (directory === '') return 'is empty';
  try {
    if (!statSync(directory).isDirectory()) return `names no directory: ${directory}`;
    accessSync(directory, constants.W_OK);
    return undefined;
  } catch (error) {
    return `cannot be written: ${directory}: ${reasonOf(error)}`;
  }
}

const isRefused = (path: string | DataProblem | undefined): path is DataProblem => typeof path === 'object';

/** What a rule says otherwise than the rule that came first. */
function mismatch(
  { set, load, format: known }: Known,
  { name, type, memcap, format }: DatasetRequest,
  paths: Paths,
): DataProblem | undefined {
  const other = (what: string, first: string | undefined, argument: string): DataProblem => ({
    code: 'dataset-mismatch',
    message: `a rule before says ${first === undefined ? `nothing of ${what}` : `${what} ${first}`} of ${name}`,
    hint: 'say it once, or the same, or use another name',
    argument,
  });
  if (type !== undefined && type !== set.type) return other('type', set.type, 'type');
  if (paths.load !== undefined && paths.load !== load) return other('file', load, paths.optional ? 'state' : 'load');
  if (format !== undefined && JSON.stringify(format) !== JSON.stringify(known))
    return other('its format', known === undefined ? undefined : 'otherwise', 'format');
  if (paths.save !== undefined && paths.save !== set.save)
    return other('save', set.save, paths.optional ? 'state' : 'save');
  if (memcap !== undefined && memcap !== set.memcap)
    return other('memcap', set.memcap === undefined ? undefined : String(set.memcap), 'memcap');
  return undefined;
}
