/**
 * Keywords with values of their own form over messages of Kerberos, Modbus, DNP3, CIP and IKE. Stage: rule. Reference:
 * Suricata, keywords of each.
 */
import { ENCRYPTION_TYPES, encryptionNumber, WEAK_TYPES } from '../../app/krb5/buffers.js';
import { IKE_ATTRIBUTES } from '../../app/ike/buffers.js';
import { ACCESS, CATEGORY } from '../../app/modbus/buffers.js';
import type { Ranges } from '../../block/terms.js';
import type { OpenContent, RuleBuilder, Side } from '../compile/rule-builder.js';
import type { OptionNode } from '../ast.js';
import { rangeDifference, rangeUnion } from '../compile/range-set.js';
import { defineOption, type RuleOption } from './option.js';
import { patternCondition, possible } from './pattern-condition.js';

const BYTE_MAXIMUM = 0xff;
const WORD_MAXIMUM = 0xffff;
const MAXIMUM = 0xffff_ffff;
const WORD = 0x1_0000_0000;
const u32 = (number: number): number[] => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255];
const point = (number: number): readonly [number, number] => [number, number];

function addNumber(builder: RuleBuilder, buffer: string, ranges: Ranges, node: OptionNode): void {
  builder.addNumber(buffer, { kind: 'number', which: 'any', ranges }, node);
}

// ------------------------------------------------------------------------------------------------------ Kerberos

/** Types are numbers of 32 bits with a sign. */
const isEncryption = (number: number): boolean => number === (number | 0);

/** The type of a name or number; NaN, and a report, where it is none. */
function encryptionOf(name: string, builder: RuleBuilder, { value }: OptionNode): number {
  const number = /^-?\d+$/.test(name) ? Number(name) : (ENCRYPTION_TYPES[name.toLowerCase()] ?? NaN);
  if (isEncryption(number)) return encryptionNumber(number);
  builder.diagnostics.error(
    'unknown-argument',
    `'${name}' is no encryption of a ticket`,
    value!.span,
    'write its number (IANA, Kerberos Encryption Type Numbers) or its name, as in rc4-hmac',
  );
  return NaN;
}

const ticketEncryption = patternCondition({
  name: 'krb5.ticket_encryption',
  form: /^(weak|!?[\w-]+(?:,!?[\w-]+)*)$/,
  syntax: '<weak|[!]<name or number>[,…]>',
  example: 'weak',
  summary: 'Names the encryption of the ticket: those that can be broken, or some, or others than some.',
  compile([, list], builder, node) {
    const words = list === 'weak' ? [] : list!.split(',');
    const isRefused = (word: string): boolean => word.startsWith('!');
    const types = (of: readonly string[]): Ranges =>
      of.map((word) => point(encryptionOf(word.replace('!', ''), builder, node)));
    const wanted = rangeUnion(
      list === 'weak'
        ? WEAK_TYPES.map((type) => point(encryptionNumber(type)))
        : types(words.filter((word) => !isRefused(word))),
    );
    const refused = rangeUnion(types(words.filter(isRefused)));
    const left = rangeDifference(wanted.length > 0 ? wanted : [[0, MAXIMUM]], refused);
    addNumber(builder, 'krb5.ticket_encryption', possible(left, 'encryption', MAXIMUM, builder, node), node);
  },
});

// -------------------------------------------------------------------------------------------------------- Modbus

const NUMBER = String.raw`(?:[<>] *\d+|\d+(?: *<> *\d+)?)`;
const FUNCTION = String.raw`function +(?<not>!?) *(?<function>\d+|assigned|unassigned|public|user|reserved|all)(?:,subfunction +(?<subfunction>\d+))?`;
const TABLE = '(?: +(?<table>discretes|coils|input|holding))?';
/** Discretes and input registers can only be read. */
const ACCESSED = `access +(?!write +(?:discretes|input))(?<access>read|write)${TABLE}(?:,address +(?<address>${NUMBER})(?:,value +(?<value>${NUMBER}))?)?`;
const REST = `(?:${FUNCTION}|${ACCESSED})`;

const CATEGORIES: Readonly<Record<string, number>> = {
  assigned: CATEGORY.assigned,
  public: CATEGORY.assigned | CATEGORY.unassigned,
  unassigned: CATEGORY.unassigned,
  user: CATEGORY.user,
  reserved: CATEGORY.reserved,
  all: 15,
};

/** `5`, `>5`, `<5` or `2<>5`, whose ends are left out. */
function compared(text: string): readonly [number, number] {
  const [, sign, low, high] = /^([<>]?) *(\d+)(?: *<> *(\d+))?$/.exec(text)!;
  if (high !== undefined) return [Number(low) + 1, Number(high) - 1];
  if (sign === '<') return [0, Number(low) - 1];
  return sign === '>' ? [Number(low) + 1, MAXIMUM] : [Number(low), Number(low)];
}

const modbus = patternCondition({
  name: 'modbus',
  side: 'to_server',
  form: new RegExp(`^(?:unit +(?<unit>${NUMBER})(?:,${REST.replace(/\?<(\w+)>/g, '?<unit_$1>')})?|${REST})$`, 'i'),
  syntax: '[unit <n>,][function <n|name>[,subfunction <n>]|access <read|write>[ <table>][,address <n>[,value <n>]]]',
  example: 'function 8,subfunction 4',
  summary: 'A function, an access or a unit. Addresses count from 1.',
  compile({ groups = {} }, builder, node) {
    const of = (name: string): string | undefined => groups[name] ?? groups[`unit_${name}`];
    const add = (buffer: string, what: string, maximum: number, range: readonly [number, number]): void =>
      addNumber(builder, buffer, possible([range], what, maximum, builder, node), node);
    if (groups['unit'] !== undefined) add('modbus.unit', 'unit', BYTE_MAXIMUM, compared(groups['unit']));
    const [code, access] = [of('function')?.toLowerCase(), of('access')?.toLowerCase()];
    if (code !== undefined) addFunction(code, of('not') === '!', builder, node);
    if (of('subfunction') !== undefined)
      add('modbus.subfunction', 'subfunction', WORD_MAXIMUM, point(Number(of('subfunction'))));
    if (access === undefined) return;
    const table = of('table')?.toLowerCase() as keyof typeof ACCESS | undefined;
    const bits = ACCESS[access as 'read' | 'write'] | (table === undefined ? 0 : ACCESS[table]);
    builder.addNumber('modbus.access', { kind: 'number', which: 'any', mask: bits, ranges: [point(bits)] }, node);
    const address = of('address');
    if (address !== undefined) {
      const asked = possible([compared(address)], 'address', WORD_MAXIMUM + 1, builder, node);
      const [low, high] = asked[0] ?? [0, 0];
      addNumber(builder, 'modbus.first', [[0, high]], node);
      addNumber(builder, 'modbus.last', [[low, MAXIMUM]], node);
    }
    if (of('value') !== undefined) add('modbus.value', 'value', WORD_MAXIMUM, compared(of('value')!));
  },
});

function addFunction(code: string, isNegated: boolean, builder: RuleBuilder, node: OptionNode): void {
  if (/^\d+$/.test(code)) {
    const asked = possible([point(Number(code))], 'function', BYTE_MAXIMUM, builder, node);
    addNumber(builder, 'modbus.function', isNegated ? rangeDifference([[0, BYTE_MAXIMUM]], asked) : asked, node);
    return;
  }
  const all = CATEGORIES['all']!;
  const bits = isNegated ? all & ~CATEGORIES[code]! : CATEGORIES[code]!;
  const categories = Object.values(CATEGORY).filter((category) => (category & bits) !== 0);
  addNumber(builder, 'modbus.category', possible(categories.map(point), 'category', all, builder, node), node);
}

// ---------------------------------------------------------------------------------------------- DNP3, CIP and IKE

const dnp3Object = patternCondition({
  name: 'dnp3_obj',
  aliases: ['dnp3.obj'],
  form: /^(\d+),(\d+)$/,
  syntax: '<group>,<variation>',
  example: '99,99',
  summary: 'Names a group and a variation of objects, one of which is in the message.',
  differences: 'Suricata 8.0.7 loads anything here, such as `all` or `1,*`, and takes what is no number for 0.',
  compile([, group, variation], builder, node) {
    possible([point(Number(group))], 'group', BYTE_MAXIMUM, builder, node);
    possible([point(Number(variation))], 'variation', BYTE_MAXIMUM, builder, node);
    addNumber(builder, 'dnp3.object', [point(Number(group) * 256 + Number(variation))], node);
  },
});

/** Of Snort, numbers may be hexadecimal. */
const BYTE = '0x[0-9a-f]{1,2}|1?\\d?\\d|2[0-4]\\d|25[0-5]';
const WORD_TEXT = '0x[0-9a-f]{1,8}|\\d{1,10}';

const cipService = patternCondition({
  name: 'cip_service',
  aliases: ['enip.cip_service'],
  form: new RegExp(`^(${BYTE})(?:,(${WORD_TEXT})(?:,(!?)(${WORD_TEXT}))?)?$`, 'i'),
  syntax: '<service>[,<class>[,[!]<attribute>]]',
  example: '75,2,1',
  summary:
    'Names a service of CIP, perhaps with the class and the attribute that it is asked for; with ! another attribute, or none.',
  compile([, service, called, not, attribute], builder, node) {
    for (const [what, text = '0'] of [
      ['class', called],
      ['attribute', attribute],
    ] as const)
      possible([point(Number(text))], what, MAXIMUM, builder, node);
    const call = [Number(service), ...(called === undefined ? [] : [1, ...u32(Number(called))])];
    const content = { kind: 'content', negated: false, nocase: false, startswith: true, endswith: false } as const;
    const starts = (bytes: readonly number[], negated: boolean): OpenContent => ({
      ...content,
      bytes: Uint8Array.from(bytes),
      negated,
      node,
    });
    if (attribute === undefined) return builder.addSteps('enip.cip', [starts(call, false)], node);
    const whole = [...call, 1, ...u32(Number(attribute))];
    const steps = not === '!' ? [starts(call, false), starts(whole, true)] : [starts(whole, false)];
    builder.addSteps('enip.cip', steps, node);
  },
});

const chosenAttribute = patternCondition({
  name: 'ike.chosen_sa_attribute',
  side: 'to_client',
  form: /^(!?)([a-z_]+)\s*=\s*(\d+)$/,
  syntax: '[!]<name>=<number>',
  example: 'alg_hash=2',
  summary: 'An attribute of the proposal that the responder has chosen; with ! one that is another.',
  compile([, not, name, value], builder, node) {
    const type = IKE_ATTRIBUTES[name!];
    if (type === undefined) {
      builder.diagnostics.error(
        'unknown-argument',
        `'${name}' is no attribute of a proposal`,
        node.value!.span,
        `write ${Object.keys(IKE_ATTRIBUTES).join(', ')}`,
      );
      return;
    }
    possible([point(Number(value))], 'attribute', MAXIMUM, builder, node);
    const at = type * WORD + Number(value);
    const ranges: Ranges =
      not === '!' ? rangeDifference([[type * WORD, type * WORD + MAXIMUM]], [point(at)]) : [point(at)];
    addNumber(builder, 'ike.chosen_sa_attribute', ranges, node);
  },
});

// ------------------------------------------------------------------------------------------- ONC RPC, and Snort's

/** Where a call begins behind its number, and where behind the mark of a record. */
const CALL_AT = 4;
const MARK_BYTES = 4;

const rpc = patternCondition({
  name: 'rpc',
  form: /^(\d+)(?:,(\*|\d+))?(?:,(\*|\d+))?$/,
  syntax: '<program>[,<version|*>][,<procedure|*>]',
  example: '100000,*,3',
  summary: 'Names a program, version and procedure that a packet calls by ONC RPC.',
  compile([, program, version = '*', procedure = '*'], builder, node) {
    for (const number of [program!, version, procedure])
      if (number !== '*') possible([point(Number(number))], 'number of RPC', MAXIMUM, builder, node);
    const bytes = [...u32(0), ...u32(2), ...u32(Number(program))];
    if (version !== '*') bytes.push(...u32(Number(version)));
    if (version !== '*' && procedure !== '*') bytes.push(...u32(Number(procedure)));
    const content = {
      kind: 'content',
      bytes: Uint8Array.from(bytes),
      negated: false,
      nocase: false,
      startswith: false,
      endswith: false,
      offset: CALL_AT,
      depth: bytes.length + MARK_BYTES,
      node,
    } as const;
    const behind = {
      kind: 'byte_test',
      bytes: 4,
      offset: 4,
      relative: true,
      endian: 'big',
      operator: '=',
      negated: false,
      value: Number(procedure),
    } as const;
    builder.addSteps('payload', version === '*' && procedure !== '*' ? [content, behind] : [content], node);
  },
});

/** Keywords of Snort without a value: a message of that kind and side. */
function isMessage(
  name: string,
  side: Side,
  what: string,
  add: (builder: RuleBuilder, node: OptionNode) => void,
): RuleOption {
  return defineOption<true>({
    name,
    value: 'none',
    repeatable: true,
    side,
    parse: () => true,
    compile: (_value, builder, node) => add(builder, node),
    print: () => undefined,
    doc: { appliesTo: 'message', summary: `The message is ${what} (Snort).`, syntax: `${name};`, example: `${name};` },
  });
}

const anyCommand = (builder: RuleBuilder, node: OptionNode): void =>
  addNumber(builder, 'enip_command', [[0, 0xffff]], node);
const anyCall = (builder: RuleBuilder, node: OptionNode): void =>
  builder.addSteps('enip.cip', [{ kind: 'bsize', ranges: [[1, MAXIMUM]] }], node);

export const messageConditionOptions: readonly RuleOption[] = [
  isMessage('enip_req', 'to_server', 'a request of EtherNet/IP', anyCommand),
  isMessage('enip_rsp', 'to_client', 'a response of EtherNet/IP', anyCommand),
  isMessage('cip_req', 'to_server', 'a request of CIP', anyCall),
  isMessage('cip_rsp', 'to_client', 'a response of CIP', anyCall),
  rpc,
  ticketEncryption,
  modbus,
  dnp3Object,
  cipService,
  chosenAttribute,
];
