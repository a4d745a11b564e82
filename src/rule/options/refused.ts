/**
 * Keywords that are known and cannot be honoured by a sensor: each is an error that says why, whatever its value.
 * Stage: rule.
 */
import { defineOption, type RuleOption } from './option.js';

const SCRIPT = 'no code from rules is run';
const DIGEST = 'the content behind a digest is known to its author only, and is not looked for';
const MAGIC = 'it compares the texts of libmagic, which describe a file otherwise in each of its versions';
const NORMALISED = 'scripts are not put into a normal form';
const SETTINGS = 'settings are not changed by rules';

/** Stubs of compiled rules have the header and the words of a rule, and nothing that it looks for. */
export const SHARED_OBJECT = {
  reason: 'rules in shared objects are code of Snort',
  hint: 'use the text rules of the set',
} as const;

const REFUSED: readonly (readonly [name: string, reason: string, hint: string])[] = [
  ['lua', SCRIPT, 'write the condition with content, pcre and byte_test'],
  ['luajit', SCRIPT, 'write the condition with content, pcre and byte_test'],
  ['luaxform', SCRIPT, 'use one of the transforms, such as pcrexform'],
  ['so', SHARED_OBJECT.reason, SHARED_OBJECT.hint],
  ['soid', SHARED_OBJECT.reason, SHARED_OBJECT.hint],
  ['stream_reassemble', SETTINGS, 'set how streams are put together in the configuration'],
  ['ndpi-protocol', 'protocols are not recognised by nDPI', 'write app-layer-protocol'],
  ['ndpi-risk', 'risks are not judged by nDPI', 'write the condition with the keywords of the protocol'],
  ['stixip', 'lists of STIX are not read', 'write the addresses as a group in the header, or iprep'],
  ['md5', DIGEST, 'write the content itself'],
  ['sha256', DIGEST, 'write the content itself'],
  ['sha512', DIGEST, 'write the content itself'],
  ['protected_content', DIGEST, 'write the content itself'],
  ['hash', DIGEST, 'leave it out together with protected_content'],
  ['length', DIGEST, 'leave it out together with protected_content'],
  [
    'content-list',
    'lists of contents in files, of Snort 1, are not read',
    'write a rule for each content, or one pcre',
  ],
  ['filemagic', MAGIC, 'write what the first bytes are: file.data; content:"MZ"; startswith;'],
  ['file.magic', MAGIC, 'write what the first bytes are: file.data; content:"MZ"; startswith;'],
  ['js_data', NORMALISED, 'write file.data, which has the response as it was sent'],
  ['script_data', NORMALISED, 'write file.data, which has the response as it was sent'],
  ['email.body_md5', 'no digest is made of a whole mail', 'write filemd5, which is about its attachments'],
  ['cvs', 'CVS is not parsed', 'write the condition with content and pcre'],
  ['pkt_num', 'packets have no number that means something to a rule', 'leave it out'],
  ['urg', 'the urgent pointer is not kept', 'write tcp.hdr; byte_test:2,>,0,18;'],
  ['activates', 'dynamic rules of Snort 1 are not supported', 'write flowbits:set and flowbits:isset'],
  ['activated_by', 'dynamic rules of Snort 1 are not supported', 'write flowbits:set and flowbits:isset'],
  ['count', 'dynamic rules of Snort 1 are not supported', 'write detection_filter'],
  ['sd_pattern', 'its patterns need checks of their own, which are not built', 'write the pattern with pcre'],
];

export const refusedOptions: readonly RuleOption[] = REFUSED.map(([name, reason, hint]) =>
  defineOption<never>({
    name,
    value: 'optional',
    repeatable: true,
    parse(node, diagnostics) {
      diagnostics.error('refused-keyword', `${node.name.text} is refused: ${reason}`, node.name.span, hint);
      return undefined;
    },
    compile: () => undefined,
    print: () => undefined,
    doc: {
      appliesTo: 'refused',
      summary: `Refused: ${reason}.`,
      syntax: `${name};`,
      example: `${name};`,
      differences: `An error wherever it stands; ${hint}.`,
    },
  }),
);
