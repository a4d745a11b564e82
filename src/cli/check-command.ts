/** `periscope check` with the flags and settings that it shares with the other commands. */
import { runCheck } from './check.js';
import { configure } from './configuration.js';
import { CommandError, EXIT } from './exit.js';
import type { CheckFlags } from './flags.js';

export async function checkRules(flags: CheckFlags): Promise<number> {
  const { config, warnings } = configure(flags);
  for (const warning of warnings) process.stderr.write(`periscope: ${warning}\n`);
  if (config.rules.length === 0) throw new CommandError(EXIT.usage, 'no rules to check: write --rules PATH');
  return runCheck({
    rules: config.rules,
    variables: config.vars,
    json: flags.json,
    strict: flags.strict,
    includeDisabled: flags.includeDisabled,
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
  });
}
