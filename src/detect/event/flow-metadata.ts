/**
 * What rules have left at a flow, by name: the member `metadata` of alerts, as Suricata has it. Stage: detect; alerts
 * alone, so this allocates. Rules of an earlier generation may have left what no rule names any more: that is left out.
 */
import type { RuleSet } from '../../block/rule-set.js';
import type { Flow } from '../../flow/flow.js';

/** What names of flowints begin with, so that they are none of flowbits (rule/options/flowint.ts). */
const INTEGER_PREFIX = 'int:';

export class FlowMetadata {
  /** Names of flowbits and flowints by id, as JSON has them. */
  private readonly names: ReadonlyMap<number, string>;

  constructor(rules: RuleSet) {
    this.names = new Map([...rules.bitIds()].map(([name, id]) => [id, JSON.stringify(shownName(name))]));
  }

  /** With a comma before it, or ''; of a flow that has marks. */
  member(flow: Flow): string {
    const parts: string[] = [];
    const bits = flow.bitIds().flatMap((id) => this.names.get(id) ?? []);
    if (bits.length > 0) parts.push(`"flowbits":[${bits.join(',')}]`);
    const integers = flow.integerPairs().flatMap(([id, value]) => {
      const name = this.names.get(id);
      return name === undefined ? [] : `${name}:${value}`;
    });
    if (integers.length > 0) parts.push(`"flowints":{${integers.join(',')}}`);
    return parts.length === 0 ? '' : `,"metadata":{${parts.join(',')}}`;
  }
}

const shownName = (name: string): string =>
  name.startsWith(INTEGER_PREFIX) ? name.slice(INTEGER_PREFIX.length) : name;
