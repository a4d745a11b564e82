/**
 * pcre: a regular expression over the current buffer. Stage: rule. Reference: Suricata, payload keywords;
 * pcresyntax(3).
 *
 *   pcre:!"/user=[a-z]{8}/Ri,flow:name"
 *         └ pattern ────┘│└ what groups hold is kept under these names, as that of (?P<flow_name>…) is
 *                        └ flags: PCRE's (ismxAEG), R relative, B and O without effect, or a buffer of HTTP
 *   pcre:"m?^/cgi-bin/?i"       behind m, any character is the delimiter; brackets close with their like
 */
import type { ReadPcre } from '../../match/pcre/pcre.js';
import type { Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import { openPcre, readPattern, settlePcre } from '../compile/pcre-step.js';
import { BUFFERS_BY_LETTER } from './buffer-keywords.js';
import { defineOption, type RuleOption } from './option.js';
import { addCaptures, captureList, printCaptures, readCaptures, type GroupCapture } from './pcre-captures.js';
import { partSpan, remembering } from './value.js';

interface PcreOption {
  readonly negated: boolean;
  readonly relative: boolean;
  /** B or O, which change nothing here. */
  readonly inert: string;
  /** Flag of the HTTP buffer that it looks at. */
  readonly httpBuffer: string | undefined;
  /** What is kept of groups: by `,flow:name` and the like behind the flags, and by their own names. */
  readonly captures: readonly GroupCapture[];
  /** The pattern, with PCRE's flags among i s m x A E G, each once, in this order. */
  readonly read: ReadPcre;
}

const PCRE_FLAGS = 'ismxAEG';
const INERT_FLAGS = 'BO';
const HTTP_FLAGS = 'UIPHDMCSVWYQZK';
const FORM = 'write pcre:[!]"/<pattern>/<flags>";';
/** Up to the character that opens the pattern. */
const OPENING = /^(!?)\s*"\s*(?:\/|m([^\s\\]))/;
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}', '<': '>' };

/** Undefined, and reported, where the value is wrong. */
function readOption(word: Word, diagnostics: Diagnostics): PcreOption | undefined {
  const frame = readFrame(word, diagnostics);
  if (frame === undefined) return undefined;
  const { negated, start, end, flagsEnd, list } = frame;
  const flags = readFlags(word, end + 1, flagsEnd, diagnostics);
  if (flags === undefined) return undefined;
  const read = readPattern(word, start, end, flags.flags, diagnostics);
  if (read === undefined) return undefined;
  const place = word.text.length - 1 - list.length;
  const captures = readCaptures(word, place, list, read.pattern, read.source, diagnostics);
  return captures && { negated, ...flags.others, captures, read };
}

interface Frame {
  readonly negated: boolean;
  /** Of the pattern within the value. */
  readonly start: number;
  readonly end: number;
  readonly flagsEnd: number;
  /** Names of captures as written, at the end of what stands between the quotes. */
  readonly list: string;
}

/** Finds the pattern between its delimiters; the last one of the quoted text ends it. */
function readFrame(word: Word, diagnostics: Diagnostics): Frame | undefined {
  const open = OPENING.exec(word.text);
  if (open === null) {
    diagnostics.error('bad-pcre-frame', 'a pattern stands between slashes, in double quotes', word.span, FORM);
    return undefined;
  }
  const [{ length: start }, bang, delimiter = '/'] = open;
  const closing = CLOSING[delimiter] ?? delimiter;
  if (!word.text.endsWith('"') || word.text.length <= start) {
    diagnostics.error('bad-pcre-frame', 'the closing quote is missing', word.span, FORM);
    return undefined;
  }
  const body = word.text.slice(start, -1);
  const list = captureList(body);
  const length = body.lastIndexOf(closing, body.length - list.length - 1);
  const flags = body.slice(length + 1, body.length - list.length).trimEnd();
  if (length < 0 || !/^[A-Za-z]*$/.test(flags)) {
    const missing = closing === '/' ? 'slash' : `'${closing}'`;
    diagnostics.error(
      'bad-pcre-frame',
      `the closing ${missing} is missing, or what follows it is no flag`,
      word.span,
      FORM,
    );
    return undefined;
  }
  const end = start + length;
  if (length > 0)
    return {
      negated: bang === '!',
      start,
      end,
      flagsEnd: end + 1 + flags.length,
      list,
    };
  diagnostics.error('empty-pcre', 'the pattern is empty and matches everywhere', word.span, FORM);
  return undefined;
}

function readFlags(
  word: Word,
  from: number,
  to: number,
  diagnostics: Diagnostics,
): { readonly flags: string; readonly others: Pick<PcreOption, 'relative' | 'inert' | 'httpBuffer'> } | undefined {
  const text = word.text.slice(from, to);
  const unknown = [...text].findIndex((flag) => !`${PCRE_FLAGS}${INERT_FLAGS}${HTTP_FLAGS}R`.includes(flag));
  if (unknown >= 0) {
    diagnostics.error(
      'unknown-pcre-flag',
      `'${text[unknown]}' is no flag of pcre`,
      partSpan(word, from + unknown, from + unknown + 1),
      `write flags among ${PCRE_FLAGS}, R, B, O, and one of ${HTTP_FLAGS} for an HTTP buffer`,
    );
    return undefined;
  }
  const pick = (known: string): string => [...known].filter((flag) => text.includes(flag)).join('');
  const http = pick(HTTP_FLAGS);
  if (http.length > 1) {
    diagnostics.error(
      'two-pcre-buffers',
      `${[...http].join(' and ')} name different buffers`,
      partSpan(word, from, to),
      'write one pcre for each buffer',
    );
    return undefined;
  }
  return {
    flags: pick(PCRE_FLAGS),
    others: { relative: text.includes('R'), inert: pick(INERT_FLAGS), httpBuffer: http === '' ? undefined : http },
  };
}

const pcre = defineOption<PcreOption>({
  name: 'pcre',
  value: 'required',
  repeatable: true,
  // PERF: two of five expressions are those of a rule shortly before.
  parse: remembering(64, readOption),
  compile({ negated, relative, httpBuffer, captures, read }, builder, node) {
    if (captures.length > 0 && negated) {
      builder.diagnostics.warning(
        'without-effect',
        'a pattern that must not match captures nothing',
        node.name.span,
        'leave out the names of the groups',
      );
    }
    const place = { read, word: node.value!, start: OPENING.exec(node.value!.text)![0].length };
    const named = httpBuffer === undefined ? undefined : BUFFERS_BY_LETTER.get(httpBuffer);
    if (httpBuffer === undefined || named !== undefined) {
      const groups = negated ? [] : addCaptures(captures, builder);
      builder.addMatch(openPcre(place, negated, relative, groups), node, named?.name);
      return;
    }
    builder.waitFor('http');
    settlePcre(place, 'existence', builder.diagnostics);
  },
  print: ({ negated, read, relative, inert, httpBuffer, captures }) =>
    `${negated ? '!' : ''}"/${read.source}/${read.flags}${relative ? 'R' : ''}${inert}${httpBuffer ?? ''}${printCaptures(captures, read.pattern)}"`,
  doc: {
    appliesTo: 'buffer',
    summary:
      'A regular expression that must, or with ! must not, match in the current buffer; R starts at the end of the last match. What its groups hold can be kept for the flow, the packet or the alert.',
    syntax:
      'pcre:[!]"/<pattern>/[ismxAEG][R][B][O][,<flow|pkt|alert>:<name>]…"; or m and another delimiter; (?P<flow_name>…), (?P<pkt_name>…) and (?P<alert_name>…) in the pattern',
    example: 'pcre:"/^user=([a-z]{8})$/Rmi,flow:user";',
    differences:
      'Patterns mean what they mean in PCRE, over bytes; conditions, recursion, verbs, \\K and \\X are refused. A search that takes more than some hundred thousand steps is given up as no match, and counted. B and O have no effect. Flags of HTTP buffers (U I P H D M C S V W Y Q Z K) make the rule wait for HTTP. What groups hold is kept once the rule has matched, up to 1 KiB of each: names behind the flags are for the groups in their order, and a name that a group has itself is for that group; where both are used, Suricata counts them in one row. Variables of a packet are in its alerts alone. A group that took no part, and in Suricata one that is empty, says nothing.',
  },
});

export const pcreOptions: readonly RuleOption[] = [pcre];
