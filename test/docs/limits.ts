/**
 * What bounds each parser, in words: rows of docs/protocols/limits.md. A value is that of a constant of the code,
 * `file:NAME` within src/app; what is beyond names events of the protocol, counters and settings in code quotes.
 */
import { bytes, kept, limit, piecesOfFile, some, type Limit } from './limit.js';

/** Of all protocols alike. */
export const COMMON_LIMITS: readonly Limit[] = [
  limit(
    'connections that are parsed by a shard',
    some('link:MOST_LINKS'),
    'idle flows give way, else the flow is not parsed: `periscope_app_connections_refused_total`',
  ),
  limit(
    'open transactions of a shard',
    some('layer:transactions'),
    'flows give way, else the oldest are completed as they are: `periscope_app_transactions_cut_total`',
  ),
  limit(
    'what objects of connections and transactions take of a shard’s heap',
    [
      bytes('../memory/object-bytes:LEAST_OBJECT_BYTES'),
      bytes('../memory/object-bytes:MOST_OBJECT_BYTES', 'by the memory that there is'),
    ],
    'flows give way, else the flow is not parsed: `periscope_app_connections_refused_total`',
  ),
  limit(
    'open transactions of a connection',
    [
      some('layer:transactionsOfConnection', '(`protocols`: `transactions`)'),
      some('application-settings:MOST_OPEN', 'at most'),
    ],
    'the oldest are completed as they are: `periscope_app_transactions_cut_total`, and the event that is told of the protocol',
  ),
  limit('transactions of one call of a parser', some('pooled-connection:MOST_AT_ONCE'), 'bytes wait'),
  limit(
    'open transactions that an answer is looked for in',
    some('fields/plain-transaction:MOST_SEARCHED'),
    'the answer is to none',
  ),
  limit(
    'bytes of a side that tell what a flow speaks',
    bytes('identify:MOST_BYTES'),
    'told as failed: the flow is not parsed',
  ),
  limit(
    'connections that a shard expects (FTP)',
    some('expectations:MOST_EXPECTED'),
    'the oldest are forgotten: `periscope_app_expectations_dropped_total`',
  ),
  limit(
    'frames that wait for rules, of a shard',
    some('frame/frame-log:MOST_FRAMES'),
    'not looked at: `periscope_frames_refused_total`',
  ),
  limit('a frame', bytes('frame/frame-transaction:FRAME_LIMIT'), 'cut, which the alert says'),
  limit(
    'fields of a transaction, where nothing else is said',
    some('fields/buffer-transaction:MOST_FIELDS'),
    'not kept, by an event of the protocol',
  ),
];

export const LIMITS: Readonly<Record<string, readonly Limit[]>> = {
  dcerpc: [
    limit('a message through a pipe, in parts', bytes('smb/pipe:MOST_MESSAGE_BYTES'), 'dropped'),
    limit(
      'arguments of a side',
      bytes('dcerpc/rpc-transaction:MOST_STUB_BYTES'),
      '`stub_data_too_long`: the rest is not inspected',
    ),
    limit('interfaces of a connection', some('dcerpc/context-table:MOST_CONTEXTS'), '`too_many_contexts`'),
    limit('interfaces of a bind in events', some('dcerpc/rpc-transaction:MOST_NAMED'), 'not printed'),
    kept('dcerpc/transaction'),
  ],
  dhcp: [
    limit('options of a message', some('dhcp/parser:MOST_OPTIONS'), 'not read: `malformed_options`, as no end is seen'),
    limit('options in events', bytes('dhcp/parser:MOST_OPTION_BYTES'), 'not printed'),
    kept('dhcp/parser'),
  ],
  dnp3: [
    limit('a message', bytes('dnp3/parser:MOST_MESSAGE'), '`too_long_reassembly`: the first are read'),
    limit(
      'objects of a message',
      some('dnp3/parser:MOST_OBJECTS'),
      '`too_many_objects`; behind one of unknown size none is read: `unknown_object`',
    ),
    limit('points of a message', some('dnp3/parser:MOST_POINTS'), '`too_many_points`'),
    kept('dnp3/parser'),
  ],
  dns: [
    limit(
      'a name',
      [bytes('dns/name-reader:MOST_NAME_BYTES'), some('dns/name-reader:MOST_STEPS', 'labels and pointers')],
      'cut: `name_too_long`, `too_many_labels`; a loop is `infinite_loop`',
    ),
    limit(
      'names of a message',
      [some('dns/transaction:MOST_NAMES'), bytes('dns/transaction:MOST_TEXT_BYTES')],
      '`too_many_names`: the rest is not read',
    ),
    limit('a message', bytes('dns/transaction:MOST_MESSAGE_BYTES'), 'there are none'),
    limit(
      'messages that HTTP/2 carries, of a shard',
      [some('dns/carried-messages:MOST_MESSAGES'), bytes('dns/carried-messages:MOST_MESSAGE_BYTES', 'each')],
      'not looked at: `periscope_carried_dns_refused_total`',
    ),
  ],
  enip: [
    limit('items of a message', some('enip/constants:MOST_ITEMS'), 'not read'),
    limit('calls of a message', some('enip/constants:MOST_CALLS'), 'not read'),
    limit('calls within calls', some('enip/parser:MOST_DEPTH'), 'not read'),
    limit('attributes of a list', some('enip/parser:MOST_LISTED'), 'not read'),
    limit('a message in events', bytes('enip/parser:MOST_KEPT'), 'cut'),
    kept('enip/parser'),
  ],
  files: [
    limit(
      'bytes kept of a file',
      bytes('file/file:FILE_DATA_LIMIT'),
      'counted, and part of its digests; else not looked at',
    ),
    limit(
      'files of a side of a transaction',
      some('file/file-list:FILES_LIMIT'),
      'not looked at: `periscope_files_refused_total`',
    ),
    limit(
      'bytes kept of complete files of a side',
      bytes('file/file-list:DATA_LIMIT'),
      'the oldest that were inspected make room',
    ),
    limit('a name', bytes('file/file:FILE_NAME_LIMIT'), 'cut'),
    limit('rules that want the files of a side', some('file/file-list:WISHES_LIMIT'), 'not remembered'),
    limit('rules in the event of a file', some('file/file-copy:MOST_SIDS'), 'not printed'),
  ],
  ftp: [
    limit(
      'a line',
      bytes('ftp/transaction:LINE_BYTES'),
      'cut: `request_command_too_long`, `response_command_too_long`',
    ),
    limit(
      'a reply',
      [some('ftp/transaction:MOST_LINES', 'lines'), bytes('ftp/transaction:MOST_REPLY_BYTES')],
      '`too_many_reply_lines`: the rest is not read',
    ),
    limit('the name of what is transferred', bytes('ftp/transfer:LONGEST_NAME'), 'cut'),
  ],
  http1: [
    limit(
      'a first line',
      bytes('http1/settings:LINE_LIMIT'),
      'cut: `request_field_too_long`, `response_field_too_long`',
    ),
    limit('white space in front of a status line', bytes('http1/settings:BLANK_LIMIT'), 'what follows is a body'),
    limit('headers of a message', bytes('http1/settings:HEADERS_LIMIT'), 'passed over: the same events'),
    limit(
      'headers of a message',
      some('http1/settings:HEADER_LIMIT'),
      'not seen, but for the first of each kind that says what the body is: `request_too_many_headers`, `response_too_many_headers`',
    ),
    limit('lines of one value', some('http1/field-reader:FOLD_LIMIT'), 'the next one is a header'),
    limit(
      'lines of one name; white space of a line end',
      [some('http1/field-reader:NAME_FOLD_LIMIT'), bytes('http1/field-reader:RUN_LIMIT')],
      'the next one is a header',
    ),
    limit(
      'a name behind an empty line behind the status line',
      bytes('http1/status-line-rest:NAME_LIMIT'),
      'what follows is a body',
    ),
    limit('texts made of a message', bytes('http1/message:MADE_LIMIT'), 'cut'),
    limit('a body', bytes('http1/settings:requestBody', '(`protocols`: `requestBody`, `responseBody`)'), 'passed over'),
    limit(
      'a compressed body',
      [bytes('http1/body:PACKED_LIMIT', 'as it came'), bytes('http1/settings:INFLATED_LIMIT', 'decompressed')],
      'ends there: `compression_bomb_limit_reached`; `compression_bomb` from a hundredfold on',
    ),
    limit(
      'what compressed bodies of one side of a connection give together, beyond a hundred times what they are',
      bytes('http1/settings:INFLATED_LIMIT'),
      'each ends at a hundred times what it is, with the same events',
    ),
    limit('encodings of a body', some('http1/settings:LAYER_LIMIT'), '`too_many_encoding_layers`'),
    limit(
      'bits of the window of a Brotli body',
      some('http1/inflater:MOST_WINDOW'),
      'what is larger is read in one of these',
    ),
    limit('bits that choose the table of a literal in LZMA', some('http1/lzma:MOST_CONTEXT'), 'taken as it is'),
    limit('the size line of a chunk', bytes('http1/framing:SIZE_LINE_LIMIT'), 'the rest is the body'),
    limit('headers of a part of a form', bytes('http1/multipart:HEADERS_LIMIT'), 'the part is no file'),
    limit('a boundary', bytes('http1/multipart:BOUNDARY_LIMIT'), 'the form is one body'),
    limit(
      'requests without response',
      some('http1/settings:openRequests', '(`protocols`: `transactions`)'),
      'the oldest is given up: `too_many_open_transactions`',
    ),
  ],
  http2: [
    limit(
      'a frame other than DATA',
      bytes('http2/parser:FRAME_LIMIT'),
      '`long_frame_data`: ends the protocol on the flow, if it has headers',
    ),
    limit(
      'a header block in parts',
      bytes('http2/side:BLOCK_LIMIT'),
      '`reassembly_limit_reached`: ends the protocol on the flow',
    ),
    limit(
      'headers of a message',
      [some('http1/settings:HEADER_LIMIT'), bytes('http1/settings:HEADERS_LIMIT')],
      '`too_many_headers`: not kept',
    ),
    limit('a header', bytes('http2/hpack:FIELD_LIMIT'), 'cut'),
    limit('the table of headers', bytes('http2/header-ring:TABLE_LIMIT'), '`header_table_overflow`: ends the protocol'),
    limit(
      'open streams',
      some('http1/settings:openRequests', '(`protocols`: `transactions`)'),
      'the oldest is given up: `too_many_streams`',
    ),
    limit(
      'requests taken back without an answer',
      some('http2/parser:RESET_LIMIT'),
      'told once: `rapid_reset`; each is done with at once',
    ),
    limit('numbers of frames of a stream', some('http2/frame-notes:MOST_NOTES'), '`too_many_frames`: not kept'),
  ],
  ike: [
    limit('payloads of a message', some('ike/parser:MOST_PAYLOADS'), 'not read'),
    limit('proposals', some('ike/parser:MOST_PROPOSALS'), 'not judged; the first is kept'),
    limit('transforms of a proposal', some('ike/parser:MOST_TRANSFORMS'), 'not read'),
    limit('a vendor', bytes('ike/parser:MOST_VENDOR_BYTES'), 'cut'),
    kept('ike/parser'),
  ],
  imap: [
    limit('a line', bytes('imap/transaction:LINE_BYTES'), 'cut: `request_too_long`, `response_too_long`'),
    limit(
      'lines of a command and its response',
      [some('fields/buffer-transaction:MOST_FIELDS'), bytes('imap/transaction:MOST_BYTES')],
      'the rest is not kept: the same events',
    ),
  ],
  krb5: [
    limit(
      'a message',
      bytes('krb5/parser:MOST_MESSAGE'),
      'ends the protocol on the flow: `periscope_app_broken_flows_total`',
    ),
    kept('krb5/parser'),
  ],
  ldap: [
    limit('a message', bytes('ldap/parser:MOST_MESSAGE'), 'the first are read'),
    limit('messages of a transaction in events', bytes('ldap/parser:MOST_KEPT'), 'cut'),
    limit('text of a security layer that waits', bytes('ldap/security-layer:MOST_TEXT'), 'bytes wait'),
    limit(
      'a buffer of a security layer whose text is turned within itself',
      bytes('ldap/security-layer:MOST_TURNED'),
      'passed over',
    ),
    kept('ldap/parser'),
  ],
  modbus: [
    limit('a message', bytes('modbus/parser:MOST_LENGTH', 'behind its length'), '`invalid_length`'),
    kept('modbus/parser'),
  ],
  mqtt: [
    limit('a message', bytes('mqtt/parser:MOST_MESSAGE'), '`message_too_long`: the first are read'),
    limit('properties of a list', some('mqtt/properties:MOST_PROPERTIES'), '`too_many_properties`: not printed'),
    limit('messages of a transaction in events', bytes('mqtt/parser:MOST_KEPT'), 'cut'),
    kept('mqtt/parser'),
  ],
  nfs: [
    limit(
      'a record that is kept whole',
      bytes('nfs/parser:MOST_WHOLE'),
      'the first 2 KiB are kept; data of files is read as it comes',
    ),
    limit(
      'files that are read or written',
      some('nfs/open-files:MOST_FILES'),
      'the one that was not used for the longest time breaks off: `too_many_files`',
    ),
    limit(
      'reads and writes without an answer',
      some('nfs/open-files:MOST_CALLS'),
      'the oldest is forgotten: `too_many_calls`',
    ),
    piecesOfFile(),
    limit('operations of a call of version 4', some('nfs/operations:MOST_OPERATIONS'), 'not read'),
    limit('data and holes of READ_PLUS', some('nfs/compound:MOST_SEGMENTS'), 'not read'),
    limit('handles whose names are known', some('nfs/handle-names:MOST_HANDLES'), 'the oldest is forgotten'),
    limit('a handle and its name', bytes('nfs/handle-names:TEXT_BYTES'), 'not remembered'),
    kept('nfs/parser'),
  ],
  ntp: [kept('ntp/parser')],
  'bittorrent-dht': [
    limit('dictionaries and lists within each other', some('bittorrent-dht/bencode:MOST_DEPTH'), '`malformed_packet`'),
    limit('peers of an answer', some('bittorrent-dht/parser:MOST_PEERS'), 'not kept'),
    kept('bittorrent-dht/parser'),
  ],
  pgsql: [
    limit('an introduction', bytes('pgsql/transaction:MOST_INTRODUCTION_BYTES'), 'cut'),
    limit('a query', bytes('pgsql/transaction:MOST_QUERY_BYTES'), 'cut: `query_too_long`'),
    limit('a text of an answer', bytes('pgsql/transaction:MOST_TEXT_BYTES'), 'cut'),
    limit('a message of an answer', bytes('pgsql/parser:MOST_ANSWER_BYTES'), 'goes by'),
  ],
  pop3: [
    limit('a line', bytes('pop3/transaction:LINE_BYTES'), 'cut: `request_too_long`, `response_too_long`'),
    limit(
      'lines of a list',
      [some('pop3/transaction:MOST_LINES'), bytes('pop3/transaction:MOST_BYTES')],
      'the rest is not kept: `response_too_long`',
    ),
  ],
  quic: [
    limit(
      'Initial packets that are opened of a side',
      some('quic/parser:MOST_PACKETS'),
      'the side is complete as it is: `too_many_packets`',
    ),
    limit(
      'the handshake of a side',
      [bytes('quic/crypto-stream:MOST_BYTES'), some('quic/crypto-stream:MOST_RANGES', 'ranges that do not touch')],
      '`crypto_frag_too_long`',
    ),
    limit('frames of a packet', some('quic/frames:MOST_FRAMES'), '`error_on_data`'),
    limit("tags of Google's hello", some('quic/google-hello:MOST_TAGS'), '`error_on_data`'),
    limit(
      'texts of a connection',
      [bytes('quic/transaction:MOST_TEXT', 'as sent'), bytes('quic/transaction:MOST_MADE', 'made')],
      'not kept',
    ),
  ],
  rdp: [
    limit('blocks of what a client tells', some('rdp/conference:MOST_BLOCKS'), 'not read'),
    limit('channels', some('rdp/conference:MOST_CHANNELS'), 'not read'),
    kept('rdp/parser'),
  ],
  rfb: [
    limit('a name, the reason of a failure', bytes('rfb/parser:MOST_TEXT'), 'passed over: `too_long_string`'),
    { ...kept('rfb/parser'), beyond: 'not kept' },
  ],
  telnet: [limit('a command, a line, the text ahead of a login', bytes('telnet/parser:MOST_FRAME'), 'more frames')],
  sip: [
    limit(
      'headers',
      [bytes('sip/parser:MOST_HEAD'), some('fields/buffer-transaction:MOST_FIELDS', 'that are kept')],
      '`too_long`: the rest is not read',
    ),
    limit('a body', bytes('sip/parser:MOST_BODY'), 'skipped'),
    limit('the length of a body that is believed', bytes('sip/parser:MOST_LENGTH'), 'a longer one counts as so long'),
    limit('media of a description in events', some('sip/sdp-object:MOST_MEDIA'), 'not printed'),
    limit('texts of a message', bytes('sip/transaction:MOST_BYTES'), '`too_long`'),
  ],
  smb: [
    limit(
      'open files and pipes of a connection',
      some('smb/handle-table:MOST_HANDLES'),
      'what is being closed is forgotten first, then the oldest: `too_many_handles`',
    ),
    limit('reads and writes without answer', some('smb/handle-table:MOST_READS'), 'the oldest is forgotten'),
    limit('trees of a connection', some('smb/tree-table:MOST_TREES'), 'the oldest is forgotten'),
    limit('the name of a tree', bytes('smb/tree-table:MOST_NAME'), 'cut'),
    limit('pipes, files of a shard', [some('smb/parser:MOST_PIPES'), some('smb/parser:MOST_FILES')], 'not read'),
    limit(
      'a message that is kept whole',
      bytes('smb/parser:MOST_WHOLE'),
      'the first KiB is kept; data of files is read as it comes',
    ),
    piecesOfFile(
      ': `write_queue_cnt_exceeded`, `read_queue_cnt_exceeded`, `write_queue_size_exceeded`, `read_queue_size_exceeded`',
    ),
    limit(
      'messages of a compound, chained commands',
      [some('smb/constants:MOST_COMPOUND'), some('smb/smb1:MOST_CHAINED')],
      'not read',
    ),
    limit('dialects', some('smb/smb2:MOST_DIALECTS'), 'not read'),
    limit('dialects of SMB 1', some('smb/smb1:MOST_DIALECTS'), 'not read'),
    limit(
      'bytes of a read or write that is agreed on',
      bytes('smb/smb2:MOST_BYTES'),
      '`negotiate_max_read_size_too_large`, `negotiate_max_write_size_too_large`',
    ),
    limit(
      'bytes of a login that are searched',
      [bytes('smb/ntlmssp:MOST_SOUGHT', 'for NTLMSSP'), bytes('smb/kerberos:MOST_SOUGHT', 'for Kerberos')],
      'not read',
    ),
    limit('names of a service of Kerberos', some('smb/kerberos:MOST_NAMES'), 'not read'),
    kept('smb/transaction'),
  ],
  smtp: [
    limit('a command or reply', bytes('smtp/parser:LINE_LIMIT'), 'cut: `truncated_line`'),
    limit('commands without reply', some('smtp/parser:PENDING_LIMIT'), 'replies are no longer matched'),
    limit('the name in EHLO', bytes('smtp/parser:HELO_LIMIT'), 'cut'),
    limit(
      'receivers, their text',
      [some('smtp/transaction:RECEIVER_LIMIT'), bytes('smtp/transaction:ENVELOPE_LIMIT')],
      'not kept',
    ),
    limit('values of a mail, their text', [some('mime/mail:VALUE_LIMIT'), bytes('mime/mail:TEXT_LIMIT')], 'not kept'),
    limit('a header', bytes('mime/reader:HEADER_LIMIT'), 'cut: `mime_long_header_value`'),
    limit('parts in parts', some('mime/reader:DEPTH'), '`unparsable_content`: not read'),
    limit('a delimiter', bytes('mime/reader:BOUNDARY_LIMIT'), '`mime_long_boundary`, and used all the same'),
    limit('the name of an attachment', bytes('file/file:FILE_NAME_LIMIT'), 'cut: `mime_long_filename`'),
    limit('the name of a header that is told', bytes('mime/reader:NAME_LIMIT'), 'cut'),
    limit('what is decoded of a line', bytes('mime/decoder:OUTPUT_LIMIT'), 'in pieces'),
    limit('a line in which addresses are searched', bytes('mime/address-finder:LINE_LIMIT'), 'in pieces'),
  ],
  snmp: [limit('variables of a message', some('snmp/parser:MOST_VARIABLES'), 'not kept'), kept('snmp/parser')],
  ssh: [
    limit('a banner', bytes('ssh/parser:BANNER_BYTES'), 'cut, the side is passed over: `long_banner`'),
    limit('a key exchange', bytes('ssh/parser:MOST_KEX'), 'skipped: `long_kex_record`'),
    limit('a packet', bytes('ssh/parser:MOST_PACKET'), 'the side is passed over: `invalid_record`'),
    limit('texts of a connection', bytes('ssh/transaction:MOST_BYTES'), 'not kept'),
  ],
  tftp: [kept('tftp/parser')],
  tls: [
    limit('a record', bytes('tls/parser:MOST_RECORD'), '`invalid_ssl_record`; the protocol ends on the flow'),
    limit(
      'a message of the handshake',
      bytes('tls/side:MOST_MESSAGE'),
      '`handshake_message_too_long`; what is there is read, the rest passed over',
    ),
    limit('certificates of a chain', some('tls/certificate-chain:MOST_CERTIFICATES'), '`too_many_certificates`'),
    limit('certificates that are remembered by a shard', some('tls/certificate-cache:MOST'), 'read again'),
    limit(
      'alternative names',
      [some('tls/certificate:MOST_ALTERNATIVES'), bytes('tls/certificate:MOST_NAMES_TEXT')],
      'not kept',
    ),
    limit('extensions of a certificate', some('tls/certificate:MOST_EXTENSIONS'), 'not read'),
    limit(
      'a distinguished name',
      [some('tls/name-text:MOST_ATTRIBUTES', 'parts'), bytes('tls/certificate:MOST_TEXT')],
      'cut',
    ),
    limit(
      'texts of a connection',
      [bytes('tls/transaction:MOST_TEXT', 'as sent'), bytes('tls/transaction:MOST_MADE', 'made')],
      'not kept; of chains `handshake_message_too_long`',
    ),
  ],
  websocket: [
    limit('a payload', bytes('websocket/transaction:PAYLOAD_LIMIT'), 'passed over: `skip_end_of_payload`'),
    limit(
      'a message in fragments',
      bytes('websocket/transaction:PAYLOAD_LIMIT'),
      '`reassembly_limit_reached`: not inspected',
    ),
    limit('a decompressed message', bytes('websocket/transaction:PAYLOAD_LIMIT'), '`failed_decompression`'),
  ],
};

/** Constants that are called like bounds and bound nothing that is kept of traffic, and why. */
export const NO_LIMITS: Readonly<Record<string, string>> = {
  'dns/resynchroniser:MOST_LABEL': 'RFC 1035: what a name may be',
  'dns/resynchroniser:MOST_NAME': 'RFC 1035: what a name may be',
  'http1/host:HOST_LIMIT': 'RFC 1035: what a name may be',
  'http1/host:LABEL_LIMIT': 'RFC 1035: what a name may be',
  'http1/header-table:ROOM_LIMIT': 'that of headers, with those that are always kept',
  'http1/inflater:INFLATE_LIMIT': 'a bit of what is wrong',
  'http1/framing:BOMB_LIMIT': 'an event',
  'http2/transaction:URL_LIMIT': 'of events',
  'http2/transaction:METHOD_LIMIT': 'of events',
  'http2/header-collector:GET_LIMIT': 'of what is looked at to tell a request of DNS',
  'imap/transaction:LONGEST_WORD': 'of words that are known',
  'pop3/transaction:LONGEST_COMMAND': 'of words that are known',
  'sip/parser:LONGEST_NAME': 'of words that are known',
  'modbus/judge:MOST_READ': 'what the specification allows',
  'modbus/judge:MOST_WRITTEN': 'what the specification allows',
  'modbus/judge:MOST_BYTES_READ': 'what the specification allows',
  'mqtt/parser:MOST_LENGTH_BYTES': 'what the specification allows',
  'mqtt/properties:MOST_LENGTH_BYTES': 'what the specification allows',
  'mqtt/resynchronise:MOST': 'what is plausible',
  'mqtt/resynchronise:MOST_LENGTH_BYTES': 'what the specification allows',
  'quic/packet:MOST_ID': 'what the specification allows',
  'quic/extensions:MOST_TEXT': 'of events',
  'quic/extensions:MOST_VALUE': 'of events',
  'smb/parser:MOST_FRAME_TYPE': 'a type',
  'tls/ja4:MOST_COUNTED': 'two digits',
  'transaction:MOST_EVENTS': 'bits of two numbers',
};
