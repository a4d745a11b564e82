/** tag in the writings of Suricata, Snort 2 and Snort 3. */
import { describe, expect, it } from 'vitest';
import type { Tag } from '../../../src/rule/program.js';
import { compileOptions, findings, reparse } from '../../support/rule-options.js';

describe('tag', () => {
  it.each<[text: string, printed: string, meaning: Tag]>([
    ['tag:session', 'session', { scope: 'session', packets: 256 }],
    ['tag:session,5,packets', 'session,5,packets', { scope: 'session', packets: 5 }],
    ['tag: session, 20, packets', 'session,20,packets', { scope: 'session', packets: 20 }],
    ['tag:session,9,bytes,dst', 'session,9,bytes,dst', { scope: 'session', bytes: 9 }],
    ['tag:host', 'host', { scope: 'host_dst', packets: 256 }],
    ['tag:host,src', 'host,src', { scope: 'host_src', packets: 256 }],
    ['tag:host,100,packets,src', 'host,100,packets,src', { scope: 'host_src', packets: 100 }],
    ['tag:host,3600,seconds,dst', 'host,3600,seconds,dst', { scope: 'host_dst', seconds: 3600 }],
    ['tag:host,0,packets,600,seconds,src', 'host,0,packets,600,seconds,src', { scope: 'host_src', seconds: 600 }],
    ['tag:session,packets 5', 'session,5,packets', { scope: 'session', packets: 5 }],
    ['tag:host_src,seconds 60,bytes 9', 'host,60,seconds,9,bytes,src', { scope: 'host_src', seconds: 60, bytes: 9 }],
    ['tag:host_dst,bytes 4294967295', 'host,4294967295,bytes,dst', { scope: 'host_dst', bytes: 0xffff_ffff }],
  ])('%s', (text, printed, meaning) => {
    const { program, diagnostics } = compileOptions(`${text};`);
    expect(diagnostics).toEqual([]);
    expect(program!.tags).toEqual([{ packets: undefined, bytes: undefined, seconds: undefined, ...meaning }]);
    expect(reparse(text).printed).toBe(`tag:${printed}`);
    expect(reparse(text).second).toEqual(reparse(text).first);
  });

  it('may stand several times', () => {
    expect(compileOptions('tag:session,5,packets; tag:host,9,packets,src;').program!.tags).toMatchObject([
      { scope: 'session' },
      { scope: 'host_src' },
    ]);
  });

  it('is not there where it is not written', () => {
    expect(compileOptions('ttl:1;').program).toMatchObject({ tags: undefined });
  });

  it.each([
    ['tag:flow;', "unknown-argument 'flow'"],
    ['tag:session,5;', "unknown-argument '5'"],
    ['tag:session,5,meters;', "unknown-argument 'meters'"],
    ['tag:session,0,seconds;', "number-out-of-range '0'"],
    ['tag:session,0,packets;', "number-out-of-range 'session,0,packets'"],
    ['tag:session,-1,packets;', "number-out-of-range '-1'"],
    ['tag:session,4294967296,bytes;', "number-out-of-range '4294967296'"],
    ['tag:session,x,bytes;', "bad-number 'x'"],
    ['tag:session,5,packets,src,dst;', "unknown-argument 'dst'"],
    ['tag:session,exclusive;', "unknown-argument 'exclusive'"],
    ['tag:host,src,dst;', "unknown-argument 'dst'"],
    ['tag:host_src,dst;', "unknown-argument 'dst'"],
    ['tag:toString;', "unknown-argument 'toString'"],
    ['tag:session,5,packets,packets 6;', "duplicate-argument 'packets'"],
  ])('%s is reported as %s', (text, finding) => {
    expect(findings(text)).toEqual([finding]);
  });
});
