/**
 * dcerpc.iface and dcerpc.opnum: which interface is called, and which of its calls. Stage: rule. Reference: Suricata,
 * DCERPC keywords; Snort, dce_iface and dce_opnum.
 *
 *   dcerpc.iface:367abb81-9844-35f1-ad32-98f038001003,>1,any_frag;     dce_opnum:"15-18, 20";
 */
import { INTERFACE } from '../../app/dcerpc/buffers.js';
import type { ByteTest } from '../buffer-match.js';
import { rangeUnion } from '../compile/range-set.js';
import type { RuleOption } from './option.js';
import { patternCondition, possible } from './pattern-condition.js';

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const OPERATORS = '<=|>=|!=|[<>=!]';

function byteTest(bytes: number, offset: number, operator: string, value: number): ByteTest {
  return {
    kind: 'byte_test',
    bytes,
    offset,
    relative: false,
    endian: 'big',
    operator: (operator.startsWith('!') ? '=' : operator) as ByteTest['operator'],
    negated: operator.startsWith('!'),
    value,
  };
}

const iface = patternCondition({
  name: 'dcerpc.iface',
  aliases: ['dce_iface'],
  form: new RegExp(`^(?:uuid )?(${UUID})(?:,(?:version )?(${OPERATORS})?\\s*(\\d+))?(,any_frag)?$`, 'i'),
  syntax: '[uuid ]<uuid>[,[<|<=|>|>=|=|!]<version>][,any_frag]',
  example: '367abb81-9844-35f1-ad32-98f038001003,>1,any_frag',
  summary:
    'Names the interface that is called, perhaps with its version. Of dcerpc, and of the pipes of smb. any_frag: also where the first fragment of the call was not seen.',
  differences: 'Suricata looks at the first fragment of the bind in place of that of the call.',
  compile([, uuid, operator = '=', version, anyFragment], builder, node) {
    const bytes = Buffer.from(uuid!.replace(/-/g, ''), 'hex');
    if (version !== undefined)
      possible(compared(operator.replace('!=', '!'), Number(version)), 'version', MAXIMUM, builder, node);
    builder.addSteps(
      'dcerpc.iface',
      [
        { kind: 'content', bytes, negated: false, nocase: false, startswith: true, endswith: false, node },
        ...(version === undefined ? [] : [byteTest(2, INTERFACE.version, operator, Number(version))]),
        ...(anyFragment === undefined ? [byteTest(1, INTERFACE.first, '=', 1)] : []),
      ],
      node,
    );
  },
});

const opnum = patternCondition({
  name: 'dcerpc.opnum',
  aliases: ['dce_opnum'],
  form: /^(?:(\d+(?:\s*-\s*\d+)?(?:(?:,|\s+)\d+(?:\s*-\s*\d+)?)*)|(<=|>=|[<>=!])\s*(\d+))$/,
  syntax: '<number>[-<number>][,…]; or dcerpc.opnum:<<|<=|>|>=|=|!><number>',
  example: '15-18,20',
  summary: 'Names calls of the interface. Of dcerpc, and of the pipes of smb.',
  compile([, list, operator, number], builder, node) {
    const asked = list === undefined ? compared(operator!, Number(number)) : listed(list);
    const ranges = possible(asked, 'number of a call', MAXIMUM, builder, node);
    builder.addNumber('dcerpc.opnum', { kind: 'number', which: 'any', ranges }, node);
  },
});

const MAXIMUM = 0xffff;

const listed = (list: string): readonly (readonly [number, number])[] =>
  rangeUnion(
    Array.from(
      list.matchAll(/(\d+)(?:\s*-\s*(\d+))?/g),
      ([, low, high]) => [Number(low), Number(high ?? low)] as const,
    ),
  );

function compared(operator: string, number: number): readonly (readonly [number, number])[] {
  switch (operator) {
    case '<':
      return [[0, number - 1]];
    case '<=':
      return [[0, number]];
    case '>':
      return [[number + 1, MAXIMUM]];
    case '>=':
      return [[number, MAXIMUM]];
    case '!':
      return [
        [0, number - 1],
        [number + 1, MAXIMUM],
      ];
    default:
      return [[number, number]];
  }
}

export const dcerpcOptions: readonly RuleOption[] = [iface, opnum];
