/** dcerpc.iface and dcerpc.opnum: what they take, and what becomes of it. */
import { describe, expect, it } from 'vitest';
import { parseOption, reparse } from '../../support/rule-options.js';
import { programOf } from '../../support/rule-options.js';

const UUID = '367abb81-9844-35f1-ad32-98f038001003';

describe('values', () => {
  it.each([
    `dcerpc.iface:${UUID}`,
    `dce_iface:uuid ${UUID},version >1,any_frag`,
    `dce_iface:${UUID}, <5`,
    `dcerpc.iface:${UUID},1`,
    `dcerpc.iface:${UUID},!=1,any_frag`,
    'dce_opnum:15-18,20',
    'dcerpc.opnum:>4',
  ])('%s is read', (written) => {
    expect(parseOption(written).diagnostics).toEqual([]);
    const { first, second, printed, again } = reparse(written);
    expect(second).toEqual(first);
    expect(again).toBe(printed);
  });

  it.each(['dce_iface:367abb81', 'dce_opnum:x', `dcerpc.iface:${UUID},some_frag`])('%s is not', (written) => {
    expect(parseOption(written).diagnostics.map(({ code }) => code)).toEqual(['unknown-argument']);
  });
});

describe('a rule', () => {
  it.each([
    ['1', { operator: '=', negated: false }],
    ['=1', { operator: '=', negated: false }],
    ['!1', { operator: '=', negated: true }],
    ['!=1', { operator: '=', negated: true }],
  ])('compares the version with %s', (version, test) => {
    const [call] = programOf(`dcerpc.iface:${UUID},${version};`)!.buffers;
    expect(call!.matches[1]).toMatchObject({ kind: 'byte_test', offset: 16, bytes: 2, value: 1, ...test });
  });

  it('asks for interface, version and first fragment of one call', () => {
    const { buffers } = programOf(`dcerpc.iface:${UUID},>1; dcerpc.opnum:1,3-4;`)!;
    expect(buffers).toMatchObject([
      {
        buffer: 'dcerpc.iface',
        matches: [
          { kind: 'content', startswith: true },
          { kind: 'byte_test', offset: 16, bytes: 2, operator: '>', value: 1 },
          { kind: 'byte_test', offset: 18, bytes: 1, operator: '=', value: 1 },
        ],
      },
      {
        buffer: 'dcerpc.opnum',
        matches: [
          {
            ranges: [
              [1, 1],
              [3, 4],
            ],
          },
        ],
      },
    ]);
  });

  it('compares numbers of calls', () => {
    const rangesOf = (value: string): unknown =>
      (programOf(`dcerpc.opnum:${value};`)!.buffers[0]!.matches[0] as { ranges: unknown }).ranges;
    expect(rangesOf('>4')).toEqual([[5, 65535]]);
    expect(rangesOf('<=4')).toEqual([[0, 4]]);
    expect(rangesOf('!0')).toEqual([[1, 65535]]);
  });
});
