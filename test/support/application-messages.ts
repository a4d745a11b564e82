/**
 * Messages of application protocols for tests and samples: HTTP requests and responses as text, DNS messages as bytes.
 */
import { concat, u16, u32, type Payload } from './packet-builder.js';

export interface HttpParts {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** `httpRequest('GET /')`: adds the version, a host and a user agent unless they are given. */
export function httpRequest(methodAndTarget: string, parts: HttpParts = {}): string {
  const headers = {
    Host: 'shop.example',
    'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64)',
    Accept: '*/*',
    ...parts.headers,
  };
  return message(`${methodAndTarget} HTTP/1.1`, headers, parts.body);
}

export function httpResponse(status: string, body: string, headers: Readonly<Record<string, string>> = {}): string {
  return message(`HTTP/1.1 ${status}`, { Server: 'nginx', 'Content-Type': 'text/html', ...headers }, body);
}

function message(start: string, headers: Readonly<Record<string, string>>, body = ''): string {
  const all = body === '' ? headers : { ...headers, 'Content-Length': String(body.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${start}\r\n${lines.join('')}\r\n${body}`;
}

export const DNS_TYPE = { a: 1, null: 10, txt: 16, aaaa: 28, axfr: 252, any: 255 } as const;

export interface DnsFields {
  readonly id?: number;
  readonly type?: number;
  readonly class?: number;
  /** Additional section as it is, counted as one record. */
  readonly additional?: Payload;
}

export function dnsQuery(name: string, fields: DnsFields = {}): Uint8Array {
  const additional = fields.additional ?? '';
  const header = concat(
    u16(fields.id ?? 0x3a7c),
    [0x01, 0x00],
    u16(1),
    u16(0),
    u16(0),
    u16(additional.length === 0 ? 0 : 1),
  );
  return concat(header, question(name, fields), additional);
}

/** A response with one answer, or with none when `data` is undefined. */
export function dnsResponse(
  name: string,
  data: Payload | undefined,
  fields: DnsFields & { readonly responseCode?: number } = {},
): Uint8Array {
  const header = concat(
    u16(fields.id ?? 0x3a7c),
    [0x81, 0x80 | (fields.responseCode ?? 0)],
    u16(1),
    u16(data === undefined ? 0 : 1),
    u32(0),
  );
  if (data === undefined) return concat(header, question(name, fields));
  const answer = concat(
    [0xc0, 0x0c],
    u16(fields.type ?? DNS_TYPE.a),
    u16(fields.class ?? 1),
    u32(60),
    u16(data.length),
    data,
  );
  return concat(header, question(name, fields), answer);
}

function question(name: string, fields: DnsFields): Uint8Array {
  const labels = name.split('.').map((label) => concat([label.length], label));
  return concat(...labels, [0], u16(fields.type ?? DNS_TYPE.a), u16(fields.class ?? 1));
}

/** The EDNS record (RFC 6891) that iodine's client puts into every query: 4096 bytes, DO bit, no data. */
export const EDNS_4096_DO = [0, 0, 0x29, 0x10, 0, 0, 0, 0x80, 0, 0, 0] as const;
