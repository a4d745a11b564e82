/** Short ways to write rule programs, as the keywords would compile them. */
import type { PacketTest, RuleHeader, RuleProgram } from '../../src/rule/program.js';
import type {
  BufferMatch,
  ByteExtract,
  ByteJump,
  ByteMath,
  ByteTest,
  ContentMatch,
  IsDataAt,
  PcreMatch,
  Value,
} from '../../src/rule/buffer-match.js';
import { looksBack } from '../../src/match/pcre/measure.js';
import { parsePcre } from '../../src/match/pcre/parser.js';
import { ruleKind } from '../../src/rule/compile/rule-kind.js';
import { toBytes, type Payload } from './packet-builder.js';

export type ProgramFields = Partial<Omit<RuleProgram, 'header'>> & {
  readonly header?: Partial<RuleHeader>;
  readonly payload?: readonly BufferMatch[];
};

const ANY_HEADER: RuleHeader = {
  protocol: 'ip',
  source: undefined,
  sourcePorts: undefined,
  destination: undefined,
  destinationPorts: undefined,
  bidirectional: false,
};

/**
 * A rule that matches every IP packet, changed as told. `payload` are steps over the payload; its first plain content
 * is the fast pattern.
 */
export function program(fields: ProgramFields = {}): RuleProgram {
  const { payload, header, ...rest } = fields;
  const buffers = rest.buffers ?? (payload === undefined ? [] : [{ buffer: 'payload' as const, matches: payload }]);
  const fast = buffers.flatMap(({ buffer, transforms, matches }) =>
    matches.flatMap((match) => (match.kind === 'content' && !match.negated ? [{ buffer, transforms, match }] : [])),
  )[0];
  const rule: Omit<RuleProgram, 'kind'> = {
    action: 'alert',
    gid: 1,
    sid: 1,
    rev: 1,
    msg: 'test',
    classtype: undefined,
    category: '',
    priority: 3,
    references: [],
    metadata: new Map(),
    flow: undefined,
    packetTests: [],
    flowTests: [],
    bitTests: [],
    buffers,
    effects: [],
    noalert: false,
    thresholds: [],
    fastPattern: fast && {
      buffer: fast.buffer,
      transforms: fast.transforms,
      place: fixedPlace(fast.match),
      bytes: fast.match.bytes,
      nocase: fast.match.nocase,
      only: false,
    },
    variableCount: 8,
    waitingFor: [],
    origin: { file: 'test.rules', line: 1 },
    ...rest,
    header: { ...ANY_HEADER, ...header },
  };
  return { ...rule, kind: fields.kind ?? ruleKind(rule) };
}

function fixedPlace({ startswith, offset = 0, depth, bytes }: ContentMatch): number | undefined {
  if (startswith) return 0;
  return typeof offset === 'number' && depth === bytes.length ? offset : undefined;
}

export const content = (bytes: Payload, fields: Partial<Omit<ContentMatch, 'kind' | 'bytes'>> = {}): ContentMatch => ({
  kind: 'content',
  bytes: toBytes(bytes),
  negated: false,
  nocase: false,
  startswith: false,
  endswith: false,
  ...fields,
});

/** One that tells where it matches. */
export const pcre = (
  source: string,
  fields: { negated?: boolean; relative?: boolean; flags?: string } = {},
): PcreMatch => ({
  kind: 'pcre',
  pattern: source,
  flags: fields.flags ?? '',
  negated: fields.negated ?? false,
  relative: fields.relative ?? false,
  looksBack: looksBack(parsePcre(source, fields.flags ?? '').body),
  use: 'position',
});

export const isdataat = (position: Value, fields: { negated?: boolean; relative?: boolean } = {}): IsDataAt => ({
  kind: 'isdataat',
  position,
  negated: fields.negated ?? false,
  relative: fields.relative ?? false,
});

const READ = { bytes: 1, offset: 0, relative: false, endian: 'big' } as const;

export const byteTest = (fields: Partial<Omit<ByteTest, 'kind'>>): ByteTest => ({
  kind: 'byte_test',
  operator: '=',
  negated: false,
  value: 0,
  ...READ,
  ...fields,
});

export const byteJump = (fields: Partial<Omit<ByteJump, 'kind'>>): ByteJump => ({
  kind: 'byte_jump',
  multiplier: 1,
  align: false,
  from: 'read',
  postOffset: 0,
  ...READ,
  ...fields,
});

export const byteExtract = (fields: Partial<Omit<ByteExtract, 'kind'>>): ByteExtract => ({
  kind: 'byte_extract',
  variable: 0,
  multiplier: 1,
  align: 0,
  ...READ,
  ...fields,
});

export const byteMath = (fields: Partial<Omit<ByteMath, 'kind'>>): ByteMath => ({
  kind: 'byte_math',
  operator: '+',
  value: 0,
  variable: 0,
  ...READ,
  ...fields,
});

export const bsize = (...ranges: [number, number][]): BufferMatch => ({ kind: 'bsize', ranges });

export const field = (
  name: Extract<PacketTest, { kind: 'field' }>['field'],
  ranges: [number, number][],
  negated = false,
  mask?: number,
): PacketTest => ({ kind: 'field', field: name, ranges, negated, mask });
