/**
 * What a rule says about itself: message, numbers, classification, references, metadata. Stage: rule.
 * Reference: Suricata, meta keywords; Snort 3, general options.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Reference } from '../program.js';
import type { RuleBuilder } from '../compile/rule-builder.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';
import { SHARED_OBJECT } from './refused.js';
import { quoteAdvice } from '../parse/syntax-hints.js';
import { decodeLatin1, isAscii } from '../../util/utf8.js';
import { readNumber, remembering, requireValue } from './value.js';

const LAST_ID = 0xffff_ffff;

interface NumberOption {
  readonly name: 'sid' | 'gid' | 'rev' | 'priority';
  readonly minimum: number;
  readonly maximum: number;
  readonly summary: string;
  readonly example: string;
}

function numberOption({ name, minimum, maximum, summary, example }: NumberOption): RuleOption {
  return defineOption<number>({
    name,
    value: 'required',
    repeatable: false,
    parse: (node, diagnostics) => {
      const value = requireValue(node, diagnostics);
      return value && readNumber(value, name, { minimum, maximum }, diagnostics);
    },
    compile: (value, builder) => {
      builder[name] = value;
    },
    print: String,
    doc: { appliesTo: 'rule', summary, syntax: `${name}:<${minimum}-${maximum}>;`, example },
  });
}

/** Text between double quotes with `\"` `\;` `\:` `\\`, the quotes taken off; quotes may be left out (Snort). */
function parseText(node: OptionNode, diagnostics: Diagnostics): string | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  // Nearly all are such.
  if (PLAIN.test(value.text)) return value.text.slice(1, -1);
  const { other, hint } = quoteAdvice(value.text);
  if (other) {
    diagnostics.error(
      'wrong-quotes',
      `other quotes than straight double ones around the ${node.name.text}`,
      value.span,
      hint,
    );
    return undefined;
  }
  const quoted = /^"((?:[^"\\]|\\[^]|"(?!$))*)"$/.exec(value.text);
  const stray = quoted === null || !HAS_QUOTE.test(quoted[1]!) ? undefined : quoteInside(value);
  if (stray !== undefined)
    diagnostics.warning(
      'inner-quote',
      `double quotes stand inside the ${node.name.text}`,
      stray,
      String.raw`write \" for a quote`,
    );
  if (quoted === null && /^"|"$/.test(value.text)) {
    diagnostics.error(
      'bad-quote',
      `a double quote stands alone inside the ${node.name.text}`,
      quoteInside(value),
      String.raw`write \" for a quote; end the option with ';' behind its closing quote`,
    );
    return undefined;
  }
  return (quoted?.[1] ?? value.text).replace(/\\([";:\\])/g, '$1');
}

const PLAIN = /^"[^"\\]+"$/;
/** A quote that no backslash escapes. */
const HAS_QUOTE = /^(?:[^"\\]|\\[^])*"/;

function quoteInside({ text, span }: Word): { start: number; end: number } {
  const at = span.start + Math.max(0, text.slice(1).search(/(?<!\\)"/) + 1);
  return { start: at, end: at + 1 };
}

function printText(text: string): string {
  return `"${text.replace(/[";\\]/g, '\\$&')}"`;
}

const msg = defineOption<string>({
  name: 'msg',
  value: 'required',
  repeatable: false,
  parse: parseText,
  compile: (text, builder) => {
    builder.msg = decodeLatin1(text);
  },
  print: printText,
  doc: {
    appliesTo: 'rule',
    summary: 'What the alert says.',
    syntax: 'msg:"<text>";',
    example: 'msg:"Scan for open proxies";',
  },
});

const classtype = defineOption<Word>({
  name: 'classtype',
  value: 'required',
  repeatable: false,
  parse: (node, diagnostics) => {
    const value = requireValue(node, diagnostics);
    if (value === undefined || /^[\w.-]+$/.test(value.text)) return value;
    diagnostics.error(
      'bad-name',
      `'${value.text}' is no name of a class`,
      value.span,
      'write a short name from classification.config, as in classtype:trojan-activity;',
    );
    return undefined;
  },
  compile: ({ text, span }, builder) => {
    builder.classtype = { name: text, span };
  },
  print: ({ text }) => text,
  doc: {
    appliesTo: 'rule',
    summary: 'The class of what is found, which gives the alert a category and a priority.',
    syntax: 'classtype:<name>;',
    example: 'classtype:attempted-recon;',
  },
});

interface ReferenceOption {
  /** Characters of the system as written, at the start of the value. */
  readonly width: number;
  readonly system: string;
  readonly id: string;
  readonly reference: Reference;
}

/** Undefined where it has no system or no id. */
function readReference(text: string): ReferenceOption | undefined {
  const comma = text.indexOf(',');
  const written = text.slice(0, Math.max(0, comma)).trimEnd();
  const given = text.slice(comma + 1).trimStart();
  if (!/^[\w.-]+$/.test(written) || given === '') return undefined;
  const bare = given.length > 2 && given.startsWith('"') && given.endsWith('"') ? given.slice(1, -1) : given;
  const system = written.toLowerCase();
  const id = bare.includes('\\') ? bare.replace(/\\([";:\\])/g, '$1') : bare;
  return { width: written.length, system, id, reference: { system, id: decodeLatin1(id) } };
}

const reference = defineOption<ReferenceOption>({
  name: 'reference',
  value: 'required',
  repeatable: true,
  // PERF: three of five references are those of a rule shortly before.
  parse: remembering(64, (value, diagnostics) => {
    const read = readReference(value.text);
    if (read === undefined)
      diagnostics.error(
        'bad-reference',
        'a reference has a system and an id',
        value.span,
        /^\w+:\/\//.test(value.text)
          ? `write reference:url,${value.text.replace(/^\w+:\/\//, '')};`
          : 'write reference:<system>,<id>; as in reference:cve,2021-44228;',
      );
    return read;
  }),
  compile: ({ width, system, reference }, builder, node) => {
    if (builder.environment.reference(system) === undefined) {
      const { start } = node.value!.span;
      builder.diagnostics.warning(
        'unknown-reference',
        `the reference system ${node.value!.text.slice(0, width)} is not in reference.config`,
        { start, end: start + width },
        'the reference is kept without an address',
      );
    }
    builder.addReference(reference);
  },
  print: ({ system, id }) => `${system},${id.replace(/[";\\]/g, '\\$&')}`,
  doc: {
    appliesTo: 'rule',
    summary: 'Where to read more: a system known to reference.config, and an id there.',
    syntax: 'reference:<system>,<id>;',
    example: 'reference:cve,2021-44228;',
  },
});

/** What marks the stub of a rule that is code of Snort 2. */
const isShared = ([key, value]: readonly [string, string]): boolean =>
  key.toLowerCase() === 'engine' && value.toLowerCase() === 'shared';

interface Metadata {
  /** As written. */
  readonly pairs: readonly (readonly [key: string, value: string])[];
  /** As events have them. */
  readonly entries: ReadonlyMap<string, readonly string[]>;
  readonly isStub: boolean;
}

function sharedSpan({ text, span }: Word): { start: number; end: number } {
  const found = /engine\s+shared/i.exec(text)!;
  return { start: span.start + found.index, end: span.start + found.index + found[0].length };
}

function readMetadata(text: string): Metadata {
  const pairs: (readonly [key: string, value: string])[] = [];
  for (const part of text.split(',')) {
    const entry = part.trim();
    if (entry === '') continue;
    const blank = entry.search(/\s/);
    pairs.push(blank < 0 ? [entry, ''] : [entry.slice(0, blank), entry.slice(blank).trim()]);
  }
  const entries = new Map<string, string[]>();
  const isPlain = isAscii(text);
  for (const [key, value] of pairs) {
    if (isPlain) addEntry(entries, key, value);
    else addEntry(entries, decodeLatin1(key), decodeLatin1(value));
  }
  return { pairs, entries, isStub: pairs.some(isShared) };
}

function addEntry(entries: Map<string, string[]>, key: string, value: string): void {
  const values = entries.get(key);
  if (values === undefined) entries.set(key, [value]);
  else values.push(value);
}

const metadata = defineOption<Metadata>({
  name: 'metadata',
  value: 'required',
  repeatable: true,
  // PERF: three of five rules have the metadata of one shortly before.
  parse: remembering(128, ({ text }) => readMetadata(text)),
  compile: ({ entries, isStub }, builder, node) => {
    if (isStub)
      builder.diagnostics.error(
        'refused-keyword',
        `engine shared is refused: ${SHARED_OBJECT.reason}`,
        sharedSpan(node.value!),
        SHARED_OBJECT.hint,
      );
    builder.addMetadata(entries);
  },
  print: ({ pairs }) => pairs.map(([key, value]) => `${key} ${value}`.trim()).join(', '),
  doc: {
    appliesTo: 'alert',
    summary: 'Keys and values that go into the event as they are.',
    syntax: 'metadata:<key> <value>[, <key> <value>]…;',
    example: 'metadata:attack_target Server, created_at 2024_03_01;',
  },
});

const service = defineOption<string>({
  name: 'service',
  value: 'required',
  repeatable: true,
  parse: (node, diagnostics) => requireValue(node, diagnostics)?.text,
  compile: (text, builder) => {
    builder.addMetadata(new Map([['service', text.split(',').map((name) => name.trim())]]));
  },
  print: (text) => text,
  doc: {
    appliesTo: 'alert',
    summary: 'The services that a Snort 3 rule is for; kept as metadata.',
    syntax: 'service:<name>[, <name>]…;',
    example: 'service:http;',
    differences: 'Snort 3 also inspects flows of that service on other ports; here the ports of the header decide.',
  },
});

const rem = defineOption<string>({
  name: 'rem',
  value: 'required',
  repeatable: true,
  parse: parseText,
  compile: () => {},
  print: printText,
  doc: {
    appliesTo: 'rule',
    summary: 'A remark for who reads the rule.',
    syntax: 'rem:"<text>";',
    example: 'rem:"seen in the wild since March";',
  },
});

function flag(name: string, doc: OptionDoc, compile: (builder: RuleBuilder) => void): RuleOption {
  return defineOption<true>({
    name,
    value: 'none',
    repeatable: false,
    parse: () => true,
    compile: (_value, builder) => compile(builder),
    print: () => undefined,
    doc,
  });
}

const noalert = flag(
  'noalert',
  {
    appliesTo: 'alert',
    summary: 'The rule matches and sets its flowbits, but makes no alert.',
    syntax: 'noalert;',
    example: 'flowbits:set,login; noalert;',
  },
  (builder) => {
    builder.noalert = true;
  },
);

const alert = flag(
  'alert',
  {
    appliesTo: 'alert',
    summary: 'The rule alerts as well where its action is pass; any other action alerts by itself.',
    syntax: 'alert;',
    example: 'alert;',
  },
  (builder) => {
    builder.alert = true;
  },
);

const enable = defineOption<'yes' | 'inherit'>({
  name: 'enable',
  value: 'required',
  repeatable: false,
  parse: (node, diagnostics) => {
    const value = requireValue(node, diagnostics);
    if (value?.text === 'yes' || value?.text === 'inherit') return value.text;
    if (value !== undefined)
      diagnostics.error(
        'unknown-argument',
        `enable does not take '${value.text}'`,
        value.span,
        'leave it out, or put # before a rule that is to be off',
      );
    return undefined;
  },
  compile: () => undefined,
  print: (word) => word,
  doc: {
    appliesTo: 'rule',
    summary: 'Says that the rule is on, as every rule is that is not commented out.',
    syntax: 'enable:<yes|inherit>;',
    example: 'enable:yes;',
    differences: 'enable:no of Snort 3 is an error: a # before the rule turns it off.',
  },
});

const target = defineOption<'src_ip' | 'dest_ip'>({
  name: 'target',
  value: 'required',
  repeatable: true,
  parse: (node, diagnostics) => {
    const value = requireValue(node, diagnostics);
    if (value?.text === 'src_ip' || value?.text === 'dest_ip') return value.text;
    if (value !== undefined)
      diagnostics.error(
        'unknown-argument',
        `'${value.text}' is no side of a packet`,
        value.span,
        'write src_ip or dest_ip',
      );
    return undefined;
  },
  compile: (side, builder, node) => {
    if (builder.target !== undefined && builder.target !== side) {
      builder.diagnostics.error('conflicting-arguments', 'target names both sides', node.name.span, 'keep one of them');
    }
    builder.target = side;
  },
  print: (side) => side,
  doc: {
    appliesTo: 'alert',
    summary: 'Which side is the target of the attack.',
    syntax: 'target:<src_ip|dest_ip>;',
    example: 'target:dest_ip;',
  },
});

export const metaOptions: readonly RuleOption[] = [
  msg,
  numberOption({
    name: 'sid',
    minimum: 1,
    maximum: LAST_ID,
    summary: 'The number of the rule, its own within its gid.',
    example: 'sid:1000001;',
  }),
  numberOption({
    name: 'rev',
    minimum: 0,
    maximum: LAST_ID,
    summary: 'The version of the rule; of two with the same sid the higher one counts.',
    example: 'rev:3;',
  }),
  numberOption({
    name: 'gid',
    minimum: 1,
    maximum: LAST_ID,
    summary: 'The group that the sid belongs to; 1 unless said otherwise.',
    example: 'gid:1;',
  }),
  classtype,
  numberOption({
    name: 'priority',
    minimum: 1,
    maximum: 255,
    summary: 'How urgent an alert is, 1 the most; overrides the one of the classtype.',
    example: 'priority:1;',
  }),
  reference,
  metadata,
  service,
  target,
  noalert,
  alert,
  enable,
  rem,
];
