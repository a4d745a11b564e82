/**
 * Puts the values of constants where they are used, in the modules of the bundle: `LAYER_FLAG.tunnel` becomes 8. To
 * V8, each use is a load of the object and one of its property, slow ones in code that is not optimized. Without them
 * `read` with ET Open takes 7 to 8 % less processor time, of 200 MB and of 1 GB (test/bench/pair.mjs; decision 47).
 *
 * A constant is what a module declares as `const NAME`, in capitals, with a number, a truth value or an object of those
 * as its value, also one calculated from other constants. Nothing changes such an object: what would write to one makes
 * the bundle fail here, all else fails their read-only types.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const IS_CONSTANT = /^[A-Z][A-Z0-9_]*$/;

/** @returns a plugin for rolldown, for the compiled modules below `folder`. */
export function inlineConstants(folder) {
  const modules = new ConstantModules(folder);
  return {
    name: 'inline-constants',
    transform(code, path) {
      return modules.has(path) ? { code: modules.inlined(path), map: null } : null;
    },
  };
}

/** The modules below a folder, and what their constants are. */
export class ConstantModules {
  /** Syntax by path. */
  #trees = new Map();
  /** By path, what names stand for. */
  #declared = new Map();
  /** By path and name: undefined of what is no constant, or being looked at. */
  #values = new Map();

  constructor(folder) {
    for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
      if (!entry.isFile() || !entry.name.endsWith('.js')) continue;
      const path = join(entry.parentPath, entry.name);
      this.#trees.set(path, ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ES2023, true));
    }
    for (const [path, tree] of this.#trees) this.#declared.set(path, declarationsOf(tree));
  }

  has(path) {
    return this.#trees.has(path);
  }

  /** @returns by name, what the constants of a module are, those that it imports too. */
  constants(path) {
    const named = [...this.#declared.get(path).keys()].map((name) => [name, this.#named(path, name)]);
    return Object.fromEntries(named.filter(([, value]) => value !== undefined));
  }

  /** @returns the text of a module in which constants are their values. */
  inlined(path) {
    const tree = this.#trees.get(path);
    const replaced = [];
    const visit = (node) => {
      if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
      const value = this.#valueOf(node, path);
      if (isPlain(value)) replaced.push([node, textOf(value, node)]);
      else if (ts.isShorthandPropertyAssignment(node)) {
        const named = this.#named(path, node.name.text);
        if (isPlain(named)) replaced.push([node, `${node.name.text}: ${textOf(named, node)}`]);
      } else ts.forEachChild(node, visit);
    };
    ts.forEachChild(tree, visit);
    let text = '';
    let end = 0;
    for (const [node, written] of replaced) {
      text += tree.text.slice(end, node.getStart(tree)) + written;
      end = node.end;
    }
    return text + tree.text.slice(end);
  }

  /** @returns the value of an expression in a module: plain, or an object of plain ones; undefined of all others. */
  #valueOf(node, path) {
    if (ts.isIdentifier(node)) return isUse(node) ? this.#named(path, node.text) : undefined;
    if (ts.isPropertyAccessExpression(node)) {
      const object = this.#valueOf(node.expression, path);
      return isTable(object) && Object.hasOwn(object, node.name.text) ? object[node.name.text] : undefined;
    }
    return undefined;
  }

  /** @returns what a name of a module stands for. */
  #named(path, name) {
    if (!IS_CONSTANT.test(name)) return undefined;
    const key = `${path} ${name}`;
    if (this.#values.has(key)) return this.#values.get(key);
    this.#values.set(key, undefined);
    const value = this.#look(path, name);
    this.#values.set(key, value);
    return value;
  }

  #look(path, name) {
    const found = this.#declared.get(path)?.get(name);
    if (found === undefined) return undefined;
    if (found.from !== undefined) return this.#named(join(dirname(path), found.from), found.name);
    return found.initializer === undefined ? undefined : this.#calculated(found.initializer, path);
  }

  /** @returns the value of what a constant is declared as. */
  #calculated(node, path) {
    if (ts.isNumericLiteral(node)) return Number(node.text);
    if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
    if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
    if (ts.isParenthesizedExpression(node)) return this.#calculated(node.expression, path);
    if (ts.isPrefixUnaryExpression(node)) return unary(node.operator, this.#calculated(node.operand, path));
    if (ts.isBinaryExpression(node)) {
      const [left, right] = [node.left, node.right].map((side) => this.#calculated(side, path));
      return binary(node.operatorToken.kind, left, right);
    }
    if (ts.isObjectLiteralExpression(node)) return this.#table(node, path);
    return this.#valueOf(node, path);
  }

  /** @returns an object of the properties that have a value; undefined where one is not known by name. */
  #table(node, path) {
    const table = {};
    for (const property of node.properties) {
      if (!ts.isPropertyAssignment(property)) return undefined;
      if (!ts.isIdentifier(property.name) && !ts.isStringLiteral(property.name)) return undefined;
      const value = this.#calculated(property.initializer, path);
      if (value !== undefined) table[property.name.text] = value;
    }
    return table;
  }
}

/** @returns by name, what a module declares or imports at its top; names declared anywhere else, too, are left out. */
function declarationsOf(tree) {
  const found = new Map();
  const count = new Map();
  const visit = (node) => {
    if (isDeclaration(node) && ts.isIdentifier(node.name))
      count.set(node.name.text, (count.get(node.name.text) ?? 0) + 1);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  for (const statement of tree.statements) {
    if (ts.isVariableStatement(statement) && statement.declarationList.flags & ts.NodeFlags.Const) {
      for (const { name, initializer } of statement.declarationList.declarations) {
        if (ts.isIdentifier(name)) found.set(name.text, { initializer });
      }
    }
    const from = statement.moduleSpecifier?.text;
    if (!from?.startsWith('.')) continue;
    const names = ts.isImportDeclaration(statement) ? statement.importClause?.namedBindings : statement.exportClause;
    if (names === undefined || !(ts.isNamedImports(names) || ts.isNamedExports(names))) continue;
    for (const { name, propertyName } of names.elements)
      found.set(name.text, { from, name: (propertyName ?? name).text });
  }
  for (const [name, times] of count) if (times > 1) found.delete(name);
  return found;
}

const isDeclaration = (node) =>
  ts.isVariableDeclaration(node) ||
  ts.isParameter(node) ||
  ts.isBindingElement(node) ||
  ts.isImportSpecifier(node) ||
  ts.isFunctionDeclaration(node) ||
  ts.isFunctionExpression(node) ||
  ts.isClassLike(node);

const isPlain = (value) => Number.isFinite(value) || typeof value === 'boolean';
const isTable = (value) => typeof value === 'object';

/** Whether a name stands for its value there, and is not the name of a property or what is declared. */
function isUse(node) {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node;
  if (isDeclaration(parent)) return parent.initializer === node && parent.name !== node;
  if (ts.isPropertyAssignment(parent)) return parent.initializer === node;
  return !(
    ts.isShorthandPropertyAssignment(parent) ||
    ts.isMethodDeclaration(parent) ||
    (ts.isPropertyDeclaration(parent) && parent.name === node) ||
    ts.isExportSpecifier(parent) ||
    ts.isAccessor(parent) ||
    ts.isLabeledStatement(parent) ||
    ts.isBreakOrContinueStatement(parent)
  );
}

function unary(operator, value) {
  if (typeof value !== 'number') return undefined;
  if (operator === ts.SyntaxKind.MinusToken) return -value;
  if (operator === ts.SyntaxKind.TildeToken) return ~value;
  return undefined;
}

const OPERATORS = new Map([
  [ts.SyntaxKind.PlusToken, (a, b) => a + b],
  [ts.SyntaxKind.MinusToken, (a, b) => a - b],
  [ts.SyntaxKind.AsteriskToken, (a, b) => a * b],
  [ts.SyntaxKind.AsteriskAsteriskToken, (a, b) => a ** b],
  [ts.SyntaxKind.SlashToken, (a, b) => a / b],
  [ts.SyntaxKind.BarToken, (a, b) => a | b],
  [ts.SyntaxKind.AmpersandToken, (a, b) => a & b],
  [ts.SyntaxKind.LessThanLessThanToken, (a, b) => a << b],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, (a, b) => a >> b],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, (a, b) => a >>> b],
]);

function binary(operator, left, right) {
  if (typeof left !== 'number' || typeof right !== 'number') return undefined;
  return OPERATORS.get(operator)?.(left, right);
}

/** A value as it is written in place of `node`: in brackets where a sign or a property would change what it means. */
function textOf(value, node) {
  const text = Object.is(value, -0) ? '-0' : String(value);
  const isObject = ts.isPropertyAccessExpression(node.parent) && node.parent.expression === node;
  return text.startsWith('-') || isObject ? `(${text})` : text;
}
