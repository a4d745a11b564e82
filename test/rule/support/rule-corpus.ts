/**
 * Rules to start mutations from: those that ship, one for every keyword of the registry with its own example, samples
 * of the public sets where ../shared lies beside the project, and a few that are written as hardly anybody would.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readText } from '../../../src/load/read-text.js';
import { splitRules } from '../../../src/load/split-rules.js';
import { OPTIONS } from '../../../src/rule/options/registry.js';

const RULES = fileURLToPath(new URL('../../../rules/', import.meta.url));
const SHARED = fileURLToPath(new URL('../../../../shared/rules/', import.meta.url));

/** Written in unusual ways, and loaded all the same. */
export const ODD_RULES: readonly string[] = [
  'alert tcp $HOME_NET any -> [10.0.0.0/8,!10.1.1.1] 80: (msg:"a \\"b\\""; flow:established,to_server; content:"GET |0d 0a|"; nocase; depth:10; content:!"x"; distance:0; within:5; pcre:"/a[b;]c/Ri"; sid:1; rev:2;)',
  'drop udp !$HOME_NET [53,!1:20] <> any any (content:"|00 01|"; offset:2; depth:2; byte_test:2,>,10,0,relative; byte_jump:1,0,relative; isdataat:!1,relative; threshold:type limit, track by_src, count 1, seconds 60; sid:2;)',
  'alert http any any -> any any (msg:"x"; http.uri; content:"a"; content:"b"; fast_pattern; reference:cve,2021-1; metadata:a b, c d; classtype:trojan-activity; sid:3; gid:4;)',
  'alert icmp any any -> any any (itype:8; icode:0; dsize:>10; flowbits:set,a; vni:1-5; sid:5; noalert;)',
  'alert http (http_uri; content:"/a;b",nocase,offset 4,depth 40; content:"x", distance 0, within 5; service:http; sid:6; rem:"c d";)',
  'ALERT Tcp [1.2.3.4,[2001:db8::/32,![2001:db8::1]]] ![1:9,[20,!25]] <> ANY any\t(  MSG : "\\;\\\\" ;Content:"\xe4|fF 00|\xf6";sid:0x7;)',
  'pass tcp:flow_start any any -> any any (byte_extract:2,0,n,relative,little; byte_math:bytes 2, offset 0, oper +, rvalue n, result m, string dec; content:"q"; distance:m; within:n; sid:8;)',
];

/** The texts of the rules of a file. */
export function rulesOf(path: string, every = 1): string[] {
  const read = readText(path);
  if ('reason' in read) throw new Error(`${path}: ${read.reason}`);
  const texts: string[] = [];
  let number = 0;
  for (const { text } of splitRules(read.text)) if (number++ % every === 0) texts.push(text);
  return texts;
}

export function shippedRules(): string[] {
  return readdirSync(RULES)
    .filter((name) => name.endsWith('.rules'))
    .flatMap((name) => rulesOf(join(RULES, name)));
}

/** One rule for each keyword: its example, behind a content for what modifies one. */
export function keywordRules(): string[] {
  return OPTIONS.map(({ doc }, index) => {
    const content =
      doc.appliesTo === 'content modifier' && !doc.example.includes('content:') ? 'content:"abcdef"; ' : '';
    const own = /(?:^|; )(?:sid|msg):/.test(doc.example) ? '' : `msg:"${index}"; sid:${1000 + index};`;
    return `alert tcp any any -> any any (${content}${doc.example.trim().replace(/;?$/, ';')} ${own || 'sid:999;'})`;
  });
}

/** Every so many rules of the public sets; none without ../shared. */
export function publicRules(every: number): string[] {
  if (!existsSync(SHARED)) {
    console.warn(`SKIPPED: ${SHARED} is not there: public rule sets are not mutated`);
    return [];
  }
  return readdirSync(SHARED)
    .filter((name) => name.endsWith('.rules.gz'))
    .flatMap((name) => rulesOf(join(SHARED, name), every));
}
