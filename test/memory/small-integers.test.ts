/**
 * What was counted in doubles is an integer again where everything else computes with it. JavaScript cannot tell, but
 * V8 can, and is the slower for it: it keeps what comes of a double as doubles, boxes them in code that is not
 * optimized yet, and undoes code that is. Asked of V8 itself, in a process of its own.
 */
import { execFileSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { inRoot } from '../support/root.js';

const module = (path: string): string => JSON.stringify(pathToFileURL(inRoot(`build/${path}`)).href);

/** What V8 says to the questions. `counted` makes a number that was counted in doubles. */
function ask(lines: string, ...questions: string[]): boolean[] {
  const script = `const counted = (number) => new Float64Array([number])[0];
    ${lines}
    console.log(JSON.stringify([${questions.join()}]));`;
  const options = ['--allow-natives-syntax', '--input-type=module', '-e', script];
  return JSON.parse(execFileSync(process.execPath, options, { encoding: 'utf8' })) as boolean[];
}

describe('a number that was counted in doubles', () => {
  it('is none of V8’s small integers, which is what this test stands on', () => {
    expect(ask('', '%IsSmi(counted(5))', '%IsSmi(counted(5) | 0)', '%IsSmi(5)')).toEqual([false, true, true]);
  });

  it('is one as a place of what a parser reads, whatever it takes', () => {
    const lines = `import { Input } from ${module('app/input.js')};
      const input = new Input(new Uint8Array(100));
      const isSmall = () => %IsSmi(input.position) && %IsSmi(input.end) && %IsSmi(input.available);
      input.begin(counted(10), counted(50), counted(0), false, false);
      const begun = isSmall();
      input.take(counted(3));
      const taken = isSmall();
      input.skip(counted(4));`;
    expect(ask(lines, 'begun', 'taken', 'isSmall()')).toEqual([true, true, true]);
  });

  it('is one as a place of a buffer', () => {
    const lines = `import { Span } from ${module('memory/span.js')};
      const span = new Span();
      span.set(counted(10), counted(50));`;
    expect(ask(lines, '%IsSmi(span.start)', '%IsSmi(span.length)')).toEqual([true, true]);
  });
});

describe('an object with a field that comes to hold a double', () => {
  it('has another shape then, where the field begins with a plain 0', () => {
    const lines =
      'class Plain { size = 0; } const [before, after] = [new Plain(), new Plain()]; after.size = counted(5);';
    expect(ask(lines, '%HaveSameMap(before, after)')).toEqual([false]);
  });

  it.each([
    ['decode/packet.js', 'new Packet()', ['captureNumber', 'otherNumber']],
    ['stream/stream-span.js', 'new StreamSpan()', ['offset', 'gap']],
    ['app/input.js', 'new Input(new Uint8Array(9))', ['offset']],
    ['app/http1/side.js', 'new Side()', ['left']],
    ['app/smb/context.js', 'new MessageHeader()', ['messageId', 'sessionHigh', 'sessionLow', 'treeId']],
  ])('of %s has the shape that it was made with', (path, made, fields) => {
    const [name] = /\w+(?=\()/.exec(made)!;
    const lines = `import { ${name} } from ${module(path)};
      const [before, after] = [${made}, ${made}];
      for (const field of ${JSON.stringify(fields)}) after[field] = counted(5);`;
    expect(ask(lines, '%HaveSameMap(before, after)')).toEqual([true]);
  });
});
