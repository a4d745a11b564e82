/** From flags, environment and file to the one configuration that a command runs with. */
import { accessSync, constants } from 'node:fs';
import { ConfigError, loadConfig, SETTINGS, type Config } from '../config.js';
import { CommandError, EXIT } from './exit.js';
import type { CommonFlags } from './flags.js';

type Flags = CommonFlags & { listen?: string[]; admin?: string; workers?: string; eve?: string };

/** Flags of their own win over `--set`. */
function settingsOf(flags: Flags): Record<string, unknown> {
  const settings: Record<string, unknown> = { ...flags.set };
  const put = (key: string, value: unknown): void => {
    if (value !== undefined && !(Array.isArray(value) && value.length === 0)) settings[key] = value;
  };
  put('rules', flags.rules);
  put('listen', flags.listen);
  put('admin', flags.admin);
  put('workers', flags.workers);
  put('eve.file', flags.eve);
  put('thresholdFile', flags.thresholdFile);
  for (const [name, value] of Object.entries(flags.var)) settings[`vars.${name}`] = value;
  return settings;
}

/** Settings that name a file which must be there: a sensor without its suppressions would flood whoever reads its alerts. */
const FILES = ['thresholdFile', 'classificationFile', 'referenceFile'] as const;

function problemsWithFiles(config: Config): string[] {
  return FILES.flatMap((key) => {
    if (config[key] === '') return [];
    try {
      accessSync(config[key], constants.R_OK);
      return [];
    } catch (error) {
      return [`${key}: ${config[key]} cannot be read: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message}`];
    }
  });
}

function refuse(problems: readonly string[]): never {
  throw new CommandError(EXIT.usage, problems.length === 1 ? problems[0] : `the configuration has ${problems.length} problems\n  ${problems.join('\n  ')}`);
}

/** Throws a `CommandError` that names every problem. */
export function configure(flags: Flags): { config: Config; warnings: readonly string[] } {
  try {
    const loaded = loadConfig({ file: flags.config, env: process.env, flags: settingsOf(flags) });
    const problems = problemsWithFiles(loaded.config);
    return problems.length > 0 ? refuse(problems) : loaded;
  } catch (error) {
    if (error instanceof ConfigError) refuse(error.problems);
    throw error;
  }
}

/** What a reload takes over; anything else is fixed at the start. */
const RELOADED: readonly string[] = ['rules', 'vars', 'thresholdFile', 'classificationFile', 'referenceFile', 'cache.directory'];

/** Settings that differ and that a reload does not take over. */
export function settingsForRestart(inUse: Config, wanted: Config): string[] {
  const at = (config: Config, key: string): string => JSON.stringify(key.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], config));
  return SETTINGS.map(({ key }) => key).filter((key) => !RELOADED.includes(key) && at(inUse, key) !== at(wanted, key));
}
