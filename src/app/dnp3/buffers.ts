/** What rules look at in DNP3. Stage: app; names and shapes alone. Reference: Suricata, DNP3 keywords. */
import type { BufferSpec } from '../buffer-spec.js';
import { fieldSpecs, number, numbered } from '../fields/field-spec.js';

const { both, toClient } = fieldSpecs('dnp3');

const DNP3_FUNCTIONS: Readonly<Record<string, number>> = {
  ...numbered(
    'confirm read write select operate direct_operate direct_operate_nr immed_freeze immed_freeze_nr freeze_clear freeze_clear_nr freeze_at_time freeze_at_time_nr cold_restart warm_restart initialize_data initialize_appl start_appl stop_appl save_config enable_unsolicited disable_unsolicited assign_class delay_measure record_current_time open_file close_file delete_file get_file_info authenticate_file abort_file activate_config authenticate_req authenticate_err',
  ),
  ...numbered('response unsolicited_response authenticate_resp', 129),
};

/** Bits of the internal indications, the first byte above. */
export const DNP3_INDICATIONS: Readonly<Record<string, number>> = {
  all_stations: 0x0100,
  class_1_events: 0x0200,
  class_2_events: 0x0400,
  class_3_events: 0x0800,
  need_time: 0x1000,
  local_control: 0x2000,
  device_trouble: 0x4000,
  device_restart: 0x8000,
  no_func_code_support: 0x0001,
  object_unknown: 0x0002,
  parameter_error: 0x0004,
  event_buffer_overflow: 0x0008,
  already_executing: 0x0010,
  config_corrupt: 0x0020,
  reserved_2: 0x0040,
  reserved_1: 0x0080,
};

export const DNP3_BUFFERS: readonly BufferSpec[] = [
  both('dnp3.data', 'the message, without what frames and checks it', { kind: 'single', aliases: ['dnp3_data'] }),
  both('dnp3_func', 'the function', { ...number(255, DNP3_FUNCTIONS), aliases: ['dnp3.func'] }),
  toClient('dnp3_ind', 'the indications', {
    kind: 'number',
    aliases: ['dnp3.ind'],
    values: { maximum: 0xffff, names: DNP3_INDICATIONS, bits: true, list: 'any' },
  }),
  both('dnp3.object', 'group and variation of each object', { ...number(0xffff), keyword: '' }),
];
