/** What rules look at in RDP. Stage: app; names and shapes alone. Nobody has keywords for it, but `rdp` in a header. */
import type { BufferSpec } from '../buffer-spec.js';

export const RDP_BUFFERS: readonly BufferSpec[] = [];
