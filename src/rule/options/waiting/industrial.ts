/**
 * Keywords of Modbus, DNP3, EtherNet/IP, IEC 104, S7, MMS, OPC UA and, of other networks, GTP. Stage: rule; data only.
 * Reference: Suricata and Snort 3, keywords of each.
 */
import { integer, many, numberOrWords, pattern, UINT16, UINT32, UINT8, words } from './value-syntax.js';
import type { Keyword, WaitingProtocol } from './waiting-keyword.js';

const NUMBER = String.raw`(?:[<>] *\d+|\d+(?: *<> *\d+)?)`;
const FUNCTION = String.raw`function +!? *(?:\d+|assigned|unassigned|public|user|reserved|all)(?:,subfunction +\d+)?`;
const ACCESS = `access +(?:read|write)(?: +(?:discretes|coils|input|holding)(?:,address +${NUMBER}(?:,value +${NUMBER})?)?)?`;
const MODBUS_REQUEST = pattern(
  new RegExp(`^(?:unit +${NUMBER}(?:,(?:${FUNCTION}|${ACCESS}))?|${FUNCTION}|${ACCESS})$`, 'i'),
  '[unit <n>,][function <n|name>[,subfunction <n>]|access <read|write>[ <table>[,address <n>[,value <n>]]]]',
  'function 8,subfunction 4',
);
const MODBUS_FUNCTIONS =
  'read_coils read_discrete_inputs read_holding_registers read_input_registers write_single_coil write_single_register read_exception_status diagnostics get_comm_event_counter get_comm_event_log write_multiple_coils write_multiple_registers report_slave_id read_file_record write_file_record mask_write_register read_write_multiple_registers read_fifo_queue encapsulated_interface_transport';
const DNP3_FUNCTIONS =
  'confirm read write select operate direct_operate direct_operate_nr immed_freeze immed_freeze_nr freeze_clear freeze_clear_nr freeze_at_time freeze_at_time_nr cold_restart warm_restart initialize_data initialize_appl start_appl stop_appl save_config enable_unsolicited disable_unsolicited assign_class delay_measure record_current_time open_file close_file delete_file get_file_info authenticate_file abort_file response unsolicited_response authenticate_resp authenticate_req authenticate_err activate_config';

const ENIP_COMMANDS =
  'nop list_services list_identity list_interfaces register_session unregister_session send_rr_data send_unit_data indicate_status cancel';

export const MODBUS: WaitingProtocol = {
  protocol: 'modbus',
  buffers: [['modbus_data', 'the data (Snort)']],
  conditions: [
    ['modbus', 'a function, an access or a unit', MODBUS_REQUEST],
    ['modbus_func', 'names a function (Snort)', numberOrWords(0xff, MODBUS_FUNCTIONS)],
    ['modbus_unit', 'names a unit (Snort)', UINT8],
  ],
};

export const DNP3: WaitingProtocol = {
  protocol: 'dnp3',
  buffers: [['dnp3.data dnp3_data', 'the data']],
  conditions: [
    ['dnp3_func dnp3.func', 'names a function', numberOrWords(0xff, DNP3_FUNCTIONS)],
    [
      'dnp3_ind dnp3.ind',
      'names indications',
      words(
        'all_stations class_1_events class_2_events class_3_events need_time local_control device_trouble device_restart no_func_code_support object_unknown parameter_error event_buffer_overflow already_executing config_corrupt reserved_2 reserved_1',
      ),
    ],
    [
      'dnp3_obj dnp3.obj',
      'names a group and a variation of objects',
      pattern(/^\d+,\d+$/, '<group>,<variation>', '99,99'),
    ],
  ],
};

export const ENIP: WaitingProtocol = {
  protocol: 'enip',
  buffers: [
    ['enip.product_name', 'the name of the product'],
    ['enip.service_name', 'the name of the service'],
    ['enip_req', 'a request (Snort)'],
    ['enip_rsp', 'a response (Snort)'],
    ['cip_req', 'a request (Snort)'],
    ['cip_rsp', 'a response (Snort)'],
  ],
  conditions: [
    ['enip_command enip.command', 'names a command', numberOrWords(0xffff, ENIP_COMMANDS)],
    [
      'cip_service enip.cip_service',
      'names a service, class and attribute',
      pattern(/^\w+(?:,\w+){0,2}$/, '<service>[,<class>[,<attribute>]]', '75,2,1'),
    ],
    [
      'enip.status',
      'compares the status',
      numberOrWords(
        0xffff_ffff,
        'success invalid_cmd no_resources incorrect_data invalid_session invalid_length unsupported_prot_rev encap_header_error',
      ),
    ],
    ['enip.identity_status', 'compares the status of the device', UINT16],
    ['enip.serial', 'compares the serial number', UINT32],
    ['enip.state', 'compares the state', UINT8],
    ['enip.revision', 'compares the revision', UINT16],
    ['enip.protocol_version', 'compares the version', UINT16],
    ['enip.capabilities', 'compares the capabilities', UINT16],
    ['enip.vendor_id', 'compares the vendor', UINT16],
    ['enip.device_type', 'compares the type of device', UINT16],
    ['enip.product_code', 'compares the product', UINT16],
    ['enip.cip_attribute', 'compares the attribute', many(UINT32)],
    ['enip.cip_class', 'compares the class', many(UINT32)],
    ['enip.cip_instance', 'compares the instance', many(UINT32)],
    ['enip.cip_status', 'compares the status of the service', many(UINT8)],
    ['enip.cip_extendedstatus', 'compares the further status', many(UINT16)],
    ['cip_attribute', 'names an attribute (Snort)', UINT32],
    ['cip_class', 'names a class (Snort)', UINT32],
    ['cip_conn_path_class', 'names the class of a path (Snort)', UINT32],
    ['cip_instance', 'names an instance (Snort)', UINT32],
    ['cip_status', 'names a status (Snort)', UINT8],
  ],
};

/** Numbers of S7comm as Snort names them; all are compared alike. */
const S7_NUMBERS = [
  ['function_code', 'the function'],
  ['error_class', 'the class of an error'],
  ['error_code', 'the code of an error'],
  ['pdu_ref', 'the number of the request'],
  ['item_count', 'the number of items'],
  ['parameter_length', 'the length of the parameters'],
  ['data_length', 'the length of the data'],
  ['pi_address', 'the address of an item'],
  ['pi_area', 'the area of an item'],
  ['pi_db_number', 'the data block of an item'],
  ['pi_length', 'the length of an item'],
  ['pi_syntax_id', 'the syntax of an item'],
  ['pi_transport_size', 'the unit of an item'],
  ['pi_var_length', 'the length of the variable of an item'],
  ['pi_var_type', 'the type of the variable of an item'],
  ['di_data_length', 'the length of the data of an item'],
  ['di_error_code', 'the error of an item'],
  ['di_variable_type', 'the type of the data of an item'],
] as const;

export const INDUSTRIAL_SNORT: readonly WaitingProtocol[] = [
  {
    protocol: 's7comm',
    buffers: [
      ['s7comm_content', 'the data (Snort)'],
      ['s7comm_di_data', 'the data of an item (Snort)'],
    ],
    conditions: [
      ['s7comm_func', 'names the kind of message (Snort)', numberOrWords(0xff, 'job_request ack ack_data userdata')],
      ...S7_NUMBERS.map(([name, what]): Keyword => [`s7comm_${name}`, `compares ${what} (Snort)`, UINT32]),
    ],
  },
  {
    protocol: 's7commplus',
    buffers: [['s7commplus_content', 'the data (Snort)']],
    conditions: [
      [
        's7commplus_func',
        'names a function (Snort)',
        numberOrWords(
          0xffff,
          'explore createobject deleteobject setvariable getlink setmultivar getmultivar beginsequence endsequence invoke getvarsubstr',
        ),
      ],
      [
        's7commplus_opcode',
        'names an operation (Snort)',
        numberOrWords(0xff, 'request response notification response2'),
      ],
    ],
  },
  {
    protocol: 'iec104',
    conditions: [
      [
        'iec104_apci_type',
        'names a type of frame (Snort)',
        words('unnumbered_control_function numbered_supervisory_function information_transfer_format u s i', ''),
      ],
      [
        'iec104_asdu_func',
        'names a function (Snort)',
        pattern(/^(?:[mcpf]_[a-z0-9]+_[a-z0-9]+_[a-z0-9]+|\d+)$/i, '<name or number>', 'M_SP_NA_1'),
      ],
    ],
  },
  {
    protocol: 'mms',
    buffers: [['mms_data', 'the data (Snort)']],
    conditions: [['mms_func', 'names a function (Snort)', pattern(/^\w+$/, '<name or number>', 'get_name_list')]],
  },
  {
    protocol: 'opcua',
    conditions: [
      ['opcua_msg_type', 'names the type of message (Snort)', words('hel ack err rhe opn msg clo', '')],
      ['opcua_msg_service', 'names a service (Snort)', pattern(/^\w+$/, '<name or number>', 'create_session_request')],
      ['opcua_node_id', 'names a node (Snort)', pattern(/^(?:\d+|[\w.{}-]+)$/, '<name or number>', '631')],
      ['opcua_node_namespace_index', 'compares the name space of a node (Snort)', UINT16],
    ],
  },
  {
    protocol: 'gtp',
    conditions: [
      ['gtp_info', 'names an element (Snort)', pattern(/^"?\w+"?$/, '<name or number>', '1')],
      [
        'gtp_type',
        'names types of message (Snort)',
        pattern(/^"?\w+(?:,\w+)*"?$/, '<name or number>[,…]', 'echo_request'),
      ],
      ['gtp_version', 'names the version (Snort)', integer(2, '1')],
    ],
  },
];
