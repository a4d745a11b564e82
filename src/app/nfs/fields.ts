/** The fields of a call of NFS and its answer. Stage: app; data only. */
import { FieldTable } from '../fields/field-table.js';
import { NFS_BUFFERS } from './buffers.js';

export const NFS_FIELDS = new FieldTable(NFS_BUFFERS, ['answered', 'status', 'filename', 'renamed']);
export const NFS_FIELD = {
  procedure: NFS_FIELDS.of('nfs_procedure'),
  version: NFS_FIELDS.of('nfs.version'),
  /** Of an answer: whether the call was accepted (0). */
  answered: NFS_FIELDS.of('answered'),
  /** What came of it. */
  status: NFS_FIELDS.of('status'),
  filename: NFS_FIELDS.of('filename'),
  /** What a file is called from now on. */
  renamed: NFS_FIELDS.of('renamed'),
};
