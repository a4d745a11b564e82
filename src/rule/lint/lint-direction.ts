/**
 * Keywords of what only one side sends in a rule for the other one. Stage: rule (lint).
 */
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { never, optionNamed, optionText, type LintedRule } from './lint-context.js';

const SENT = { to_server: 'clients send', to_client: 'servers send' } as const;

export function lintDirection({ node, program, trace }: LintedRule, diagnostics: Diagnostics): void {
  const asked = program.flow?.direction;
  if (asked === undefined || trace.sides.length === 0 || node.direction?.text === '=>') return;
  const wrong = trace.sides.find(({ side }) => side !== asked);
  if (wrong === undefined) return;
  const flow = optionNamed(node.options, 'flow');
  const written = flow === undefined ? asked : optionText(flow);
  never(
    diagnostics,
    `${wrong.node.name.text} is of what ${SENT[wrong.side]}, and ${written} asks for the other direction`,
    wrong.node.name.span,
    `write ${wrong.side} in flow, or ask for something that ${SENT[asked]}`,
  );
}
