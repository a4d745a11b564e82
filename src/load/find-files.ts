/**
 * What `--rules PATH` names: a file, a directory (its rule files, recursively), or a glob with `*`, `?`, `[a-z]` and
 * `**`. Stage: load. Results are sorted, so that the order of loading does not hang on the file system.
 */
import { readdirSync, statSync, type Stats } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { DiagnosticCode } from '../rule/diagnostics/diagnostic.js';
import { reasonOf } from '../util/reason.js';

export interface FoundFiles {
  readonly files: readonly string[];
  /** Why there are no files, or a directory that could not be read. */
  readonly problems: readonly {
    readonly path: string;
    readonly code: DiagnosticCode;
    readonly reason: string;
    readonly hint?: string;
  }[];
}

const RULE_FILE = /\.rules(?:\.gz)?$/i;
const MAXIMUM_DEPTH = 32;

export function findFiles(path: string): FoundFiles {
  const problems: FoundFiles['problems'][number][] = [];
  const stat = statOf(path);
  if (stat?.isDirectory() === true) {
    const files = walk(path, problems).filter((file) => RULE_FILE.test(file));
    if (files.length === 0 && problems.length === 0) {
      problems.push({
        path,
        code: 'no-rule-files',
        reason: 'the directory holds no rule files',
        hint: 'rule files end in .rules or .rules.gz',
      });
    }
    return { files, problems };
  }
  if (stat !== undefined || !/[*?[]/.test(path)) return { files: [path], problems };
  const base = dirname(path.slice(0, path.search(/[*?[]/)) + 'x');
  const pattern = globExpression(path);
  const files = walk(base, problems).filter((file) => pattern.test(file));
  if (files.length === 0 && problems.length === 0)
    problems.push({
      path,
      code: 'no-rule-files',
      reason: 'no file matches the pattern',
      hint: '* stands for a name within a directory, ** for directories too',
    });
  return { files, problems };
}

/** What cannot be looked at (a directory above it is closed, links lead in a circle) is refused when it is read. */
function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * All files below a directory. Links to directories are not followed, so that no circle can arise; hidden entries are
 * left out, as a mounted Kubernetes config map keeps a second copy of its files in one. So are pipes and sockets, which
 * a load would wait for.
 */
function walk(directory: string, problems: FoundFiles['problems'][number][], depth = 0): string[] {
  if (depth > MAXIMUM_DEPTH) return [];
  try {
    const entries = readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith('.') && !entry.isFIFO() && !entry.isSocket())
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return entries.flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? walk(path, problems, depth + 1) : [path];
    });
  } catch (error) {
    problems.push({
      path: directory,
      code: 'unreadable-directory',
      reason: `cannot list the directory: ${reasonOf(error)}`,
    });
    return [];
  }
}

/** `**` crosses directories, `*` and `?` do not. */
function globExpression(glob: string): RegExp {
  const source = join(glob)
    .split(sep)
    .join('/')
    .replace(/\*\*\/?|\*|\?|\[[^\]/]*\]|[\\^$.|+(){}[\]]/g, (token) => {
      if (token === '**/') return '(?:.*/)?';
      if (token === '**') return '.*';
      if (token === '*') return '[^/]*';
      if (token === '?') return '[^/]';
      if (token.startsWith('[') && token.length > 2) return token.replace(/^\[!/, '[^').replace(/\\/g, '\\\\');
      return `\\${token}`;
    });
  return new RegExp(`^${source}$`);
}
