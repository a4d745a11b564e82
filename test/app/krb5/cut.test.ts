/** A message of Kerberos in which something is longer than what is around it. */
import { describe, expect, it } from 'vitest';
import { KRB5_BUFFERS } from '../../../src/app/krb5/buffers.js';
import { KRB5, KRB5_EVENTS } from '../../../src/app/krb5/index.js';
import { request } from '../support/krb5-messages.js';
import { Talk } from '../support/talk.js';

const MEMBER_1 = 0xa1;
const MEMBER_4 = 0xa4;

function seenOf(message: Uint8Array) {
  const talk = new Talk(KRB5, KRB5_BUFFERS, KRB5_EVENTS);
  talk.datagram('>', message);
  return talk.seen[0]!;
}

describe('a part of a request that is said to be longer than the request', () => {
  it('is not read', () => {
    const message = request(10);
    message[message.indexOf(MEMBER_4) + 1]! += 1;
    expect(seenOf(message)).toMatchObject({ events: ['malformed_data'] });
    expect(seenOf(message).values).not.toHaveProperty('> krb5.cname');
  });

  it('is not read where it is a name', () => {
    const message = request(10, 'alice', ['a']);
    message[message.lastIndexOf(MEMBER_1) + 1]! += 1;
    expect(seenOf(message).values).toHaveProperty('> krb5.cname');
    expect(seenOf(message).values).not.toHaveProperty('> krb5.sname');
  });
});
