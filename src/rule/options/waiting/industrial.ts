/**
 * Keywords of IEC 104, S7, MMS, OPC UA and, of other networks, GTP. Stage: rule; data only. Reference: Snort 3,
 * keywords of each.
 */
import { integer, numberOrWords, pattern, UINT16, UINT32, words } from './value-syntax.js';
import type { Keyword, WaitingProtocol } from './waiting-keyword.js';

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
