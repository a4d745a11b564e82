/**
 * The ends of headers as each tenant has them: mirror sessions whose HOME_NET and the like are others. Stage: rule
 * (compile).
 *
 * A rule is compiled once; only the ends of its header are worked out again, and those of a text once for all rules
 * that have it: a large set of rules has a few hundred.
 */
import type { Tenant } from '../../block/terms.js';
import type { RuleNode } from '../ast.js';
import { Diagnostics, type Diagnostic } from '../diagnostics/diagnostic.js';
import { printHeader } from '../parse/printer.js';
import type { HeaderEnds } from '../program.js';
import { Variables } from './variables.js';

/** Texts of headers that are remembered: beyond it they are worked out each time. */
const MOST_TEXTS = 65_536;

interface Worked {
  readonly ends: readonly (HeaderEnds | undefined)[];
  /** Of each tenant that the rule can say nothing to, why. */
  readonly problems: readonly { readonly tenant: string; readonly problem: Diagnostic }[];
}

export class TenantVariables {
  private readonly tenants: readonly { readonly name: string; readonly variables: Variables }[];
  private readonly known = new Map<string, Worked>();

  /** `common`: variables of all, over the defaults; those of a tenant go over them. */
  constructor(tenants: readonly Tenant[], common: Readonly<Record<string, string>> = {}) {
    this.tenants = tenants.map(({ name, vars }) => ({ name, variables: new Variables({ ...common, ...vars }) }));
  }

  /** By tenant; undefined where there is none, or the header names no variable. */
  endsOf(node: RuleNode, diagnostics: Diagnostics): readonly (HeaderEnds | undefined)[] | undefined {
    if (this.tenants.length === 0) return undefined;
    const text = printHeader(node);
    if (!text.includes('$')) return undefined;
    const worked = this.known.get(text) ?? this.workOut(node, text);
    for (const { tenant, problem } of worked.problems)
      diagnostics.warning(
        'never-matches',
        `for the tenant ${tenant} the rule never matches: ${problem.message}`,
        node.protocol.span,
        problem.hint,
      );
    return worked.ends;
  }

  private workOut(node: RuleNode, text: string): Worked {
    const ends: (HeaderEnds | undefined)[] = [];
    const problems: { tenant: string; problem: Diagnostic }[] = [];
    for (const { name, variables } of this.tenants) {
      const found = new Diagnostics();
      const own = headerEnds(node, variables, found);
      const problem = found.list[0];
      if (problem !== undefined) problems.push({ tenant: name, problem });
      ends.push(found.hasErrors ? undefined : own);
    }
    const worked = { ends, problems };
    if (this.known.size < MOST_TEXTS) this.known.set(text, worked);
    return worked;
  }
}

/** Undefined in it stands for any, or (with an error reported) for what cannot be read. */
export function headerEnds(node: RuleNode, variables: Variables, diagnostics: Diagnostics): HeaderEnds {
  return {
    source: node.source && variables.addresses(node.source, diagnostics),
    sourcePorts: node.sourcePort && variables.ports(node.sourcePort, diagnostics),
    destination: node.destination && variables.addresses(node.destination, diagnostics),
    destinationPorts: node.destinationPort && variables.ports(node.destinationPort, diagnostics),
  };
}
