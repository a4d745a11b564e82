/**
 * What a compiled rule set depends on, as one digest: the key of the cache (rule-cache.ts). Stage: load.
 *
 * Rule files by path and content, variables, classes and references by content, and the program by its own code, so
 * that neither an update nor a change under development is ever met by tables of another program. What is read at every
 * start (thresholds) or made at every start (scratch memory) is no part of it. Of the files that rules take data from
 * (datasets, countries, reputation) the settings are; which ones those are only the rules tell, so that what was in
 * them stands in the entry (data-files.ts).
 */
import { createHash, type Hash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SilentProtocols, Tenant } from '../block/terms.js';
import { NO_DATA, type DataSettings } from './data-settings.js';
import { writableDirectory } from './datasets.js';
import { findFiles } from './find-files.js';
import { isWorldWritable } from './world-writable.js';
import { programFile } from '../util/program-folder.js';

export interface CacheInputs {
  readonly rules: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  readonly tenants?: readonly Tenant[] | undefined;
  /** Rules for them are warned of. */
  readonly silent?: SilentProtocols | undefined;
  readonly includeDisabled: boolean;
  /** Whether rule files that everybody may write to are loaded. */
  readonly allowWorldWritable?: boolean | undefined;
  /** Empty for the built-in ones. */
  readonly classificationFile: string;
  readonly referenceFile: string;
  /** Which files rules may take data from; none but those beside them when left out. */
  readonly data?: DataSettings | undefined;
}

/** Undefined where something cannot be read: such a load says so each time, and is not kept. */
export function cacheKey(inputs: CacheInputs): string | undefined {
  const found = inputs.rules.map(findFiles);
  const files = [...new Set(found.flatMap((each) => each.files))];
  if (files.length === 0 || found.some(({ problems }) => problems.length > 0)) return undefined;
  if (inputs.allowWorldWritable !== true && files.some(isWorldWritable)) return undefined;
  const { variables, tenants = [], silent, includeDisabled, classificationFile, referenceFile } = inputs;
  const settings = {
    order: endianness(),
    variables: Object.entries(variables).sort(),
    tenants: tenants.map(({ name, vnis, vars }) => [name, vnis, Object.entries(vars).sort()]),
    silent,
    includeDisabled,
    data: dataKey(inputs.data ?? NO_DATA),
  };
  const hash = createHash('sha256').update(JSON.stringify(settings));
  try {
    for (const path of files) addFile(hash, path, path);
    if (classificationFile !== '') addFile(hash, 'classification', classificationFile);
    if (referenceFile !== '') addFile(hash, 'reference', referenceFile);
  } catch {
    return undefined;
  }
  addCode(hash, fileURLToPath(programFile('.')));
  return hash.digest('hex');
}

/** What the settings of data files come to for rules. */
function dataKey({ geoip, reputation, datasets: { directory, allowAbsolutePaths } }: DataSettings): unknown {
  return { geoip, reputation, directory, allowAbsolutePaths, writable: writableDirectory(directory) === undefined };
}

/** Name and length stand before the content, so that no two lists of files give the same bytes. */
function addFile(hash: Hash, name: string, path: string): void {
  if (statSync(path).isFIFO()) throw new Error('a pipe can be read once');
  const content = readFileSync(path);
  hash.update(JSON.stringify([name, content.length])).update(content);
}

/** The whole program: numbers of buffers, applications and events, which a rule set holds, come from all over it. */
function addCode(hash: Hash, root: string): void {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.[jt]s$/.test(name));
  for (const name of names.sort()) addFile(hash, name, join(root, name));
}
