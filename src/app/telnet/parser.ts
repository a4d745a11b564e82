/**
 * Telnet in frames: commands, and lines of text between them. Stage: app. RFC 854, RFC 855; what is a line, RFC 1123
 * 3.3.1. While no rule asks for frames it goes by unread.
 *
 *   IAC WILL | WONT | DO | DONT option       ctl
 *   IAC SB option …                          ctl, up to IAC SE, which is one by itself
 *   IAC command                              ctl
 *   text …                                   data, up to the end of its line; an IAC within it is part of it
 *
 * Ahead of the user's name and of the password, the server's text up to `: ` is one, however many lines it has. Keeps
 * no bytes. Bound: MOST_FRAME bytes; of what has no end by then, a frame is that long, and the next one goes on.
 */
import { DIRECTION, type Direction } from '../../flow/flow.js';
import { Connection } from '../connection.js';
import { frameNumber } from '../frame/buffers.js';
import type { FrameLog } from '../frame/frame-log.js';
import type { Input } from '../input.js';

const MOST_FRAME = 8192;
const IAC = 255;
const COMMAND = { se: 240, sb: 250, will: 251, dont: 254 } as const;
const NUL = 0;
const LF = 10;
const CR = 13;
const BLANK = 0x20;
const COLON = 0x3a;
const PDU = frameNumber('telnet.pdu');
const CTL = frameNumber('telnet.ctl');
const DATA = frameNumber('telnet.data');

/** What is said next of a login: of even ones by the server, of odd ones by the client. */
const LOGIN = { asksName: 0, name: 1, asksPassword: 2, password: 3, over: 4 } as const;

export class TelnetConnection extends Connection {
  private login: number = LOGIN.asksName;
  /** By direction: bytes of the next frame in which its end is not. */
  private readonly searched: [number, number] = [0, 0];

  override parse(direction: Direction, input: Input): void {
    const { frames } = input;
    if (!areAsked(frames)) {
      // Rules that ask for them later find the talk somewhere in its middle.
      this.login = LOGIN.over;
      this.searched[direction] = 0;
      input.take(input.available);
      return;
    }
    while (input.available > 0) {
      const { position } = input;
      const isCommand = input.bytes[position] === IAC;
      const length = isCommand ? this.command(direction, input) : this.text(direction, input);
      if (length === 0) return;
      this.searched[direction] = 0;
      frames.add(PDU, direction, position, length);
      frames.add(isCommand ? CTL : DATA, direction, position, length);
      input.take(length);
    }
  }

  /** What follows is text, wherever it begins. */
  override gap(direction: Direction): boolean {
    this.searched[direction] = 0;
    return true;
  }

  override reset(): void {
    super.reset();
    this.login = LOGIN.asksName;
    this.searched.fill(0);
  }

  /** @returns the length of a command; 0 where it is not all there. */
  private command(direction: Direction, { bytes, position, available, last }: Input): number {
    const cut = last ? available : 0;
    if (available < 2) return cut;
    const command = bytes[position + 1];
    if (command === COMMAND.sb) return this.subnegotiation(direction, bytes, position, available) || cut;
    const length = command >= COMMAND.will && command <= COMMAND.dont ? 3 : 2;
    return available < length ? cut : length;
  }

  /** @returns its length without the IAC SE that ends it; 0 where that is not there. A doubled IAC is a byte of it. */
  private subnegotiation(direction: Direction, bytes: Uint8Array, start: number, available: number): number {
    const stop = Math.min(available, MOST_FRAME);
    let at = Math.max(2, this.searched[direction]);
    for (; at + 1 < stop; at++) {
      if (bytes[start + at] !== IAC) continue;
      if (bytes[start + at + 1] === COMMAND.se) return at;
      if (bytes[start + at + 1] === IAC) at++;
    }
    this.searched[direction] = at;
    return available < MOST_FRAME ? 0 : MOST_FRAME;
  }

  /** @returns the length of text up to its end; 0 where that is not there. */
  private text(direction: Direction, input: Input): number {
    const { bytes, position, available, last } = input;
    const isServer = direction === DIRECTION.toClient;
    const isLogin = this.login < LOGIN.over && isServer === ((this.login & 1) === 0);
    const asks = isServer && isLogin;
    const stop = Math.min(available, MOST_FRAME);
    let length = this.searched[direction];
    while (length < stop && !(asks ? endsPrompt(bytes, position, length) : endsLine(bytes, position, length, isServer)))
      length++;
    if (length < stop) {
      if (isLogin) this.login++;
      // What waits for the end of its line may be what asks for the password.
      if (isLogin && !isServer) this.searched[DIRECTION.toClient] = 0;
      return length + 1;
    }
    this.searched[direction] = length;
    if (stop < MOST_FRAME && !last) return 0;
    if (!asks) return length;
    // Nobody logs in: it is lines, the first of which begins here.
    this.login = LOGIN.over;
    this.searched[direction] = 0;
    return this.text(direction, input);
  }
}

/** Clients end lines with CR NUL, too; from a server that is a line that goes on (RFC 854). */
const endsLine = (bytes: Uint8Array, start: number, at: number, isServer: boolean): boolean =>
  bytes[start + at] === LF || (!isServer && bytes[start + at] === NUL && at > 0 && bytes[start + at - 1] === CR);

const endsPrompt = (bytes: Uint8Array, start: number, at: number): boolean =>
  bytes[start + at] === BLANK && at > 0 && bytes[start + at - 1] === COLON;

/** Whether rules ask for any of them. */
const areAsked = (frames: FrameLog | null): frames is FrameLog =>
  frames !== null && (frames.asks(PDU) || frames.asks(CTL) || frames.asks(DATA));
