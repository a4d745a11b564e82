/** Kinds of differences in objects of events that the page of the protocol explains; the rest is looked at. */
import type { ObjectDifference } from './objects.js';

type Holds = (difference: ObjectDifference) => boolean;
type Kinds = Readonly<Record<string, Holds>>;

const NOTHING = 'nothing';
/** One of these members stands here alone. */
const addsMember =
  (...paths: readonly string[]): Holds =>
  ({ path, theirs }) =>
    theirs === NOTHING && paths.includes(path);
/** An anomaly that is told there alone. */
const isAnomalyThere =
  (event: string): Holds =>
  ({ path, ours }) =>
    path === `anomaly ${event}` && ours === 'false';
/** What one side alone has are events like this. */
const hasAlone =
  (side: 'theirs' | 'ours', like: RegExp): Holds =>
  (difference) => {
    const other = side === 'theirs' ? difference.ours : difference.theirs;
    return difference.path === 'number of events' && other === '[]' && like.test(difference[side]);
  };

const CUT: Kinds = {
  'there the first message of a side is not told where it is cut': isAnomalyThere(
    'applayer_detect_protocol_only_one_direction',
  ),
};
const UPGRADED: Kinds = {
  'there a preface in several segments is not what an upgrade announced':
    isAnomalyThere('applayer_unexpected_protocol'),
};

/** Of a file of SMB that is open, or of SMB 1. */
const STATUS_OF_FILES = addsMember('status', 'status_code');
const FAULTS: Holds = ({ path, theirs, ours }) => path === 'response' && theirs === '"UNREPLIED"' && ours === '"FAULT"';

const KINDS: Readonly<Record<string, Kinds>> = {
  LDAP: CUT,
  Kerberos: CUT,
  'EtherNet/IP': CUT,
  'HTTP/2': {
    ...UPGRADED,
    'there are members here that HTTP/1 has': addsMember('http_refer', 'length', 'http_content_type'),
    'there what was asked before an upgrade is asked once more, as stream 1': hasAlone(
      'theirs',
      /^\[\{[^[]*"request_headers":.*"name":"Upgrade","value":"h2c".*"stream_id":1\}\}\]$/,
    ),
    'there the settings of an upgrade are an event': hasAlone(
      'theirs',
      /^\[\{"version":"2","http2":\{"stream_id":0,"request":\{"settings":\[\{[^[\]]*\}\]\}\}\}\]$/,
    ),
  },
  'files of HTTP/2': {
    ...UPGRADED,
    'files have the name of what was asked for here': addsMember('filename'),
  },
  QUIC: {
    'there a datagram without a whole hello is an event': hasAlone('theirs', /^\[(?:\{"version":"[^"]+"\},?)+\]$/),
  },
  IKE: {
    'there a message of version 1 has what the other side, or the one before, has said': ({ path, ours }) =>
      /^(?:alg_|ikev1\.)/.test(path) && ours === NOTHING,
    'there nothing is seen of IKE on port 4500': hasAlone('ours', /^\[\{"version_major"/),
  },
  RFB: {
    'there a login that fails has no outcome': addsMember('authentication.security_result'),
    'there what is said ahead of its turn is wrong': isAnomalyThere('confused_state'),
  },
  SIP: {
    'there a description ends at a line that is not taken, or with a segment': addsMember(
      'sdp',
      'sdp.media_descriptions',
    ),
    'there nothing is read behind such a line, and little behind the first message, over TCP': ({
      path,
      theirs,
      ours,
    }) => path === 'number of events' && ours.length > theirs.length,
    'there such a line is wrong over TCP': isAnomalyThere('invalid_data'),
    'there OPTIONS in a segment without the rest of its line is HTTP': (difference) =>
      isAnomalyThere('request_uri_host_invalid')(difference) ||
      isAnomalyThere('applayer_mismatch_protocol_both_directions')(difference),
  },
  SMB: {
    'there a file that is written has no share': ({ path, theirs }) => path === 'share' && theirs === '""',
    'there a file that is not closed has no status': STATUS_OF_FILES,
  },
  'SMB 1': {
    'there files have neither a session nor a tree': ({ path, theirs }) =>
      ['session_id', 'tree_id'].includes(path) && theirs === '0',
    'there files have no status': STATUS_OF_FILES,
  },
  'DCE/RPC': {
    'there arguments of an answer begin with 8 bytes of its header': ({ path, theirs, ours }) =>
      path === 'res.stub_data_size' && Number(theirs) === Number(ours) + 8,
    'there a fault answers nothing': FAULTS,
  },
  'DCE/RPC over UDP': {
    'there datagrams have no opnum': ({ path, theirs }) => path === 'req.opnum' && theirs === '0',
    'there the id of an activity is in little endian, whatever the datagram says': ({ path }) =>
      path === 'activityuuid',
    'there a call that nobody answers has no event': hasAlone('ours', /"response":"UNREPLIED"/),
  },
  'files of NFS': {
    'there a file over UDP that does not end has no event': hasAlone('ours', /"state":"TRUNCATED"/),
    'there a file of one datagram has all digests': ({ path, ours }) =>
      ['md5', 'sha1'].includes(path) && ours === NOTHING,
    'commits have numbers here': ({ path }) => path === 'tx_id',
  },
  NFS: {
    ...CUT,
    'there GETATTR has no events': hasAlone('ours', /^\[\{"version":3,"procedure":"GETATTR"[^{}]*\}\]$/),
    'there some calls have no hash of their handle': addsMember('hhash'),
  },
};

/** The kind of a difference over talks of this name; undefined where it has none. */
export const kindOfObject = (name: string, difference: ObjectDifference): string | undefined =>
  Object.entries(KINDS[name] ?? {}).find(([, holds]) => holds(difference))?.[0];
