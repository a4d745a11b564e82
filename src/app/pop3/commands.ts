/** Commands of POP3, how many arguments each takes, and whether lines follow its response. Stage: app; data only. */
export interface Pop3Command {
  readonly least: number;
  readonly most: number;
  /** Lines follow up to one with a dot alone: of mails, which are not kept, or of a list. */
  readonly lines?: 'mail' | 'list';
  /** They follow only where the command has no argument. */
  readonly unlessAsked?: true;
}

/** RFC 1939, RFC 2449, RFC 2595, RFC 5034, RFC 6856. */
export const POP3_COMMANDS: ReadonlyMap<string, Pop3Command> = new Map<string, Pop3Command>([
  ['USER', { least: 1, most: 1 }],
  ['PASS', { least: 1, most: 1 }],
  ['APOP', { least: 2, most: 2 }],
  ['AUTH', { least: 1, most: 2 }],
  ['QUIT', { least: 0, most: 0 }],
  ['STAT', { least: 0, most: 0 }],
  ['LIST', { least: 0, most: 1, lines: 'list', unlessAsked: true }],
  ['UIDL', { least: 0, most: 1, lines: 'list', unlessAsked: true }],
  ['RETR', { least: 1, most: 1, lines: 'mail' }],
  ['TOP', { least: 2, most: 2, lines: 'mail' }],
  ['DELE', { least: 1, most: 1 }],
  ['NOOP', { least: 0, most: 0 }],
  ['RSET', { least: 0, most: 0 }],
  ['CAPA', { least: 0, most: 0, lines: 'list' }],
  ['STLS', { least: 0, most: 0 }],
  ['UTF8', { least: 0, most: 0 }],
  ['LANG', { least: 0, most: 1, lines: 'list', unlessAsked: true }],
]);
