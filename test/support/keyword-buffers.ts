/**
 * Buffers of an application that is parsed nowhere but in tests, under the name of one that rules can write: for tests
 * that put them in the place of src/app/buffers.ts (`vi.mock`), and have the application count as parsed.
 */
import type { BufferSpec } from '../../src/app/buffer-spec.js';

const fake = (name: string, what: string, more: Partial<BufferSpec>): BufferSpec => ({
  name,
  what,
  applications: ['rfb'],
  scope: 'tx',
  kind: 'single',
  ...more,
});

export const FAKE_BUFFERS: readonly BufferSpec[] = [
  fake('fake.uri', 'the address', { toServer: 1, aliases: ['fake_uri'], modifiers: ['fake_address'], letter: 'U' }),
  fake('fake.method', 'the method', { toServer: 1, modifiers: ['fake_method'], common: true }),
  fake('fake.host', 'the host', { toServer: 2, lowercase: true, longest: 8 }),
  fake('fake.status', 'the status', { toClient: 1 }),
  fake('fake.header', 'each header', { toServer: 2, toClient: 2, kind: 'multi' }),
  fake('fake.body', 'the body', { toServer: 3, toClient: 3, kind: 'growing' }),
  fake('fake.code', 'the code', {
    toServer: 1,
    toClient: 1,
    kind: 'number',
    values: { maximum: 0xff, names: { ok: 0, refused: 5 } },
  }),
  fake('fake.flags', 'the flags', {
    toServer: 1,
    kind: 'number',
    values: { maximum: 0xff, names: { dup: 8, retain: 1, fin: 0x80 }, bits: true },
  }),
  fake('fake.states', 'the states', {
    toServer: 1,
    kind: 'number',
    values: { maximum: 0xff, names: { open: 1, shut: 2 }, bits: true, list: 'any' },
  }),
  fake('fake.versions', 'the version', {
    toServer: 1,
    kind: 'number',
    values: { maximum: 0xffff, names: { '1.2': 0x303, '1.3': 0x304 }, list: 'any' },
  }),
  fake('fake.types', 'the types', {
    toServer: 1,
    kind: 'number',
    values: { maximum: 0xffff, names: { a: 1, mx: 15 }, many: true },
  }),
  fake('fake.length', 'the length', {
    toServer: 1,
    kind: 'number',
    values: { maximum: 0xffff, variants: { norm: 'fake.length', raw: 'fake.length.raw' } },
  }),
  fake('fake.length.raw', 'the length as it came', { toServer: 1, kind: 'number', keyword: '' }),
  { ...fake('other.name', 'a name', { toServer: 1 }), applications: ['quic'] },
];
