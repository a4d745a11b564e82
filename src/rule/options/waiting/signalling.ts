/**
 * Keywords of SNMP, IKE, RFB, DHCP, NTP, LDAP, MQTT, WebSocket, PostgreSQL, SOCKS and of what lies below IP.
 * Stage: rule; data only. Reference: Suricata and Snort 3, keywords of each.
 */
import {
  flags,
  integer,
  many,
  numberOrWords,
  pattern,
  text,
  UINT16,
  UINT32,
  UINT53,
  UINT8,
  YES_OR_NO,
} from './value-syntax.js';
import type { WaitingProtocol } from './waiting-keyword.js';

export const SNMP: WaitingProtocol = {
  protocol: 'snmp',
  buffers: [
    ['snmp.community', 'the community'],
    ['snmp.usm', 'the user'],
  ],
  conditions: [
    ['snmp.version', 'compares the version', UINT32],
    [
      'snmp.pdu_type',
      'names the type of message',
      numberOrWords(
        0xffff_ffff,
        'get_request get_next_request response set_request trap_v1 get_bulk_request inform_request trap_v2 report',
      ),
    ],
  ],
};

export const IKE: WaitingProtocol = {
  protocol: 'ike',
  buffers: [
    ['ike.init_spi', 'the SPI of the initiator'],
    ['ike.resp_spi', 'the SPI of the responder'],
    ['ike.vendor', 'each vendor id'],
    ['ike.key_exchange_payload', 'the public key'],
    ['ike.nonce_payload', 'the nonce'],
  ],
  conditions: [
    [
      'ike.chosen_sa_attribute',
      'an attribute of the chosen proposal',
      pattern(/^!?[a-z_]+\s*=\s*\d+$/, '[!]<name>=<number>', 'alg_hash=2'),
    ],
    ['ike.exchtype', 'compares the type of exchange', UINT8],
    ['ike.key_exchange_payload_length', 'compares the length of the public key', UINT32],
    ['ike.nonce_payload_length', 'compares the length of the nonce', UINT32],
  ],
};

export const RFB: WaitingProtocol = {
  protocol: 'rfb',
  buffers: [['rfb.name', 'the name of the desktop']],
  conditions: [
    ['rfb.secresult', 'names the outcome of the login', numberOrWords(0xffff_ffff, 'ok fail toomany unknown')],
    ['rfb.sectype', 'compares the type of login', UINT32],
  ],
};

export const DHCP: WaitingProtocol = {
  protocol: 'dhcp',
  conditions: [
    ['dhcp.leasetime', 'compares the time of the lease', UINT53],
    ['dhcp.rebinding_time', 'compares the rebinding time', UINT53],
    ['dhcp.renewal_time', 'compares the renewal time', UINT53],
  ],
};

const LDAP_OPERATIONS =
  'bind_request bind_response unbind_request search_request search_result_entry search_result_done modify_request modify_response add_request add_response del_request del_response mod_dn_request mod_dn_response compare_request compare_response abandon_request search_result_reference extended_request extended_response intermediate_response';
const LDAP_RESULTS =
  'success operations_error protocol_error time_limit_exceeded size_limit_exceeded compare_false compare_true auth_method_not_supported stronger_auth_required referral admin_limit_exceeded unavailable_critical_extension confidentiality_required sasl_bind_in_progress no_such_attribute undefined_attribute_type inappropriate_matching constraint_violation attribute_or_value_exists invalid_attribute_syntax no_such_object alias_problem invalid_dns_syntax is_leaf alias_dereferencing_problem inappropriate_authentication invalid_credentials insufficient_access_rights busy unavailable unwilling_to_perform loop_detect sort_control_missing offset_range_error naming_violation object_class_violation not_allowed_on_non_leaf not_allowed_on_rdn entry_already_exists object_class_mods_prohibited results_too_large affects_multiple_dsas control_error other server_down local_error encoding_error decoding_error timeout auth_unknown filter_error user_canceled param_error no_memory connect_error not_supported control_not_found no_results_returned more_results_to_return client_loop referral_limit_exceeded invalid_response ambiguous_response tls_not_supported intermediate_response unknown_type canceled no_such_operation too_late cannot_cancel assertion_failed authorization_denied e_sync_refresh_required no_operation';

export const LDAP: WaitingProtocol = {
  protocol: 'ldap',
  toServer: 'ldap.request.dn ldap.request.attribute_type ldap.request.operation',
  toClient:
    'ldap.responses.dn ldap.responses.attribute_type ldap.responses.message ldap.responses.operation ldap.responses.count ldap.responses.result_code',
  buffers: [
    ['ldap.request.dn', 'the name that is asked for'],
    ['ldap.responses.dn', 'each name of the responses'],
    ['ldap.request.attribute_type ldap.request.attributes', 'each attribute asked for'],
    ['ldap.responses.attribute_type ldap.responses.attributes', 'each attribute of the responses'],
    ['ldap.responses.message', 'each message of the responses'],
  ],
  conditions: [
    ['ldap.request.operation', 'names the operation', numberOrWords(0xff, LDAP_OPERATIONS)],
    ['ldap.responses.operation', 'names an operation of the responses', many(numberOrWords(0xff, LDAP_OPERATIONS))],
    ['ldap.responses.count', 'compares the number of responses', UINT32],
    ['ldap.responses.result_code', 'names a result', many(numberOrWords(0xffff_ffff, LDAP_RESULTS))],
  ],
};

const MQTT_TYPES =
  'connect connack publish puback pubrec pubrel pubcomp subscribe suback unsubscribe unsuback pingreq pingresp disconnect auth unassigned';

export const MQTT: WaitingProtocol = {
  protocol: 'mqtt',
  buffers: [
    ['mqtt.connect.clientid', 'the name of the client'],
    ['mqtt.connect.username', 'the user'],
    ['mqtt.connect.password', 'the password'],
    ['mqtt.connect.protocol_string', 'the name of the protocol'],
    ['mqtt.connect.willmessage', 'the last message'],
    ['mqtt.connect.willtopic', 'the topic of the last message'],
    ['mqtt.publish.message', 'the message'],
    ['mqtt.publish.topic', 'the topic'],
    ['mqtt.subscribe.topic', 'each topic subscribed to'],
    ['mqtt.unsubscribe.topic', 'each topic unsubscribed from'],
  ],
  conditions: [
    ['mqtt.type', 'names the type of message', many(numberOrWords(0xff, MQTT_TYPES))],
    ['mqtt.flags', 'tests flags of the header', flags('dup retain')],
    ['mqtt.connect.flags', 'tests flags of the connection', flags('username password will will_retain clean_session')],
    ['mqtt.connack.session_present', 'says whether a session goes on', YES_OR_NO],
    ['mqtt.protocol_version', 'compares the version', UINT8],
    ['mqtt.qos', 'compares the quality of service', integer(2, '0')],
    ['mqtt.reason_code mqtt.connack.return_code', 'compares the reason', many(UINT8)],
  ],
};

export const PGSQL: WaitingProtocol = {
  protocol: 'pgsql',
  toServer: 'pgsql.query',
  buffers: [['pgsql.query', 'the query']],
};

export const NTP: WaitingProtocol = {
  protocol: 'ntp',
  buffers: [['ntp.reference_id', 'the four bytes that name the source of the time']],
  conditions: [
    [
      'ntp.mode',
      'names the mode',
      numberOrWords(0xff, 'reserved symmetric_active symmetric_passive client server broadcast control private'),
    ],
    ['ntp.stratum', 'compares the distance to the source of the time', UINT8],
    ['ntp.version', 'compares the version', UINT8],
  ],
};

export const SOCKS: WaitingProtocol = {
  protocol: 'socks',
  buffers: [
    ['socks_remote_address', 'where the client wants to go (Snort)', text('part of the address', 'example.com', true)],
  ],
  conditions: [
    ['socks_version', 'names the version (Snort)', pattern(/^[45]$/, '<4|5>', '5')],
    [
      'socks_state',
      'names how far the connection is (Snort)',
      numberOrWords(4, 'auth request_response established error'),
    ],
    ['socks_command', 'names the command (Snort)', pattern(/^[1-3]$/, '<1|2|3>', '1')],
    ['socks_address_type', 'names the type of address (Snort)', pattern(/^[134]$/, '<1|3|4>', '3')],
    ['socks_remote_port', 'names the port that the client wants to go to (Snort)', UINT16],
  ],
};

export const ETHERNET: WaitingProtocol = { protocol: 'ether', buffers: [['ether.hdr eth.hdr', 'the Ethernet header']] };

export const IGMP: WaitingProtocol = {
  protocol: 'igmp',
  buffers: [['igmp.hdr', 'the IGMP header']],
  conditions: [['igmp.type', 'compares the type of message', UINT8]],
};
