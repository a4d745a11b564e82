/**
 * What rules look at in HTTP/2 beside what it has in common with HTTP/1.x (http1/buffers.ts). Stage: app; names and
 * shapes alone. Reference: Suricata's documentation of its HTTP/2 keywords.
 */
import type { BufferSpec, NumberValues } from '../buffer-spec.js';
import { HTTP1_STATE } from '../http1/buffers.js';

export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  rst_stream: 3,
  settings: 4,
  push_promise: 5,
  ping: 6,
  goaway: 7,
  window_update: 8,
  continuation: 9,
} as const;

/** Codes of RST_STREAM and GOAWAY, in their order (RFC 9113, section 7). */
export const ERRORS =
  'no_error protocol_error internal_error flow_control_error settings_timeout stream_closed frame_size_error refused_stream cancel compression_error connect_error enhance_your_calm inadequate_security http_1_1_required'.split(
    ' ',
  );

/** Settings by the names that rules have for them. */
export const SETTINGS: Readonly<Record<string, number>> = {
  SETTINGS_HEADER_TABLE_SIZE: 1,
  SETTINGS_ENABLE_PUSH: 2,
  SETTINGS_MAX_CONCURRENT_STREAMS: 3,
  SETTINGS_INITIAL_WINDOW_SIZE: 4,
  SETTINGS_MAX_FRAME_SIZE: 5,
  SETTINGS_MAX_HEADER_LIST_SIZE: 6,
  SETTINGS_ENABLE_CONNECT_PROTOCOL: 8,
  SETTINGS_NO_RFC7540_PRIORITIES: 9,
};
export const settingBuffer = (id: number): string => `http2.settings.${id}`;

const sides = (from: number): Partial<BufferSpec> => ({ toServer: from, toClient: from });
const http2 = (name: string, what: string, more: Partial<BufferSpec>): BufferSpec => ({
  name,
  what,
  applications: ['http2'],
  scope: 'tx',
  kind: 'number',
  ...sides(HTTP1_STATE.complete),
  ...more,
});
const many = (maximum: number, names?: Readonly<Record<string, number>>): Partial<BufferSpec> => ({
  values: { maximum, many: true, ...(names === undefined ? {} : { names }) } satisfies NumberValues,
});
/** Names are written with and without underscores. */
const bothWays = (entries: readonly (readonly [string, number])[]): Readonly<Record<string, number>> =>
  Object.fromEntries(
    entries.flatMap(([name, number]) => [
      [name, number],
      [name.replaceAll('_', ''), number],
    ]),
  );

/** Numbers are looked at when a side is complete: what comes of frames then is what there will be. */
export const HTTP2_BUFFERS: readonly BufferSpec[] = [
  http2('http2.frametype', 'the type of each frame', many(255, bothWays(Object.entries(FRAME)))),
  http2(
    'http2.errorcode',
    'the code of each RST_STREAM and GOAWAY',
    many(0xffff_ffff, bothWays(ERRORS.map((name, code) => [name, code]))),
  ),
  http2('http2.priority', 'the weight of each priority, from 0', many(255)),
  http2('http2.window', 'the bytes of each WINDOW_UPDATE', many(0x7fff_ffff)),
  http2('http2.size_update', 'the size that the table of headers is told to have', many(Number.MAX_SAFE_INTEGER)),
  ...Object.values(SETTINGS).map((id) =>
    http2(settingBuffer(id), `the value of setting ${id}`, { keyword: '', values: { maximum: 0xffff_ffff } }),
  ),
  http2('http2.header', 'each header, as name, colon, blank, value', { kind: 'multi', ...sides(HTTP1_STATE.headers) }),
  http2('http2.header_name', 'the name of each header', { kind: 'multi', ...sides(HTTP1_STATE.headers) }),
];
