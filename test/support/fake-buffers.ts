/** The buffers of an application that is not there: one of each sort. Mixed into the registry by tests (`vi.mock`). */
import type { BufferSpec } from '../../src/app/buffer-spec.js';

/** It goes by the name of one that is not parsed. */
export const FAKE_APPLICATION = 'redis';

/** Progress of its sides. */
export const FAKE_STATE = {
  request: 1,
  words: 2,
  body: 3,
  requestComplete: 4,
  answer: 1,
  reply: 2,
  answerComplete: 3,
} as const;

const fake = (name: string, fields: Pick<BufferSpec, 'kind' | 'toServer' | 'toClient'>): BufferSpec => ({
  name,
  what: 'a buffer of tests',
  applications: [FAKE_APPLICATION],
  scope: 'tx',
  ...fields,
});

export const FAKE_BUFFERS: readonly BufferSpec[] = [
  fake('fake.request', { kind: 'single', toServer: FAKE_STATE.request }),
  fake('fake.word', { kind: 'multi', toServer: FAKE_STATE.words }),
  fake('fake.body', { kind: 'growing', toServer: FAKE_STATE.body }),
  fake('fake.answer', { kind: 'single', toClient: FAKE_STATE.answer }),
  fake('fake.reply', { kind: 'growing', toClient: FAKE_STATE.reply }),
  fake('fake.head', { kind: 'single', toServer: FAKE_STATE.request, toClient: FAKE_STATE.answer }),
];
