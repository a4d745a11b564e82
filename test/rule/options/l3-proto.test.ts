import { describe, expect, it } from 'vitest';
import { findings, programOf, reparse } from '../../support/rule-options.js';

describe('l3_proto', () => {
  it.each([
    ['ipv4', 4],
    ['ip4', 4],
    ['IPv6', 6],
    ['ip6', 6],
  ])('%s is version %d', (name, version) => {
    expect(programOf(`l3_proto:${name};`).flowTests).toEqual([
      { kind: 'field', field: 'ip_version', ranges: [[version, version]], negated: false },
    ]);
    expect(reparse(`l3_proto:${name}`).printed).toBe(`l3_proto:ipv${version}`);
  });

  it('knows no other', () => {
    expect(findings('l3_proto:arp;')).toEqual(["unknown-argument 'arp'"]);
    expect(findings('l3_proto;')).toEqual(["missing-value 'l3_proto'"]);
  });
});

describe('alert and enable', () => {
  it('alert changes what a pass rule does only', () => {
    expect(programOf('alert;')).toMatchObject({ alertsOnPass: undefined });
  });

  it('enable takes what leaves the rule on', () => {
    expect([...findings('enable:yes;'), ...findings('enable:inherit;')]).toEqual([]);
    expect(findings('enable:no;')).toEqual(["unknown-argument 'no'"]);
  });
});
