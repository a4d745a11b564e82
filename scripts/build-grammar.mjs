/**
 * Compiles the grammars (grammar/*.ne) with nearley's compiler to TypeScript modules in src/rule/parse/generated/,
 * which git ignores. A module is rewritten only when its text changes, so that an up-to-date build stays up to date.
 * Grammars without a `@preprocessor` line are fragments that others include.
 *
 * usage: node scripts/build-grammar.mjs      or: import { buildGrammar } from './build-grammar.mjs'
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const grammarFolder = join(root, 'grammar');
const output = join(root, 'src/rule/parse/generated');

/**
 * Brings the generated modules up to date; answers how many were rewritten. Throws where a grammar does not compile.
 */
export async function buildGrammar() {
  mkdirSync(output, { recursive: true });
  let written = 0;
  for (const file of readdirSync(grammarFolder)
    .filter((name) => name.endsWith('.ne'))
    .sort()) {
    const source = readFileSync(join(grammarFolder, file), 'utf8');
    if (!/^@preprocessor/m.test(source)) continue;
    const target = join(output, file.replace(/\.ne$/, '.ts'));
    const text = compile(file, source);
    if (existsSync(target) && readFileSync(target, 'utf8') === text) continue;
    writeFileSync(target, text);
    written++;
  }
  return written;
}

function compile(file, source) {
  const require = createRequire(import.meta.url);
  const nearley = require('nearley');
  const compileGrammar = require('nearley/lib/compile.js');
  const generate = require('nearley/lib/generate.js');
  const language = nearley.Grammar.fromCompiled(require('nearley/lib/nearley-language-bootstrapped.js'));

  const parser = new nearley.Parser(language);
  parser.feed(source);
  parser.feed('\n');
  const compiled = compileGrammar(parser.results[0], {
    version: require('nearley/package.json').version,
    args: [join(grammarFolder, file)],
    alreadycompiled: [],
  });
  checkNames(file, compiled.rules);
  bindFragmentTokens(compiled);
  const name = `${basename(file, '.ne').replace(/-(\w)/g, (_, letter) => letter.toUpperCase())}Grammar`;
  // The generated code has no types worth checking: the functions it calls have (src/rule/parse/nodes.ts).
  return `// @ts-nocheck\n${generate(compiled, 'grammar')}`
    .replace('export default grammar;', '')
    .replace('const grammar: Grammar', `export const ${name}: Grammar`);
}

/**
 * A fragment names tokens without knowing whose they are: they are those of the lexer of the grammar that includes it.
 */
function bindFragmentTokens(compiled) {
  const { lexer } = compiled.config;
  for (const symbol of compiled.rules.flatMap((rule) => rule.symbols)) {
    if (typeof symbol.token !== 'string' || !/^\w+$/.test(symbol.token)) continue;
    const name = symbol.token;
    symbol.token = `(${lexer}.has("${name}") ? {type: "${name}"} : ${name})`;
    if (!compiled.customTokens.includes(name)) compiled.customTokens.push(name);
  }
}

/** nearley itself passes over a rule that is used but not defined. */
function checkNames(file, rules) {
  const defined = new Set(rules.map((rule) => rule.name));
  for (const rule of rules) {
    for (const symbol of rule.symbols) {
      if (typeof symbol === 'string' && !defined.has(symbol))
        throw new Error(`grammar/${file}: ${rule.name} uses ${symbol}, which is not defined`);
    }
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const written = await buildGrammar();
  console.error(written === 0 ? 'grammars are up to date' : `${written} grammar(s) compiled`);
}
