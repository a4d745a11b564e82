/** What is kept of POP3: names and shapes alone. Stage: app. The peer has no keywords for it, so rules name none. */
import type { BufferSpec } from '../buffer-spec.js';

/** A command is there with its line, and complete with the end of its response. */
export const POP3_STATE = { line: 1, complete: 2 } as const;

const pop3 = (name: string, what: string, more: Partial<BufferSpec>): BufferSpec => ({
  name,
  keyword: '',
  what,
  applications: ['pop3'],
  scope: 'tx',
  kind: 'single',
  ...more,
});

export const POP3_BUFFERS: readonly BufferSpec[] = [
  pop3('pop3.command', 'the command', { toServer: POP3_STATE.line }),
  pop3('pop3.argument', 'each argument of the command', { toServer: POP3_STATE.line, kind: 'multi' }),
  pop3('pop3.status', 'OK or ERR', { toClient: POP3_STATE.complete }),
  pop3('pop3.header', 'what follows the status', { toClient: POP3_STATE.complete }),
  pop3('pop3.data', 'each further line of a list', { toClient: POP3_STATE.complete, kind: 'multi' }),
];
