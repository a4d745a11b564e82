/** Keywords of SIP, SDP, SNMP, IKE, RDP, RFB, DHCP, NTP, LDAP, MQTT, WebSocket, PostgreSQL. Stage: rule; data only. */
import { integer, numberOrWords, pattern, text, UINT16, UINT32, UINT8, words, type WaitingProtocol } from './waiting-keyword.js';

export const SIP: WaitingProtocol = {
  protocol: 'sip',
  buffers: [
    ['sip.method', 'the method of the request'],
    ['sip.uri', 'the address that is asked for'],
    ['sip.request_line', 'the first line of the request'],
    ['sip.stat_code', 'the status code of the response'],
    ['sip.stat_msg', 'the reason behind the status code'],
    ['sip.response_line', 'the first line of the response'],
    ['sip.protocol', 'the version'],
    ['sip.from', 'the From header'],
    ['sip.to', 'the To header'],
    ['sip.via', 'the Via header'],
    ['sip.user_agent', 'the User-Agent header'],
    ['sip.content_type', 'the Content-Type header'],
    ['sip.content_length', 'the Content-Length header'],
    ['sdp.origin', 'the o= line'], ['sdp.session_name', 'the s= line'], ['sdp.session_info', 'the i= line'], ['sdp.uri', 'the u= line'], ['sdp.email', 'the e= line'],
    ['sdp.phone_number', 'the p= line'], ['sdp.connection_data', 'the c= line'], ['sdp.bandwidth', 'each b= line'], ['sdp.time', 'each t= line'],
    ['sdp.repeat_time', 'each r= line'], ['sdp.timezone', 'the z= line'], ['sdp.encryption_key', 'the k= line'], ['sdp.attribute', 'each a= line'],
    ['sdp.media.media', 'each m= line'], ['sdp.media.media_info', 'the i= line of a medium'], ['sdp.media.connection_data', 'the c= line of a medium'], ['sdp.media.encryption_key', 'the k= line of a medium'],
    ['sip_header', 'the headers (Snort)'],
    ['sip_body', 'the body (Snort)'],
  ],
  conditions: [
    ['sip_method', 'names methods (Snort)', pattern(/^!?"?[a-z]+"?(?:,"?[a-z]+"?)*$/i, '[!]<method>[,<method>]…', 'invite,options')],
    ['sip_stat_code', 'names status codes, whole or by their first digit (Snort)', pattern(/^"?[1-9](?:\d\d)?(?:,[1-9](?:\d\d)?)*"?$/, '<code>[,<code>]…', '4,180')],
  ],
};

export const SNMP: WaitingProtocol = {
  protocol: 'snmp',
  buffers: [['snmp.community', 'the community'], ['snmp.usm', 'the user']],
  conditions: [
    ['snmp.version', 'compares the version', UINT32],
    ['snmp.pdu_type', 'names the type of message', numberOrWords(0xffff_ffff, 'get_request get_next_request response set_request trap_v1 get_bulk_request inform_request trap_v2 report')],
  ],
};

export const IKE: WaitingProtocol = {
  protocol: 'ike',
  buffers: [
    ['ike.init_spi', 'the SPI of the initiator'], ['ike.resp_spi', 'the SPI of the responder'], ['ike.vendor', 'each vendor id'],
    ['ike.key_exchange_payload', 'the public key'], ['ike.nonce_payload', 'the nonce'],
  ],
  conditions: [
    ['ike.chosen_sa_attribute', 'an attribute of the chosen proposal', pattern(/^!?[a-z_]+\s*=\s*\d+$/, '[!]<name>=<number>', 'alg_hash=2')],
    ['ike.exchtype', 'compares the type of exchange', UINT8],
    ['ike.key_exchange_payload_length', 'compares the length of the public key', UINT32],
    ['ike.nonce_payload_length', 'compares the length of the nonce', UINT32],
  ],
};

export const RFB: WaitingProtocol = {
  protocol: 'rfb',
  buffers: [['rfb.name', 'the name of the desktop']],
  conditions: [
    ['rfb.secresult', 'names the outcome of the login', words('ok fail toomany unknown')],
    ['rfb.sectype', 'compares the type of login', UINT32],
  ],
};

export const DHCP: WaitingProtocol = {
  protocol: 'dhcp',
  conditions: [['dhcp.leasetime', 'compares the time of the lease', UINT32], ['dhcp.rebinding_time', 'compares the rebinding time', UINT32], ['dhcp.renewal_time', 'compares the renewal time', UINT32]],
};

export const LDAP: WaitingProtocol = {
  protocol: 'ldap',
  buffers: [
    ['ldap.request.dn', 'the name that is asked for'], ['ldap.responses.dn', 'each name of the responses'], ['ldap.request.attribute_type', 'each attribute asked for'],
    ['ldap.responses.attribute_type', 'each attribute of the responses'], ['ldap.responses.message', 'each message of the responses'],
  ],
  conditions: [
    ['ldap.request.operation', 'names the operation', text('name or number', 'search_request')],
    ['ldap.responses.operation', 'names an operation of the responses', text('name or number', 'search_result_entry')],
    ['ldap.responses.count', 'compares the number of responses', UINT32],
    ['ldap.responses.result_code', 'names a result', text('name or number', 'success')],
  ],
};

const MQTT_TYPES = 'connect connack publish puback pubrec pubrel pubcomp subscribe suback unsubscribe unsuback pingreq pingresp disconnect auth unassigned';

export const MQTT: WaitingProtocol = {
  protocol: 'mqtt',
  buffers: [
    ['mqtt.connect.clientid', 'the name of the client'], ['mqtt.connect.username', 'the user'], ['mqtt.connect.password', 'the password'], ['mqtt.connect.protocol_string', 'the name of the protocol'],
    ['mqtt.connect.willmessage', 'the last message'], ['mqtt.connect.willtopic', 'the topic of the last message'], ['mqtt.publish.message', 'the message'], ['mqtt.publish.topic', 'the topic'],
    ['mqtt.subscribe.topic', 'each topic subscribed to'], ['mqtt.unsubscribe.topic', 'each topic unsubscribed from'],
  ],
  conditions: [
    ['mqtt.type', 'names the type of message', numberOrWords(0xff, MQTT_TYPES)],
    ['mqtt.flags', 'tests flags of the header', words('dup retain')],
    ['mqtt.connect.flags', 'tests flags of the connection', words('username password will will_retain clean_session')],
    ['mqtt.connack.session_present', 'says whether a session goes on', words('yes no true false', '')],
    ['mqtt.protocol_version', 'compares the version', UINT8],
    ['mqtt.qos', 'compares the quality of service', integer(2, '0')],
    ['mqtt.reason_code mqtt.connack.return_code', 'compares the reason', UINT8],
  ],
};

export const WEBSOCKET: WaitingProtocol = {
  protocol: 'websocket',
  buffers: [['websocket.payload', 'the message']],
  conditions: [
    ['websocket.flags', 'tests flags of the frame', text('flags', 'fin,!comp')],
    ['websocket.mask', 'compares the mask', UINT32],
    ['websocket.opcode', 'names the type of frame', numberOrWords(0xff, 'continuation text binary ping pong connection_close')],
  ],
};

export const PGSQL: WaitingProtocol = { protocol: 'pgsql', buffers: [['pgsql.query', 'the query']] };

export const ARP: WaitingProtocol = {
  protocol: 'arp',
  conditions: [['arp.opcode', 'compares the operation', UINT16]],
};
