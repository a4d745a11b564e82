/** The lists of suricata-update: which rules their lines name, and what becomes of these. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { applyLists } from '../../src/load/apply-lists.js';
import { ListError, parseLists, type ListName } from '../../src/load/rule-lists.js';

const rule = (sid: number, options = '', action = 'alert'): string =>
  `${action} tcp any any -> any any (msg:"rule ${sid}"; content:"x"; ${options}sid:${sid}; rev:1;)`;
const FILES = {
  'rules/emerging-dns.rules': [
    '# A remark',
    rule(1, 'metadata:deployment Perimeter, created_at 2020_01_01; '),
    `# ${rule(2)}`,
    rule(3, 'gid:3; '),
  ].join('\n'),
  'rules/emerging-web.rules': [rule(4, 'classtype:trojan-activity; '), rule(5, 'flowbits:set,a; noalert; ')].join('\n'),
};
const asFiles = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([path, text]) => ({ path, content: Buffer.from(text, 'latin1') }));
const listed = (lists: Partial<Record<ListName, string>>, files = asFiles(FILES)) =>
  applyLists(
    files,
    parseLists(Object.fromEntries(Object.entries(lists).map(([name, text]) => [name, { path: `${name}.conf`, text }]))),
  );
/** Sids of rules that are on, with their action where it is another. */
const on = (lists: Partial<Record<ListName, string>>): string =>
  listed(lists)
    .files.flatMap(({ content }) => Buffer.from(content).toString().split('\n'))
    .flatMap((line) => {
      const [, action, sid] = /^(\w+) .*sid:(\d+)/.exec(line) ?? [];
      return action === undefined ? [] : [action === 'alert' ? sid : `${action} ${sid}`];
    })
    .join();

describe('a line names', () => {
  it.each([
    ['', '1,3,4,5'],
    ['# 1\n\n', '1,3,4,5'],
    ['1', '3,4,5'],
    ['1:1 # why', '3,4,5'],
    ['1, 1:4', '3,5'],
    ['3', '1,3,4,5'],
    ['3:3', '1,4,5'],
    ['re:TROJAN', '1,3,5'],
    ['re:"rule [14]"', '3,5'],
    ['re:(?i)Rule 5', '1,3,4'],
    ['group:emerging-dns.rules', '4,5'],
    ['group:emerging-dns', '4,5'],
    ['group:*web*', '1,3'],
    ['group:dns', '1,3,4,5'],
    ['filename:rules/emerging-web.rules', '1,3'],
    ['filename:*/emerging-???.rules', ''],
    ['filename:emerging-web.rules', '1,3,4,5'],
    ['metadata: deployment perimeter', '3,4,5'],
    ['metadata: deployment', '1,3,4,5'],
    ['*', ''],
  ])('to disable, %s', (line, expected) => expect(on({ disable: line })).toBe(expected));

  it('to enable, after what is disabled', () => {
    expect(on({ enable: '2' })).toBe('1,2,3,4,5');
    expect(on({ disable: 'group:emerging-dns', enable: '1\n2' })).toBe('1,2,4,5');
  });

  it('to drop, but none that only marks', () => {
    expect(on({ drop: 're:rule' })).toBe('drop 1,drop 3,drop 4,5');
  });
});

describe('a modification', () => {
  const text = (modify: string, sid = 1): string =>
    listed({ modify })
      .files.flatMap(({ content }) => Buffer.from(content).toString().split('\n'))
      .find((line) => line.includes(`sid:${sid};`))!;

  it.each([
    ['1 "content:\\"x\\"" "content:\\"y\\""', 'content:"y"'],
    ["1 'rule (\\d)' 'changed \\1'", 'msg:"changed 1"'],
    ['1 "rule (\\d)" "changed ${1} for $5"', 'msg:"changed 1 for $5"'],
    ['modifysid 1 "^alert" | "pass"', 'pass tcp'],
    ['re:"rule 1" any $HOME_NET', 'alert tcp $HOME_NET $HOME_NET -> $HOME_NET $HOME_NET'],
    ['metadata-add 1 tag important', 'rev:1; metadata:tag important;)'],
    ['1 alert drop\n1 drop reject', 'reject tcp'],
  ])('%s', (line, expected) => expect(text(line)).toContain(expected));

  it('leaves others as they are', () => expect(text('1 alert pass', 4)).toMatch(/^alert tcp/));
});

describe('a set', () => {
  it('keeps files in which nothing changes, byte for byte', () => {
    const files = asFiles(FILES);
    const { files: made, ...counts } = listed({ disable: '4' }, files);
    expect(made[0]).toBe(files[0]);
    expect(Buffer.from(made[1]!.content).toString()).toMatch(/^# alert .*sid:4; rev:1;\)\nalert .*\n$/);
    expect(counts).toEqual({ enabled: 0, disabled: 1, modified: 0, dropping: 0 });
  });

  it('may be compressed', () => {
    const [file] = listed({ disable: '1' }, [{ path: 'a.rules.gz', content: gzipSync(rule(1)) }]).files;
    expect([file!.path, Buffer.from(file!.content).toString()]).toEqual(['a.rules', `# ${rule(1)}\n`]);
  });

  it('has rules over several lines as one line each', () => {
    const content = Buffer.from(`alert tcp any any -> any any ( \\\n  msg:"a"; sid:1;)\n${rule(2)}\n`);
    const [file] = listed({ disable: '1' }, [{ path: 'a.rules', content }]).files;
    expect(Buffer.from(file!.content).toString().split('\n')[0]).toMatch(/^# alert .* \( +msg:"a"; sid:1;\)$/);
  });
});

describe('a mistake is named with its line', () => {
  it.each([
    ['disable', '1\nemerging-dns.rules', "disable.conf:2: 'emerging-dns.rules' names no rules"],
    ['enable', 're:(', 'enable.conf:1: Invalid regular expression'],
    ['modify', '1 "a', 'modify.conf:1: a quotation mark is missing'],
    ['modify', '1 a', 'modify.conf:1: 2 words where there must be three'],
    ['modify', 'metadata-add 1 key', 'modify.conf:1: metadata-add takes'],
    ['modify', 'metadata-add 1 key "a; sid:2"', 'modify.conf:1: keys and values of metadata'],
  ])('%s: %s', (name, text, message) => {
    expect(() => listed({ [name]: text })).toThrow(ListError);
    expect(() => listed({ [name]: text })).toThrow(message);
  });
});
