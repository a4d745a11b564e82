/**
 * What is said of files in transfer beside their sticky buffers: a part of the name, the extension, digests in lists,
 * and that a file is to be stored. Stage: rule. Reference: Suricata, file keywords; each meaning as Suricata 8.0.7 has
 * it.
 */
import type { OptionNode, Word } from '../ast.js';
import type { OpenContent } from '../compile/rule-builder.js';
import { isProblem } from '../compile/rule-data.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { parseContentValue } from '../parse/parser.js';
import type { FileStoring } from '../program.js';
import { printContentBytes } from './content-print.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue } from './value.js';

const NAME = 'file.name';
const DOT = Buffer.from('.');

interface NamePart {
  readonly bytes: Uint8Array;
  readonly negated: boolean;
}

function readPart(node: OptionNode, diagnostics: Diagnostics): NamePart | undefined {
  const word = requireValue(node, diagnostics);
  const value = word && parseContentValue(inQuotes(word), diagnostics);
  const [modifier] = value?.modifiers ?? [];
  if (value === undefined || modifier === undefined) return value;
  const message = `${node.name.text} takes a text alone`;
  diagnostics.error('unknown-argument', message, modifier.span, `write ${node.name.text}:"<text>";`);
  return undefined;
}

/** A plain word may stand without quotes, as in Suricata. */
function inQuotes({ text, span }: Word): Word {
  return { text: text.replace(/^(!?)\s*([\w.-]+)$/, '$1"$2"'), span };
}

/** A content in the name, whatever the current buffer is; letters of both cases alike. */
function nameOption(
  name: string,
  make: (part: NamePart) => Pick<OpenContent, 'bytes' | 'endswith'>,
  doc: RuleOption['doc'],
) {
  return defineOption<NamePart>({
    name,
    value: 'required',
    repeatable: true,
    parse: readPart,
    compile(part, builder, node) {
      const { negated } = part;
      builder.addContentIn(NAME, { kind: 'content', negated, nocase: true, startswith: false, node, ...make(part) });
    },
    print: ({ bytes, negated }) => `${negated ? '!' : ''}${printContentBytes(bytes)}`,
    doc,
  });
}

const filename = nameOption('filename', ({ bytes }) => ({ bytes, endswith: false }), {
  appliesTo: 'file',
  summary: 'A text in the name of a file, in any case, or with ! not in it.',
  syntax: 'filename:[!]"<text>";',
  example: 'filename:"invoice";',
});

const fileext = nameOption('fileext', ({ bytes }) => ({ bytes: Buffer.concat([DOT, bytes]), endswith: true }), {
  appliesTo: 'file',
  summary: 'What the name of a file ends with behind a dot, in any case.',
  syntax: 'fileext:[!]"<extension>";',
  example: 'fileext:"exe";',
});

// ------------------------------------------------------------------ lists of digests

type DigestType = 'md5' | 'sha1' | 'sha256';

interface DigestList {
  readonly file: string;
  readonly negated: boolean;
}

function readList(node: OptionNode, diagnostics: Diagnostics): DigestList | undefined {
  const word = requireValue(node, diagnostics);
  const [, bang, quoted, bare] = /^(!?)\s*(?:"([^"]+)"|([^\s"!]+))$/.exec(word?.text ?? '') ?? [];
  const file = quoted ?? bare;
  if (file !== undefined) return { file, negated: bang === '!' };
  if (word !== undefined)
    diagnostics.error(
      'bad-name',
      `'${word.text}' is no file name`,
      word.span,
      `write ${node.name.text}:[!]<file of digests>;`,
    );
  return undefined;
}

function digestOption(type: DigestType, title: string): RuleOption {
  const name = `file${type}`;
  return defineOption<DigestList>({
    name,
    value: 'required',
    repeatable: true,
    parse: readList,
    compile({ file, negated }, builder, node) {
      const request = {
        name: `${name}:${file}`,
        type,
        load: file,
        save: undefined,
        state: undefined,
        memcap: undefined,
      };
      const { data } = builder.environment;
      const set = data?.dataset(request, builder.file) ?? {
        code: 'unreadable-file' as const,
        message: 'lists of digests cannot be read here',
      };
      const span = (node.value ?? node.name).span;
      if (isProblem(set)) builder.diagnostics.error(set.code, set.message, span, set.hint);
      else {
        const operation = negated ? 'isnotset' : 'isset';
        builder.addMatch({ kind: 'dataset', operation, set }, node, `file.${type}`);
      }
    },
    print: ({ file, negated }) => `${negated ? '!' : ''}${file}`,
    doc: {
      appliesTo: 'file',
      summary: `The ${title} digest of a file is in a list, or with ! is not, once the whole of the file has passed.`,
      syntax: `${name}:[!]<file>;`,
      example: `${name}:bad-digests.txt;`,
      differences:
        'The list has a digest a line, in hexadecimal, and may have a name behind it; it lies beside the rule file, or ' +
        'in datasets.directory. Digests are made only while a loaded rule, or an event, asks for them.',
    },
  });
}

// ------------------------------------------------------------------ what is to be stored

const DIRECTIONS: Readonly<Record<string, FileStoring['side']>> = {
  request: 'to_server',
  to_server: 'to_server',
  toserver: 'to_server',
  response: 'to_client',
  to_client: 'to_client',
  toclient: 'to_client',
  both: 'both',
};
const SCOPES: Readonly<Record<string, FileStoring['scope']>> = { file: 'file', tx: 'tx', ssn: 'flow', flow: 'flow' };
const STORE_SYNTAX = 'filestore; or filestore:<request|response|both>[,<file|tx|flow>];';

interface StoreOption extends FileStoring {
  readonly text: string;
}

const filestore = defineOption<StoreOption>({
  name: 'filestore',
  value: 'optional',
  repeatable: false,
  parse(node, diagnostics) {
    if (node.value === undefined || node.value.text === '') return { text: '', side: undefined, scope: 'file' };
    const [side = '', scope = 'file', ...rest] = node.value.text.toLowerCase().split(/\s*,\s*/);
    if (rest.length === 0 && Object.hasOwn(DIRECTIONS, side) && Object.hasOwn(SCOPES, scope))
      return { text: node.value.text, side: DIRECTIONS[side]!, scope: SCOPES[scope]! };
    const message = `filestore does not take '${node.value.text}'`;
    diagnostics.error('unknown-argument', message, node.value.span, `write ${STORE_SYNTAX}`);
    return undefined;
  },
  compile({ side, scope }, builder, node) {
    builder.storeFiles({ side, scope }, node);
  },
  print: ({ text }) => (text === '' ? undefined : text),
  doc: {
    appliesTo: 'rule',
    summary:
      'Where the rule matches, the file at hand is stored, or with tx and flow all files of the transaction, or of the ' +
      'flow from there on; those of one side, or of both. A rule that says nothing of files waits for one of its side: ' +
      'filestore alone is about every file.',
    syntax: STORE_SYNTAX,
    example: 'filestore:response,file;',
    differences:
      'Files are stored where fileStore.directory says so, each once, whole, and named by its SHA-256; with flow they are ' +
      'those of transactions that begin or go on from there. Without a directory nothing is stored. A rule over one ' +
      'side that names the other (http.uri with filestore:response) matches before the file comes; in Suricata never.',
  },
});

export const fileOptions: readonly RuleOption[] = [
  filename,
  fileext,
  digestOption('md5', 'MD5'),
  digestOption('sha1', 'SHA-1'),
  digestOption('sha256', 'SHA-256'),
  filestore,
];
