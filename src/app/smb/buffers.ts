/** What rules look at in SMB. Stage: app; names and shapes alone. Reference: Suricata, SMB keywords. */
import type { BufferSpec } from '../buffer-spec.js';
import { FILE_PROGRESS } from '../file/buffers.js';

/** Progress of a side: a message is complete at once, what is written or read when its file is closed. */
export const SMB_STATE = { message: 1, file: FILE_PROGRESS, complete: FILE_PROGRESS + 1 } as const;
const MESSAGE = SMB_STATE.message;

const ofRequests = (name: string, what: string, aliases: readonly string[] = []): BufferSpec => ({
  name,
  aliases,
  what,
  applications: ['smb'],
  scope: 'tx',
  kind: 'single',
  toServer: MESSAGE,
});

export const SMB_BUFFERS: readonly BufferSpec[] = [
  ofRequests('smb.named_pipe', 'the tree of pipes that is connected to, as \\SERVER\\IPC$', ['smb_named_pipe']),
  ofRequests('smb.share', 'the share that is connected to, as \\SERVER\\SHARE', ['smb_share']),
  ofRequests('smb.ntlmssp_user', 'the user of the session'),
  ofRequests('smb.ntlmssp_domain', 'the domain of the session'),
  {
    name: 'smb.version',
    what: 'the version of the message: 1, or 2 for 2 and 3',
    applications: ['smb'],
    scope: 'tx',
    kind: 'number',
    toServer: MESSAGE,
    toClient: MESSAGE,
    values: { maximum: 2 },
    example: 'smb.version:2;',
  },
];
