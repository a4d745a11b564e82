/**
 * The configuration: defaults < file (YAML) < environment < flags, validated once, then frozen.
 *
 * The schema (schema.ts) is the only list of settings: the environment variable of each follows from its key by rule
 * (`eve.file` → PERISCOPE_EVE_FILE, `receiveBufferBytes` → PERISCOPE_RECEIVE_BUFFER_BYTES). Problems are collected, so
 * that one start shows them all.
 */
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { nearest } from '../util/nearest.js';
import { readWhole } from '../util/read-whole.js';
import { reasonOf } from '../util/reason.js';
import type { Config } from './schema.js';
import { problemsWithTenants } from './tenants.js';
import { listOf, mapOf } from './setting-types.js';
import { isGroup, isMap, LEAVES, SETTINGS, shown } from './settings.js';

export interface ConfigSources {
  /** Path of a YAML file. */
  readonly file?: string | undefined;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Dotted keys, from `--set` and from the flags of their own; text or what the schema wants. */
  readonly flags?: Readonly<Record<string, unknown>>;
  /** The flag that each of those was given with, as its user knows it. */
  readonly flagNames?: Readonly<Record<string, string>>;
}

/** Byte order marks, by the bytes. */
const UTF16_MARKS = ['\xff\xfe', '\xfe\xff'];

/** The configuration cannot be used; one line per problem. */
export class ConfigError extends Error {
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

export interface LoadedConfig {
  readonly config: Config;
  /** Variables of our prefix that are no setting: no error, as Kubernetes makes such for a service of our name. */
  readonly warnings: readonly string[];
  /**
   * Where each setting that was given comes from: a flag, a variable of the environment, or file and line. By key,
   * `vars.HOME_NET` too.
   */
  readonly origins: ReadonlyMap<string, string>;
}

interface Given {
  readonly value: unknown;
  readonly from: string;
  /** Of variables that were given one by one. */
  readonly parts?: Readonly<Record<string, string>>;
}

/** Reads and checks everything. Throws a `ConfigError` with all problems. */
export function loadConfig(sources: ConfigSources = {}): LoadedConfig {
  const problems: string[] = [];
  const warnings: string[] = [];
  const given = new Map<string, Given>();
  if (sources.file !== undefined) takeFile(sources.file, given, problems);
  takeEnvironment(sources.env ?? {}, given, warnings);
  for (const [key, value] of Object.entries(sources.flags ?? {}))
    takeFlag(key, { value, from: sources.flagNames?.[key] ?? 'command line' }, given, problems);
  const config = build(given, problems);
  if (problems.length === 0) {
    takeDoublePorts(config as Config, problems);
    takeOutputs(config as Config, problems);
    takeUpdates(config as Config, problems);
    problems.push(...problemsWithTenants(config as Config));
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return { config: deepFreeze(config) as Config, warnings, origins: originsOf(given) };
}

/** A port cannot carry both. */
function takeDoublePorts({ decode }: Config, problems: string[]): void {
  for (const port of decode.vxlanPorts.filter((each) => decode.genevePorts.includes(each))) {
    problems.push(`decode.genevePorts: ${port} is among decode.vxlanPorts, too; a port carries one of them`);
  }
}

function takeOutputs({ eve, adminTls }: Config, problems: string[]): void {
  if (eve.file === 'off' && eve.outputs.length === 0)
    problems.push('eve.file: off needs another place for events: name it in eve.outputs');
  for (const [name, { certificate, key }] of Object.entries({ 'eve.tls': eve.tls, adminTls })) {
    if ((certificate === '') !== (key === ''))
      problems.push(`${name}: certificate and key go together, and one of them is missing`);
  }
}

function takeUpdates({ update }: Config, problems: string[]): void {
  if (update.sources.length === 0) return;
  if (update.directory === '')
    problems.push('update.sources: a directory for the rules is missing: name one in update.directory');
  for (const source of update.sources) {
    if (/^http:/i.test(source) && !update.allowHttp)
      problems.push(`update.sources: ${source} is not encrypted: take https, or set update.allowHttp`);
  }
}

function takeFile(path: string, given: Map<string, Given>, problems: string[]): void {
  let bytes: Buffer;
  try {
    bytes = readWhole(path);
  } catch (error) {
    problems.push(`cannot read the configuration file ${path}: ${reasonOf(error)}`);
    return;
  }
  if (UTF16_MARKS.includes(bytes.toString('latin1', 0, 2))) {
    problems.push(`cannot read the configuration file ${path}: it is text in UTF-16: save it as UTF-8`);
    return;
  }
  const source = bytes.toString('utf8');
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  for (const { pos, message } of document.errors) {
    const { line, col } = lines.linePos(pos[0]);
    problems.push(`${path}:${line}:${col}: ${message}`);
  }
  if (document.errors.length > 0) return;
  const tree: unknown = document.toJS();
  if (tree === null || tree === undefined) return;
  const lineOf = (keys: readonly string[]): string => {
    const range = (document.getIn(keys, true) as { range?: readonly number[] } | undefined)?.range;
    return range === undefined ? path : `${path}:${lines.linePos(range[0]!).line}`;
  };
  if (isMap(tree)) flatten(tree, [], lineOf, given, problems);
  else problems.push(`${path}: expected a mapping of settings, found ${shown(tree)}`);
}

/** `lineOf` says file and line of a setting by the keys that lead to it. */
function flatten(
  tree: Record<string, unknown>,
  path: readonly string[],
  lineOf: (keys: readonly string[]) => string,
  given: Map<string, Given>,
  problems: string[],
): void {
  for (const [name, value] of Object.entries(tree)) {
    const keys = [...path, name];
    const named = keys.join('.');
    const key = settingOf(named);
    // `rules` is a list, or `{files: [...], update: {...}}`.
    if (isMap(value) && (named === 'rules' || (!LEAVES.has(key) && isGroup(key)))) {
      flatten(value, keys, lineOf, given, problems);
    } else if (value !== null || !(LEAVES.has(key) || isGroup(key))) {
      // A key without a value leaves the default.
      const parts = isMap(value)
        ? Object.fromEntries(Object.keys(value).map((part) => [part, lineOf([...keys, part])]))
        : undefined;
      take(key, { value, from: lineOf(keys), ...(parts === undefined ? {} : { parts }) }, given, problems);
    }
  }
}

function takeEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  given: Map<string, Given>,
  warnings: string[],
): void {
  const keys = new Map(SETTINGS.map((setting) => [setting.env, setting.key]));
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('PERISCOPE_') || value === undefined || value === '') continue;
    const key = keys.get(name);
    if (key !== undefined) given.set(key, { value, from: name });
    else if (!/^PERISCOPE_(SERVICE|PORT)(_|$)/.test(name))
      warnings.push(`${name} is no setting${suggestion(name, keys.keys())}`);
  }
}

function takeFlag(name: string, entry: Given, given: Map<string, Given>, problems: string[]): void {
  const key = settingOf(name);
  const leaf = LEAVES.get(key);
  if (leaf?.secret !== true) take(key, entry, given, problems);
  else problems.push(`${key} (${entry.from}): is a secret: put it into the configuration file or ${leaf.env}`);
}

/** The setting of a name; some have two. */
const settingOf = (name: string): string =>
  name === 'rules.files' ? 'rules' : name.startsWith('rules.update') ? name.slice('rules.'.length) : name;

function take(key: string, entry: Given, given: Map<string, Given>, problems: string[]): void {
  if (LEAVES.has(key)) {
    given.set(key, entry);
  } else if (/^vars\.\w+$/.test(key)) {
    const before = given.get('vars');
    const name = key.slice(5);
    given.set('vars', {
      value: { ...(mapOf(before?.value) as object | undefined), [name]: entry.value },
      from: before?.from ?? entry.from,
      parts: { ...before?.parts, [name]: entry.from },
    });
  } else if (isGroup(key)) {
    problems.push(`${key} (${entry.from}): is a group of settings, found ${shown(entry.value)}`);
  } else {
    problems.push(`${key} (${entry.from}): there is no such setting${suggestion(key, LEAVES.keys())}`);
  }
}

function originsOf(given: ReadonlyMap<string, Given>): ReadonlyMap<string, string> {
  const origins = new Map([...given].map(([key, { from }]) => [key, from]));
  const vars = given.get('vars');
  for (const name of Object.keys((mapOf(vars?.value) as object | undefined) ?? {}))
    origins.set(`vars.${name}`, vars!.parts?.[name] ?? vars!.from);
  return origins;
}

function build(given: ReadonlyMap<string, Given>, problems: string[]): Record<string, unknown> {
  const config: Record<string, unknown> = {};
  for (const { key, type, allowed, names, secret } of LEAVES.values()) {
    const entry = given.get(key);
    const result = type.safeParse(entry?.value);
    if (!result.success) {
      const value = secret ? 'the value' : shown(entry?.value);
      const hint = names === undefined ? '' : hintOfList(entry?.value, names);
      const wrong = wrongMember(entry?.value, result.error.issues, names) ?? `${value} is not allowed${hint}`;
      problems.push(`${key} (${entry?.from}): ${wrong}, expected ${allowed}`);
    } else assign(config, key.split('.'), result.data);
  }
  return config;
}

/** Of a table, what is wrong with the first member that is not as it should be; undefined for other values. */
function wrongMember(
  given: unknown,
  [issue]: readonly z.core.$ZodIssue[],
  names?: readonly string[],
): string | undefined {
  const table = mapOf(given);
  if (!isMap(table) || issue === undefined) return undefined;
  const more = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...more].map(String);
  const [name] = path;
  if (name === undefined) return issue.message.endsWith('is there twice') ? issue.message : undefined;
  // What a list holds has a number, which helps nobody to find it.
  const place = path.filter((part) => !/^\d+$/.test(part)).join('.');
  if (more.length > 0) return `there is no ${place}`;
  if (names?.includes(name) === false) return `there is no ${name}${suggestion(name, names)}`;
  const value = path.reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], table);
  return value === undefined || value === null ? `${place} is missing` : `${place}: ${shown(value)} is not allowed`;
}

/** Of a list of names: which of them is wrong, and what may be meant. */
function hintOfList(value: unknown, names: readonly string[]): string {
  const list = listOf(value);
  const wrong = Array.isArray(list) ? list.find((one) => !names.includes(one as string)) : undefined;
  if (typeof wrong !== 'string') return '';
  const near = suggestion(wrong.toLowerCase(), names);
  const parts = wrong.toLowerCase().split(/[\s;|]+/);
  if (parts.length > 1 && parts.every((one) => names.includes(one)))
    return ` (did you mean ${parts.join(',')}? commas part them)`;
  return ` (there is no ${wrong}${near})`;
}

function assign(target: Record<string, unknown>, [name, ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) target[name] = value;
  else assign((target[name] ??= {}) as Record<string, unknown>, rest, value);
}

function deepFreeze(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

function suggestion(name: string, names: Iterable<string>): string {
  const near = nearest(name, names);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
