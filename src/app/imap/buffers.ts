/** What rules look at in IMAP: names and shapes alone. Stage: app. Reference: Suricata, IMAP keywords. */
import type { BufferSpec } from '../buffer-spec.js';

/** A command is there with its line, and complete with the response that has its tag. */
export const IMAP_STATE = { line: 1, complete: 2 } as const;

const imap = (name: string, what: string, more: Partial<BufferSpec>): BufferSpec => ({
  name,
  what,
  applications: ['imap'],
  scope: 'tx',
  kind: 'multi',
  ...more,
});

export const IMAP_BUFFERS: readonly BufferSpec[] = [
  imap('imap.request', 'each line of the client, without its end', { toServer: IMAP_STATE.line }),
  imap('imap.response', 'each line of the server, without its end', { toClient: IMAP_STATE.complete }),
];
