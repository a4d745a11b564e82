/**
 * Syntax trees back to text: parse → print → parse is the identity but for places and blanks. Stage: rule.
 */
import type { AddressNode, OptionNode, PortNode, RuleNode } from './ast.js';

/** One line without continuation marks; a disabled rule is printed behind `# `. */
export function printRule(rule: RuleNode): string {
  const options = rule.options.map(printOption).join(' ');
  return `${rule.disabled ? '# ' : ''}${printHeader(rule)} (${options})`;
}

/** As in `alert tcp $HOME_NET any -> any 80`; without addresses where the rule has none. */
export function printHeader(rule: RuleNode): string {
  const { source, sourcePort, direction, destination, destinationPort } = rule;
  const parts = [rule.action.text, rule.protocol.text];
  if (source && sourcePort && direction && destination && destinationPort) {
    parts.push(printAddress(source), printPort(sourcePort), direction.text, printAddress(destination), printPort(destinationPort));
  }
  return parts.join(' ');
}

export function printOption({ name, value }: OptionNode): string {
  return value === undefined ? `${name.text};` : `${name.text}:${value.text};`;
}

export function printAddress(node: AddressNode): string {
  return (node.negated ? '!' : '') + printItem(node, printAddress);
}

export function printPort(node: PortNode): string {
  return (node.negated ? '!' : '') + printItem(node, printPort);
}

function printItem<N extends AddressNode | PortNode>(node: N, print: (item: N) => string): string {
  switch (node.kind) {
    case 'any': return 'any';
    case 'variable': return `$${node.name}`;
    case 'list': return `[${(node.items as readonly N[]).map(print).join(',')}]`;
    default: return node.text;
  }
}
