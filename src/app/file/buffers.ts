/**
 * What rules look at in files, whatever carries them: names and shapes alone. Stage: app. Reference: Suricata, file
 * keywords. A protocol that has files adds its name here, keeps them in a FileList for each side of a transaction
 * (file-list.ts), and reaches FILE_PROGRESS on that side before the first of them begins.
 */
import type { ApplicationName } from '../applications.js';
import type { BufferSpec } from '../buffer-spec.js';

/** Progress of a side, in every protocol that has files, from which on there may be some. */
export const FILE_PROGRESS = 4;

const FILE_APPLICATIONS: readonly ApplicationName[] = ['http', 'http2', 'ftp-data', 'smtp', 'smb', 'nfs'];

type Kind = Pick<BufferSpec, 'name' | 'what' | 'kind'>;

const ofFiles = (spec: Kind, more: Partial<BufferSpec> = {}): BufferSpec => ({
  applications: FILE_APPLICATIONS,
  scope: 'tx',
  ofFiles: true,
  toServer: FILE_PROGRESS,
  toClient: FILE_PROGRESS,
  ...spec,
  ...more,
});

export const FILE_BUFFERS: readonly BufferSpec[] = [
  ofFiles({ name: 'file.data', what: 'the bytes of a file', kind: 'growing' }, { aliases: ['file_data'] }),
  ofFiles({ name: 'file.name', what: 'the name of a file, as whoever sends it says', kind: 'multi' }),
  ofFiles(
    {
      name: 'filesize',
      what: 'the bytes of a file, once it is complete, or broke off: then with > alone',
      kind: 'number',
    },
    { values: { maximum: Number.MAX_SAFE_INTEGER }, example: 'filesize:>1MB;' },
  ),
  ofFiles({ name: 'file.md5', what: 'the MD5 digest of a file', kind: 'multi' }, { keyword: '', longest: 16 }),
  ofFiles({ name: 'file.sha1', what: 'the SHA-1 digest of a file', kind: 'multi' }, { keyword: '', longest: 20 }),
  ofFiles({ name: 'file.sha256', what: 'the SHA-256 digest of a file', kind: 'multi' }, { keyword: '', longest: 32 }),
];
