import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseThresholdConfig } from '../../src/load/threshold-config.js';
import type { ThresholdConfig } from '../../src/rule/program.js';
import { Diagnostics, type Diagnostic } from '../../src/rule/diagnostic.js';
import { Variables } from '../../src/rule/variables.js';

function read(text: string): ThresholdConfig & { readonly problems: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  return { ...parseThresholdConfig(text, new Variables({ HOME_NET: '10.0.0.0/8' }), diagnostics), problems: diagnostics.list };
}

describe('threshold.config', () => {
  it('suppresses by rule, side and address', () => {
    const { suppressions, problems } = read([
      '# comment', '', 'suppress gen_id 1, sig_id 2200079', '  suppress gen_id 1, sig_id 5, track by_src, ip 1.2.3.4',
      'suppress gen_id 1, sig_id 6, track by_either, ip [1.2.3.4,!$HOME_NET, 10.0.0.0/8]', 'suppress gen_id 1, sig_id 7, track by_dst, ip any', 'suppress gen_id 0, sig_id 0', '',
    ].join('\r\n'));
    expect(problems).toEqual([]);
    expect(suppressions).toMatchObject([
      { gid: 1, sid: 2200079, track: undefined, addresses: undefined },
      { gid: 1, sid: 5, track: 'by_src', addresses: { ipv4: [[0x01020304, 0x01020304]], ipv6: [] } },
      { gid: 1, sid: 6, track: 'by_either', addresses: { ipv4: [[0x01020304, 0x01020304]] } },
      { gid: 1, sid: 7, track: 'by_dst', addresses: undefined },
      { gid: 0, sid: 0 },
    ]);
  });

  it('limits by rule, under either name, on several lines', () => {
    expect(read('threshold gen_id 1, sig_id 2, type limit, \\\n  track by_src, count 1, seconds 60\nevent_filter gen_id 1, sig_id 0, type both, track by_dst, count 5, seconds 6')).toMatchObject({
      thresholds: [
        { gid: 1, sid: 2, threshold: { kind: 'limit', track: 'by_src', count: 1, seconds: 60 } },
        { gid: 1, sid: 0, threshold: { kind: 'both', track: 'by_dst', count: 5, seconds: 6 } },
      ],
      problems: [],
    });
  });

  it('changes actions by rate', () => {
    expect(read('rate_filter gen_id 1, sig_id 2, track by_rule, count 100, seconds 10, new_action drop, timeout 60')).toMatchObject({
      thresholds: [{ gid: 1, sid: 2, threshold: { kind: 'rate_filter', track: 'by_rule', count: 100, seconds: 10, newAction: 'drop', timeoutSeconds: 60 } }], problems: [],
    });
  });

  it.each([
    ['nonsense gen_id 1, sig_id 1', 'nonsense gen_id 1, sig_id 1'],
    ['suppress gen_id 1', 'suppress'],
    ['suppress gen_id 0, sig_id 5', '5'],
    ['suppress gen_id x, sig_id 5', 'x'],
    ['suppress gen_id 1, sig_id 5, track by_rule, ip 1.2.3.4', 'by_rule'],
    ['suppress gen_id 1, sig_id 5, ip 1.2.3.4', '1.2.3.4'],
    ['suppress gen_id 1, sig_id 5, track by_src', 'suppress'],
    ['suppress gen_id 1, sig_id 5, track by_src, ip [1.2.3.4,1.2.3]', '1.2.3'],
    ['suppress gen_id 1, sig_id 5, sig_id 6', ' sig_id 6'],
    ['threshold gen_id 1, sig_id 5, type limit, track by_src, count 1', 'threshold'],
    ['threshold gen_id 1, sig_id 5, type often, track by_src, count 1, seconds 1', 'often'],
    ['rate_filter gen_id 1, sig_id 5, track by_src, count 1, seconds 1, timeout 1', 'rate_filter'],
    ['rate_filter gen_id 1, sig_id 5, track by_src, count 1, seconds 1, new_action shout, timeout 1', 'shout'],
  ])('points at what is wrong: %s', (line, place) => {
    const text = `# first\n${line}\nsuppress gen_id 9, sig_id 9\n`;
    const { suppressions, thresholds, problems } = read(text);
    expect(suppressions).toMatchObject([{ gid: 9 }]);
    expect(thresholds).toEqual([]);
    expect(problems).toHaveLength(1);
    expect(text.slice(problems[0]!.span.start, problems[0]!.span.end)).toBe(place);
  });

  it('never throws', () => {
    const piece = fc.oneof(fc.constantFrom('suppress ', 'threshold ', 'gen_id 1', 'sig_id ', ', ', 'ip [', ']', 'track by_src', '\\\n', '\n', '#'), fc.string({ maxLength: 5 }));
    fc.assert(fc.property(fc.array(piece), (pieces) => { expect(read(pieces.join('')).suppressions).toBeDefined(); }), { numRuns: 1000, seed: 1 });
  });
});
