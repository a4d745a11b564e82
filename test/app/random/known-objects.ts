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
  'files of NFS': {
    'there a file over UDP that does not end has no event': hasAlone('ours', /"state":"UNKNOWN"/),
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
