/** What rules look at in DHCP. Stage: app; names and shapes alone. Reference: Suricata, DHCP keywords. */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs, number } from '../fields/field-spec.js';

const { both } = fieldSpecs('dhcp');
const SECONDS = number(Number.MAX_SAFE_INTEGER);

export const DHCP_BUFFERS: readonly BufferSpec[] = [
  both('dhcp.leasetime', 'the seconds of the lease', SECONDS),
  both('dhcp.rebinding_time', 'the seconds after which any server is asked again', SECONDS),
  both('dhcp.renewal_time', 'the seconds after which the server is asked again', SECONDS),
];
