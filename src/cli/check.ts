/**
 * `periscope check`: loads rules and says what is wrong with them. Stage: cli.
 *
 * Status 0 when every rule loads, 1 when a rule or a file failed (with `strict` also on warnings), 3 when no rule file
 * could be read at all.
 */
import { checkFiles, fillCache, type CheckInputs } from '../load/build-rule-set.js';
import type { DataSettings } from '../load/data-settings.js';
import type { SilentProtocols, Tenant } from '../block/terms.js';
import type { LoadReport } from '../load/load-rules.js';
import type { Paint } from '../util/paint.js';
import { renderGithub, renderJson, renderText } from './check-output.js';
import { renderWaiting } from './waiting-output.js';
import { withOrigins } from './report.js';

export const FORMATS = ['text', 'json', 'github'] as const;
export type Format = (typeof FORMATS)[number];

export interface CheckOptions {
  readonly rules: readonly string[];
  readonly variables?: Readonly<Record<string, string>> | undefined;
  readonly tenants?: readonly Tenant[] | undefined;
  readonly silent?: SilentProtocols | undefined;
  readonly classificationFile?: string | undefined;
  readonly referenceFile?: string | undefined;
  readonly thresholdFile?: string | undefined;
  /** Which files rules may take data from; none but those beside them when left out. */
  readonly data?: DataSettings | undefined;
  readonly format?: Format | undefined;
  /** As format json. */
  readonly json?: boolean | undefined;
  readonly strict?: boolean | undefined;
  /** Show hints however many there are. */
  readonly hints?: boolean | undefined;
  /** List the rules that wait, before anything else. */
  readonly waiting?: boolean | undefined;
  readonly includeDisabled?: boolean | undefined;
  readonly allowWorldWritable?: boolean | undefined;
  /** Where the compiled rules are to be kept; nowhere when empty. */
  readonly cacheDirectory?: string | undefined;
  /** Where settings come from, by their keys. */
  readonly origins?: ReadonlyMap<string, string> | undefined;
  /** How text is coloured; not at all when left out. */
  readonly paint?: Paint | undefined;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
  /** Takes one line at a time that overwrites the last, where somebody is watching. */
  readonly writeProgress?: ((text: string) => void) | undefined;
}

/** The exit status. */
export async function runCheck(options: CheckOptions): Promise<number> {
  const result = load(options);
  const format = options.json === true ? 'json' : (options.format ?? 'text');
  const everyHint = options.hints === true;
  if (options.waiting === true && format === 'text') options.write(renderWaiting(result, options.paint));
  options.write(
    format === 'json'
      ? renderJson(result)
      : format === 'github'
        ? renderGithub(result, everyHint)
        : renderText(result, everyHint, options.paint),
  );
  if (result.files === 0) {
    if (format === 'json') options.writeError('no rule file could be read\n');
    return 3;
  }
  const errors = result.diagnostics.some(({ severity }) => severity === 'error');
  return errors || (options.strict === true && result.warnings > 0) ? 1 : 0;
}

function load(options: CheckOptions): LoadReport {
  const inputs: CheckInputs = {
    rules: options.rules,
    variables: options.variables ?? {},
    tenants: options.tenants,
    silent: options.silent,
    classificationFile: options.classificationFile ?? '',
    referenceFile: options.referenceFile ?? '',
    thresholdFile: options.thresholdFile ?? '',
    includeDisabled: options.includeDisabled === true,
    allowWorldWritable: options.allowWorldWritable,
    data: options.data,
    onProgress:
      options.writeProgress &&
      (({ rules, file, filesDone, files }) =>
        options.writeProgress!(`${rules} rules read, ${filesDone} of ${files} files done: ${file}`)),
  };
  const directory = options.cacheDirectory ?? '';
  const report = directory === '' ? checkFiles(inputs) : fillCache(inputs, directory);
  options.writeProgress?.('');
  return { ...report, diagnostics: withOrigins(report.diagnostics, options.origins) };
}
