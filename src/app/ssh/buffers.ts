/** What rules look at in SSH: banners and key exchanges. Stage: app; names and shapes alone. Reference: Suricata. */
import type { BufferSpec } from '../buffer-spec.js';

/** A side has said its banner, its lists for the key exchange, and that the rest is encrypted. */
export const SSH_STATE = { banner: 1, keys: 2, complete: 3 } as const;

const { banner, keys } = SSH_STATE;
const ssh = (name: string, what: string, more: Partial<BufferSpec>): BufferSpec => ({
  name,
  what,
  applications: ['ssh'],
  scope: 'tx',
  kind: 'single',
  ...more,
});
const ofBoth = (name: string, what: string, more: Partial<BufferSpec> = {}): BufferSpec =>
  ssh(name, what, { toServer: banner, toClient: banner, ...more });

export const SSH_BUFFERS: readonly BufferSpec[] = [
  ofBoth('ssh.proto', 'the version of the protocol', { aliases: ['ssh_proto'], common: true }),
  ofBoth('ssh.software', 'the software of a side', { aliases: ['ssh_software'] }),
  ssh('ssh.hassh', 'the HASSH of the client: MD5 of its lists', { toServer: keys, eitherCase: true }),
  ssh('ssh.hassh.string', 'the lists of the client that its HASSH is made of', { toServer: keys }),
  ssh('ssh.hassh.server', 'the HASSH of the server: MD5 of its lists', { toClient: keys, eitherCase: true }),
  ssh('ssh.hassh.server.string', 'the lists of the server that its HASSH is made of', { toClient: keys }),
  ofBoth('ssh.version', 'the version of the protocol, as a number', { kind: 'number', keyword: '' }),
];
