/** Says of rules that the configuration has turned off what they look at. Stage: rule (compile). */
import { ALL_BUFFERS } from '../../app/buffers.js';
import type { SilentProtocols } from '../../block/terms.js';
import type { RuleNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { RuleProgram } from '../program.js';
import { applicationsOf } from './transactions.js';

export function warnOfSilence(
  program: RuleProgram,
  node: RuleNode,
  { untold, unparsed }: SilentProtocols,
  diagnostics: Diagnostics,
): void {
  // PERF: most configurations turn nothing off, and rules are tens of thousands.
  if (untold.length === 0 && unparsed.length === 0) return;
  const asked = applicationsOf(program) ?? [];
  const needsParser = program.buffers.some(
    ({ buffer }) => !['packet', 'stream'].includes(ALL_BUFFERS.spec(buffer).scope),
  );
  const silent = needsParser ? unparsed : untold;
  if (asked.length === 0 || asked.some((name) => !silent.includes(name))) return;
  diagnostics.warning(
    'never-matches',
    `${asked.join(' and ')} ${asked.length === 1 ? 'is' : 'are'} turned off in the settings (protocols), so the rule never matches`,
    node.protocol.span,
    needsParser ? 'write enabled: true there' : 'write enabled: true or detection-only there',
  );
}
