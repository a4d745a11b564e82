/** Keywords of Modbus, DNP3, EtherNet/IP, IEC 104, S7 and MMS. Stage: rule; data only. Reference: Suricata and Snort 3, keywords of each. */
import { numberOrWords, pattern, text, UINT16, UINT32, UINT8, words, type WaitingProtocol } from './waiting-keyword.js';

const DNP3_FUNCTIONS = 'confirm read write select operate direct_operate direct_operate_nr immed_freeze immed_freeze_nr freeze_clear freeze_clear_nr freeze_at_time freeze_at_time_nr cold_restart warm_restart initialize_data initialize_appl start_appl stop_appl save_config enable_unsolicited disable_unsolicited assign_class delay_measure record_current_time open_file close_file delete_file get_file_info authenticate_file abort_file response unsolicited_response authenticate_resp authenticate_req authenticate_err activate_config';

export const MODBUS: WaitingProtocol = {
  protocol: 'modbus',
  buffers: [['modbus_data', 'the data (Snort)']],
  conditions: [
    ['modbus', 'a function, an access or a unit', pattern(/^(?:unit [<>]?\d+(?:<>\d+)?(?:,(?:function|access)[^]*)?|function !?\w+(?:,subfunction \d+)?|access (?:read|write)[^]*)$/, '<unit <n>|function <name|n>|access <read|write> …>', 'function 8,subfunction 4')],
    ['modbus_func', 'names a function (Snort)', text('name or number', 'read_coils')],
    ['modbus_unit', 'names a unit (Snort)', UINT8],
  ],
};

export const DNP3: WaitingProtocol = {
  protocol: 'dnp3',
  buffers: [['dnp3.data dnp3_data', 'the data']],
  conditions: [
    ['dnp3_func dnp3.func', 'names a function', numberOrWords(0xff, DNP3_FUNCTIONS)],
    ['dnp3_ind dnp3.ind', 'names indications', text('names', 'all_stations')],
    ['dnp3_obj dnp3.obj', 'names a group and a variation of objects', pattern(/^\d+,\d+$/, '<group>,<variation>', '99,99')],
  ],
};

export const ENIP: WaitingProtocol = {
  protocol: 'enip',
  buffers: [['enip.product_name', 'the name of the product'], ['enip.service_name', 'the name of the service'], ['enip_req', 'a request (Snort)'], ['enip_rsp', 'a response (Snort)'], ['cip_req', 'a request (Snort)'], ['cip_rsp', 'a response (Snort)']],
  conditions: [
    ['enip_command enip.command', 'names a command', text('name or number', '99')],
    ['cip_service enip.cip_service', 'names a service, class and attribute', pattern(/^\w+(?:,\w+){0,2}$/, '<service>[,<class>[,<attribute>]]', '75,2,1')],
    ['enip.status', 'compares the status', text('name or number', '100')],
    ['enip.identity_status', 'compares the status of the device', UINT16], ['enip.serial', 'compares the serial number', UINT32], ['enip.state', 'compares the state', UINT8],
    ['enip.revision', 'compares the revision', pattern(/^[!<>=]*\d+(?:\.\d+)?(?:-\d+(?:\.\d+)?)?$/, '<number>[.<number>]', '1.2')],
    ['enip.protocol_version', 'compares the version', UINT16], ['enip.capabilities', 'compares the capabilities', UINT16], ['enip.vendor_id', 'compares the vendor', UINT16],
    ['enip.device_type', 'compares the type of device', UINT16], ['enip.product_code', 'compares the product', UINT16],
    ['enip.cip_attribute', 'compares the attribute', UINT32], ['enip.cip_class', 'compares the class', UINT32], ['enip.cip_instance', 'compares the instance', UINT32],
    ['enip.cip_status', 'compares the status of the service', UINT8], ['enip.cip_extendedstatus', 'compares the further status', UINT16],
    ['cip_attribute', 'names an attribute (Snort)', UINT32], ['cip_class', 'names a class (Snort)', UINT32], ['cip_conn_path_class', 'names the class of a path (Snort)', UINT32],
    ['cip_instance', 'names an instance (Snort)', UINT32], ['cip_status', 'names a status (Snort)', UINT8],
  ],
};

export const INDUSTRIAL_SNORT: readonly WaitingProtocol[] = [
  { protocol: 's7commplus', buffers: [['s7commplus_content', 'the data']], conditions: [['s7commplus_func', 'names a function', text('name or number', 'explore')], ['s7commplus_opcode', 'names an operation', text('name or number', 'request')]] },
  { protocol: 'iec104', conditions: [['iec104_apci_type', 'names a type of frame', words('unnumbered_control_function numbered_supervisory_function information_transfer_format u s i', '')], ['iec104_asdu_func', 'names a function', text('name or number', 'M_SP_NA_1')]] },
  { protocol: 'mms', buffers: [['mms_data', 'the data']], conditions: [['mms_func', 'names a function', text('name or number', 'get_name_list')]] },
  { protocol: 'gtp', conditions: [['gtp_info', 'names an element', text('name or number', '1')], ['gtp_type', 'names types of message', text('names or numbers', 'echo_request')], ['gtp_version', 'names the version', UINT8]] },
];
