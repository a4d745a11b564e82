/**
 * What `periscope check --waiting` prints: how many rules wait for what, then every one of them. Stage: cli.
 */
import type { LoadReport, WaitingRule } from '../load/load-rules.js';
import { PLAIN, type Paint } from '../util/paint.js';

/** Keywords named in the summary of a reason. */
const MOST_KEYWORDS = 4;
const IN_HEADER = '(header)';

/**
 * The summary by reason first, as tens of thousands of rules may wait; a rule that waits for two things is listed once.
 */
export function renderWaiting({ waitingList, loaded }: LoadReport, paint: Paint = PLAIN): string {
  if (waitingList.length === 0) return `none of ${loaded} rules waits\n\n`;
  const groups = [...groupBy(waitingList, ({ waitingFor }) => waitingFor.join(' and '))].sort(
    ([a, ofA], [b, ofB]) => ofB.length - ofA.length || (a < b ? -1 : 1),
  );
  const rows = groups.map(([reason, rules]) => [String(rules.length), reason, keywordsOf(rules)] as const);
  const [numbers, names] = [
    Math.max('rules'.length, ...rows.map(([number]) => number.length)),
    Math.max('wait for'.length, ...rows.map(([, reason]) => reason.length)),
  ];
  const row = (number: string, reason: string, through: string): string =>
    `  ${number.padStart(numbers)}  ${reason.padEnd(names)}  ${through}\n`;
  const summary = `${waitingList.length} of ${loaded} rules ${waitingList.length === 1 ? 'waits' : 'wait'}\n${paint('bold', row('rules', 'wait for', 'through').trimEnd())}\n${rows.map((each) => row(...each)).join('')}`;
  return `${summary}\n${groups.map(([reason, rules]) => section(reason, rules, paint)).join('\n')}\n`;
}

function section(reason: string, rules: readonly WaitingRule[], paint: Paint): string {
  return `${paint('bold', `${reason} (${rules.length})`)}\n${rules.map((rule) => `  ${describe(rule)}\n`).join('')}`;
}

/** `my.rules:7: 1:2000001 http.uri, http.host`. */
function describe({ file, line, gid, sid, keywords }: WaitingRule): string {
  return `${file}:${line}: ${gid}:${sid} ${keywords.length === 0 ? IN_HEADER : keywords.join(', ')}`;
}

/** Those that most of the rules have. */
function keywordsOf(rules: readonly WaitingRule[]): string {
  const counts = new Map<string, number>();
  for (const { keywords } of rules)
    for (const keyword of keywords.length === 0 ? [IN_HEADER] : keywords)
      counts.set(keyword, (counts.get(keyword) ?? 0) + 1);
  const sorted = [...counts].sort(([a, ofA], [b, ofB]) => ofB - ofA || (a < b ? -1 : 1));
  const more = sorted.length > MOST_KEYWORDS ? `, ${sorted.length - MOST_KEYWORDS} more` : '';
  return (
    sorted
      .slice(0, MOST_KEYWORDS)
      .map(([keyword, count]) => `${keyword} ${count}`)
      .join(', ') + more
  );
}

function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}
