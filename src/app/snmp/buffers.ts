/** What rules look at in SNMP. Stage: app; names and shapes alone. Reference: Suricata, SNMP keywords. */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs, number, numbered } from '../fields/field-spec.js';

const { both } = fieldSpecs('snmp');

export const PDU_TYPES = numbered(
  'get_request get_next_request response set_request trap_v1 get_bulk_request inform_request trap_v2 report',
);
const TRAP_TYPES = numbered(
  'cold_start warm_start link_down link_up authentication_failure egp_neighbor_loss enterprise_specific',
);

export const SNMP_BUFFERS: readonly BufferSpec[] = [
  both('snmp.community', 'the community, of versions 1 and 2', { kind: 'single' }),
  both('snmp.usm', 'the user, of version 3', { kind: 'single' }),
  both('snmp.version', 'the version', number(0xffff_ffff)),
  both('snmp.pdu_type', 'the type of message', number(0xffff_ffff, PDU_TYPES)),
  both('snmp.trap_type', 'what a trap of version 1 is about', number(0xff, TRAP_TYPES)),
];
