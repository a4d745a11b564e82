/**
 * Kinds of differences from Suricata that a page of docs/protocols or a decision explains, told by the form of the rule
 * and by what alerted where. What is of no kind is what is looked for.
 */
import { toBytes } from '../../support/packet-builder.js';
import type { Difference } from './beside.js';
import type { Talk } from './chance.js';

type Holds = (difference: Difference, talk: Talk) => boolean;
type Kinds = Readonly<Record<string, Holds>>;
type Side = '>' | '<';

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
/** What there is more there is nothing. */
const addsAlone = (one: Difference): boolean => more(one, '>') >= 0 && more(one, '<') >= 0;

/** Segments or datagrams of a side, and all of them together. */
const partsOf = ({ said }: Talk, side: Side): string[] =>
  said.flatMap(([of, bytes]) => (of === side ? [Buffer.from(toBytes(bytes)).toString('latin1')] : []));
const linesOf = (talk: Talk, side: Side, form: RegExp): number =>
  partsOf(talk, side)
    .join('')
    .split('\r\n')
    .filter((line) => form.test(line)).length;

const NEGATED_END: Kinds = {
  'a negated endswith is looked at where the content stands first (decision 24)': ({ rule }) =>
    /content:!"[^"]*";[^:]*endswith/.test(rule),
};

const FTP: Kinds = {
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

const SIP: Kinds = {
  'there a description ends at a name with a hyphen, and a stream with it': (one, talk) =>
    (uses('sdp.')(one) || talk.udp !== true) &&
    addsAlone(one) &&
    (['>', '<'] as const).some((side) => partsOf(talk, side).join('').includes('s=x-1')),
  'there messages of streams behind the first are lost': (one, talk) =>
    talk.udp !== true && talk.said.length > 2 && addsAlone(one),
};

const SMB: Kinds = {
  'there a tree is one of pipes by its answer, which comes in several segments': (one, talk) =>
    isTreeCut(talk) &&
    ((uses('smb.named_pipe')(one) && adds(one, '>', 1)) || (uses('smb.share')(one) && lacks(one, '>', 1))),
  'there what is written to a file that is not closed is not looked at': (one, talk) =>
    uses('file.data', 'filesize')(one) && adds(one, '>', openFiles(talk)),
};

/** Commands of SMB 1 are not counted. */
const SMB1: Kinds = {
  ...SMB,
  'there what is written to a file that is not closed is not looked at': (one) =>
    uses('file.data', 'filesize')(one) && adds(one, '>', Infinity),
};

const WIDE_PIPES = Buffer.from('IPC$', 'utf16le').toString('latin1').slice(2);

/** Whether the answer that connects to the tree of pipes comes in several segments. */
function isTreeCut({ said }: Talk): boolean {
  const asked = said.findLastIndex(
    ([side, bytes]) => side === '>' && Buffer.from(toBytes(bytes)).toString('latin1').includes(WIDE_PIPES),
  );
  return asked >= 0 && said.slice(asked + 1, asked + 3).every(([side]) => side === '<');
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
  'there reserved parts of functions are assigned': uses(
    'function assigned',
    'function !assigned',
    'function reserved',
  ),
};

const KERBEROS: Kinds = {
  'there requests are not looked at': (one, talk) =>
    of(one.theirs, '>') === 0 && adds(one, '>', partsOf(talk, '>').length),
};

const UNANSWERED: Kinds = {
  'there interface and opnum of a call are looked at towards the client before it is answered': (one) =>
    !uses('dcerpc.stub_data')(one) && more(one, '>') === 0 && more(one, '<') < 0,
};

const DCERPC: Kinds = {
  'there the arguments of an answer begin with 8 bytes of its header': (one) =>
    uses('dcerpc.stub_data')(one) && more(one, '>') === 0,
  ...UNANSWERED,
};

const DCERPC_PIPES: Kinds = {
  'there a call is of each interface that its bind names': (one) =>
    uses('dcerpc.iface')(one) && more(one, '>') <= 0 && more(one, '<') <= 0,
  ...UNANSWERED,
};

const DCERPC_DATAGRAMS: Kinds = {
  'there neither interface nor opnum of a datagram is known': (one) =>
    uses('dcerpc.iface', 'dcerpc.opnum')(one) && one.theirs.length === 0,
};

const KINDS: Readonly<Record<string, Kinds>> = {
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
};

/** The kind of a difference over talks of this name; undefined where it has none. */
export function kindOf(name: string, difference: Difference, talk: Talk): string | undefined {
  const kinds = Object.entries({ ...KINDS[name], ...NEGATED_END });
  return kinds.find(([, holds]) => holds(difference, talk))?.[0];
}
