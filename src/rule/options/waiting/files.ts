/**
 * Keywords of files in transfer, whatever carries them. Stage: rule; data only. Reference: Suricata, file keywords;
 * Snort 3, file.
 */
import { pattern, text, UINT53 } from './value-syntax.js';
import type { WaitingProtocol } from './waiting-keyword.js';

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
    ['file.name', 'the name of the file'],
    ['vba_data', 'macros of a document (Snort 3)'],
  ],
  conditions: [
    ['filesize', 'compares the size', UINT53],
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
