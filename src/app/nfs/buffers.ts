/**
 * What rules look at in NFS and the ONC RPC that it goes through. Stage: app; names and shapes alone. Reference:
 * Suricata.
 */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs } from '../fields/field-spec.js';
import { FILE_PROGRESS } from '../file/buffers.js';

/** Progress of a side: a message is complete at once, what is read or written when its file ends. */
export const NFS_STATE = { message: 1, file: FILE_PROGRESS, complete: FILE_PROGRESS + 1 } as const;

const { toServer } = fieldSpecs('nfs');
const U32: Partial<BufferSpec> = { kind: 'number', values: { maximum: 0xffff_ffff, inclusive: true } };

export const NFS_BUFFERS: readonly BufferSpec[] = [
  toServer('nfs_procedure', 'the procedure; of version 4 each operation of a call', {
    ...U32,
    aliases: ['nfs.procedure'],
  }),
  toServer('nfs.version', 'the version', { ...U32, aliases: ['nfs_version'] }),
];
