/** The tables of `read --profile`, for terminals: costs by stage and by protocol, and the dearest rules. Stage: cli. */
import { PLAIN, type Paint } from '../util/paint.js';
import { visible } from '../util/visible.js';
import type { ProfileReport } from './profile-report.js';

/** Of rules, and of protocols. */
const MOST_ROWS = 20;
const MOST_MESSAGE = 60;
const GAP = '  ';

interface Column<Row> {
  readonly name: string;
  readonly of: (row: Row) => string;
  /** Numbers stand to the right. */
  readonly isText?: boolean;
}

export function renderProfile(report: ProfileReport, paint: Paint = PLAIN): string {
  const { rules, protocols, stages, rules_loaded: loaded, busy_microseconds: busy } = report;
  const dearest = rules.slice(0, MOST_ROWS);
  const verified = share(busy === 0 ? 0 : report.verification_microseconds / busy);
  return [
    paint('bold', `where the time went: ${milliseconds(busy)} ms of work in shards`),
    renderTable(STAGE_COLUMNS, stages),
    paint('bold', 'protocols, the dearest first'),
    renderTable(PROTOCOL_COLUMNS, protocols.slice(0, MOST_ROWS)),
    paint(
      'bold',
      `rules, the dearest first: ${dearest.length} of ${rules.length} that were candidates, of ${loaded} loaded; verification was ${verified} % of the work`,
    ),
    renderTable(RULE_COLUMNS, dearest),
    `Each timing adds about ${report.timing_nanoseconds} ns to what it measures.\n`,
  ].join('\n');
}

const STAGE_COLUMNS: readonly Column<ProfileReport['stages'][number]>[] = [
  { name: 'stage', of: ({ stage }) => stage, isText: true },
  { name: 'count', of: ({ stage, count }) => (stage === 'rest' ? '' : String(count)) },
  { name: 'bytes', of: ({ bytes }) => (bytes === 0 ? '' : String(bytes)) },
  { name: 'ms', of: ({ microseconds }) => milliseconds(microseconds) },
  { name: '%', of: (row) => share(row.share) },
  { name: 'ms in rules', of: (row) => milliseconds(row.verification_microseconds) },
];

const PROTOCOL_COLUMNS: readonly Column<ProfileReport['protocols'][number]>[] = [
  { name: 'protocol', of: (row) => row.app_proto, isText: true },
  { name: 'flows', of: ({ flows }) => String(flows) },
  { name: 'packets', of: ({ packets }) => String(packets) },
  { name: 'bytes', of: ({ bytes }) => String(bytes) },
  { name: 'transactions', of: ({ transactions }) => String(transactions) },
  { name: 'ms parsing', of: (row) => milliseconds(row.parse_microseconds) },
  { name: 'ms inspecting', of: (row) => milliseconds(row.inspection_microseconds) },
  { name: '%', of: (row) => share(row.share) },
];

const RULE_COLUMNS: readonly Column<ProfileReport['rules'][number]>[] = [
  { name: 'rule', of: ({ gid, sid, rev }) => `${gid}:${sid}:${rev}`, isText: true },
  { name: 'candidates', of: ({ candidates }) => String(candidates) },
  { name: 'evaluations', of: ({ evaluations }) => String(evaluations) },
  { name: 'matches', of: ({ matches }) => String(matches) },
  { name: 'ms', of: ({ microseconds }) => milliseconds(microseconds) },
  { name: '%', of: (row) => share(row.share) },
  {
    name: 'µs each',
    of: ({ microseconds, evaluations }) => (evaluations === 0 ? '' : (microseconds / evaluations).toFixed(2)),
  },
  { name: 'µs at most', of: (row) => row.max_microseconds.toFixed(2) },
  { name: 'message', of: ({ msg }) => shorten(visible(msg)), isText: true },
];

/** Names, then a line for each row, with columns as wide as what is in them. Ends with a line feed. */
function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = [columns.map(({ name }) => name), ...rows.map((row) => columns.map(({ of }) => of(row)))];
  const widths = columns.map((_, column) => Math.max(...lines.map((cells) => cells[column].length)));
  const pad = (cell: string, column: number): string =>
    columns[column].isText === true ? cell.padEnd(widths[column]) : cell.padStart(widths[column]);
  return lines.map((cells) => `${GAP}${cells.map(pad).join(GAP).trimEnd()}\n`).join('');
}

const shorten = (text: string): string => (text.length > MOST_MESSAGE ? `${text.slice(0, MOST_MESSAGE - 1)}…` : text);
const milliseconds = (microseconds: number): string => (microseconds / 1000).toFixed(2);
const share = (part: number): string => (part * 100).toFixed(1);
