/**
 * What a rule that loads does not do: rules that can never match, that cost, or that say nothing. Stage: rule (lint).
 *
 * A warning is certain, whatever the packets: a wrong one would teach its reader to pass over the rest. Lints see the
 * finished program and where its parts were written, and keep nothing. What only all rules together show is in
 * load/state-usage.ts.
 */
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { lintBuffers } from './lint-buffers.js';
import type { LintedRule } from './lint-context.js';
import { lintCost } from './lint-cost.js';
import { lintDirection } from './lint-direction.js';
import { lintTests } from './lint-tests.js';
import { lintTransports } from './lint-transports.js';

export type { LintedRule } from './lint-context.js';

/** Reports what is found; of a rule that never matches, nothing about its cost. */
export function lintRule(rule: LintedRule, diagnostics: Diagnostics): void {
  const before = diagnostics.list.length;
  lintDirection(rule, diagnostics);
  lintTransports(rule, diagnostics);
  // What no packet has at once would be told of twice.
  if (diagnostics.list.length === before) lintTests(rule, diagnostics);
  lintBuffers(rule, diagnostics);
  if (diagnostics.list.length === before) lintCost(rule, diagnostics);
}
