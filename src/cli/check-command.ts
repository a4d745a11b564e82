/** `periscope check` with the flags and settings that it shares with the other commands. */
import { FORMATS, runCheck, type Format } from './check.js';
import { configure } from './configuration.js';
import { explainDiagnostic, unknownDiagnostic } from './diagnostic-pages.js';
import { CommandError, EXIT } from './exit.js';
import type { CheckFlags } from './flags.js';
import { showProgress } from './progress.js';
import { paintFor } from '../util/paint.js';
import { silentProtocols } from '../config/silent-protocols.js';
import { tenantsOf } from '../config/tenants.js';

export async function checkRules(flags: CheckFlags): Promise<number> {
  if (flags.explain !== undefined) return explain(flags.explain);
  const { config, warnings, origins } = configure(flags);
  for (const warning of warnings) process.stderr.write(`periscope: ${warning}\n`);
  if (config.rules.length === 0) throw new CommandError(EXIT.usage, 'no rules to check: write --rules PATH');
  return runCheck({
    rules: config.rules,
    variables: config.vars,
    tenants: tenantsOf(config),
    silent: silentProtocols(config),
    classificationFile: config.classificationFile,
    referenceFile: config.referenceFile,
    thresholdFile: config.thresholdFile,
    data: config,
    origins,
    cacheDirectory: flags.cache,
    format: formatOf(flags.format),
    json: flags.json,
    strict: flags.strict,
    hints: flags.hints,
    waiting: flags.waiting,
    paint: paintFor(process.stdout),
    includeDisabled: flags.includeDisabled,
    allowWorldWritable: config.allowWorldWritableRules,
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
    writeProgress: process.stderr.isTTY ? showProgress : undefined,
  });
}

/** A code may stand in the brackets that messages show it in. */
function explain(written: string): number {
  const code = written.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  const text = explainDiagnostic(code);
  if (text === undefined) throw new CommandError(EXIT.usage, unknownDiagnostic(code));
  process.stdout.write(text);
  return EXIT.done;
}

function formatOf(text: string | undefined): Format | undefined {
  const format = FORMATS.find((each) => each === text);
  if (text !== undefined && format === undefined)
    throw new CommandError(EXIT.usage, `--format takes ${FORMATS.join(', ')}, not '${text}'`);
  return format;
}
