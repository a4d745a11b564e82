/** The `pgsql` object of events, in Suricata's form; `prepared_query` is ours. Stage: app; it allocates. */

/** Texts of the answer, for events alone: numbers that no buffer has. */
export const ANSWER_TEXT = { command: -2, severity: -3, code: -4, message: -5 } as const;

const MOST_CHARACTERS = 4096;

/** What is printed of a query and its answer. */
export interface PrintedQuery {
  readonly query: string | undefined;
  readonly prepares: boolean;
  readonly columns: number;
  readonly isMalformed: boolean;
  readonly rows: number;
  readonly rowBytes: number;
  textOf(field: number): string | undefined;
}

export function pgsqlObject(tx: PrintedQuery): string {
  const { prepares, columns, isMalformed, rows, rowBytes } = tx;
  const query = tx.query?.slice(0, MOST_CHARACTERS);
  const request = query === undefined ? undefined : { [prepares ? 'prepared_query' : 'simple_query']: query };
  const response = {
    ...(columns < 0 ? {} : { row_description_malformed: isMalformed, field_count: columns }),
    ...(rows === 0 ? {} : { data_rows: rows, data_size: rowBytes }),
    command_completed: tx.textOf(ANSWER_TEXT.command),
    severity_localizable: tx.textOf(ANSWER_TEXT.severity),
    code: tx.textOf(ANSWER_TEXT.code),
    message: tx.textOf(ANSWER_TEXT.message),
  };
  const hasResponse = Object.values(response).some((value) => value !== undefined);
  return `"pgsql":${JSON.stringify({ request, ...(hasResponse ? { response } : {}) })}`;
}
