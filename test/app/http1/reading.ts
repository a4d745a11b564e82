/** Reads conversations with the parser and tells what rules would see of them. */
import { expect } from 'vitest';
import { FILE_BUFFERS } from '../../../src/app/file/buffers.js';
import { HTTP1_BUFFERS } from '../../../src/app/http1/buffers.js';
import { HTTP1, HTTP1_EVENTS, Http1Protocol } from '../../../src/app/http1/index.js';
import type { Http1Settings } from '../../../src/app/http1/settings.js';
import { Talk, talkInPieces } from '../support/talk.js';

/** What one side says. */
export type Part = readonly [side: '>' | '<', bytes: Uint8Array];

/** Bytes of a text whose characters are bytes. */
export const bytes = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'latin1'));
export const asks = (text: string): Part => ['>', bytes(text)];
export const answers = (text: string): Part => ['<', bytes(text)];

/** What rules see of a transaction: buffers that are there by name, with `<` for the server's side. */
export interface View {
  readonly buffers: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  readonly progress: readonly [number, number];
  readonly eve: string;
}

export interface Reading {
  /** Bytes of a piece, where messages are cut. */
  readonly size?: number;
  readonly settings?: Http1Settings;
  /** The connection stays open at the end. */
  readonly open?: boolean;
}

/** Without what Snort 3 alone has, which the peer cannot be asked for. */
export const HTTP_AND_FILES = [...HTTP1_BUFFERS, ...FILE_BUFFERS].filter(
  ({ name }) => !/^http_(?:num|max)_/.test(name),
);

export const newTalk = (settings?: Http1Settings, pages = 16) =>
  new Talk(settings === undefined ? HTTP1 : new Http1Protocol(settings), HTTP_AND_FILES, HTTP1_EVENTS, pages);
export type HttpTalk = ReturnType<typeof newTalk>;

export function viewsOf(talk: HttpTalk): View[] {
  return talk.seen.map(({ values, events, progress, eve }) => ({
    buffers: Object.fromEntries(
      Object.entries(values).map(([key, found]) => [
        key.startsWith('>') ? key.slice(2) : `<${key.slice(2)}`,
        found.join(' | '),
      ]),
    ),
    events,
    progress,
    eve,
  }));
}

const ordinary = newTalk();

/** Reads a conversation from its first to its last byte; everything is given back to the arena behind it. */
export function read(parts: readonly Part[], { size = 100_000, settings, open = false }: Reading = {}): View[] {
  const talk = settings === undefined ? ordinary : newTalk(settings);
  talkInPieces(talk, parts, size);
  if (!open) for (const side of ['>', '<'] as const) talk.close(side);
  const views = viewsOf(talk);
  talk.reset();
  expect(talk.arena.usedBytes).toBe(0);
  return views;
}

/** A request that is in order, and a response to it. */
export const GET = asks('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
export const OK = answers('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
