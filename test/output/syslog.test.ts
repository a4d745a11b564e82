import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyslogFraming } from '../../src/output/syslog.js';

const framing = new SyslogFraming({ facility: 'local5', hostname: 'sensor-1', processId: 42 });

/** Takes frames apart by their counts, as a receiver does. */
function messagesOf(stream: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < stream.length;) {
    const space = stream.indexOf(0x20, at);
    const length = stream.toString('latin1', at, space);
    expect(length).toMatch(/^[1-9]\d*$/);
    messages.push(stream.toString('utf8', space + 1, space + 1 + Number(length)));
    at = space + 1 + Number(length);
  }
  return messages;
}
/** PRI VERSION TIMESTAMP HOSTNAME APP-NAME PROCID MSGID STRUCTURED-DATA MSG (RFC 5424, 6). */
const MESSAGE =
  /^<(\d{1,3})>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z) ([\x21-\x7e]{1,255}) ([\x21-\x7e]{1,48}) ([\x21-\x7e]{1,128}) ([\x21-\x7e]{1,32}) - ([^]*)$/;

describe('SyslogFraming', () => {
  it('makes messages of events, with their time, kind and severity', () => {
    const alert = (severity: number): string =>
      `{"timestamp":"2026-11-26T10:34:39.123456+0000","flow_id":7,"event_type":"alert","alert":{"severity":${severity}}}`;
    const dns = '{"timestamp":"2026-11-26T10:34:40.000000+0000","event_type":"dns","dns":{"rrname":"ü"}}';
    const lines = [alert(1), alert(2), alert(3), alert(4), dns];
    const messages = messagesOf(framing.frame(Buffer.from(lines.map((line) => `${line}\n`).join(''))));
    const heads = messages.map((message, i) => message.slice(0, -lines[i]!.length));
    const time = '2026-11-26T10:34:39.123456Z';
    expect(heads).toEqual([
      `<170>1 ${time} sensor-1 periscope 42 alert - `,
      `<171>1 ${time} sensor-1 periscope 42 alert - `,
      `<172>1 ${time} sensor-1 periscope 42 alert - `,
      `<173>1 ${time} sensor-1 periscope 42 alert - `,
      '<174>1 2026-11-26T10:34:40.000000Z sensor-1 periscope 42 dns - ',
    ]);
    expect(messages.map((message, i) => message.slice(-lines[i]!.length))).toEqual(lines);
  });

  it('makes well-formed messages of any line and any name', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.string({ unit: 'grapheme' }), (texts, hostname) => {
        const lines = texts.map((text) => text.replaceAll('\n', ' '));
        const any = new SyslogFraming({ facility: 'daemon', hostname, processId: 1 });
        const messages = messagesOf(any.frame(Buffer.from(lines.map((line) => `${line}\n`).join(''))));
        expect(messages.map((message) => MESSAGE.exec(message)?.[7])).toEqual(lines);
      }),
      { numRuns: 200 },
    );
  });
});
