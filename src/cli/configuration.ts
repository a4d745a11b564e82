/** From flags, environment and file to the one configuration that a command runs with. */
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

/** Throws a `CommandError` that names every problem. */
export function configure(flags: Flags): { config: Config; warnings: readonly string[] } {
  try {
    return loadConfig({ file: flags.config, env: process.env, flags: settingsOf(flags) });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new CommandError(EXIT.usage, error.problems.length === 1 ? error.problems[0] : `the configuration has ${error.problems.length} problems\n  ${error.problems.join('\n  ')}`);
  }
}

/** What a reload takes over; anything else is fixed at the start. */
const RELOADED: readonly string[] = ['rules', 'vars', 'thresholdFile', 'classificationFile', 'referenceFile'];

/** Settings that differ and that a reload does not take over. */
export function settingsForRestart(inUse: Config, wanted: Config): string[] {
  const at = (config: Config, key: string): string => JSON.stringify(key.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], config));
  return SETTINGS.map(({ key }) => key).filter((key) => !RELOADED.includes(key) && at(inUse, key) !== at(wanted, key));
}
