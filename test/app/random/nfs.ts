/**
 * Random talks of NFS 3 and 4 about files, which are read and written in parts, and random rules over them. Parts are
 * whole words, and calls whole segments: of others Suricata takes the padding for a part, or does not read the answer.
 */
import type { Said } from '../../support/conversation.js';
import { NfsFiles, op } from '../support/nfs-files.js';
import type { Chance, Talk } from './chance.js';
import { oneOf, rulesOver, upTo } from './rules.js';

const NAMES = ['a.exe', 'evil.dll', 'update.txt'];
const WORDS = ['evil', 'MZ\0\0', 'password', 'hello world!'];

interface Part {
  readonly offset: number;
  readonly data: string;
  readonly isLast: boolean;
}

function partsOf(chance: Chance): Part[] {
  const words = [chance.one(WORDS), ...chance.some(2, () => chance.one(WORDS))];
  let offset = 0;
  return words.map((data, index) => {
    const part = { offset, data, isLast: index === words.length - 1 };
    offset += data.length;
    return part;
  });
}

/** Sometimes the second part comes first. */
const mixed = (chance: Chance, parts: Part[]): Part[] =>
  parts.length > 2 && chance.often(30) ? [parts[1]!, parts[0]!, ...parts.slice(2)] : parts;

function readFile(chance: Chance, nfs: NfsFiles, name: string): Said[] {
  const ends = chance.often(80);
  return [
    ...(chance.often(85) ? nfs.lookUp(name) : []),
    ...mixed(chance, partsOf(chance)).flatMap(({ offset, data, isLast }) =>
      nfs.read(name, offset, data, ends && isLast),
    ),
  ];
}

function writtenFile(chance: Chance, nfs: NfsFiles, name: string): Said[] {
  const parts = mixed(chance, partsOf(chance));
  const isAtOnce = parts.length === 1 && chance.often(50);
  return [
    ...(chance.often(85) ? nfs.lookUp(name) : []),
    ...parts.flatMap(({ offset, data }) => nfs.write(name, offset, data, isAtOnce ? 2 : 0)),
    ...(!isAtOnce && chance.often(80) ? nfs.commit(name) : []),
  ];
}

/** Of version 4 files have no names there, so that none is opened. */
function fileOf4(chance: Chance, nfs: NfsFiles, name: string): Said[] {
  const of = op.use(name);
  const reads = chance.often(50);
  return [
    ...mixed(chance, partsOf(chance)).flatMap(({ offset, data, isLast }) =>
      nfs.compound(of, reads ? op.read(offset, data, isLast) : op.write(offset, data), op.attributes),
    ),
    ...nfs.compound(of, op.close),
  ];
}

type FileMaker = (chance: Chance, nfs: NfsFiles, name: string) => Said[];

function talkOf(chance: Chance, file: FileMaker, isStream: boolean): Talk {
  const nfs = new NfsFiles({ isStream });
  const names = [chance.one(NAMES), ...chance.some(1, () => 'other.bin')];
  return { serverPort: 2049, udp: !isStream, said: names.flatMap((name) => file(chance, nfs, name)) };
}

export const nfsFilesTalk = (chance: Chance): Talk =>
  talkOf(chance, chance.often(50) ? readFile : writtenFile, chance.often(70));
/** Over TCP, as there is no other. */
export const nfs4FilesTalk = (chance: Chance): Talk => talkOf(chance, fileOf4, true);

export const nfsFilesRule = rulesOver('nfs', [
  ['file.data', oneOf(...WORDS.map((word) => word.replaceAll('\0', '')))],
  ['file.name', oneOf(...NAMES)],
  ['filename', (chance) => `"${chance.one(NAMES)}"`, true],
  ['fileext', (chance) => `"${chance.one(['exe', 'dll', 'txt'])}"`, true],
  ['filesize', upTo(20), true],
  ['nfs_procedure', oneOf('3', '6', '7', '>5'), true],
  ['nfs.version', oneOf('3', '4'), true],
]);

export const nfs4FilesRule = rulesOver('nfs', [
  ['file.data', oneOf(...WORDS.map((word) => word.replaceAll('\0', '')))],
  ['filesize', upTo(20), true],
  ['nfs_procedure', oneOf('25', '38', '>24'), true],
]);
