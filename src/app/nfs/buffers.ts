/**
 * What rules look at in NFS and the ONC RPC that it goes through. Stage: app; names and shapes alone. Reference:
 * Suricata.
 */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs } from '../fields/field-spec.js';

const { toServer } = fieldSpecs('nfs');
const U32: Partial<BufferSpec> = { kind: 'number', values: { maximum: 0xffff_ffff, inclusive: true } };

export const NFS_BUFFERS: readonly BufferSpec[] = [
  toServer('nfs_procedure', 'the procedure', { ...U32, aliases: ['nfs.procedure'] }),
  toServer('nfs.version', 'the version', { ...U32, aliases: ['nfs_version'] }),
];
