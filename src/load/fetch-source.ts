/**
 * Getting a rule archive from an address or a file, once if it has not changed. Stage: load.
 *
 * What the server said of the last version (ETag, Last-Modified) goes with the request, so that an unchanged archive is
 * not sent again. Sizes and time are bounded; a checksum is taken from beside the archive (`.sha256`, then `.md5`)
 * where there is one. Redirects are followed, but not from https to http.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { readWhole } from '../util/read-whole.js';
import { reasonOf } from '../util/reason.js';

/** What was known of a source when it was last fetched. */
export interface SourceState {
  readonly source: string;
  readonly etag?: string | undefined;
  readonly lastModified?: string | undefined;
  readonly sha256: string;
}

export interface FetchOptions {
  readonly timeoutMs: number;
  readonly maximumBytes: number;
  readonly userAgent: string;
  /** Told how many bytes of the source have come. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

export interface Fetched {
  readonly bytes: Uint8Array;
  readonly state: SourceState;
}

/** The source cannot be had; the message says why. */
export class SourceError extends Error {}

const isUrl = (source: string): boolean => /^https?:\/\//i.test(source);

/** Undefined where the source is still what `known` says. Throws a SourceError. */
async function fetchSource(
  source: string,
  known: SourceState | undefined,
  options: FetchOptions,
): Promise<Fetched | undefined> {
  if (!isUrl(source)) {
    if (/^[a-z][a-z0-9+.-]+:\/\//i.test(source))
      throw new SourceError(`${source}: only http, https and files can be fetched`);
    const bytes = readSourceFile(source, options.maximumBytes);
    return unlessKnown({ bytes, state: { source, sha256: digest('sha256', bytes) } }, known);
  }
  const headers: Record<string, string> = {};
  if (known?.etag !== undefined) headers['if-none-match'] = known.etag;
  else if (known?.lastModified !== undefined) headers['if-modified-since'] = known.lastModified;
  const response = await request(source, headers, options);
  if (response.status === 304 && known !== undefined) return undefined;
  if (!response.ok)
    throw new SourceError(`${source}: the server answers ${response.status} ${response.statusText}`.trimEnd());
  const bytes = await readBody(response, source, options.maximumBytes, options.onProgress);
  const state = {
    source,
    etag: response.headers.get('etag') ?? undefined,
    lastModified: response.headers.get('last-modified') ?? undefined,
    sha256: digest('sha256', bytes),
  };
  return unlessKnown({ bytes, state }, known);
}

/**
 * The same with its checksum compared: the one given, else the one published beside it. Throws a SourceError where it
 * differs.
 */
export async function fetchChecked(
  source: string,
  known: SourceState | undefined,
  options: FetchOptions,
  checksum?: Checksum,
  onUnchecked?: () => void,
): Promise<Fetched | undefined> {
  const fetched = await fetchSource(source, known, options);
  if (fetched === undefined) return undefined;
  const expected = checksum ?? (await fetchChecksum(source, options));
  if (expected === undefined) onUnchecked?.();
  else if (!matchesChecksum(fetched.bytes, expected))
    throw new SourceError(`${source}: the ${expected.algorithm} of what was fetched is not ${expected.hex}`);
  return fetched;
}

/** A server without ETag sends the same again. */
function unlessKnown(fetched: Fetched, known: SourceState | undefined): Fetched | undefined {
  return fetched.state.sha256 === known?.sha256 ? undefined : fetched;
}

export interface Checksum {
  readonly algorithm: 'md5' | 'sha256';
  readonly hex: string;
}

/** A checksum as it is written, alone or in a line with a file's name; undefined where there is none. */
export function readChecksum(text: string): Checksum | undefined {
  const hex = /(?:^|[^0-9a-z])([0-9a-f]{64}|[0-9a-f]{32})(?![0-9a-z])/i.exec(text)?.[1]?.toLowerCase();
  return hex === undefined ? undefined : { algorithm: hex.length === 64 ? 'sha256' : 'md5', hex };
}

/**
 * The checksum published beside the source; undefined where there is none. Throws a SourceError where the server fails.
 */
async function fetchChecksum(source: string, options: FetchOptions): Promise<Checksum | undefined> {
  for (const suffix of ['.sha256', '.md5']) {
    const text = isUrl(source) ? await fetchText(withSuffix(source, suffix), options) : readOptional(source + suffix);
    const checksum = text === undefined ? undefined : readChecksum(text);
    if (checksum !== undefined) return checksum;
  }
  return undefined;
}

function matchesChecksum(bytes: Uint8Array, { algorithm, hex }: Checksum): boolean {
  return digest(algorithm, bytes) === hex;
}

function digest(algorithm: string, bytes: Uint8Array): string {
  return createHash(algorithm).update(bytes).digest('hex');
}

function withSuffix(source: string, suffix: string): string {
  const url = new URL(source);
  url.pathname += suffix;
  return url.href;
}

const MAXIMUM_CHECKSUM_BYTES = 65_536;

async function fetchText(url: string, options: FetchOptions): Promise<string | undefined> {
  const response = await request(url, {}, options);
  if (response.ok) return Buffer.from(await readBody(response, url, MAXIMUM_CHECKSUM_BYTES)).toString('latin1');
  await response.body?.cancel();
  if (response.status >= 500) throw new SourceError(`${url}: the server answers ${response.status}`);
  return undefined;
}

async function request(
  url: string,
  headers: Record<string, string>,
  { timeoutMs, userAgent }: FetchOptions,
): Promise<Response> {
  let response: Response;
  try {
    // As it is: a gzipped archive is not to be unpacked under way.
    response = await fetch(url, {
      headers: { 'user-agent': userAgent, 'accept-encoding': 'identity', ...headers },
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw new SourceError(`${url}: ${networkReason(error, timeoutMs)}`);
  }
  if (/^https:/i.test(url) && /^http:/i.test(response.url))
    throw new SourceError(`${url}: leads to ${response.url}, which is not encrypted`);
  return response;
}

async function readBody(
  response: Response,
  url: string,
  maximumBytes: number,
  onProgress?: (bytes: number) => void,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += chunk.length;
      if (bytes > maximumBytes) throw new SourceError(`${url}: has more than ${maximumBytes} bytes`);
      chunks.push(chunk);
      onProgress?.(bytes);
    }
  } catch (error) {
    if (error instanceof SourceError) throw error;
    throw new SourceError(`${url}: broke off after ${bytes} bytes: ${networkReason(error, 0)}`);
  }
  return Buffer.concat(chunks);
}

/** What fetch wraps, in words. */
function networkReason(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error & { cause?: NodeJS.ErrnoException };
  if (name === 'TimeoutError') return timeoutMs > 0 ? `no answer within ${timeoutMs / 1000} s` : 'it took too long';
  return cause?.message || cause?.code || message;
}

function readSourceFile(path: string, maximumBytes: number): Uint8Array {
  try {
    if (statSync(path).size > maximumBytes) throw new SourceError(`${path}: has more than ${maximumBytes} bytes`);
    return readWhole(path, maximumBytes);
  } catch (error) {
    throw error instanceof SourceError ? error : new SourceError(`${path}: ${reasonOf(error)}`);
  }
}

function readOptional(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1').slice(0, MAXIMUM_CHECKSUM_BYTES);
  } catch {
    return undefined;
  }
}
