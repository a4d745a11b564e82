/**
 * Keywords of files in transfer, whatever carries them. Stage: rule; data only. Reference: Suricata, file keywords;
 * Snort 3, file.
 */
import { pattern, text, UINT53 } from './value-syntax.js';
import type { WaitingProtocol } from './waiting-keyword.js';

const HASHES = text('file of hashes', 'bad-hashes.txt');

const SETTING = '(?:type [\\w.-]+|id \\d+|(?:category|version) (?:"[^"]*"|[^,"]+)|group (?:"[^"]*"|[^"]+))';
const FILE_META = pattern(
  new RegExp(`^${SETTING}(?:,${SETTING})*$`),
  'type <name>,id <number>[,category "<text>"][,group "<names>"][,version "<text>"]',
  'type PDF,id 282,category "PDF files"',
);

export const FILES: WaitingProtocol = {
  protocol: 'file',
  buffers: [
    ['file.data file_data', 'the contents of a file', pattern(/^mime$/, 'mime', 'mime', true)],
    ['file.magic', 'what the file is, by its first bytes'],
    ['file.name', 'the name of the file'],
    ['vba_data', 'macros of a document (Snort 3)'],
  ],
  conditions: [
    ['fileext', 'the extension of the name', text('extension', '"exe"')],
    ['filemagic', 'a part of what the file is', text('text', '"executable for MS Windows"')],
    ['filename', 'a part of the name', text('text', '"secret"')],
    ['filemd5', 'the MD5 digest is in a list', HASHES],
    ['filesha1', 'the SHA-1 digest is in a list', HASHES],
    ['filesha256', 'the SHA-256 digest is in a list', HASHES],
    ['filesize', 'compares the size', UINT53],
    [
      'filestore',
      'asks for the file to be kept',
      pattern(
        /^(?:request|response|both|to_server|to_client)(?:,(?:file|tx|ssn|flow))?$/,
        '<direction>,<scope>',
        'response,file',
        true,
      ),
    ],
    ['file_type', 'names types (Snort 3)', text('types', '"PDF,MSEXE"')],
    ['file_group', 'names groups of types (Snort 2)', text('groups', '"executable"')],
    ['file_meta', 'says what a type is (Snort 3)', FILE_META],
    [
      'windows_pe',
      'the file is a program of Windows, perhaps one with certain headers',
      pattern(/^[\w. !<>=&,-]+$/, '<comparisons of headers>', 'architecture x86', true),
    ],
  ],
};
