/** From flags, environment and file to the one configuration that a command runs with. */
import { accessSync, constants, existsSync } from 'node:fs';
import { ConfigError, loadConfig, type LoadedConfig } from '../config/load-config.js';
import type { Config } from '../config/schema.js';
import { tenantsOf } from '../config/tenants.js';
import { SETTINGS } from '../config/settings.js';
import { rulesFolder } from '../load/rule-update.js';
import { Variables } from '../rule/compile/variables.js';
import { usableProcessors } from '../util/container-limits.js';
import { counted } from '../util/counted.js';
import { reasonOf } from '../util/reason.js';
import { CommandError, EXIT } from './exit.js';
import type { CommonFlags } from './flags.js';

type Flags = CommonFlags & { listen?: string[]; admin?: string; workers?: string; eve?: string };

interface Settings {
  readonly flags: Record<string, unknown>;
  /** The flag that each was given with. */
  readonly flagNames: Record<string, string>;
}

/** Flags of their own win over `--set`. */
function settingsOf(flags: Flags): Settings {
  const settings: Settings = { flags: {}, flagNames: {} };
  const put = (key: string, value: unknown, flagName: string): void => {
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return;
    settings.flags[key] = value;
    settings.flagNames[key] = flagName;
  };
  for (const [key, value] of Object.entries(flags.set)) put(key, value, '--set');
  put('rules', flags.rules, '--rules');
  put('listen', flags.listen, '--listen');
  put('admin', flags.admin, '--admin');
  put('workers', flags.workers, '--workers');
  put('eve.file', flags.eve, '--eve');
  put('thresholdFile', flags.thresholdFile, '--threshold-file');
  for (const [name, value] of Object.entries(flags.var)) put(`vars.${name}`, value, '--var');
  return settings;
}

const MOST_WORKERS_PER_PROCESSOR = 4;

/**
 * Settings that name a file which must be there: a sensor without its suppressions would flood whoever reads its
 * alerts.
 */
const FILES = ['thresholdFile', 'classificationFile', 'referenceFile'] as const;
const LISTS = ['enable', 'disable', 'modify', 'drop'] as const;

function problemsWithFiles({ config, origins }: LoadedConfig): string[] {
  const named = [
    ...FILES.map((key) => [key as string, config[key]] as const),
    ...LISTS.map((list) => [`update.${list}`, config.update[list]] as const),
  ];
  return named.flatMap(([key, path]) => {
    if (path === '') return [];
    try {
      accessSync(path, constants.R_OK);
      return [];
    } catch (error) {
      return [`${key} (${origins.get(key)}): cannot read ${path}: ${reasonOf(error)}`];
    }
  });
}

/** A variable that cannot be read would take every rule with it that names it. */
function problemsWithVariables({ config, origins }: LoadedConfig): string[] {
  const problems = new Variables(config.vars).check(Object.keys(config.vars));
  return problems.map(
    ({ variable, message, hint }) =>
      `vars.${variable} (${origins.get(`vars.${variable}`)}): ${message}${hint === undefined ? '' : `; ${hint}`}`,
  );
}

function problemsWithTenantVariables({ config, origins }: LoadedConfig): string[] {
  return tenantsOf(config).flatMap(({ name, vars }) =>
    new Variables({ ...config.vars, ...vars })
      .check(Object.keys(vars))
      .map(
        ({ variable, message, hint }) =>
          `vni.tenants.${name}.vars.${variable} (${origins.get('vni.tenants')}): ${message}${hint === undefined ? '' : `; ${hint}`}`,
      ),
  );
}

function refuse(problems: readonly string[]): never {
  throw new CommandError(
    EXIT.usage,
    problems.length === 1
      ? problems[0]
      : `the configuration has ${problems.length} problems\n  ${problems.join('\n  ')}`,
  );
}

/** Throws a `CommandError` that names every problem. */
export function configure(flags: Flags): LoadedConfig {
  try {
    const loaded = loadConfig({ file: flags.config, env: process.env, ...settingsOf(flags) });
    const problems = [
      ...problemsWithVariables(loaded),
      ...problemsWithTenantVariables(loaded),
      ...problemsWithFiles(loaded),
    ];
    return problems.length > 0 ? refuse(problems) : withFetchedRules(withWorkerWarning(loaded));
  } catch (error) {
    if (error instanceof ConfigError) refuse(error.problems);
    throw error;
  }
}

/** Far more shards than processors only take turns, and each wants its memory and seconds to start. */
function withWorkerWarning(loaded: LoadedConfig, processors = usableProcessors()): LoadedConfig {
  const { workers } = loaded.config;
  if (workers <= MOST_WORKERS_PER_PROCESSOR * processors) return loaded;
  const warning = `workers (${loaded.origins.get('workers')}): ${workers} shards would share ${counted(processors, 'processor')}, taking turns: leave it out, and there are as many as are of use`;
  return { ...loaded, warnings: [...loaded.warnings, warning] };
}

/** The set that the sensor has fetched is among its rules once it is there. */
function withFetchedRules(loaded: LoadedConfig): LoadedConfig {
  const { update, rules } = loaded.config;
  const folder = rulesFolder(update.directory);
  if (update.sources.length === 0 || !existsSync(folder)) return loaded;
  return { ...loaded, config: { ...loaded.config, rules: [...rules, folder] } };
}

const DATA_SETTINGS: readonly string[] = [
  'geoip.database',
  'reputation.categories',
  'reputation.files',
  'datasets.directory',
  'datasets.allowAbsolutePaths',
];

/** What a reload takes over; anything else is fixed at the start. */
const RELOADED: readonly string[] = [
  'rules',
  'vars',
  'vni.tenants',
  'thresholdFile',
  'classificationFile',
  'referenceFile',
  'cache.directory',
  'adminTls.certificate',
  'adminTls.key',
  'reload.maxFailedPercent',
  'update.sources',
  'update.every',
  'update.directory',
  'update.enable',
  'update.disable',
  'update.modify',
  'update.drop',
  'update.allowHttp',
  'allowWorldWritableRules',
  ...DATA_SETTINGS,
];

/** Settings that differ and that a reload does not take over. */
export function settingsForRestart(inUse: Config, wanted: Config): string[] {
  const at = (config: Config, key: string): string =>
    JSON.stringify(key.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], config));
  return SETTINGS.map(({ key }) => key).filter((key) => !RELOADED.includes(key) && at(inUse, key) !== at(wanted, key));
}
