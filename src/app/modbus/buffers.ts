/**
 * What rules look at in Modbus. Stage: app; names and shapes alone. Reference: Suricata, Modbus keyword; Snort,
 * modbus_func, modbus_unit and modbus_data. What the keyword `modbus` asks for is compared here
 * (rule/options/modbus.ts).
 */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs, number, numbered } from '../fields/field-spec.js';

const { both, toServer } = fieldSpecs('modbus');

const FUNCTIONS: Readonly<Record<string, number>> = {
  ...numbered(
    'read_coils read_discrete_inputs read_holding_registers read_input_registers write_single_coil write_single_register read_exception_status diagnostics',
    1,
  ),
  get_comm_event_counter: 11,
  get_comm_event_log: 12,
  write_multiple_coils: 15,
  write_multiple_registers: 16,
  report_slave_id: 17,
  read_file_record: 20,
  write_file_record: 21,
  mask_write_register: 22,
  read_write_multiple_registers: 23,
  read_fifo_queue: 24,
  encapsulated_interface_transport: 43,
};

/** Bits of `modbus.category`, and of `modbus.access`. */
export const CATEGORY = { assigned: 1, unassigned: 2, user: 4, reserved: 8 } as const;
export const ACCESS = { read: 1, write: 2, discretes: 4, coils: 8, input: 16, holding: 32 } as const;

const inside = { keyword: '' };

export const MODBUS_BUFFERS: readonly BufferSpec[] = [
  both('modbus_data', 'the data behind the function (Snort)', { kind: 'single' }),
  both('modbus_func', 'the function (Snort)', number(255, FUNCTIONS)),
  both('modbus_unit', 'the unit (Snort)', number(255)),
  toServer('modbus.unit', 'the unit that is asked', { ...number(255), ...inside }),
  toServer('modbus.function', 'the function that is asked for', { ...number(255), ...inside }),
  toServer('modbus.subfunction', 'the function of a diagnosis', { ...number(0xffff), ...inside }),
  toServer('modbus.category', 'what kind of function it is', { ...number(15), ...inside }),
  toServer('modbus.access', 'what is read or written', { ...number(63), ...inside }),
  toServer('modbus.first', 'the first address, from 1 on', { ...number(0x1_0000), ...inside }),
  toServer('modbus.last', 'the last address', { ...number(0x2_0000), ...inside }),
  toServer('modbus.value', 'each value that is written', { ...number(0xffff), ...inside }),
];
