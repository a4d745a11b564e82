/** What rules look at in Kerberos 5. Stage: app; names and shapes alone. Reference: Suricata, Kerberos keywords. */
import type { BufferSpec } from '../buffer-spec.js';

export { ENCRYPTION_TYPES, encryptionNumber, WEAK_TYPES } from './encryption-names.js';

const MESSAGE = 1;

const krb5 = (name: string, what: string, more: Partial<BufferSpec> = {}): BufferSpec => ({
  name,
  what,
  applications: ['krb5'],
  scope: 'tx',
  kind: 'multi',
  toServer: MESSAGE,
  toClient: MESSAGE,
  ...more,
});

export const KRB5_BUFFERS: readonly BufferSpec[] = [
  krb5('krb5.cname', 'each part of the name of the client', { aliases: ['krb5_cname'] }),
  krb5('krb5.sname', 'each part of the name of the server', { aliases: ['krb5_sname'] }),
  krb5('krb5_msg_type', 'the type of message', {
    aliases: ['krb5.msg_type'],
    kind: 'number',
    values: { maximum: 255 },
  }),
  krb5('krb5_err_code', 'the code of an error', { aliases: ['krb5.err_code'], kind: 'number' }),
  krb5('krb5.ticket_encryption', 'the encryption of the ticket', { kind: 'number', keyword: '' }),
];
