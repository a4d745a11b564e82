/** threshold and detection_filter: settings that one type has and another does not. */
import { describe, expect, it } from 'vitest';
import { compileOptions, findings } from '../../support/rule-options.js';
import { compileText } from '../support/compile.js';

describe('unique_on', () => {
  it.each(['src_port', 'dst_port'])('%s is counted by detection_filter', (port) => {
    const { program, codes } = compileText(
      `alert tcp any any -> any any (detection_filter:track by_dst, count 3, seconds 60, unique_on ${port}; sid:1;)`,
    );
    expect([program!.thresholds, codes]).toEqual([
      [{ kind: 'detection_filter', track: 'by_dst', count: 3, seconds: 60, multiplier: undefined, uniqueOn: port }],
      [],
    ]);
  });

  it.each(['limit', 'threshold', 'both', 'backoff'])('is an error with type %s', (type) => {
    const { program, diagnostics } = compileOptions(
      `threshold:type ${type}, track by_src, count 1, ${type === 'backoff' ? 'multiplier 2' : 'seconds 60'}, unique_on dst_port;`,
    );
    expect(program).toBeUndefined();
    expect(diagnostics).toMatchObject([
      {
        code: 'bad-threshold',
        message: 'unique_on is for detection_filter alone',
        hint: 'write detection_filter:track <side>, count <n>, seconds <n>, unique_on dst_port;',
      },
    ]);
    expect(
      findings(
        `threshold:type ${type}, track by_src, count 1, ${type === 'backoff' ? 'multiplier 2' : 'seconds 60'}, unique_on dst_port;`,
      ),
    ).toEqual(["bad-threshold 'dst_port'"]);
  });

  it('is an error with another word', () =>
    expect(findings('detection_filter:track by_src, count 1, seconds 1, unique_on ip;')).toContain(
      "bad-threshold 'ip'",
    ));

  it.each([
    ['tcp', true],
    ['tcp-pkt', true],
    ['udp', true],
    ['sctp', true],
    ['ip', false],
    ['icmp', false],
    ['pkthdr', false],
  ])('needs ports: %s, %s', (protocol, loads) => {
    const { program, codes } = compileText(
      `alert ${protocol} any any -> any any (detection_filter:track by_dst, count 3, seconds 60, unique_on dst_port; sid:1;)`,
    );
    expect([program !== undefined, codes]).toEqual([loads, loads ? [] : ['bad-threshold']]);
  });

  it('is left alone in a rule that waits for its protocol', () => {
    expect(
      compileText(
        'alert igmp any any -> any any (igmp.hdr; content:"x"; detection_filter:track by_dst, count 3, seconds 60, unique_on dst_port; sid:1;)',
      ).program,
    ).toBeDefined();
  });
});

describe('a setting that a type does not have', () => {
  it.each([
    ['threshold:type limit, track by_src, count 1, seconds 60, multiplier 5;', "without-effect '5'"],
    ['threshold:type backoff, track by_flow, count 1, multiplier 2, seconds 60;', "without-effect '60'"],
  ])('is reported: %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
    expect(compileOptions(text).program!.thresholds).toHaveLength(1);
  });
});
