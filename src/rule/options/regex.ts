/**
 * regex: a regular expression over the current buffer, as Snort 3 writes those that its other engine runs. Stage: rule.
 * Reference: Snort 3, regex.
 *
 *   regex:"/^file\x3a[^\n]{400}/mi",fast_pattern,nocase
 *          └ as in pcre ────────┘└ flags among i s m R
 */
import type { ReadPcre } from '../../match/pcre/pcre.js';
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { openPcre, readPattern } from '../compile/pcre-step.js';
import { defineOption, type RuleOption } from './option.js';
import { partSpan, requireValue, slice, splitArguments } from './value.js';

interface RegexOption {
  readonly negated: boolean;
  /** With PCRE's flags among i s m. */
  readonly read: ReadPcre;
  readonly relative: boolean;
  readonly fastPattern: boolean;
}

const FLAGS = 'ism';
const FORM = 'write regex:[!]"/<pattern>/[ismR]"[,fast_pattern][,nocase];';
const ARGUMENTS = ['fast_pattern', 'nocase'];

function parse(node: OptionNode, diagnostics: Diagnostics): RegexOption | undefined {
  const word = requireValue(node, diagnostics);
  if (word === undefined) return undefined;
  const frame = /^(!?)\s*"\/([^]+)\/([A-Za-z]*)"\s*(?:,([^"]*))?$/.exec(word.text);
  if (frame === null) {
    diagnostics.error('bad-pcre-frame', 'a pattern stands between slashes, in double quotes', word.span, FORM);
    return undefined;
  }
  const [, negation, pattern = '', letters = '', written] = frame;
  const start = word.text.indexOf('/') + 1;
  const flagsAt = start + pattern.length + 1;
  const unknown = [...letters].findIndex((letter) => !`${FLAGS}R`.includes(letter));
  if (unknown >= 0) {
    diagnostics.error(
      'unknown-pcre-flag',
      `'${letters[unknown]}' is no flag of regex`,
      partSpan(word, flagsAt + unknown, flagsAt + unknown + 1),
      `write flags among ${FLAGS}R`,
    );
    return undefined;
  }
  const named =
    written === undefined ? [] : splitArguments(slice(word, word.text.length - written.length, word.text.length));
  const stray = named.find(
    ({ text }, i) => !ARGUMENTS.includes(text) || named.findIndex((each) => each.text === text) < i,
  );
  if (stray !== undefined) {
    diagnostics.error('unknown-argument', `regex does not take '${stray.text}' here`, stray.span, FORM);
    return undefined;
  }
  const has = (name: string): boolean => named.some(({ text }) => text === name);
  const flags = [...FLAGS].filter((flag) => letters.includes(flag) || (flag === 'i' && has('nocase'))).join('');
  const read = readPattern(word, start, start + pattern.length, flags, diagnostics);
  return read && { negated: negation === '!', read, relative: letters.includes('R'), fastPattern: has('fast_pattern') };
}

const regex = defineOption<RegexOption>({
  name: 'regex',
  value: 'required',
  repeatable: true,
  parse,
  compile({ negated, read, relative }, builder, node) {
    const place = { read, word: node.value!, start: node.value!.text.indexOf('/') + 1 };
    builder.addMatch(openPcre(place, negated, relative), node);
  },
  print: ({ negated, read, relative, fastPattern }) =>
    `${negated ? '!' : ''}"/${read.source}/${read.flags}${relative ? 'R' : ''}"${fastPattern ? ',fast_pattern' : ''}`,
  doc: {
    appliesTo: 'buffer',
    summary:
      'A regular expression that must, or with ! must not, match in the current buffer, as pcre; nocase is flag i.',
    syntax: 'regex:[!]"/<pattern>/[ismR]"[,fast_pattern][,nocase];',
    example: String.raw`regex:"/^file\x3a[^\n]{64}/m",nocase;`,
    differences:
      'The prefilter looks for contents, so fast_pattern changes nothing; a rule should have a content as well.',
  },
});

export const regexOptions: readonly RuleOption[] = [regex];
