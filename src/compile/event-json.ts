/**
 * The part of an event that is the same for every alert of a rule, written once at load: the `alert` object of EVE.
 * Stage: load.
 */
import type { RuleProgram } from '../rule/program.js';

/** `"alert":{…` without the closing brace, so that members that differ between alerts can follow. */
export function eventJson(program: RuleProgram, referencePrefix?: (system: string) => string | undefined): string {
  const alert: Record<string, unknown> = {
    // An observer lets everything pass; what the rule would have done is its verdict.
    action: 'allowed',
    gid: program.gid,
    signature_id: program.sid,
    rev: program.rev,
    signature: program.msg,
    category: program.category,
    severity: program.priority,
  };
  if (program.metadata.size > 0) alert.metadata = Object.fromEntries(program.metadata);
  const references = program.references.flatMap(({ system, id }) => {
    const prefix = referencePrefix?.(system);
    return prefix === undefined ? [] : [prefix + id];
  });
  if (references.length > 0) alert.references = references;
  return `"alert":${JSON.stringify(alert).slice(0, -1)}`;
}
