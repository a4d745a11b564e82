/**
 * Kinds of differences from Suricata that a page of docs/protocols or a decision explains, told by the form of the rule
 * and by what alerted where. What is of no kind is what is looked for.
 */
import type { Difference } from './beside.js';

type Holds = (difference: Difference) => boolean;
type Kinds = Readonly<Record<string, Holds>>;

const uses =
  (...words: readonly string[]): Holds =>
  ({ rule }) =>
    words.some((word) => rule.includes(word));
/** How many alerts of a direction there are more here than there. */
const more = ({ ours, theirs }: Difference, direction: '>' | '<'): number =>
  of(ours, direction) - of(theirs, direction);
const of = (alerts: readonly string[], direction: string): number =>
  alerts.filter((one) => one.endsWith(direction)).length;

const NEGATED_END: Kinds = {
  'a negated endswith is looked at where the content stands first (decision 24)': ({ rule }) =>
    /content:!"[^"]*";[^:]*endswith/.test(rule),
};

const FTP: Kinds = {
  'the port of PORT and EPRT belongs to the client as well': (one) =>
    uses('ftp.mode', 'ftp.dynamic_port')(one) && more(one, '<') === 0,
  'there a transfer is not answered behind its 150, and answered behind its 226': uses(
    'ftp.reply_received:no',
    'ftp.reply_received:off',
  ),
  'there command data end in a zero byte': (one) =>
    uses('ftp.command_data')(one) && uses('endswith', 'bsize', 'content:!')(one),
  'there commands that are not known are none': (one) => uses('ftp.command;')(one) && more(one, '>') > 0,
  'there the greeting, and lines of a reply in later segments, are not looked at': (one) =>
    uses('ftp.reply', 'ftp.completion_code')(one) && more(one, '<') > 0,
};

const SMB: Kinds = {
  'there a tree is one of pipes by its answer, which has not come': uses('smb.share', 'smb.named_pipe'),
  'a file whose close is not seen': uses('file.data', 'filesize'),
};

const IKE: Kinds = {
  'there both sides between two ports 500 are the client': ({ ours, theirs }) =>
    theirs.every((one) => one.endsWith('>')) && ours.some((one) => one.endsWith('<')),
  'there the SPI of the responder is in its own messages alone': uses('ike.resp_spi'),
};

const ENIP: Kinds = {
  'there cip_service with !attribute matches that attribute, too': (one) =>
    /cip_service:\d+,\d+,!/.test(one.rule) && more(one, '>') < 0,
  'there the status of an answer in several segments is not of the request': (one) =>
    uses('enip.cip_status')(one) && more(one, '<') === 0 && more(one, '>') > 0,
};

const MODBUS: Kinds = {
  'there reserved parts of functions are assigned': uses(
    'function assigned',
    'function !assigned',
    'function reserved',
  ),
};

const KERBEROS: Kinds = {
  'there requests are not looked at': (one) => more(one, '<') === 0 && of(one.theirs, '>') === 0,
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
  SMB,
  'SMB 1': SMB,
  IKE,
  'EtherNet/IP': ENIP,
  Modbus: MODBUS,
  Kerberos: KERBEROS,
  'DCE/RPC': DCERPC,
  'DCE/RPC over UDP': DCERPC_DATAGRAMS,
  'DCE/RPC in pipes': DCERPC_PIPES,
};

/** The kind of a difference over talks of this name; undefined where it has none. */
export function kindOf(name: string, difference: Difference): string | undefined {
  const kinds = Object.entries({ ...KINDS[name], ...NEGATED_END });
  return kinds.find(([, holds]) => holds(difference))?.[0];
}
