/**
 * frame: a part of what the messages of a protocol are made of, by itself. Stage: rule. Reference: Suricata 8, frames.
 * Those that parsers do not tell yet wait.
 */
import { isParsed, type ApplicationName } from '../../app/applications.js';
import { frameBuffer, FRAMES, type FrameName } from '../../app/frame/buffers.js';
import { waitingProtocol } from '../compile/waiting.js';
import { defineOption } from './option.js';
import { requireValue } from './value.js';

const FORM = /^([a-z][\w-]*)(?:[.:]([\w.]+))?$/;

export const frame = defineOption<string>({
  name: 'frame',
  value: 'required',
  repeatable: true,
  parse(node, diagnostics) {
    const word = requireValue(node, diagnostics);
    if (word === undefined) return undefined;
    const [, first, second] = FORM.exec(word.text) ?? [];
    const isKnown = second === undefined || protocolOf(first!) !== undefined || isPart(word.text);
    if (first !== undefined && isKnown) return word.text;
    diagnostics.error(
      'unknown-argument',
      `'${word.text}' is no frame`,
      word.span,
      'write frame:<protocol>.<frame>; or, where the header names the protocol, frame:<frame>;',
    );
    return undefined;
  },
  compile(text, builder, node) {
    const found = named(text.replace(':', '.')) ?? named(`${builder.protocol}.${text}`);
    if (found !== undefined) {
      builder.selectBuffer(frameBuffer(found), node);
      return;
    }
    const [, first, second] = FORM.exec(text)!;
    const protocol = second === undefined ? undefined : protocolOf(first!);
    builder.waitFor(protocol === undefined || isParsed(protocol as ApplicationName) ? 'frames' : protocol);
    builder.selectUnparsed(false);
  },
  print: (text) => text,
  doc: {
    appliesTo: 'buffer',
    summary: `A part of the messages of a protocol as it was sent, by itself, once it is whole: ${FRAMES.join(', ')}.`,
    syntax: 'frame:<protocol>.<frame>; or frame:<frame>;',
    example: 'frame:tls.hdr; content:"|16 03|"; startswith;',
    differences:
      'Up to 64 KiB of a frame. Two wait for frames: stream, of each protocol, which in Suricata is all that a side has said, tried when it ends, and those of doh2, which are frames of http2. Commands of SMTP are one frame, without their line end. A frame that the end of its stream cuts is not looked at, as there, but for those that end so anyway (HTTP, mails); there messages of LDAP and SIP are, and heads of TLS and SSH whose record does not come. Pages of protocols say what differs in theirs.',
  },
});

/** Whether it is a frame without its protocol, which may have points in it: record.hdr. */
const isPart = (text: string): boolean => FRAMES.some((name) => name.endsWith(`.${text}`));

const named = (text: string): FrameName | undefined => FRAMES.find((name) => name === text);

/** Frames of SMB and of early TLS go by their version. */
function protocolOf(name: string): string | undefined {
  return waitingProtocol(name) ?? waitingProtocol(name.replace(/\d+$/, '')) ?? (name === 'nbss' ? 'smb' : undefined);
}
