/**
 * tag: asks for the packets that follow an alert to be recorded. Stage: rule. Reference: Suricata, tag; Snort 2 and 3,
 * tag.
 *
 *   tag:session;                       256 packets of the flow
 *   tag:host,100,packets,src;          Suricata, Snort 2
 *   tag:host_src,packets 100;          Snort 3
 *   tag:host,0,packets,600,seconds;    Snort 2: 0 takes its own limit of packets off; there is none here
 */
import type { OptionNode, Word } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { Tag } from '../program.js';
import { defineOption, type RuleOption } from './option.js';
import { readNumber, requireValue, splitArguments, splitHead } from './value.js';

type Metric = 'packets' | 'bytes' | 'seconds';

interface TagOption {
  readonly scope: 'session' | 'host';
  readonly limits: readonly { readonly count: number; readonly metric: Metric }[];
  readonly host: 'src' | 'dst' | undefined;
}

const COUNT = { minimum: 1, maximum: 0xffff_ffff };
/** Of a rule that sets no limit. */
const DEFAULT_PACKETS = 256;
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
    // A session has both sides: Suricata's syntax has a side there as well, and it changes nothing.
    if ((part.text === 'src' || part.text === 'dst') && host === undefined) {
      host = part.text;
      continue;
    }
    const { head, rest: behind } = splitHead(part);
    const [countWord, metricWord] =
      behind === undefined ? [part, rest.shift()] : isMetric(head.text) ? [behind, head] : [head, behind];
    if (metricWord === undefined || !isMetric(metricWord.text)) return wrong(metricWord ?? part, diagnostics);
    const metric = metricWord.text;
    if (limits.some((limit) => limit.metric === metric)) return twice(metricWord, diagnostics);
    const count = readNumber(
      countWord,
      `the number of ${metric}`,
      metric === 'packets' ? { ...COUNT, minimum: 0 } : COUNT,
      diagnostics,
    );
    if (count === undefined) return undefined;
    limits.push({ count, metric });
  }
  if (limits.length === 1 && limits[0]!.count === 0) return limitless(value, diagnostics);
  return { scope: scope.scope, limits, host };
}

function isMetric(text: string): text is Metric {
  return text === 'packets' || text === 'bytes' || text === 'seconds';
}

function wrong(word: Word, diagnostics: Diagnostics): undefined {
  diagnostics.error('unknown-argument', `tag does not know '${word.text}' here`, word.span, FORM);
  return undefined;
}

function twice(metric: Word, diagnostics: Diagnostics): undefined {
  diagnostics.error('duplicate-argument', `the ${metric.text} are limited twice`, metric.span, 'keep one of them');
  return undefined;
}

function limitless(value: Word, diagnostics: Diagnostics): undefined {
  diagnostics.error(
    'number-out-of-range',
    '0 packets are no limit, and there is no other',
    value.span,
    'write tag:session,0,packets,60,seconds; for a limit of time alone',
  );
  return undefined;
}

function meaning({ scope, host, limits }: TagOption): Tag {
  const limit = (wanted: Metric): number | undefined =>
    limits.find(({ count, metric }) => metric === wanted && count > 0)?.count;
  return {
    scope: scope === 'session' ? 'session' : host === 'src' ? 'host_src' : 'host_dst',
    packets: limits.length === 0 ? DEFAULT_PACKETS : limit('packets'),
    bytes: limit('bytes'),
    seconds: limit('seconds'),
  };
}

const tag = defineOption<TagOption>({
  name: 'tag',
  value: 'required',
  repeatable: true,
  parse,
  compile: (value, builder) => builder.addTag(meaning(value)),
  print: ({ scope, limits, host }) =>
    [scope, ...limits.map(({ count, metric }) => `${count},${metric}`), ...(host === undefined ? [] : [host])].join(
      ',',
    ),
  doc: {
    appliesTo: 'alert',
    summary:
      'Records the packets behind a match as events of type packet: those of its flow, or those from and to its source (src) or destination (dst, where nothing is said), until a limit is reached (256 packets where none is set); their bytes are in the events only with eve.packet switched on.',
    syntax: 'tag:<session|host|host_src|host_dst>[,<count>,<packets|bytes|seconds>]…[,<src|dst>];',
    example: 'tag:session,10,packets;',
    differences:
      "As in Suricata, the packet that matches counts but is not recorded; a further match of the rule starts the count again, nine times at most; rules that pass or do not alert tag as well; a host's tag without seconds ends ten minutes behind its last packet; src and dst behind session change nothing. " +
      'Suricata stops at 256 packets whatever is written; here the number written holds. Snort begins to count behind the match, stops at 256 packets unless packets is 0, and has session,exclusive, which is an error here. ' +
      'A rule tags at every match: what threshold and detection_filter hold back tags, too, where Suricata waits for the count to be reached (threshold, both, backoff, detection_filter).',
  },
});

export const tagOptions: readonly RuleOption[] = [tag];
