/**
 * What rules look at in SMTP and in the mails that it carries. Stage: app; names and shapes alone. Reference: Suricata,
 * SMTP and email keywords. Attachments are files (app/file).
 */
import type { BufferSpec } from '../buffer-spec.js';
import { FILE_PROGRESS } from '../file/buffers.js';

/**
 * How far a side is: a command was seen; the sender is known; so are all receivers, as the mail begins; the headers of
 * the mail are complete; the mail is, or there was none.
 */
export const SMTP_STATE = { started: 1, sender: 2, envelope: 3, headers: FILE_PROGRESS, complete: 5 } as const;

const { sender, envelope, headers, complete } = SMTP_STATE;

const smtp = (name: string, what: string, toServer: number, more: Partial<BufferSpec> = {}): BufferSpec => ({
  name,
  what,
  applications: ['smtp'],
  scope: 'tx',
  kind: 'single',
  toServer,
  ...more,
});
const header = (name: string, title: string, more: Partial<BufferSpec> = {}): BufferSpec =>
  smtp(`email.${name}`, `the ${title} header of a mail, as it was sent`, headers, more);

export const SMTP_BUFFERS: readonly BufferSpec[] = [
  smtp('smtp.helo', 'the name that the client gives', sender),
  smtp('smtp.mail_from', 'the sender of the envelope, in its brackets', sender),
  smtp('smtp.rcpt_to', 'each receiver of the envelope, in its brackets', envelope, { kind: 'multi' }),
  header('from', 'From'),
  header('subject', 'Subject'),
  header('to', 'To'),
  header('cc', 'Cc'),
  header('date', 'Date'),
  header('message_id', 'Message-ID'),
  header('x_mailer', 'X-Mailer'),
  header('received', 'Received', { what: 'each Received header of a mail, as it was sent', kind: 'multi' }),
  smtp('email.url', 'each address in the text of a mail, without its scheme', complete, { kind: 'multi' }),
];
