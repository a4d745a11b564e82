/** threshold.config in Suricata's and Snort's writing, and what is said of lines that cannot be read. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { checkFiles } from '../../src/load/build-rule-set.js';
import { loadConfigFile } from '../../src/load/config-file.js';
import { parseThresholdConfig, type ThresholdConfigOptions } from '../../src/load/threshold-config.js';
import type { ThresholdConfig } from '../../src/block/terms.js';
import { Diagnostics, type Diagnostic } from '../../src/rule/diagnostics/diagnostic.js';
import { Variables } from '../../src/rule/compile/variables.js';

const variables = new Variables({ HOME_NET: '10.0.0.0/8', DNS: '[10.1.1.1,fd00::53]' });

function read(
  text: string,
  options?: ThresholdConfigOptions,
): ThresholdConfig & { readonly problems: readonly Diagnostic[] } {
  const diagnostics = new Diagnostics();
  return { ...parseThresholdConfig(text, variables, diagnostics, options), problems: diagnostics.list };
}

/** Ranges of the first suppression's addresses, written out. */
function addressesOf(ip: string): { ipv4: string[]; ipv6: string[] } | undefined {
  const { suppressions, problems } = read(`suppress gen_id 1, sig_id 5, track by_src, ip ${ip}`);
  expect(problems).toEqual([]);
  const set = suppressions[0]!.addresses;
  const dotted = (address: number): string => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
  return (
    set && {
      ipv4: set.ipv4.map(([low, high]) => `${dotted(low)}-${dotted(high)}`),
      ipv6: set.ipv6.map(([low, high]) => `${low.toString(16)}-${high.toString(16)}`),
    }
  );
}

describe('threshold.config', () => {
  it('suppresses by rule, side and address', () => {
    const { suppressions, problems } = read(
      [
        '# comment',
        '',
        'suppress gen_id 1, sig_id 2200079',
        '  suppress gen_id 1, sig_id 5, track by_src, ip 1.2.3.4',
        'suppress gen_id 1, sig_id 6, track by_either, ip [1.2.3.4,!$HOME_NET, 10.0.0.0/8]',
        'suppress gen_id 1, sig_id 7, track by_dst, ip any',
        'suppress gen_id 0, sig_id 0',
        '',
      ].join('\r\n'),
    );
    expect(problems).toEqual([]);
    expect(suppressions).toMatchObject([
      { gid: 1, sid: 2200079, track: undefined, addresses: undefined },
      { gid: 1, sid: 5, track: 'by_src', addresses: { ipv4: [[0x01020304, 0x01020304]], ipv6: [] } },
      { gid: 1, sid: 6, track: 'by_either', addresses: { ipv4: [[0x01020304, 0x01020304]] } },
      { gid: 1, sid: 7, track: 'by_dst', addresses: undefined },
      { gid: 0, sid: 0 },
    ]);
  });

  it.each<[string, { ipv4: string[]; ipv6: string[] } | undefined]>([
    ['10.0.0.1', { ipv4: ['10.0.0.1-10.0.0.1'], ipv6: [] }],
    ['217.110.97.128/25', { ipv4: ['217.110.97.128-217.110.97.255'], ipv6: [] }],
    [
      '[192.168.0.0/16,10.0.0.0/8,172.16.0.0/12]',
      { ipv4: ['10.0.0.0-10.255.255.255', '172.16.0.0-172.31.255.255', '192.168.0.0-192.168.255.255'], ipv6: [] },
    ],
    ['[ 10.0.0.0/30 , !10.0.0.1 ]', { ipv4: ['10.0.0.0-10.0.0.0', '10.0.0.2-10.0.0.3'], ipv6: [] }],
    [
      '[[10.0.0.0/30,!10.0.0.1],1.2.3.4]',
      { ipv4: ['1.2.3.4-1.2.3.4', '10.0.0.0-10.0.0.0', '10.0.0.2-10.0.0.3'], ipv6: [] },
    ],
    ['fe80::/10', { ipv4: [], ipv6: ['fe800000000000000000000000000000-febfffffffffffffffffffffffffffff'] }],
    ['$HOME_NET', { ipv4: ['10.0.0.0-10.255.255.255'], ipv6: [] }],
    [
      '$DNS',
      { ipv4: ['10.1.1.1-10.1.1.1'], ipv6: ['fd000000000000000000000000000053-fd000000000000000000000000000053'] },
    ],
    ['any', undefined],
  ])('suppresses for ip %s', (ip, expected) => {
    expect(addressesOf(ip)).toEqual(expected);
  });

  it('suppresses for all but some', () => {
    const { ipv4, ipv6 } = addressesOf('!$HOME_NET')!;
    expect(ipv4).toEqual(['0.0.0.0-9.255.255.255', '11.0.0.0-255.255.255.255']);
    expect(ipv6).toHaveLength(1);
    expect(addressesOf('!10.0.0.0/8')!.ipv4).toEqual(ipv4);
  });

  it('reads settings in any order and spacing', () => {
    const { suppressions, thresholds, problems } = read(
      'suppress  sig_id 5 ,gen_id\t3\nthreshold seconds 60,count 1,track by_both,type limit,sig_id 2,gen_id 1',
    );
    expect([suppressions, problems]).toEqual([[{ gid: 3, sid: 5 }], []]);
    expect(thresholds).toMatchObject([
      { gid: 1, sid: 2, threshold: { kind: 'limit', track: 'by_both', count: 1, seconds: 60 } },
    ]);
  });

  it.each(['by_src', 'by_dst', 'by_both', 'by_rule', 'by_flow'])('counts %s', (track) => {
    for (const type of ['limit', 'threshold', 'both']) {
      expect(read(`event_filter gen_id 1, sig_id 2, type ${type}, track ${track}, count 5, seconds 6`)).toMatchObject({
        thresholds: [{ threshold: { kind: type, track, count: 5, seconds: 6 } }],
        problems: [],
      });
    }
  });

  it('takes a threshold off with a count of -1, and looks at the rest all the same', () => {
    expect(read('event_filter gen_id 1, sig_id 2, type limit, track by_src, count -1, seconds 60')).toEqual({
      suppressions: [],
      thresholds: [{ gid: 1, sid: 2, threshold: undefined }],
      problems: [],
    });
    expect(read('event_filter gen_id 1, sig_id 2, type limit, count -1, seconds 60').problems).toMatchObject([
      { message: 'track is missing' },
    ]);
    expect(
      read('event_filter gen_id 1, sig_id 2, type limit, track by_src, count -2, seconds 60').problems,
    ).toMatchObject([{ code: 'number-out-of-range' }]);
  });

  it('leaves comments out, wherever they stand, and does not continue them', () => {
    const { suppressions, problems } = read(
      [
        '# a comment that ends in a backslash \\',
        'suppress gen_id 1, sig_id 1',
        '   # indented',
        'suppress gen_id 1, sig_id 2 # behind a line',
        'suppress gen_id 1, \\',
        '  sig_id 3  # the end',
        '#suppress gen_id 1, sig_id 4',
        'suppress gen_id 1, sig_id 5',
      ].join('\n'),
    );
    expect([suppressions.map(({ sid }) => sid), problems]).toEqual([[1, 2, 3, 5], []]);
  });

  it('says which lines hold where two are for the same rules', () => {
    const line = (sid: number, count: number): string =>
      `threshold gen_id 1, sig_id ${sid}, type limit, track by_src, count ${count}, seconds 60\n`;
    const { thresholds, problems } = read(
      line(1, 1) +
        line(2, 1) +
        line(1, 5) +
        'rate_filter gen_id 1, sig_id 2, track by_src, count 1, seconds 1, new_action drop, timeout 1\nsuppress gen_id 1, sig_id 1\nsuppress gen_id 1, sig_id 1',
    );
    expect(thresholds).toHaveLength(4);
    expect(problems).toMatchObject([
      { code: 'duplicate-threshold', severity: 'warning', span: { start: line(1, 1).length + line(2, 1).length } },
    ]);
  });

  it('says which rules there are not, where it knows', () => {
    const isLoaded = (gid: number, sid: number): boolean => gid === 1 && sid === 5;
    const text =
      'suppress gen_id 1, sig_id 5\nsuppress gen_id 2, sig_id 5\nsuppress gen_id 1, sig_id 0\nthreshold gen_id 1, sig_id 6, type limit, track by_src, count 1, seconds 60';
    const { suppressions, problems } = read(text, { isLoaded });
    expect(suppressions).toHaveLength(3);
    expect(problems.map(({ code, severity, message }) => [code, severity, message])).toEqual([
      ['threshold-without-rule', 'warning', 'there is no rule with gid 2 and sid 5'],
      ['threshold-without-rule', 'warning', 'there is no rule with gid 1 and sid 6'],
    ]);
    expect(read(text).problems).toEqual([]);
  });

  it('limits by rule, under either name, on several lines', () => {
    expect(
      read(
        'threshold gen_id 1, sig_id 2, type limit, \\\n  track by_src, count 1, seconds 60\nevent_filter gen_id 1, sig_id 0, type both, track by_dst, count 5, seconds 6',
      ),
    ).toMatchObject({
      thresholds: [
        { gid: 1, sid: 2, threshold: { kind: 'limit', track: 'by_src', count: 1, seconds: 60 } },
        { gid: 1, sid: 0, threshold: { kind: 'both', track: 'by_dst', count: 5, seconds: 6 } },
      ],
      problems: [],
    });
  });

  it('changes actions by rate', () => {
    expect(
      read('rate_filter gen_id 1, sig_id 2, track by_rule, count 100, seconds 10, new_action drop, timeout 60'),
    ).toMatchObject({
      thresholds: [
        {
          gid: 1,
          sid: 2,
          threshold: {
            kind: 'rate_filter',
            track: 'by_rule',
            count: 100,
            seconds: 10,
            newAction: 'drop',
            timeoutSeconds: 60,
          },
        },
      ],
      problems: [],
    });
  });

  it.each(['alert', 'drop', 'pass', 'reject', 'log', 'sdrop'])('changes actions to %s', (action) => {
    const { thresholds, problems } = read(
      `rate_filter gen_id 1, sig_id 2, track by_src, count 100, seconds 10, new_action ${action}, timeout 0`,
    );
    expect([thresholds[0]!.threshold, problems]).toMatchObject([
      { newAction: action === 'sdrop' ? 'drop' : action, timeoutSeconds: 0 },
      [],
    ]);
    expect(thresholds[0]!.threshold).not.toHaveProperty('applyTo');
  });

  it('changes actions for some hosts', () => {
    const line = (track: string, hosts: string): string =>
      `rate_filter gen_id 1, sig_id 2, track ${track}, count 1, seconds 1, new_action drop, timeout 1, apply_to ${hosts}`;
    expect(read(line('by_dst', '[10.0.0.0/31,fd00::1]'))).toMatchObject({
      thresholds: [
        {
          threshold: {
            applyTo: {
              ipv4: [[0x0a000000, 0x0a000001]],
              ipv6: [[0xfd000000000000000000000000000001n, 0xfd000000000000000000000000000001n]],
            },
          },
        },
      ],
      problems: [],
    });
    expect(read(line('by_rule', '10.0.0.1')).problems).toMatchObject([
      { message: 'apply_to names hosts, and by_rule does not count by one', hint: 'write track by_src or by_dst' },
    ]);
    expect(read(line('by_src', '10.0.0')).problems).toHaveLength(1);
  });

  it.each([
    ['nonsense gen_id 1, sig_id 1', 'nonsense'],
    ['supress gen_id 1, sig_id 1', 'supress'],
    [', gen_id 1', ', gen_id 1'],
    ['suppress gen_id 1, sig_id', 'sig_id'],
    ['suppress gen_id 1, sigid 5', 'sigid 5'],
    ['suppress gen_id 1,, sig_id 5', ','],
    ['suppress gen_id 1, sig_id 5,', ','],
    ['suppress gen_id 1, sig_id 5, track by_src, ip 1.2.3.4, 1.2.3.5', '1.2.3.5'],
    ['suppress gen_id 1, sig_id 5, track by_src, ip [1.2.3.4', '4'],
    ['suppress gen_id 1, sig_id 5, track by_src, ip $NOBODY', '$NOBODY'],
    ['suppress gen_id 1, sig_id -1', '-1'],
    ['suppress gen_id 1, sig_id 4294967296', '4294967296'],
    ['event_filter gen_id 1, sig_id 5, type limit, track by_src, count 1, seconds 1, unique_on dst_port', 'dst_port'],
    [
      'rate_filter gen_id 1, sig_id 5, type limit, track by_src, count 1, seconds 1, new_action drop, timeout 1',
      'type limit',
    ],
    ['rate_filter gen_id 1, sig_id 5, track by_src, count 1, seconds 1, new_action drop, timeout x', 'x'],
    ['rate_filter gen_id 1, sig_id 5, track by_src, count 1, seconds 0, new_action drop, timeout 1', '0'],
    ['suppress gen_id 1', 'suppress'],
    ['suppress gen_id 0, sig_id 5', '5'],
    ['suppress gen_id x, sig_id 5', 'x'],
    ['suppress gen_id 1, sig_id 5, track by_rule, ip 1.2.3.4', 'by_rule'],
    ['suppress gen_id 1, sig_id 5, ip 1.2.3.4', '1.2.3.4'],
    ['suppress gen_id 1, sig_id 5, track by_src', 'suppress'],
    ['suppress gen_id 1, sig_id 5, track by_src, ip [1.2.3.4,1.2.3]', '1.2.3'],
    ['suppress gen_id 1, sig_id 5, sig_id 6', 'sig_id 6'],
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
    expect(problems[0]!.severity).toBe('error');
    expect(problems[0]!.hint).toBeTruthy();
  });

  it.each([
    ['supress gen_id 1, sig_id 1', 'did you mean suppress?'],
    ['suppress gen_id 1, sigid 1', 'did you mean sig_id?'],
    [
      'suppress gen_id 1, sig_id 5, track by_src, ip 1.2.3.4, 1.2.3.5',
      'write a list of addresses in brackets: ip [10.0.0.1,10.0.0.2]',
    ],
    ['suppress gen_id 0, sig_id 5', 'write gen_id 1, sig_id 5 for one rule'],
  ])('says what to write instead: %s', (line, hint) => expect(read(line).problems[0]!.hint).toBe(hint));

  it('never throws', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'suppress ',
        'threshold ',
        'gen_id 1',
        'sig_id ',
        ', ',
        'ip [',
        ']',
        'track by_src',
        '\\\n',
        '\n',
        '#',
      ),
      fc.string({ maxLength: 5 }),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(read(pieces.join('')).suppressions).toBeDefined();
      }),
      { numRuns: 1000, seed: 1 },
    );
  });
});

describe('the file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'periscope-thresholds-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const save = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('has its problems by line and column, on continued lines, too', () => {
    const file = save(
      'threshold.config',
      '# first\r\n\r\nthreshold gen_id 1, sig_id 2, \\\r\n  type limit, track by_nobody, \\\r\n  count 1, seconds 60\r\nsuppress gen_id 1, sig_id 3\r\n  suppres gen_id 1\r\n',
    );
    const { value, diagnostics } = loadConfigFile(file, (text, found) => parseThresholdConfig(text, variables, found));
    expect(value!.suppressions).toHaveLength(1);
    expect(diagnostics.map((each) => [each.file, each.line, each.column, each.length, each.sourceLine])).toEqual([
      [file, 4, 21, 'by_nobody'.length, '  type limit, track by_nobody, \\'],
      [file, 7, 3, 'suppres'.length, '  suppres gen_id 1'],
    ]);
  });

  it('is looked at by check, with the rules that there are', () => {
    const rules = save('one.rules', 'alert tcp any any -> any any (msg:"x"; content:"needle"; sid:5; rev:1;)\n');
    const thresholdFile = save('check.config', 'suppress gen_id 1, sig_id 5\nsuppress gen_id 1, sig_id 6\n');
    const report = checkFiles({
      rules: [rules],
      variables: {},
      classificationFile: '',
      referenceFile: '',
      thresholdFile,
      includeDisabled: false,
    });
    expect(report.diagnostics.filter(({ file }) => file === thresholdFile)).toMatchObject([
      { code: 'threshold-without-rule', line: 2, column: 27 },
    ]);
    expect(report.warnings).toBe(1);
  });
});
