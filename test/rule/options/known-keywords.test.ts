/**
 * No keyword of Suricata 6 to 9 or Snort 2.9 and 3 is unknown: each is honoured, waits for a protocol, or is refused
 * with a reason. Names are those that `suricata --list-keywords` and `snort --list-modules=ips_option` print, with the
 * older names that they still take.
 */
import { describe, expect, it } from 'vitest';
import { findOption, OPTIONS } from '../../../src/rule/options/registry.js';
import { WAITING } from '../../../src/rule/options/waiting/waiting-keyword.js';
import { compileText } from '../support/compile.js';

const SURICATA = `
  sid priority rev classtype detect-event stixip app-layer-protocol tcp.ack tcp.seq tcp.window ack seq window ipopts ip.src ip.dst tcp.flags flags fragbits fragoffset ttl
  tos itype icode icmp_id icmp_seq icmpv4.hdr dsize flow threshold flowbits flowvar flowint hostbits xbits pktvar content uricontent pcre depth
  startswith endswith distance within offset replace nocase fast_pattern rawbytes byte_test byte_jump byte_math byte_extract dataset datarep
  base64_decode base64_data bsize asn1 lua luajit isdataat urilen absent entropy metadata reference tag msg sameip geoip ip_proto ftpbounce
  ftp.dynamic_port id rpc noalert alert ipv4-csum tcpv4-csum tcpv6-csum udpv4-csum udpv6-csum icmpv4-csum icmpv6-csum stream_size detection_filter
  decode-event gid nfq_set_mark frame flow.age flow.pkts flow.pkts_toserver flow.pkts_toclient flow.bytes flow.bytes_toserver flow.bytes_toclient
  requires tls.version tls.subject tls.issuerdn tls_cert_notbefore tls_cert_notafter tls_cert_expired tls_cert_valid tls.fingerprint tls_store
  tls.store tls.cert_chain_len tls.alpn http_cookie http.cookie http_method http.method http.protocol http_protocol http.start http_start
  http_client_body http.request_body http_server_body http.response_body http_header http.header http.header_names http_header_names http.accept
  http_accept http.accept_lang http_accept_lang http.accept_enc http_accept_enc http.connection http_connection http.content_len http_content_len
  http.content_type http_content_type http.location http.server http.referer http_referer http_raw_header http.header.raw http_uri http.uri
  http.uri.raw http_raw_uri http_stat_msg http.stat_msg http_stat_code http.stat_code http_user_agent http.user_agent http_host http.host
  http_raw_host http.host.raw http.request_line http_request_line http.response_line http_response_line nfs_procedure nfs.version ssh.proto ssh_proto
  ssh.protoversion ssh.software ssh_software ssh.softwareversion ssh.hassh ssh.hassh.server ssh.hassh.string ssh.hassh.server.string ssl_version
  ssl_state file.data file_data pkt_data app-layer-event app-layer-state http2.frametype http2.errorcode http2.priority http2.window http2.size_update
  http2.settings http2.header_name http2.header http.request_header http.response_header dcerpc.iface dce_iface dcerpc.opnum dce_opnum
  dcerpc.stub_data dce_stub_data smb.named_pipe smb_named_pipe smb.share smb_share smb.ntlmssp_user smb.ntlmssp_domain smb.version engine-event
  stream-event config filename file.name fileext filestore filemagic file.magic filemd5 filesha1 filesha256 filesize l3_proto iprep
  dns.response.rrname tls.sni tls_sni tls.certs tls.cert_issuer tls_cert_issuer tls.cert_subject tls_cert_subject tls.cert_serial tls_cert_serial
  tls.cert_fingerprint tls_cert_fingerprint tls.subjectaltname tls.random_time tls.random_bytes tls.random ja3.hash ja3_hash ja3.string ja3_string
  ja3s.hash ja3s.string modbus dnp3.data dnp3_data dnp3_func dnp3_ind dnp3_obj krb5_err_code krb5_msg_type krb5.cname krb5_cname krb5.sname krb5_sname
  krb5.ticket_encryption sip.method sip.uri ipv4.hdr ipv6.hdr icmpv6.hdr icmpv6.mtu tcp.hdr udp.hdr tcp.mss tcp.wscale ftpdata_command target
  quic.version quic.sni quic.ua quic.cyu.hash quic.cyu.string bypass prefilter pcrexform luaxform ike.exchtype ike.init_spi ike.resp_spi ike.vendor
  ike.chosen_sa_attribute ike.key_exchange_payload_length ike.nonce_payload_length ike.nonce_payload ike.key_exchange_payload ja4.hash ftp.command
  ftp.command_data ftp.reply ftp.mode ftp.reply_received ftp.completion_code vlan.id vlan.layers dns.queries.rrname dns.answers.rrname
  dns.additionals.rrname dns.authorities.rrname mdns.queries.rrname mdns.answers.rrname mdns.additionals.rrname mdns.authorities.rrname
  mdns.response.rrname compress_whitespace strip_whitespace strip_pseudo_headers to_md5 to_sha1 to_sha256 dotprefix url_decode xor to_lowercase
  to_uppercase header_lowercase from_base64 domain tld gunzip zlib_deflate subslice json_decode email.from email.subject email.to email.cc email.date
  email.message_id email.x_mailer email.url email.received email.body_md5 smtp.helo smtp.mail_from smtp.rcpt_to dhcp.leasetime dhcp.rebinding_time
  dhcp.renewal_time websocket.opcode websocket.mask websocket.flags websocket.payload cip_service enip.capabilities enip.cip_attribute enip.cip_class
  enip.vendor_id enip.status enip.state enip.serial enip.revision enip.protocol_version enip.product_code enip_command enip.command
  enip.identity_status enip.device_type enip.cip_status enip.cip_instance enip.cip_extendedstatus enip.product_name enip.service_name
  mqtt.unsubscribe.topic mqtt.type mqtt.subscribe.topic mqtt.reason_code mqtt.connack.return_code mqtt.connack.session_present mqtt.qos
  mqtt.publish.topic mqtt.publish.message mqtt.protocol_version mqtt.flags mqtt.connect.flags mqtt.connect.willtopic mqtt.connect.willmessage
  mqtt.connect.username mqtt.connect.protocol_string mqtt.connect.password mqtt.connect.clientid rfb.name rfb.sectype rfb.secresult sip.protocol
  sip.stat_code sip.stat_msg sip.request_line sip.response_line sip.from sip.to sip.via sip.user_agent sip.content_type sip.content_length
  ldap.request.operation ldap.responses.operation ldap.responses.count ldap.request.dn ldap.responses.dn ldap.responses.result_code
  ldap.responses.message ldap.request.attribute_type ldap.responses.attribute_type ldap.request.attributes ldap.responses.attributes sdp.session_name
  sdp.session_info sdp.origin sdp.uri sdp.email sdp.phone_number sdp.connection_data sdp.bandwidth sdp.time sdp.repeat_time sdp.timezone
  sdp.encryption_key sdp.attribute sdp.media.media sdp.media.media_info sdp.media.connection_data sdp.media.encryption_key dns.answer.name dns.opcode
  dns.query.name dns.rcode dns.rrtype dns.query dns_query pgsql.query snmp.version snmp.pdu_type snmp.usm snmp.community ndpi-protocol ndpi-risk
  llmnr.queries.rrname llmnr.answers.rrname llmnr.authorities.rrname llmnr.additionals.rrname llmnr.response.rrname ntp.mode ntp.reference_id
  ntp.stratum ntp.version imap.request imap.response imap.email.direction imap.email.body imap.email.header imap.email.header.name
  imap.email.header.value igmp.type igmp.hdr ether.hdr windows_pe
`
  .trim()
  .split(/\s+/);

const SNORT = `
  ack appids appid asn1 base64_decode base64_data ber_data ber_skip bufferlen byte_extract byte_jump byte_math byte_test cip_attribute cip_class
  cip_conn_path_class cip_instance cip_req cip_rsp cip_service cip_status classtype content cvs dce_iface dce_opnum dce_stub_data detection_filter
  dnp3_data dnp3_func dnp3_ind dnp3_obj dsize enable enip_command enip_req enip_rsp file_data file_meta file_type file_group flags flow flowbits
  fragbits fragoffset gid gtp_info gtp_type gtp_version http_client_body http_cookie http_encode http_header http_header_test http_max_header_line
  http_max_trailer_line http_method http_num_cookies http_num_headers http_num_trailers http_param http_raw_body http_raw_cookie http_raw_header
  http_raw_header_complete http_raw_request http_raw_status http_raw_trailer http_raw_uri http_stat_code http_stat_msg http_trailer http_trailer_test
  http_true_ip http_uri http_version http_version_match icmp_id icmp_seq icode id iec104_apci_type iec104_asdu_func ip_proto ipopts isdataat itype
  js_data script_data md5 metadata mms_data mms_func modbus_data modbus_func modbus_unit msg opcua_msg_service opcua_msg_type opcua_node_id
  opcua_node_namespace_index pcre pkt_data pkt_num priority raw_data react reference regex rem replace resp rev rpc s7commplus_content s7commplus_func
  s7commplus_opcode sameip sd_pattern seq service session sha256 sha512 sid sip_body sip_header sip_method sip_stat_code so soid ssl_state ssl_version
  stream_reassemble stream_size tag target tos ttl urg vba_data window protected_content hash length uricontent urilen logto activates activated_by
  count within distance depth offset nocase rawbytes fast_pattern ftpbounce content-list threshold socks_version socks_state socks_command
  socks_address_type socks_remote_address socks_remote_port s7comm_content s7comm_func s7comm_function_code s7comm_error_class s7comm_error_code
  s7comm_pdu_ref s7comm_item_count s7comm_parameter_length s7comm_data_length s7comm_pi_address s7comm_pi_area s7comm_pi_db_number s7comm_pi_length
  s7comm_pi_syntax_id s7comm_pi_transport_size s7comm_pi_var_length s7comm_pi_var_type s7comm_di_data s7comm_di_data_length s7comm_di_error_code
  s7comm_di_variable_type
`
  .trim()
  .split(/\s+/);

describe('keywords of others', () => {
  it.each([
    ['Suricata', SURICATA],
    ['Snort', SNORT],
  ])('of %s are all known', (_engine, names) => {
    expect(names.length).toBeGreaterThan(150);
    expect(names.filter((name) => findOption(name) === undefined)).toEqual([]);
  });

  it('that wait are theirs, not made up', () => {
    const known = new Set([...SURICATA, ...SNORT]);
    const waiting = OPTIONS.filter(({ doc }) => doc.appliesTo === WAITING);
    expect(
      waiting
        .filter(({ name, aliases = [] }) => ![name, ...aliases].some((each) => known.has(each)))
        .map(({ name }) => name),
    ).toEqual([]);
  });

  it('that are refused say why', () => {
    for (const { name } of OPTIONS.filter(({ doc }) => doc.appliesTo === 'refused')) {
      expect(compileText(`alert tcp any any -> any any (content:"x"; ${name}:1; sid:1;)`).codes, name).toContain(
        'refused-keyword',
      );
    }
  });
});
