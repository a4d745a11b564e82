/** Behind bytes that were lost, and behind a length that is none, the next message of MQTT is found. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MQTT_BUFFERS } from '../../../src/app/mqtt/buffers.js';
import { MQTT, MQTT_EVENTS } from '../../../src/app/mqtt/index.js';
import { concat, u16 } from '../../support/packet-builder.js';
import { message, text } from '../support/mqtt-messages.js';
import { Talk } from '../support/talk.js';

const CONNECT = message(0x10, text('MQTT'), [4, 2], u16(60), text('device'));
const publish = (topic: string, body: string): Uint8Array => message(0x30, text(topic), body);
const newTalk = (): Talk => {
  const talk = new Talk(MQTT, MQTT_BUFFERS, MQTT_EVENTS, 8);
  talk.stream('>', CONNECT);
  return talk;
};
const topicsOf = (talk: Talk): readonly (string | number)[] =>
  talk.seen.flatMap(({ values }) => values['> mqtt.publish.topic'] ?? []);

describe('MQTT', () => {
  it('is read again from the first whole message behind a gap', () => {
    const talk = newTalk();
    const cut = publish('lost/topic', 'the end of this one is seen: 0,"temperature":21');
    talk.gap('>', 20);
    talk.stream('>', concat(cut.slice(20), publish('a/b', 'one'), message(0xc0), publish('c', 'two')));
    expect(topicsOf(talk)).toEqual(['a/b', 'c']);
    expect(talk.connection.broken).toBe(false);
  });

  it('finds it however the bytes behind the gap are cut', () => {
    const behind = concat('t end "x":1}', publish('a/b', 'one'), publish('c', 'two'));
    for (let at = 1; at < behind.length; at++) {
      const talk = newTalk();
      talk.gap('>', 7);
      talk.stream('>', behind.slice(0, at));
      talk.stream('>', behind.slice(at));
      expect(topicsOf(talk)).toEqual(['a/b', 'c']);
    }
  });

  it('is read again behind a length that is none, which is malformed', () => {
    const talk = newTalk();
    talk.stream('>', concat([0x30, 255, 255, 255, 255, 1], publish('a/b', 'one'), publish('c', 'two')));
    expect(talk.seen.some(({ events }) => events.includes('malformed_traffic'))).toBe(true);
    expect(topicsOf(talk)).toEqual(['a/b', 'c']);
  });

  it('finds messages behind a gap in whatever bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.array(fc.uint8Array({ maxLength: 20 })), (first, rest) => {
        const talk = newTalk();
        talk.gap('>', 5);
        for (const bytes of [first, ...rest]) if (!talk.connection.broken) talk.stream('>', bytes);
        talk.reset();
        expect(talk.arena.usedBytes).toBe(0);
      }),
      { numRuns: 200 },
    );
  });
});
