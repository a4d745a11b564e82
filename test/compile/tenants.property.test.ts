/**
 * Rules that are compiled once for several tenants alert as if each tenant had rules of its own: the naive way is to
 * compile the same text with the variables of one tenant, and to show it that tenant's packets alone.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Tenant } from '../../src/block/terms.js';
import { compileRules } from '../../src/compile/compile-rules.js';
import { loadRules } from '../../src/load/load-rules.js';
import type { RuleProgram } from '../../src/rule/program.js';
import { Sensor } from '../support/detecting.js';
import { ethernet, ipv4, ipv6, udp } from '../support/packet-builder.js';

const folder = mkdtempSync(join(tmpdir(), 'periscope-tenants-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'tenants.rules');

interface Loaded {
  readonly programs: readonly RuleProgram[];
  readonly messages: readonly string[];
}

function load(text: string, variables: Record<string, string>, tenants: readonly Tenant[] = []): Loaded {
  writeFileSync(file, text);
  const { programs, diagnostics } = loadRules({ rules: [file], variables, tenants, lint: false });
  return { programs, messages: diagnostics.map(({ message }) => message) };
}

interface Sent {
  readonly src: string;
  readonly dst: string;
  readonly srcPort: number;
  readonly dstPort: number;
  readonly vni: number;
}

const frameOf = ({ src, dst, srcPort, dstPort }: Sent): Uint8Array =>
  ethernet({}, (src.includes(':') ? ipv6 : ipv4)({ src, dst }, udp({ srcPort, dstPort }, 'abc')));

const alertsOn = (sensor: Sensor, sent: Sent): number[] =>
  sensor.sids(frameOf(sent), (packet) => {
    packet.vni = sent.vni;
  });

const nets = ['10.0.0.0/30', '10.0.0.1', '[10.0.0.0/31,fd00::1]', 'fd00::/127', 'any', '[10.0.0.0/8,!10.0.0.2]'];
const vars = fc.record(
  {
    HOME_NET: fc.constantFrom(...nets),
    SERVERS: fc.constantFrom('$HOME_NET', '10.0.0.3', '!10.0.0.3', 'any'),
    PORTS: fc.constantFrom('80', '[80,443]', '!80', '1024:', 'any'),
  },
  { requiredKeys: [] },
);
const COMMON = { HOME_NET: '10.0.0.0/31', SERVERS: '10.0.0.2', PORTS: '53' };
const address = fc.constantFrom('$HOME_NET', '$EXTERNAL_NET', '$SERVERS', '!$SERVERS', 'any', '10.0.0.1');
const port = fc.constantFrom('$PORTS', '!$PORTS', 'any', '80');
/** By header alone, by a test of packets, and by a content. */
const options = fc.constantFrom('', 'ttl:>0; ', 'content:"b"; ');
const rule = fc.tuple(address, port, fc.constantFrom('->', '<>'), address, port, options);
const host = fc.constantFrom('10.0.0.1', '10.0.0.2', '10.0.0.3', '192.0.2.1');
const host6 = fc.constantFrom('fd00::1', 'fd00::2', '2001:db8::1');
const sent: fc.Arbitrary<Sent> = fc.oneof(host, host6).chain((src) =>
  fc.record({
    src: fc.constant(src),
    dst: src.includes(':') ? host6 : host,
    srcPort: fc.constantFrom(53, 80, 2000),
    dstPort: fc.constantFrom(53, 80, 443, 2000),
    vni: fc.constantFrom(-1, 1, 2, 3, 4, 2 ** 24 - 1),
  }),
);

const textOf = (rules: readonly (readonly string[])[]): string =>
  rules
    .map(([src, sport, way, dst, dport, more], i) => {
      return `alert udp ${src} ${sport} ${way} ${dst} ${dport} (msg:"x"; ${more}sid:${i + 1};)`;
    })
    .join('\n');

describe('rules of several tenants', () => {
  it('alert as if each tenant had rules of its own', () => {
    fc.assert(
      fc.property(
        fc.array(rule, { minLength: 1, maxLength: 12 }),
        vars,
        vars,
        fc.array(sent, { minLength: 1, maxLength: 24 }),
        (rules, one, two, packets) => {
          const text = textOf(rules);
          const tenants = [
            { name: 'one', vnis: [3, 1], vars: one },
            { name: 'two', vnis: [2 ** 24 - 1, 2], vars: two },
          ];
          const { programs } = load(text, COMMON, tenants);
          // A rule that is wrong for everybody is not there for a tenant either.
          const loaded = new Set(programs.map(({ sid }) => sid));
          const together = new Sensor(programs, { compile: { tenants } });
          const apart = [{}, one, two].map((own) => new Sensor(load(text, { ...COMMON, ...own }).programs));
          for (const packet of packets) {
            const tenant = tenants.findIndex(({ vnis }) => vnis.includes(packet.vni)) + 1;
            const expected = alertsOn(apart[tenant]!, packet).filter((sid) => loaded.has(sid));
            expect(alertsOn(together, packet).sort(), JSON.stringify(packet)).toEqual(expected.sort());
          }
        },
      ),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 12) },
    );
  });

  it('says for which tenant a rule never matches, and why', () => {
    const tenants = [{ name: 'shop', vnis: [7], vars: { HOME_NET: 'any', EXTERNAL_NET: '!$HOME_NET' } }];
    const { programs, messages } = load(
      'alert udp $EXTERNAL_NET any -> $HOME_NET any (msg:"x"; sid:1;)',
      COMMON,
      tenants,
    );
    expect(messages).toEqual([expect.stringMatching(/^for the tenant shop the rule never matches: \$EXTERNAL_NET /)]);
    const sensor = new Sensor(programs, { compile: { tenants } });
    const packet = { src: '192.0.2.1', dst: '10.0.0.1', srcPort: 2000, dstPort: 80 };
    expect(alertsOn(sensor, { ...packet, vni: 7 })).toEqual([]);
    expect(alertsOn(sensor, { ...packet, vni: 8 })).toEqual([1]);
  });

  it('take a few words for each header, not for each rule', () => {
    const line = (sid: number): string => `alert udp $HOME_NET any -> any any (msg:"x"; ttl:>0; sid:${sid};)`;
    const text = Array.from({ length: 500 }, (_, i) => line(i + 1)).join('\n');
    const tenants = Array.from({ length: 50 }, (_, i) => ({
      name: `t${i}`,
      vnis: [i],
      vars: { HOME_NET: `10.${i}.0.0/16` },
    }));
    const size = (all: readonly Tenant[]): number =>
      compileRules(load(text, COMMON, all).programs, { tenants: all }).block.length;
    expect(size(tenants) - size([])).toBeLessThan(50 * 64);
  });
});
