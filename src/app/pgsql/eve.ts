/**
 * The `pgsql` object of events, in Suricata's form; `prepared_query` and `authentication` are ours. Stage: app; it
 * allocates.
 */

/** Texts of the answer, for events alone: numbers that no buffer has. */
export const ANSWER_TEXT = { command: -2, severity: -3, code: -4, message: -5 } as const;
/** Names and values of an introduction, each with a zero behind it. */
export const PARAMETERS = -6;

const MOST_CHARACTERS = 4096;

/** What servers ask for, by the code of the message. */
const AUTHENTICATIONS: Readonly<Record<number, string>> = {
  2: 'kerberos_v5',
  3: 'cleartext_password',
  5: 'md5_password',
  6: 'scm_credential',
  7: 'gss',
  9: 'sspi',
  10: 'sasl',
};

/** What is printed of an introduction and what came of it. */
export interface PrintedIntroduction {
  /** Of the protocol: major and minor number in 16 bits each. */
  readonly version: number;
  /** What the server has asked for, -1 for nothing; and whether it was content. */
  readonly authentication: number;
  readonly isAuthenticated: boolean;
  textOf(field: number): string | undefined;
}

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

export function introductionObject(tx: PrintedIntroduction): string {
  const { version, authentication, isAuthenticated } = tx;
  const texts = (tx.textOf(PARAMETERS) ?? '').split('\0');
  const optional: Record<string, string>[] = [];
  let user: string | undefined;
  for (let i = 0; i + 1 < texts.length && texts[i] !== ''; i += 2) {
    if (texts[i] === 'user') user = texts[i + 1];
    else optional.push({ [texts[i]]: texts[i + 1] });
  }
  const parameters = { user, ...(optional.length === 0 ? {} : { optional_parameters: optional }) };
  const response = {
    authentication: authentication < 0 ? undefined : (AUTHENTICATIONS[authentication] ?? String(authentication)),
    severity_localizable: tx.textOf(ANSWER_TEXT.severity),
    code: tx.textOf(ANSWER_TEXT.code),
    message: tx.textOf(ANSWER_TEXT.message) ?? (isAuthenticated ? 'authentication_ok' : undefined),
  };
  const hasResponse = Object.values(response).some((value) => value !== undefined);
  const request = { protocol_version: `${version >>> 16}.${version & 0xffff}`, startup_parameters: parameters };
  return `"pgsql":${JSON.stringify({ request, ...(hasResponse ? { response } : {}) })}`;
}
