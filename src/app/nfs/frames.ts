/** Frames of calls of ONC RPC and their answers, for rules that ask for them. Stage: app. RFC 5531, RFC 7530. */
import type { Direction } from '../../flow/flow.js';
import type { ByteReader } from '../fields/byte-reader.js';
import { frameNumber } from '../frame/buffers.js';
import type { FrameLog } from '../frame/frame-log.js';
import { skipOpaque } from './xdr.js';

const RPC = {
  pdu: frameNumber('nfs.rpc.pdu'),
  header: frameNumber('nfs.rpc.hdr'),
  data: frameNumber('nfs.rpc.data'),
  credentials: frameNumber('nfs.rpc.creds'),
};
const NFS = { pdu: frameNumber('nfs.nfs.pdu'), status: frameNumber('nfs.nfs.status') };
const NFS4 = {
  pdu: frameNumber('nfs.nfs4.pdu'),
  header: frameNumber('nfs.nfs4.hdr'),
  operations: frameNumber('nfs.nfs4.ops'),
  status: frameNumber('nfs.nfs4.status'),
};
const WORD = 4;
const CALL = 0;
const ACCEPTED = 0;
/** Of a call, between its number and who calls: kind, version of RPC, program, its version, procedure. */
const CALL_WORDS = 5;

interface Message {
  /** Where it begins, with its mark if there is one, and behind that. */
  readonly from: number;
  readonly start: number;
  readonly end: number;
  readonly isVersion4: boolean;
}

export function noteFrames(frames: FrameLog, reader: ByteReader, direction: Direction, message: Message): void {
  const { from, start, end } = message;
  reader.begin(start, end).skip(WORD);
  const isCall = reader.u32() === CALL;
  if (reader.failed) return;
  frames.add(RPC.pdu, direction, from, end - from);
  if (isCall) return noteCall(frames, reader, direction, message);
  frames.add(RPC.header, direction, from, reader.at - from);
  frames.add(RPC.data, direction, reader.at, reader.left);
  const isAccepted = reader.u32() === ACCEPTED;
  reader.skip(WORD);
  skipOpaque(reader);
  if (reader.u32() === ACCEPTED && isAccepted && !reader.failed) noteAnswer(frames, reader, direction, message);
}

function noteCall(
  frames: FrameLog,
  reader: ByteReader,
  direction: Direction,
  { start, end, isVersion4 }: Message,
): void {
  reader.begin(start, end).skip((1 + CALL_WORDS) * WORD);
  const credentials = reader.skip(WORD);
  skipOpaque(reader);
  if (reader.failed) return;
  frames.add(RPC.credentials, direction, credentials, reader.at - credentials);
  reader.skip(WORD);
  skipOpaque(reader);
  if (reader.failed || reader.left === 0) return;
  if (!isVersion4) return frames.add(NFS.pdu, direction, reader.at, reader.left);
  const at = reader.at;
  skipOpaque(reader);
  reader.skip(WORD);
  noteCompound(frames, reader, direction, at);
}

function noteAnswer(frames: FrameLog, reader: ByteReader, direction: Direction, { isVersion4 }: Message): void {
  const { at, left } = reader;
  if (left < WORD) return;
  frames.add(isVersion4 ? NFS4.status : NFS.status, direction, at, WORD);
  if (!isVersion4) return frames.add(NFS.pdu, direction, at, left);
  reader.skip(WORD);
  skipOpaque(reader);
  noteCompound(frames, reader, direction, at);
}

/** The reader is behind the header, which begins at `at`. */
function noteCompound(frames: FrameLog, reader: ByteReader, direction: Direction, at: number): void {
  frames.add(NFS4.pdu, direction, at, reader.end - at);
  if (reader.failed) return;
  frames.add(NFS4.header, direction, at, reader.at - at);
  if (reader.left > 0) frames.add(NFS4.operations, direction, reader.at, reader.left);
}
