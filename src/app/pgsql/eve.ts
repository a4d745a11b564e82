/**
 * The `pgsql` object of events, in Suricata's form; `prepared_query` and `authentication` are ours. Stage: app; it
 * allocates.
 */

/** Texts of the answer, for events alone: numbers that no buffer has. */
export const COMMAND = -2;
/** Names and values of an introduction, each with a zero behind it. */
export const PARAMETERS = -3;
/** Those of an error, by the letters of its fields ("Error and Notice Message Fields"), in Suricata's order. */
const ERROR_MEMBERS = [
  ['S', 'severity_localizable'],
  ['V', 'severity_non_localizable'],
  ['C', 'code'],
  ['M', 'message'],
  ['D', 'detail'],
  ['H', 'hint'],
  ['P', 'position'],
  ['p', 'internal_position'],
  ['q', 'internal_query'],
  ['W', 'where'],
  ['s', 'schema_name'],
  ['t', 'table_name'],
  ['c', 'column_name'],
  ['d', 'data_type'],
  ['n', 'constraint_name'],
  ['F', 'file'],
  ['L', 'line'],
  ['R', 'routine'],
] as const;
const FIRST_OF_ERROR = PARAMETERS - 1;
export const ANSWER_TEXTS = 1 + ERROR_MEMBERS.length;
/** The number of the text that a field of an error is, by the byte of its letter. */
export const ERROR_TEXTS: ReadonlyMap<number, number> = new Map(
  ERROR_MEMBERS.map(([letter], index) => [letter.charCodeAt(0), FIRST_OF_ERROR - index]),
);

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

/** Without what the server has not said. */
function errorMembers(tx: Pick<PrintedQuery, 'textOf'>): Readonly<Record<string, string>> {
  const members = ERROR_MEMBERS.map(([, member], index) => [member, tx.textOf(FIRST_OF_ERROR - index)] as const);
  return Object.fromEntries(members.filter((one): one is [(typeof one)[0], string] => one[1] !== undefined));
}

export function pgsqlObject(tx: PrintedQuery): string {
  const { prepares, columns, isMalformed, rows, rowBytes } = tx;
  const query = tx.query?.slice(0, MOST_CHARACTERS);
  const request = query === undefined ? undefined : { [prepares ? 'prepared_query' : 'simple_query']: query };
  const response = {
    ...(columns < 0 ? {} : { row_description_malformed: isMalformed, field_count: columns }),
    ...(rows === 0 ? {} : { data_rows: rows, data_size: rowBytes }),
    command_completed: tx.textOf(COMMAND),
    ...errorMembers(tx),
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
    message: isAuthenticated ? 'authentication_ok' : undefined,
    ...errorMembers(tx),
  };
  const hasResponse = Object.values(response).some((value) => value !== undefined);
  const request = { protocol_version: `${version >>> 16}.${version & 0xffff}`, startup_parameters: parameters };
  return `"pgsql":${JSON.stringify({ request, ...(hasResponse ? { response } : {}) })}`;
}
