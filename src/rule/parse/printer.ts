/**
 * Syntax trees back to text: parse → print → parse is the identity but for places and blanks. Stage: rule.
 */
import type { AddressNode, OptionNode, PortNode, RuleNode } from '../ast.js';
import { FILE_TYPE_ACTION } from '../compile/protocols.js';

/** An odd number of backslashes at the end. */
const ESCAPES = /(?<!\\)\\(?:\\\\)*$/;

/** One line without continuation marks; a disabled rule is printed behind `# `. */
export function printRule(rule: RuleNode): string {
  const options = rule.options.map(printOption).join(' ');
  return `${rule.disabled ? '# ' : ''}${printHeader(rule)} (${options})`;
}

/** As in `alert tcp $HOME_NET any -> any 80`; without addresses where the rule has none. */
export function printHeader(rule: RuleNode): string {
  const { source, sourcePort, direction, destination, destinationPort } = rule;
  if (rule.action.text === FILE_TYPE_ACTION) return FILE_TYPE_ACTION;
  const parts = [rule.action.text, rule.protocol.text];
  if (source && sourcePort && direction && destination && destinationPort) {
    parts.push(
      printAddress(source),
      printPort(sourcePort),
      direction.text,
      printAddress(destination),
      printPort(destinationPort),
    );
  }
  return parts.join(' ');
}

/** A blank stands before the semicolon that a backslash at the value's end would take with it. */
export function printOption({ name, value }: OptionNode): string {
  if (value === undefined) return `${name.text};`;
  return `${name.text}:${value.text}${ESCAPES.test(value.text) ? ' ' : ''};`;
}

export function printAddress(node: AddressNode): string {
  return (node.negated ? '!' : '') + printItem(node, printAddress);
}

export function printPort(node: PortNode): string {
  return (node.negated ? '!' : '') + printItem(node, printPort);
}

function printItem<N extends AddressNode | PortNode>(node: N, print: (item: N) => string): string {
  switch (node.kind) {
    case 'any':
      return 'any';
    case 'variable':
      return `$${node.name}`;
    case 'list':
      return `[${(node.items as readonly N[]).map(print).join(',')}]`;
    default:
      return node.text;
  }
}
