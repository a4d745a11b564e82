/** The directory of stored files: names, modes, and what it does not take. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { STORE_LAYOUT, STORE_SLOTS, type StoreCounter } from '../../src/counters/names.js';
import { FileDirectory, MOST_COPIES, type FileStoreOptions } from '../../src/output/file-store.js';
import { Folder } from '../support/sensor.js';

const folders: Folder[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) folder.remove();
});

function open(limits: Partial<FileStoreOptions> = {}, folder = new Folder()) {
  folders.push(folder);
  const counts = new Float64Array(STORE_LAYOUT.size);
  const directory = join(folder.path, 'files');
  const store = new FileDirectory({ directory, files: 100, bytes: 1000, ...limits }, counts);
  return { store, directory, folder, count: (name: StoreCounter) => counts[STORE_SLOTS[name]] };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const pathOf = (directory: string, text: string): string => {
  const name = createHash('sha256').update(text).digest('hex');
  return join(directory, name.slice(0, 2), name);
};

function put(store: FileDirectory, number: number, text: string): void {
  store.begin(0, number);
  for (const part of text.match(/.{1,3}/gs) ?? []) store.append(0, number, bytes(part));
  store.keep(0, number);
}

describe('stored files', () => {
  it('are named by what is in them, and only their owner may read them', () => {
    const { store, directory, count } = open();
    put(store, 1, 'content');
    expect(statSync(pathOf(directory, 'content')).mode & 0o777).toBe(0o600);
    expect(statSync(join(pathOf(directory, 'content'), '..')).mode & 0o777).toBe(0o700);
    expect([count('files'), count('bytes'), count('stored'), count('storedBytes')]).toEqual([1, 7, 1, 7]);
  });

  it('are there once', () => {
    const { store, directory, count } = open();
    put(store, 1, 'same');
    put(store, 2, 'same');
    expect([count('stored'), count('known'), count('bytes')]).toEqual([1, 1, 4]);
    expect(readdirSync(join(directory, 'incoming'))).toEqual([]);
  });

  it('come from several shards at a time', () => {
    const { store, directory } = open();
    store.begin(0, 1);
    store.begin(1, 1);
    store.append(1, 1, bytes('b'));
    store.append(0, 1, bytes('a'));
    store.keep(0, 1);
    store.keep(1, 1);
    expect([existsSync(pathOf(directory, 'a')), existsSync(pathOf(directory, 'b'))]).toEqual([true, true]);
  });

  it('are no more than the directory may have, those from before among them', () => {
    const first = open();
    put(first.store, 1, 'one');
    const { store, count } = open({ files: 2 }, first.folder);
    expect([count('files'), count('bytes'), store.isFull]).toEqual([1, 3, false]);
    put(store, 1, 'two');
    expect(store.isFull).toBe(true);
    put(store, 2, 'three');
    expect([count('files'), count('overFiles')]).toEqual([2, 1]);
  });

  it('have no more bytes than the directory may have, with those under way', () => {
    const { store, count } = open({ bytes: 10 });
    store.begin(0, 1);
    store.append(0, 1, bytes('123456'));
    put(store, 2, 'abcdef');
    expect([count('overBytes'), count('files')]).toEqual([1, 0]);
    store.drop(0, 1);
    put(store, 3, 'abcdef');
    expect(count('files')).toBe(1);
  });

  it('leave nothing where they do not become complete', () => {
    const { store, directory, folder, count } = open();
    store.begin(0, 1);
    store.append(0, 1, bytes('x'));
    store.begin(1, 1);
    store.dropAll(0);
    expect(readdirSync(join(directory, 'incoming'))).toEqual(['1-1']);
    store.keep(0, 1);
    store.append(0, 1, bytes('y'));
    expect(count('stored')).toBe(0);
    open({}, folder);
    expect(readdirSync(join(directory, 'incoming'))).toEqual([]);
  });

  it('are so many under way at a time', () => {
    const { store, count } = open({ files: 1000 });
    for (let number = 0; number <= MOST_COPIES; number++) store.begin(0, number);
    expect(count('overCopies')).toBe(1);
    store.dropAll();
    expect(count('errors')).toBe(0);
  });

  it('cost a copy each where the disk does not take them', () => {
    const { store, directory, count } = open();
    writeFileSync(join(directory, createHash('sha256').update('no').digest('hex').slice(0, 2)), '');
    put(store, 1, 'no');
    expect([count('errors'), count('stored')]).toEqual([1, 0]);
    expect(readdirSync(join(directory, 'incoming'))).toEqual([]);
    put(store, 2, 'yes');
    expect(count('stored')).toBe(1);
  });

  it('need a directory that can be one', () => {
    const folder = new Folder();
    writeFileSync(join(folder.path, 'files'), '');
    expect(() => open({}, folder)).toThrow();
  });
});
