/**
 * What is asked of the certificate of a TLS connection beside its sticky buffers: the older keywords for a part of its
 * names and for its fingerprint, and its dates. Stage: rule. Reference: Suricata, TLS keywords; each meaning as
 * Suricata 8.0.7 has it.
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { defineOption, type OptionDoc, type RuleOption } from './option.js';
import { requireValue } from './value.js';

interface Text {
  readonly text: string;
  readonly negated: boolean;
}

const TEXT = /^\s*(!?)\s*"?(.*?)"?\s*$/s;
const FINGERPRINT = /^[0-9a-f]{2}(?::[0-9a-f]{2}){19}$/i;

function readText(node: OptionNode, diagnostics: Diagnostics, form: RegExp): Text | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const [, negation, text = ''] = TEXT.exec(word.text) ?? [];
  if (form.test(text)) return { text, negated: negation === '!' };
  const message = `${node.name.text} does not take '${word.text}'`;
  diagnostics.error('unknown-argument', message, word.span, `write ${node.name.text}:[!]"<text>";`);
  return undefined;
}

/** A text in a buffer of the certificate, as it is written there. */
function textOption(name: string, buffer: string, form: RegExp, doc: Omit<OptionDoc, 'appliesTo'>): RuleOption {
  return defineOption<Text>({
    name,
    value: 'required',
    repeatable: true,
    parse: (node, diagnostics) => readText(node, diagnostics, form),
    compile({ text, negated }, builder, node) {
      const isFingerprint = form === FINGERPRINT;
      const bytes = Buffer.from(isFingerprint ? text.toLowerCase() : text, 'latin1');
      const content = { bytes, negated, nocase: false, startswith: isFingerprint, endswith: isFingerprint };
      builder.addContentIn(buffer, { kind: 'content', node, ...content });
    },
    print: ({ text, negated }) => `${negated ? '!' : ''}"${text}"`,
    doc: { appliesTo: 'message', ...doc },
  });
}

const INSTANT = String.raw`(\d{4}-\d\d(?:-\d\d(?:[T ]\d\d(?::\d\d(?::\d\d)?)?)?)?|\d+)`;
const COMPARED = new RegExp(String.raw`^"?\s*([<>]?)\s*${INSTANT}\s*"?$`);
const RANGE = new RegExp(String.raw`^"?\s*${INSTANT}\s*<>\s*${INSTANT}\s*"?$`);
/** 9999-12-31T23:59:59. */
const LAST = 253_402_300_799;
const WHOLE = '0000-01-01T00:00:00Z';

interface Dates {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Seconds since 1970, of UTC; NaN for what is no date. A number alone is seconds. */
function secondsOf(instant: string): number {
  if (/^\d+$/.test(instant)) return Number(instant) <= LAST ? Number(instant) : NaN;
  return Date.parse(instant.replace(' ', 'T') + WHOLE.slice(instant.length)) / 1000;
}

function readDates(node: OptionNode, diagnostics: Diagnostics): Dates | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const { text } = word;
  const [, sign, only] = COMPARED.exec(text) ?? [];
  const [, first, second] = RANGE.exec(text) ?? [];
  const from = secondsOf(first ?? only ?? 'none');
  const to = second === undefined ? from : secondsOf(second);
  if (from <= to) {
    if (sign === '<') return { text, from: 0, to };
    return { text, from, to: sign === '>' ? LAST : to };
  }
  const message = `${node.name.text} does not take '${text}'`;
  diagnostics.error('unknown-argument', message, word.span, `write ${node.name.text}:[<|>]2015-10-22T23:59:59;`);
  return undefined;
}

function dateOption(name: string, alias: string, what: string): RuleOption {
  return defineOption<Dates>({
    name,
    aliases: [alias],
    value: 'required',
    repeatable: true,
    parse: readDates,
    compile({ from, to }, builder, node) {
      builder.addNumber(name, { kind: 'number', ranges: [[from, to]], which: 'any' }, node);
    },
    print: ({ text }) => text,
    doc: {
      appliesTo: 'message',
      summary: `Compares ${what} of the certificate: at or before (<), at or after (>), at, or within (<>), ends included. Times are UTC; a number alone is seconds since 1970.`,
      syntax: `${name}:[<|>]<time>; or ${name}:<time><><time>;`,
      example: `${name}:>2015-10-22T23:59:59;`,
      differences: 'Suricata never matches a time alone.',
    },
  });
}

function flagOption(name: string, summary: string): RuleOption {
  return defineOption<true>({
    name,
    value: 'none',
    repeatable: true,
    parse: () => true,
    compile(_value, builder, node) {
      builder.addNumber(name, { kind: 'number', ranges: [[1, 1]], which: 'any' }, node);
    },
    print: () => undefined,
    doc: { appliesTo: 'message', summary, syntax: `${name};`, example: `${name};` },
  });
}

const ANY_TEXT = /./s;

export const tlsCertificateOptions: readonly RuleOption[] = [
  textOption('tls.subject', 'tls.cert_subject', ANY_TEXT, {
    summary: 'A text in the subject of the certificate, capital letters as they are, or with ! not in it.',
    syntax: 'tls.subject:[!]"<text>";',
    example: 'tls.subject:"CN=example";',
  }),
  textOption('tls.issuerdn', 'tls.cert_issuer', ANY_TEXT, {
    summary: 'A text in the issuer of the certificate, capital letters as they are, or with ! not in it.',
    syntax: 'tls.issuerdn:[!]"<text>";',
    example: 'tls.issuerdn:!"CN=example";',
  }),
  textOption('tls.fingerprint', 'tls.cert_fingerprint', FINGERPRINT, {
    summary: 'The SHA-1 fingerprint of the certificate, or with ! another one.',
    syntax: 'tls.fingerprint:[!]"<20 bytes>";',
    example: 'tls.fingerprint:"4b:a0:0f:33:3c:1e:11:22:33:44:55:66:77:88:99:aa:bb:cc:dd:ee";',
  }),
  dateOption('tls_cert_notbefore', 'tls.cert_notbefore', 'the start of validity'),
  dateOption('tls_cert_notafter', 'tls.cert_notafter', 'the end of validity'),
  flagOption('tls_cert_expired', 'The validity of the certificate had ended when it came.'),
  flagOption(
    'tls_cert_valid',
    'The validity of the certificate had not ended when it came; whether it had begun does not matter.',
  ),
];
