/** The fields of a call of NFS and its answer. Stage: app; data only. */
import { FieldTable } from '../fields/field-table.js';
import { NFS_BUFFERS } from './buffers.js';

export const NFS_FIELDS = new FieldTable(NFS_BUFFERS, [
  'filename',
  'renamed',
  'flavor',
  'machine',
  'user',
  'group',
  'handle',
  'given',
]);
export const NFS_FIELD = {
  procedure: NFS_FIELDS.of('nfs_procedure'),
  version: NFS_FIELDS.of('nfs.version'),
  filename: NFS_FIELDS.of('filename'),
  /** What a file is called from now on. */
  renamed: NFS_FIELDS.of('renamed'),
  /** How the client says who it is (RFC 5531, 8.2), and what it says: its name, and numbers of user and group. */
  flavor: NFS_FIELDS.of('flavor'),
  machine: NFS_FIELDS.of('machine'),
  user: NFS_FIELDS.of('user'),
  group: NFS_FIELDS.of('group'),
  /** The first handle of a call, and that in an answer, of what the call names. */
  handle: NFS_FIELDS.of('handle'),
  given: NFS_FIELDS.of('given'),
};
