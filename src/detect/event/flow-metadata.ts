/**
 * What rules have left at a flow, by name: the member `metadata` of alerts, as Suricata has it. Stage: detect; alerts
 * alone, so this allocates. Rules of an earlier generation may have left what no rule names any more: that is left out.
 */
import type { RuleSet } from '../../block/rule-set.js';
import type { Flow } from '../../flow/flow.js';

/** What names of flowints begin with, so that they are none of flowbits (rule/options/flowint.ts). */
const INTEGER_PREFIX = 'int:';

export class FlowMetadata {
  /** Names of flowbits and flowints by id. */
  private readonly names: ReadonlyMap<number, string>;

  constructor(rules: RuleSet) {
    this.names = new Map([...rules.bitIds()].map(([name, id]) => [id, name]));
  }

  /** With a comma before it, or ''. */
  member(flow: Flow): string {
    if (!flow.hasMarks) return '';
    const parts: string[] = [];
    const bits = flow.bitIds().flatMap((id) => this.names.get(id) ?? []);
    if (bits.length > 0) parts.push(`"flowbits":${JSON.stringify(bits)}`);
    const integers = flow.integerPairs().flatMap(([id, value]) => {
      const name = this.names.get(id);
      return name === undefined ? [] : `${JSON.stringify(name.slice(INTEGER_PREFIX.length))}:${value}`;
    });
    if (integers.length > 0) parts.push(`"flowints":{${integers.join(',')}}`);
    return parts.length === 0 ? '' : `,"metadata":{${parts.join(',')}}`;
  }
}
