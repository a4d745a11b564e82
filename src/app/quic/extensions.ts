/**
 * Extensions of a hello, as the `quic` object of events lists them: with Suricata's names, and values of those that
 * tell most. Stage: app; called for events alone, so it allocates. Bound: 2 KiB.
 */
import { printedText } from '../printed-text.js';
import { u16 } from '../probe/answer.js';
import { Hello } from '../tls/hello.js';

/** By type; IANA's names, but for those that are no more. */
const NAMES = [
  'server_name max_fragment_length client_certificate_url trusted_ca_keys truncated_hmac status_request',
  'user_mapping client_authz server_authz cert_type supported_groups ec_point_formats srp signature_algorithms',
  'use_srtp heartbeat alpn status_request_v2 signed_certificate_timestamp client_certificate_type',
  'server_certificate_type padding encrypt_then_mac extended_master_secret token_binding cached_info tls_lts',
  'compress_certificate record_size_limit pwd_protect pwd_clear password_salt ticket_pinning',
  'tls_cert_with_extern_psk delegated_credentials session_ticket tlsmp tlsmp_proxying tlsmp_delegate',
  'supported_ekt_ciphers - pre_shared_key early_data supported_versions cookie psk_key_exchange_modes -',
  'certificate_authorities oid_filters post_handshake_auth signature_algorithms_cert key_share',
  'transparency_info connection_id_deprecated connection_id external_id_hash external_session_id',
  'quic_transport_parameters ticket_request dnssec_chain',
].flatMap((line) => line.split(' '));
const LATER_NAMES: Readonly<Record<number, string>> = {
  13172: 'next_protocol_negotiation',
  65281: 'renegotiation_info',
};
const VERSIONS: Readonly<Record<number, string>> = {
  0x0300: 'Ssl30',
  0x0301: 'Tls10',
  0x0302: 'Tls11',
  0x0303: 'Tls12',
  0x0304: 'Tls13',
};
const TYPE = { serverName: 0, signatures: 13, alpn: 16, versions: 43 } as const;
const MOST_TEXT = 2048;
const MOST_VALUE = 256;

/** Where a hello lies, and what was read of it. */
export interface PrintedHello {
  readonly isThere: boolean;
  readonly body: number;
  readonly hello: Hello;
}

/** `"extensions":[…]`, or '' where there are none. */
export function extensionsMember(bytes: Uint8Array, { isThere, body, hello }: PrintedHello): string {
  if (!isThere || hello.extensions.length === 0) return '';
  const listed: string[] = [];
  const end = body + hello.extensions.at + hello.extensions.length;
  let left = MOST_TEXT;
  for (let at = body + hello.extensions.at; at < end; at = Hello.nextExtension(bytes, at)) {
    const text = extension(bytes, body, hello, u16(bytes, at));
    left -= text.length + 1;
    if (left < 0) break;
    listed.push(text);
  }
  return `"extensions":[${listed.join(',')}]`;
}

function extension(bytes: Uint8Array, body: number, hello: Hello, type: number): string {
  const name = LATER_NAMES[type] ?? NAMES[type] ?? '-';
  const values = valuesOf(bytes, body, hello, type).map((value) => JSON.stringify(value));
  const members = [`"type":${type}`];
  if (name !== '-') members.unshift(`"name":"${name}"`);
  if (values.length > 0) members.push(`"values":[${values.join(',')}]`);
  return `{${members.join(',')}}`;
}

function valuesOf(bytes: Uint8Array, body: number, hello: Hello, type: number): string[] {
  switch (type) {
    case TYPE.serverName:
      return hello.serverName.isThere ? [text(bytes, body + hello.serverName.at, hello.serverName.length)] : [];
    case TYPE.alpn:
      return names(bytes, body + hello.alpn.at, hello.alpn.length);
    case TYPE.signatures:
      return numbers(bytes, body + hello.signatures.at, hello.signatures.length).map(String);
    case TYPE.versions:
      return numbers(bytes, body + hello.versions.at, hello.versions.length).map(versionText);
    default:
      return [];
  }
}

const versionText = (value: number): string =>
  VERSIONS[value] ?? `TlsVersion(${value} / 0x${value.toString(16).padStart(4, '0')})`;

/** | length | name | length | name … */
function names(bytes: Uint8Array, start: number, length: number): string[] {
  const found: string[] = [];
  for (let at = start; at < start + length; at += 1 + bytes[at]) {
    if (at + 1 + bytes[at] > start + length) break;
    found.push(text(bytes, at + 1, bytes[at]));
  }
  return found;
}

function numbers(bytes: Uint8Array, start: number, length: number): number[] {
  const found: number[] = [];
  for (let at = start; at + 2 <= start + length; at += 2) found.push(u16(bytes, at));
  return found;
}

const text = (bytes: Uint8Array, start: number, length: number): string =>
  printedText(bytes, start, Math.min(length, MOST_VALUE));
