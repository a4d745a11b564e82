/** When TLS follows RDP: where both sides have agreed on it, and not because one side begins with it. */
import { expect, it } from 'vitest';
import { RDP } from '../../../src/app/rdp/index.js';
import { DIRECTION } from '../../../src/flow/flow.js';
import { applicationOf } from '../../../src/flow/flow-application.js';
import { concat } from '../../support/packet-builder.js';
import { nameOf, Speaking } from '../../support/speaking.js';
import { connect, core } from '../support/rdp-messages.js';

const { toServer, toClient } = DIRECTION;
const negotiation = (type: number, value: number): Uint8Array => concat([type, 0, 8, 0, value, 0, 0, 0]);
const connection = (type: number, body: Uint8Array): Uint8Array =>
  concat([3, 0, 0, 11 + body.length, 6 + body.length, type, 0, 0, 0, 0, 0], body);
const HELLO = [0x16, 3, 1, 0, 4, 1, 0, 0, 0];

function speak(): Speaking {
  return new Speaking({ protocols: [RDP], port: 3389 }).say(toServer, connection(0xe0, negotiation(1, 3)));
}

const agreed = (): Speaking => speak().say(toClient, connection(0xd0, negotiation(2, 2)));

it('follows the answer that agrees on it, from its first record on', () => {
  const speaking = agreed();
  expect(speaking.layer.isChanging(speaking.flow)).toBe(false);
  expect(speaking.layer.settle(speaking.flow)).toBe(false);
  speaking.say(toServer, concat(HELLO));
  expect(speaking.layer.isChanging(speaking.flow)).toBe(true);
});

it('does not follow where RDP goes on without it, which is read', () => {
  const speaking = agreed();
  speaking.layer.settle(speaking.flow);
  speaking.say(toServer, connect(core())).say(toServer, concat(HELLO));
  expect(speaking.layer.isChanging(speaking.flow)).toBe(false);
  expect(nameOf(applicationOf(speaking.flow))).toBe('rdp');
  expect(speaking.stats.get('transactions', applicationOf(speaking.flow))).toBe(3);
});

it('does not follow where something else comes, which is malformed', () => {
  const speaking = agreed();
  speaking.layer.settle(speaking.flow);
  speaking.say(toServer, Buffer.from('GET / HTTP/1.1\r\n'));
  expect(speaking.layer.isChanging(speaking.flow)).toBe(false);
  expect(nameOf(applicationOf(speaking.flow))).toBe('rdp');
  expect(speaking.stats.get('transactions', applicationOf(speaking.flow))).toBe(3);
});

it('does not follow where such a record seems to stand in what is malformed, wherever that is cut', () => {
  const speaking = agreed();
  speaking.layer.settle(speaking.flow);
  for (const piece of [Buffer.from('GET / '), Buffer.from('HTTP/1.1\r\n'), concat(HELLO)])
    speaking.say(toServer, piece);
  expect(speaking.layer.isChanging(speaking.flow)).toBe(false);
});

it('does not follow from a side that begins with it: that is malformed, and the connection stays RDP', () => {
  const speaking = speak();
  expect(speaking.layer.settle(speaking.flow)).toBe(false);
  for (let times = 0; times < 3; times++) {
    speaking.say(toClient, concat(HELLO));
    expect([speaking.layer.settle(speaking.flow), nameOf(applicationOf(speaking.flow))]).toEqual([false, 'rdp']);
  }
  // The request, and once what is malformed.
  expect(speaking.stats.get('transactions', applicationOf(speaking.flow))).toBe(2);
});
