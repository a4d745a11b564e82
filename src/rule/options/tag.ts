/**
 * tag: asks for the packets that follow an alert to be recorded. It is read in full and reported as not honoured, as
 * packets are not recorded. Stage: rule. Reference: Suricata, tag; Snort 2 and 3, tag.
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostic.js';
import { defineOption, type RuleOption } from './option.js';
import { readNumber, requireValue, splitArguments, splitHead } from './value.js';

type Metric = 'packets' | 'bytes' | 'seconds';

interface TagOption {
  readonly scope: 'session' | 'host';
  readonly limits: readonly { readonly count: number; readonly metric: Metric }[];
  readonly host: 'src' | 'dst' | undefined;
}

const COUNT = { minimum: 1, maximum: 0xffff_ffff };
const FORM = 'write tag:<session|host>[,<count>,<packets|bytes|seconds>][,<src|dst>];';
const SCOPES: Readonly<Record<string, Pick<TagOption, 'scope' | 'host'>>> = {
  session: { scope: 'session', host: undefined },
  host: { scope: 'host', host: undefined },
  host_src: { scope: 'host', host: 'src' },
  host_dst: { scope: 'host', host: 'dst' },
};

function parse(node: OptionNode, diagnostics: Diagnostics): TagOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const [first, ...rest] = splitArguments(value);
  const scope = Object.hasOwn(SCOPES, first!.text) ? SCOPES[first!.text] : undefined;
  if (scope === undefined) return wrong(first!, diagnostics);
  let host = scope.host;
  const limits: TagOption['limits'][number][] = [];
  while (rest.length > 0) {
    const part = rest.shift()!;
    if ((part.text === 'src' || part.text === 'dst') && scope.scope === 'host' && host === undefined) {
      host = part.text;
      continue;
    }
    const { head, rest: behind } = splitHead(part);
    const [countWord, metricWord] = behind === undefined ? [part, rest.shift()] : isMetric(head.text) ? [behind, head] : [head, behind];
    if (metricWord === undefined || !isMetric(metricWord.text)) return wrong(metricWord ?? part, diagnostics);
    const count = readNumber(countWord, `the number of ${metricWord.text}`, COUNT, diagnostics);
    if (count === undefined) return undefined;
    limits.push({ count, metric: metricWord.text });
  }
  return { scope: scope.scope, limits, host };
}

function isMetric(text: string): text is Metric {
  return text === 'packets' || text === 'bytes' || text === 'seconds';
}

function wrong(word: Word, diagnostics: Diagnostics): undefined {
  diagnostics.error('bad-tag', `tag does not know '${word.text}' here`, word.span, FORM);
  return undefined;
}

const tag = defineOption<TagOption>({
  name: 'tag',
  value: 'required',
  repeatable: true,
  parse,
  compile(_value, builder, node) {
    builder.diagnostics.warning('tag-not-honoured', 'packets are not recorded, so tag adds nothing to the alert', node.name.span, 'leave it out; the rule alerts as it would without it');
  },
  print: ({ scope, limits, host }) => [scope, ...limits.map(({ count, metric }) => `${count},${metric}`), ...(host === undefined ? [] : [host])].join(','),
  doc: {
    appliesTo: 'alert',
    summary: 'Asks for the packets after an alert to be recorded. Read and reported: packets are not recorded.',
    syntax: 'tag:<session|host>[,<count>,<packets|bytes|seconds>]…[,<src|dst>];',
    example: 'tag:session,10,packets;',
    differences: 'Not honoured: every use is reported with a warning.',
  },
});

export const tagOptions: readonly RuleOption[] = [tag];
