/**
 * Kinds of differences from Suricata that a page of docs/protocols or a decision explains, told by the form of the rule
 * and by what alerted where. What is of no kind is what is looked for.
 */
import { toBytes, type Payload } from '../../support/packet-builder.js';
import type { Difference } from './beside.js';
import type { Talk } from './chance.js';

type Holds = (difference: Difference, talk: Talk) => boolean;
type Kinds = Readonly<Record<string, Holds>>;
type Side = '>' | '<';
const SIDES: readonly Side[] = ['>', '<'];

const uses =
  (...words: readonly string[]) =>
  ({ rule }: Difference): boolean =>
    words.some((word) => rule.includes(word));
/** How many alerts of a direction there are more here than there. */
const more = ({ ours, theirs }: Difference, direction: Side): number => of(ours, direction) - of(theirs, direction);
const of = (alerts: readonly string[], direction: string): number =>
  alerts.filter((one) => one.endsWith(direction)).length;
/** Whether they differ in alerts of one direction alone, of which there are more here, and so many at most. */
const adds = (one: Difference, direction: Side, most: number): boolean =>
  more(one, direction) > 0 && more(one, direction) <= most && more(one, direction === '>' ? '<' : '>') === 0;
/** The same, of which there are more there. */
const lacks = ({ ours, theirs, ...one }: Difference, direction: Side, most: number): boolean =>
  adds({ ...one, ours: theirs, theirs: ours }, direction, most);
/** How many alerts there are more or fewer, at most, in each direction: as many as `most` says of it. */
const within = (one: Difference, most: (side: Side) => number): boolean =>
  SIDES.every((side) => Math.abs(more(one, side)) <= most(side));
/** The same, of which none is there alone. */
const addsWithin = (one: Difference, most: (side: Side) => number): boolean =>
  within(one, most) && SIDES.every((side) => more(one, side) >= 0);
/** The same, of which none is here alone. */
const lacksWithin = ({ ours, theirs, ...one }: Difference, most: (side: Side) => number): boolean =>
  addsWithin({ ...one, ours: theirs, theirs: ours }, most);

/** Segments or datagrams of a side, and all of them together. */
const partsOf = ({ said }: Talk, side: Side): string[] =>
  said.flatMap(([of, bytes]) => (of === side ? [Buffer.from(toBytes(bytes)).toString('latin1')] : []));
const bytesOf = (talk: Talk, side: Side): Buffer => Buffer.from(partsOf(talk, side).join(''), 'latin1');
const linesOf = (talk: Talk, side: Side, form: RegExp): number =>
  partsOf(talk, side)
    .join('')
    .split('\r\n')
    .filter((line) => form.test(line)).length;

const MARKS: Kinds = {
  'numbers are read behind all rules that change them (decision 26)': uses('flowint'),
};

const said = (talk: Talk, words: string): boolean => SIDES.some((side) => partsOf(talk, side).join('').includes(words));
const parts = (talk: Talk): number => talk.said.length;
/** And what opens and ends a connection. */
const segments = ({ cut = 1400, ...talk }: Talk, side: Side): number =>
  4 + partsOf(talk, side).reduce((sum, part) => sum + Math.ceil(part.length / cut), 0);
const TOLD: Kinds = {
  'AUTH TLS leads to TLS here alone (decision 18)': (_, talk) => said(talk, 'AUTH TLS'),
  'there packets are made up where the application changes (decision 18)': (one, talk) =>
    (said(talk, 'STARTTLS') || said(talk, 'CONNECT')) && within(one, () => 4),
  'a side of noise is failed here, and tells nothing there (decision 18)': (one, talk) =>
    said(talk, '\x99'.repeat(90)) && within(one, () => 2 * parts(talk)),
  'there both directions of IKE are one (decision 18)': (one, talk) =>
    talk.serverPort === 500 && within(one, () => parts(talk)),
  'there a side is told some packets later (decision 18)': (one, talk) =>
    !uses('content:')(one) && addsWithin(one, (side) => segments(talk, side)),
  'there a port tells from fewer bytes, or the other side (decision 18)': (one, talk) =>
    talk.cut !== undefined && within(one, (side) => segments(talk, side)),
  'there a server of PostgreSQL, LDAP or SSLv2 is failed (decision 18)': (one, talk) =>
    ([5432, 389].includes(talk.serverPort) || said(talk, '(\x04\x00\x01\x00\x02')) &&
    within(one, (side) => segments(talk, side)),
  'there ranges of the stream end elsewhere (decision 26)': (one) => uses('content:')(one) && within(one, () => 2),
};

const NEGATED: Kinds = {
  'there what follows a negated content is behind where it would end (decision 26)': ({ rule }) =>
    /content:!"[^"]*";(?: nocase;)? content:"[^"]*";(?: nocase;)? (?:distance|within):/.test(rule),
  'a negated endswith is looked at where the content stands first (decision 24)': ({ rule }) =>
    /content:!"[^"]*";[^:]*endswith/.test(rule),
  'there bsize is the size before the transform, beside a negated content that starts with it (decision 42)': ({
    rule,
  }) => /(?:dotprefix|to_[a-z0-9]+|strip_[a-z]+|compress_[a-z]+);.*content:!"[^"]*";[^:]*startswith;.*bsize/.test(rule),
};

const FTP: Kinds = {
  'there a zero byte is behind what a command is given': ({ rule }) =>
    /ftp\.command_data;.*(?:bsize|endswith)/.test(rule),
  'the port of PORT and EPRT, and that of a reply, belongs to both sides': (one, talk) =>
    uses('ftp.mode', 'ftp.dynamic_port')(one) && adds(one, '>', linesOf(talk, '>', /^(?:PORT|EPRT|PASV|EPSV)/)),
  'there a transfer is not answered behind its 150, and answered behind its 226': (one, talk) =>
    uses('ftp.reply_received:no', 'ftp.reply_received:off')(one) && lacks(one, '<', linesOf(talk, '<', /^150 /)),
  'there command data end in a zero byte': (one, talk) =>
    uses('ftp.command_data')(one) &&
    uses('endswith', 'bsize', 'content:!')(one) &&
    adds(one, '>', linesOf(talk, '>', /./)),
  'there commands that are not known are none': (one, talk) =>
    uses('ftp.command;')(one) && adds(one, '>', linesOf(talk, '>', /^FEAT/)),
  'there the greeting, replies to what is not known, and lines in later segments are not looked at': (one, talk) =>
    uses('ftp.reply', 'ftp.completion_code')(one) &&
    adds(
      one,
      '<',
      1 + linesOf(talk, '>', /^FEAT/) + partsOf(talk, '<').filter((part) => !/^\d{3}[ -]/.test(part)).length,
    ),
};

const sipMessages = (talk: Talk) => (side: Side) => linesOf(talk, side, /SIP\/2\.0$|^SIP\/2\.0 /);
const isWholeSip = (part: string): boolean => {
  const [head, body] = part.split('\r\n\r\n');
  return body !== undefined && body.length === Number(/Content-Length: (\d+)/.exec(head!)?.[1]);
};
const SIP: Kinds = {
  'there a description ends at a name with a hyphen, and a stream with it': (one, talk) =>
    (uses('sdp.')(one) || talk.udp !== true) &&
    addsWithin(one, sipMessages(talk)) &&
    SIDES.some((side) => partsOf(talk, side).join('').includes('s=x-1')),
  'there messages of streams behind the first are lost': (one, talk) => {
    // Where one of the two is cut, these are as well.
    const isFirstWhole = SIDES.every((side) => isWholeSip(partsOf(talk, side)[0]!)) && !uses('sdp.')(one);
    return talk.udp !== true && addsWithin(one, (side) => sipMessages(talk)(side) - Number(isFirstWhole));
  },
};

const SMB: Kinds = {
  'there a tree is one of pipes by its answer, which comes in several segments': (one, talk) =>
    isTreeCut(talk) &&
    ((uses('smb.named_pipe')(one) && adds(one, '>', 1)) || (uses('smb.share')(one) && lacks(one, '>', 1))),
  'there what is written to a file that is not closed is not looked at': (one, talk) =>
    uses('file.data', 'filesize')(one) && adds(one, '>', openFiles(talk)),
};

const SMB1: Kinds = {
  ...SMB,
  'there what is written to a file that is not closed is not looked at': (one, talk) =>
    uses('file.data', 'filesize')(one) && adds(one, '>', openFiles1(talk)),
};

const WIDE_PIPES = Buffer.from('IPC$', 'utf16le').toString('latin1').slice(2);

/** Whether the answer that connects to the tree of pipes comes in several segments. */
function isTreeCut({ said }: Talk): boolean {
  const text = (bytes: Payload): string => Buffer.from(toBytes(bytes)).toString('latin1');
  let asked = '';
  return said.some(([side, bytes], index) => {
    asked = side === '>' ? asked + text(bytes) : '';
    const next = said.slice(index + 1, index + 3);
    return asked.includes(WIDE_PIPES) && next.length === 2 && next.every(([answers]) => answers === '<');
  });
}

/** Files that are opened and not closed, by the commands of the client: | session (4) | sign … command at 12 |. */
function openFiles(talk: Talk): number {
  const bytes = Buffer.from(partsOf(talk, '>').join(''), 'latin1');
  const [CREATE, CLOSE, TREE_OF_FILES] = [5, 6, 5];
  let open = 0;
  for (let at = 0; at + 44 < bytes.length; at += 4 + bytes.readUIntBE(at + 1, 3)) {
    const command = bytes.readUInt16LE(at + 16);
    if (bytes.readUInt32LE(at + 40) === TREE_OF_FILES) open += Number(command === CREATE) - Number(command === CLOSE);
  }
  return open;
}

/** The same of SMB 1: | session (4) | sign … command at 4 | … tree at 24 |; a file is opened, or closed. */
function openFiles1(talk: Talk): number {
  const bytes = bytesOf(talk, '>');
  const [CREATE, CLOSE, TREE_OF_FILES] = [0xa2, 4, 5];
  let open = 0;
  for (let at = 0; at + 30 < bytes.length; at += 4 + bytes.readUIntBE(at + 1, 3)) {
    const command = bytes[at + 8]!;
    if (bytes.readUInt16LE(at + 28) === TREE_OF_FILES) open += Number(command === CREATE) - Number(command === CLOSE);
  }
  return open;
}

const PORT_BESIDE_ESP = 4500;
const IKE: Kinds = {
  'there nothing is told beside ESP': ({ theirs }, talk) => talk.serverPort === PORT_BESIDE_ESP && theirs.length === 0,
  'there SPIs and vendors are those of their own side alone': (one) =>
    one.theirs.join() ===
    one.ours
      .filter((alert) => !uses('ike.resp_spi')(one) || alert.endsWith('<'))
      .filter((alert) => !uses('ike.init_spi', 'ike.vendor')(one) || alert.endsWith('>'))
      .join(),
};

const ENIP_HEADER = 24;
const ENIP: Kinds = {
  'there cip_service with !attribute matches that attribute, too': (one, talk) =>
    lacks(one, '>', negatedCalls(one, talk)),
  'there the status of an answer in several segments is not of the request': (one, talk) =>
    uses('enip.cip_status')(one) && adds(one, '>', partsOf(talk, '<').filter((part) => !/^[eo]\0/.test(part)).length),
  'there nothing is told where the first segments of both sides end in a header': ({ theirs }, talk) =>
    theirs.length === 0 && [partsOf(talk, '>'), partsOf(talk, '<')].every(([first]) => first!.length < ENIP_HEADER),
};

/** Calls of the attribute that a rule with cip_service negates. */
function negatedCalls({ rule }: Difference, talk: Talk): number {
  const [, ...numbers] = /cip_service:(\d+),(\d+),!(\d+);/.exec(rule) ?? [];
  if (numbers.length === 0) return 0;
  const [service, kind, attribute] = numbers.map((one) => Number(one).toString(16).padStart(2, '0'));
  const bytes = Buffer.from(partsOf(talk, '>').join(''), 'latin1').toString('hex');
  return [...bytes.matchAll(new RegExp(`${service}0320${kind}24..30${attribute}`, 'g'))].length;
}

const MODBUS: Kinds = {
  'there reserved parts of functions are assigned': (one, talk) =>
    uses('function assigned', 'function !assigned', 'function reserved')(one) &&
    within(one, (side) => partsOf(talk, side).length),
};

const OF_KERBEROS_ANSWERS = uses(
  ...['11', '13', '30'].map((type) => `krb5_msg_type:${type}`),
  'krb5_err_code',
  'krb5.ticket_encryption',
);
/** Of a stream: length, tags and lengths, version, type. */
const KERBEROS_HEAD = 15;
const KERBEROS: Kinds = {
  'there nothing is told where the first segments of both sides end ahead of the type of their messages': (
    { theirs },
    talk,
  ) =>
    theirs.length === 0 && talk.udp !== true && SIDES.every((side) => partsOf(talk, side)[0]!.length < KERBEROS_HEAD),
  'there requests are not looked at': (one, talk) =>
    !OF_KERBEROS_ANSWERS(one) && of(one.theirs, '>') === 0 && adds(one, '>', kerberosRequests(talk)),
};

/** Messages of a client: datagrams, or behind their length in four bytes. */
function kerberosRequests(talk: Talk): number {
  if (talk.udp === true) return partsOf(talk, '>').length;
  const bytes = bytesOf(talk, '>');
  let count = 0;
  for (let at = 0; at + 4 <= bytes.length; at += 4 + bytes.readUInt32BE(at)) count++;
  return count;
}

/** Where messages of DCE/RPC begin that are of one fragment: version, its minor one, kind, flags. */
function rpcMessages(talk: Talk, side: Side, ...kinds: readonly number[]): Buffer[] {
  const bytes = bytesOf(talk, side);
  return [...bytes.keys()]
    .filter((at) => bytes[at] === 5 && bytes[at + 1]! < 2 && kinds.includes(bytes[at + 2]!) && bytes[at + 3] === 3)
    .map((at) => bytes.subarray(at));
}
const [CALL, ANSWER, FAULT, BIND] = [0, 2, 3, 11] as const;
const calls = (talk: Talk): number => rpcMessages(talk, '>', CALL).length;
const answers = (talk: Talk): number => rpcMessages(talk, '<', ANSWER, FAULT).length;
const unanswered = (talk: Talk): number => calls(talk) - answers(talk);
const UNANSWERED: Kinds = {
  'there interface and opnum of a call are looked at towards the client before it is answered': (one, talk) =>
    !uses('dcerpc.stub_data')(one) && lacks(one, '<', unanswered(talk)),
};

const DCERPC: Kinds = {
  'there the arguments of an answer begin with 8 bytes of its header': (one, talk) =>
    uses('dcerpc.stub_data')(one) && within(one, (side) => (side === '>' ? 0 : answers(talk))),
  ...UNANSWERED,
};

/** How many interfaces a bind names. */
const INTERFACES_AT = 24;
const DCERPC_PIPES: Kinds = {
  'there a call is of each interface that its bind names': (one, talk) =>
    uses('dcerpc.iface')(one) &&
    rpcMessages(talk, '>', BIND).some((bind) => bind[INTERFACES_AT]! > 1) &&
    lacksWithin(one, () => calls(talk)),
  ...UNANSWERED,
};

const DCERPC_DATAGRAMS: Kinds = {
  'there neither interface nor opnum of a datagram is known': (one, talk) =>
    uses('dcerpc.iface', 'dcerpc.opnum')(one) &&
    one.theirs.length === 0 &&
    addsWithin(one, (side) => partsOf(talk, side).length),
};

/** Of mDNS and its messages: | id | flags | counts of questions, answers, authorities, additionals |. */
const mdnsMessages = (talk: Talk): readonly { readonly isResponse: boolean; readonly counts: readonly number[] }[] =>
  SIDES.flatMap((side) => partsOf(talk, side)).map((part) => {
    const bytes = Buffer.from(part, 'latin1');
    return {
      isResponse: bytes[2]! >= 0x80,
      counts: [4, 6, 8, 10].map((at) => bytes.readUInt16BE(at)),
    };
  });
/** Messages with a section that is not looked at there: questions of a response, records of a question. */
const withMore = (talk: Talk): number =>
  mdnsMessages(talk).filter(({ isResponse, counts: [questions, ...records] }) =>
    isResponse ? questions! > 0 : records.some((count) => count > 0),
  ).length;
const MDNS: Kinds = {
  'there all messages go to the server': (one, talk) =>
    partsOf(talk, '<').length > 0 && within(one, () => mdnsMessages(talk).length),
  'there neither questions of responses nor records of questions are looked at': (one, talk) =>
    partsOf(talk, '<').length === 0 && adds(one, '>', withMore(talk)),
  // Alone, such a rule alerts there as it does here.
  'there rules with the same transform hide names from each other': (one, talk) =>
    /rrname; (?:to_|dotprefix)/.test(one.rule) &&
    partsOf(talk, '<').length === 0 &&
    adds(one, '>', mdnsMessages(talk).length),
};

/** Whether the first message of a side ends behind its first segment, or behind its first record. */
function isHelloCut(talk: Talk, side: Side): boolean {
  const first = Buffer.from(partsOf(talk, side)[0] ?? '', 'latin1');
  if (first.length < 9) return first.length > 0;
  const record = first.readUInt16BE(3);
  return first.length < 5 + record || record < 4 + first.readUIntBE(6, 3);
}
const [HANDSHAKE, SERVER_HELLO] = [22, 2];
const hasServerHello = (talk: Talk): boolean => {
  const bytes = bytesOf(talk, '<');
  return bytes[0] === HANDSHAKE && bytes[5] === SERVER_HELLO;
};
const TLS: Kinds = {
  'there the version of a hello in several segments is first what its head says': (one, talk) =>
    uses('tls.version', 'ssl_version')(one) && within(one, (side) => Number(isHelloCut(talk, side))),
  'there random bytes of a client are looked at once the server has said hello': (one, talk) =>
    uses('tls.random')(one) && !hasServerHello(talk) && adds(one, '>', 1),
};

const SHORT_HEADER = /^[^\x80-\xff]/;
const QUIC: Kinds = {
  'there a handshake of which one side is not seen is none of that side': (one, talk) =>
    uses('quic.version')(one) &&
    SIDES.some((side) => partsOf(talk, side).every((part) => SHORT_HEADER.test(part))) &&
    addsWithin(one, () => 1),
  'there each datagram of a handshake is a transaction': (one, talk) =>
    uses('quic.version')(one) && lacksWithin(one, (side) => Math.max(0, partsOf(talk, side).length - 1)),
};

/** Contents of a rule that are looked for in no buffer, as the rule has them: `!"GET"`. */
function rawContents({ rule }: Difference): string[] {
  const found: string[] = [];
  for (const option of rule.slice(rule.indexOf('(') + 1).split('; ')) {
    if (/^(?:http|file)\.[a-z_.]+$/.test(option)) break;
    if (option.startsWith('content:')) found.push(option.slice('content:'.length));
    else if (option.startsWith('http_')) found.pop();
  }
  return found;
}
const hasBuffer = uses('http.', 'http_', 'file.', 'filesize', 'urilen');
/** Packets of a side; and those of a body, once more. */
const packets = (talk: Talk, side: Side): number =>
  partsOf(talk, side).length + Math.ceil(bytesOf(talk, side).length / 1400);
const chunked = (talk: Talk) => (side: Side) => linesOf(talk, side, /transfer-encoding:\s*chunked/i);
const HTTP: Kinds = {
  'a FIN without bytes, and what is kept of a stream, decide of negated raw contents (decisions 26 and 35)': (
    one,
    talk,
  ) =>
    rawContents(one).length > 0 &&
    rawContents(one).every((content) => content.startsWith('!')) &&
    within(one, (side) => 1 + partsOf(talk, side).length),
  'there a raw content beside buffers is looked for in earlier messages, and alerts for each packet of a body (decision 35)':
    (one, talk) => rawContents(one).length > 0 && hasBuffer(one) && lacksWithin(one, (side) => packets(talk, side)),
  'raw contents count by ranges (decision 26)': (one, talk) =>
    rawContents(one).length > 0 && within(one, (side) => packets(talk, side)),
  'there trailers and chunks make rules over headers alert a second time': (one, talk) =>
    uses('http.header', 'http_header', 'http_raw_header')(one) && lacksWithin(one, chunked(talk)),
  'there flow:to_server beside http.response_body asks for nothing (decision 42)': uses(
    'flow:to_server; http.response_body',
  ),
  'there a negated content may hold on the first of repeated headers': (one, talk) =>
    uses('content:!')(one) && hasBuffer(one) && lacksWithin(one, (side) => partsOf(talk, side).length - 1),
  'there the first of interim responses counts': (one, talk) =>
    within(one, (side) => Number(side === '<') * linesOf(talk, '<', /HTTP\/1\.1 100/)),
  'http_server_body finds bodies of responses alone': (one) => uses('http_server_body')(one) && more(one, '<') === 0,
  'there a file in chunks has no size where another response begins in the segment of its end': (one, talk) =>
    uses('filesize:')(one) && addsWithin(one, chunked(talk)),
  'there a rule over files of a form alerts again where another file begins, or is not tried on it': (one, talk) =>
    OVER_FILES(one) && within(one, (side) => linesOf(talk, side, /^Content-Disposition: form-data;.*filename=/)),
};

const HTTP2: Kinds = {
  'there what was asked before an upgrade is asked once more, as stream 1': (one, talk) =>
    linesOf(talk, '>', /^Upgrade: h2c$/) > 0 && lacks(one, '>', 1),
  'there a rule over frames is given up where the client has none': (one, talk) =>
    uses('http2.errorcode', 'http2.window', 'http2.settings')(one) &&
    addsWithin(one, (side) => partsOf(talk, side).length),
};

const attachments = (talk: Talk): number => linesOf(talk, '>', /^Content-Disposition: attachment/);
const OVER_FILES = uses('file.data', 'file.name', 'filename:', 'fileext:', 'filesize:');
const SMTP: Kinds = {
  'there a mail whose end comes in two segments ends not, and nothing is read behind it, or twice': (one, talk) =>
    partsOf(talk, '>').some((part) => /\n\.\r?$/.test(part)) &&
    (adds(one, '>', linesOf(talk, '>', /^MAIL FROM/)) || lacks(one, '>', 1)),
  'there the line end before a delimiter is a part of an attachment in quoted-printable': (one, talk) =>
    (uses('filesize:')(one) || /file\.data;.*(?:endswith|bsize)/.test(one.rule)) &&
    within(one, (side) => (side === '>' ? linesOf(talk, '>', /^Content-Transfer-Encoding: quoted-printable$/) : 0)),
  'there a rule over files alerts again where another file begins': (one, talk) =>
    OVER_FILES(one) && lacks(one, '>', attachments(talk) - 1),
  'there a rule that does not hold for the first file is not tried on the next': (one, talk) =>
    OVER_FILES(one) && adds(one, '>', attachments(talk) - 1),
  'there an address at the end of a part has its line end': (one, talk) =>
    uses('email.url')(one) && within(one, () => linesOf(talk, '>', /http:\/\/\S+$/)),
  'there an address at the end of a part in base64 is none': (one, talk) =>
    uses('email.url')(one) && adds(one, '>', linesOf(talk, '>', /^Content-Transfer-Encoding: base64$/)),
};

/** Messages of a side: a first byte, and a length of one byte. */
function mqttMessages(talk: Talk, side: Side): number {
  const bytes = bytesOf(talk, side);
  let count = 0;
  for (let at = 0; at + 2 <= bytes.length; at += 2 + bytes[at + 1]!) count++;
  return count;
}
const MQTT: Kinds = {
  'there messages of both sides go to the server, numbers of an answer with those of what it answers': (one, talk) =>
    uses('mqtt.qos', 'mqtt.protocol_version', 'mqtt.type')(one) &&
    within(one, (side) => mqttMessages(talk, side)) &&
    more(one, '<') >= 0,
};

const LDAP: Kinds = {
  'there nothing is told where the first messages of both sides are cut': ({ theirs }, talk) =>
    theirs.length === 0 &&
    SIDES.map((side) => partsOf(talk, side)[0]!).every((part) => part.length < 2 + (part.charCodeAt(1) || Infinity)),
  'there responses are looked at as they come': (one, talk) =>
    (uses('ldap.responses.count')(one) || /ldap\.responses[^:]*content:!/.test(one.rule)) &&
    lacks(one, '<', partsOf(talk, '<').length),
};

const RFB: Kinds = {
  'there a failed login has no outcome': (one) => uses('rfb.secresult:fail')(one) && adds(one, '<', 1),
};

const NFS_FILES: Kinds = {
  'there a file without a name has an empty one': (one) =>
    /file\.name; content:!/.test(one.rule) && SIDES.every((side) => more(one, side) <= 0),
  'there a file that does not end is not looked at as a whole, and commits are no transactions': (one) =>
    uses('file.data', 'filesize', 'nfs.version', 'nfs_procedure')(one) && SIDES.every((side) => more(one, side) >= 0),
};

const KINDS: Readonly<Record<string, Kinds>> = {
  'files in NFS': NFS_FILES,
  'files in NFS 4': NFS_FILES,
  'what is told': TOLD,
  marks: MARKS,
  FTP,
  SIP,
  SMB,
  'SMB 1': SMB1,
  IKE,
  'EtherNet/IP': ENIP,
  Modbus: MODBUS,
  Kerberos: KERBEROS,
  'DCE/RPC': DCERPC,
  'DCE/RPC over UDP': DCERPC_DATAGRAMS,
  'DCE/RPC in pipes': DCERPC_PIPES,
  mDNS: MDNS,
  TLS,
  QUIC,
  HTTP,
  'HTTP/2': HTTP2,
  SMTP,
  MQTT,
  LDAP,
  RFB,
};

/** The kind of a difference over talks of this name; undefined where it has none. */
export function kindOf(name: string, difference: Difference, talk: Talk): string | undefined {
  const kinds = Object.entries({ ...KINDS[name], ...NEGATED });
  return kinds.find(([, holds]) => holds(difference, talk))?.[0];
}
