/** What the bundle has in place of constants is what they are. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { inRoot } from '../support/root.js';

interface ConstantModules {
  constants(path: string): Record<string, unknown>;
  inlined(path: string): string;
}
const { ConstantModules } = (await import(inRoot('scripts/inline-constants.mjs'))) as {
  ConstantModules: new (folder: string) => ConstantModules;
};

const scratch = mkdtempSync(join(tmpdir(), 'periscope-constants-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));
let folders = 0;

/** What `main.js` becomes beside other modules, which stand by their paths. */
function inlined(main: string, others: Record<string, string> = {}): string {
  const folder = join(scratch, String(folders++));
  for (const [path, text] of Object.entries({ ...others, 'main.js': main })) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return new ConstantModules(folder).inlined(join(folder, 'main.js'));
}

describe('constants in the bundle', () => {
  it('are their values: numbers, truth values, properties, what is calculated from them', () => {
    const declared =
      'const SIZE = 0x1_0; const SET = { one: 1 << 2, all: -SIZE, on: true }; const BOTH = SET.one | SIZE;';
    expect(inlined(`${declared} use(SIZE, SET.one, SET.all, SET.on, BOTH);`)).toContain('use(16, 4, (-16), true, 20)');
  });

  it('are their values in modules that import them, by other names and through others, too', () => {
    const others = {
      'a/sizes.js': 'export const SIZE = 8; export const BITS = { low: 1 };',
      'a/index.js': "export { SIZE as WIDTH } from './sizes.js'; export { BITS } from './sizes.js';",
    };
    const main = "import { WIDTH, BITS as FLAG } from './a/index.js';\nuse(WIDTH, FLAG.low);";
    expect(inlined(main, others)).toBe("import { WIDTH, BITS as FLAG } from './a/index.js';\nuse(8, 1);");
  });

  it('stay where their name is no use of them', () => {
    const main = 'const SIZE = 8; export { SIZE }; x.SIZE; ({ SIZE: 1, SIZE() {} }); class A { SIZE = SIZE }';
    expect(inlined(main)).toBe(main.replace('= SIZE }', '= 8 }'));
  });

  it('are written so that what stands around them means the same', () => {
    const main = 'const LOW = -1; const SIZE = 8; const NONE = -0; use(-LOW, SIZE.toFixed(), { SIZE, LOW }, 1 / NONE);';
    expect(inlined(main)).toContain('use(-(-1), (8).toFixed(), { SIZE: 8, LOW: (-1) }, 1 / (-0))');
  });

  it.each([
    ['a name that something else in the module has, too', 'const SIZE = 8; function f(SIZE) { return SIZE; }'],
    [
      'what is not known before the program runs',
      'const SIZE = read(); const SET = { one: read() }; use(SIZE, SET.one);',
    ],
    ['an object as a whole', 'const SET = { one: 1 }; use(SET, SET[name], SET.two);'],
    ['an object that others are spread into', 'const SET = { one: 1, ...others }; use(SET.one);'],
    ['a variable', 'let SIZE = 8; use(SIZE);'],
    ['a text', "const NAME = 'x'; use(NAME);"],
    ['a division by nothing', 'const SIZE = 1 / 0; use(SIZE);'],
    ['what needs itself', 'const SIZE = SIZE + 1; use(SIZE);'],
  ])('leave %s as it is', (_, main) => expect(inlined(main)).toBe(main));

  it('make what would write to one fail', () => {
    expect(inlined('const SET = { one: 1 }; SET.one = 2;')).toContain(' 1 = 2;');
  });

  it('are what the modules of the program have, as they run', async () => {
    const modules = new ConstantModules(inRoot('build'));
    let compared = 0;
    for (const path of [
      'decode/packet',
      'flow/record',
      'stream/reassembler',
      'block/terms',
      'app/http1/buffers',
      'counters/names',
    ]) {
      const file = inRoot(`build/${path}.js`);
      const found = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
      for (const [name, value] of Object.entries(modules.constants(file))) {
        if (!Object.hasOwn(found, name)) continue;
        if (typeof value === 'object') expect(found[name]).toMatchObject(value!);
        else expect(found[name]).toBe(value);
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(15);
  });
});
