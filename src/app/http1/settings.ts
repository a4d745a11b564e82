/** Bounds of what is read and kept of HTTP/1.x. Stage: app. What is beyond them is an event, and is passed over. */
export interface Http1Settings {
  /** Bytes of a body that are inspected, at most what one block of the arena holds. */
  readonly requestBody: number;
  readonly responseBody: number;
  /** Requests that may wait for their responses, and open streams of HTTP/2. */
  readonly openRequests: number;
  readonly uri: UriSettings;
  readonly shown: BodySettings;
}

/** What alerts show of bodies: so many bytes, in base64 and as text; 0 for nothing. */
export interface BodySettings {
  readonly bodyBytes: number;
  readonly printableBytes: number;
}

/** How a URI is normalised, beyond percent-encoding, UTF-8 and dot segments. */
export interface UriSettings {
  readonly backslashes: boolean;
  /** `%u0041`. */
  readonly unicode: boolean;
  /** Escapes that an escape hides (`%2541`). */
  readonly twiceInPath: boolean;
  readonly twiceInQuery: boolean;
  /** `+` in the query is a blank. */
  readonly plus: boolean;
}

export const HTTP1_DEFAULTS: Http1Settings = {
  requestBody: 102_400,
  responseBody: 102_400,
  openRequests: 256,
  uri: { backslashes: true, unicode: true, twiceInPath: false, twiceInQuery: false, plus: false },
  shown: { bodyBytes: 0, printableBytes: 0 },
};

/** Bytes of a request or status line. */
export const LINE_LIMIT = 16_384;
/** Bytes of all headers of a message. */
export const HEADERS_LIMIT = 65_535;
/** White space in front of a status line, which is looked at again with each byte that comes. */
export const BLANK_LIMIT = 64;
export const HEADER_LIMIT = 256;
/** Transactions of a shard. */
export const TRANSACTION_LIMIT = 65_536;
/** Bytes that a body grows to, at most, and how many times what it was. */
export const INFLATED_LIMIT = 1_048_576;
export const INFLATE_RATIO = 100;
export const LAYER_LIMIT = 5;
