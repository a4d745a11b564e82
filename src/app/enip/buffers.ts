/**
 * What rules look at in EtherNet/IP and CIP. Stage: app; names and shapes alone. Reference: Suricata, ENIP keywords.
 */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs, number, numbered } from '../fields/field-spec.js';

const { both, toClient } = fieldSpecs('enip');

/** A request is there with its message, and complete with the answer, whose numbers rules of both directions find. */
export const ENIP_STATE = { message: 1, answered: 2 } as const;
const answer = (name: string, what: string, more: Partial<BufferSpec>): BufferSpec =>
  both(name, what, { toServer: ENIP_STATE.answered, ...more });

export const ENIP_COMMANDS: Readonly<Record<string, number>> = {
  nop: 0,
  list_services: 4,
  list_identity: 0x63,
  list_interfaces: 0x64,
  register_session: 0x65,
  unregister_session: 0x66,
  send_rr_data: 0x6f,
  send_r_r_data: 0x6f,
  send_unit_data: 0x70,
  indicate_status: 0x72,
  cancel: 0x73,
};
export const ENIP_STATES: Readonly<Record<string, number>> = {
  ...numbered('success invalid_cmd no_resources incorrect_data'),
  invalid_session: 0x64,
  invalid_length: 0x65,
  unsupported_prot_rev: 0x69,
  encap_header_error: 0x6a,
};
const U8 = number(255);
const U16 = number(0xffff);
const U32 = number(0xffff_ffff);
const many = (maximum: number): Partial<BufferSpec> => number(maximum, undefined, true);

export const ENIP_BUFFERS: readonly BufferSpec[] = [
  toClient('enip.product_name', 'the name of the product', { kind: 'single' }),
  toClient('enip.service_name', 'the name of the service', { kind: 'single' }),
  both('enip_command', 'the command', { ...number(0xffff, ENIP_COMMANDS), aliases: ['enip.command'] }),
  both('enip.status', 'the status', number(0xffff_ffff, ENIP_STATES)),
  both('enip.protocol_version', 'the version', U16),
  toClient('enip.identity_status', 'the status of the device', U16),
  toClient('enip.serial', 'the serial number', U32),
  toClient('enip.state', 'the state', U8),
  toClient('enip.revision', 'the revision', U16),
  toClient('enip.capabilities', 'the capabilities', U16),
  toClient('enip.vendor_id', 'the vendor', U16),
  toClient('enip.device_type', 'the type of device', U16),
  toClient('enip.product_code', 'the product', U16),
  both('enip.cip_attribute', 'the attribute', { ...many(0xffff_ffff), aliases: ['cip_attribute'] }),
  both('enip.cip_class', 'the class', { ...many(0xffff_ffff), aliases: ['cip_class', 'cip_conn_path_class'] }),
  both('enip.cip_instance', 'the instance', { ...many(0xffff_ffff), aliases: ['cip_instance'] }),
  answer('enip.cip_status', 'the status of the service', { ...many(255), aliases: ['cip_status'] }),
  answer('enip.cip_extendedstatus', 'the further status', many(0xffff)),
  both('enip.cip', 'service, class and attribute of each call', { keyword: '', longest: 13 }),
];
