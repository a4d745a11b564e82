/** What rules look at in TFTP. Stage: app; names and shapes alone. There are no keywords but `tftp` in a header. */
import type { BufferSpec } from '../buffer-spec.js';

export const TFTP_BUFFERS: readonly BufferSpec[] = [];
