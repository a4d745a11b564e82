/**
 * Keywords of SMB, NFS and Kerberos. Stage: rule; data only. Reference: Suricata, keywords of each.
 */
import { pattern, UINT32, UINT8 } from './value-syntax.js';
import type { WaitingProtocol } from './waiting-keyword.js';

export const SMB: WaitingProtocol = {
  protocol: 'smb',
  buffers: [
    ['smb.named_pipe smb_named_pipe', 'the name of a pipe'],
    ['smb.share smb_share', 'the name of a share'],
    ['smb.ntlmssp_user', 'the user of the session'],
    ['smb.ntlmssp_domain', 'the domain of the session'],
  ],
  conditions: [['smb.version', 'names the version', pattern(/^[12]$/, '<1|2>', '2')]],
};

export const NFS: WaitingProtocol = {
  protocol: 'nfs',
  conditions: [
    ['nfs_procedure nfs.procedure', 'compares the procedure', UINT32],
    ['nfs.version nfs_version', 'compares the version', UINT32],
    [
      'rpc',
      'names a program, version and procedure of ONC RPC',
      pattern(/^\d+(?:,(?:\*|\d+)){0,2}$/, '<program>[,<version|*>][,<procedure|*>]', '100000,*,3'),
    ],
  ],
};

export const KRB5: WaitingProtocol = {
  protocol: 'krb5',
  buffers: [
    ['krb5.cname krb5_cname', 'the name of the client'],
    ['krb5.sname krb5_sname', 'the name of the server'],
  ],
  conditions: [
    ['krb5_msg_type krb5.msg_type', 'compares the type of message', UINT8],
    ['krb5_err_code krb5.err_code', 'compares the code of an error', UINT32],
    [
      'krb5.ticket_encryption',
      'names the encryption of the ticket',
      pattern(/^(?:weak|!?[\w-]+(?:,!?[\w-]+)*)$/, '<weak|[!]<name or number>[,…]>', 'weak'),
    ],
  ],
};
