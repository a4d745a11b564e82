/**
 * What to write instead of keywords that there are none of: names from other tools and from settings. Stage: rule, for
 * diagnostics only.
 */

const FILTER = 'write threshold or detection_filter, or event_filter in the file of --threshold-file';
const PART_OF_THRESHOLD = 'it is a part of another option: threshold:type limit, track by_src, count 1, seconds 60;';
const IN_HEADER = 'addresses and ports stand in the header: alert tcp any any -> 10.0.0.1 80 (…)';
const mean = (...names: readonly string[]): string =>
  `did you mean ${names.length === 1 ? names[0]! : `${names.slice(0, -1).join(', ')} or ${names[names.length - 1]!}`}?`;

const HINTS: Readonly<Record<string, string>> = {
  event_filter: FILTER,
  rate_filter: FILTER.replace('event_filter', 'rate_filter'),
  suppress: 'write suppress in the file of --threshold-file',
  limit: FILTER,
  rate: FILTER,
  seconds: PART_OF_THRESHOLD,
  track: PART_OF_THRESHOLD,
  message: mean('msg'),
  description: mean('msg'),
  desc: mean('msg'),
  title: mean('msg'),
  signature: mean('msg'),
  severity: mean('priority'),
  prio: mean('priority'),
  class: mean('classtype'),
  category: mean('classtype'),
  classification: mean('classtype'),
  class_type: mean('classtype'),
  ref: mean('reference'),
  cve: 'write reference:cve,<number>;',
  url: 'write reference:url,<address>;, or look for it with http.uri',
  revision: mean('rev'),
  version: mean('rev'),
  sig_id: mean('sid'),
  gen_id: mean('gid'),
  id_rule: mean('sid'),
  string: mean('content'),
  pattern: mean('content', 'pcre'),
  match: mean('content'),
  text: mean('content'),
  payload: mean('content'),
  bytes: mean('content'),
  hex: 'write bytes as content:"|41 42|";',
  regexp: mean('pcre', 'regex'),
  ignorecase: mean('nocase'),
  ignore_case: mean('nocase'),
  case_insensitive: mean('nocase'),
  no_case: mean('nocase'),
  nocase_match: mean('nocase'),
  uri: mean('http.uri'),
  path: mean('http.uri'),
  host: mean('http.host', 'tls.sni', 'dns.query'),
  domain: mean('dns.query', 'tls.sni', 'http.host'),
  sni: mean('tls.sni'),
  user_agent: mean('http.user_agent'),
  useragent: mean('http.user_agent'),
  method: mean('http.method'),
  state: mean('flow'),
  direction: mean('flow'),
  established: 'write flow:established;',
  to_server: 'write flow:to_server;',
  to_client: 'write flow:to_client;',
  src: IN_HEADER,
  dst: IN_HEADER,
  src_ip: IN_HEADER,
  dst_ip: IN_HEADER,
  dest_ip: IN_HEADER,
  src_port: IN_HEADER,
  dst_port: IN_HEADER,
  dest_port: IN_HEADER,
  port: IN_HEADER,
  protocol: 'the protocol stands behind the action: alert tcp …',
  action: 'the action is the first word of a rule: alert tcp …',
};

/** Undefined for a name that no other tool has for something that rules say in their way. */
export function otherToolHint(name: string): string | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(HINTS, lower) ? HINTS[lower] : undefined;
}
