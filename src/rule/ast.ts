/**
 * The syntax tree of a rule: structure as written, before any keyword is understood. Stage: rule (parse).
 *
 *   alert tcp $HOME_NET any -> [10.0.0.0/8,!10.1.1.1] 80: (msg:"x"; content:"y"; nocase; sid:1;)
 *   action protocol source sourcePort direction destination destinationPort (options)
 *
 * Values of options stay opaque text here; each keyword parses its own. Spans point into the source.
 */
import type { Span } from './diagnostics/diagnostic.js';

export interface Word {
  readonly text: string;
  readonly span: Span;
}

/** `any`, an address, a range, a CIDR block, `$VARIABLE`, or a list of them; `!` negates. */
export type AddressNode =
  | { readonly kind: 'any'; readonly negated: boolean; readonly span: Span }
  | { readonly kind: 'address'; readonly text: string; readonly negated: boolean; readonly span: Span }
  | { readonly kind: 'variable'; readonly name: string; readonly negated: boolean; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly AddressNode[]; readonly negated: boolean; readonly span: Span };

/** `any`, a port, a range (`1024:`, `:80`, `80:90`), `$VARIABLE`, or a list of them; `!` negates. */
export type PortNode =
  | { readonly kind: 'any'; readonly negated: boolean; readonly span: Span }
  | {
      readonly kind: 'range';
      readonly low: number;
      readonly high: number;
      readonly text: string;
      readonly negated: boolean;
      readonly span: Span;
    }
  | { readonly kind: 'variable'; readonly name: string; readonly negated: boolean; readonly span: Span }
  | { readonly kind: 'list'; readonly items: readonly PortNode[]; readonly negated: boolean; readonly span: Span };

export interface OptionNode {
  readonly name: Word;
  /** Text behind the first colon up to the closing semicolon, trimmed; undefined for a keyword without a value. */
  readonly value: Word | undefined;
}

export interface RuleNode {
  readonly action: Word;
  readonly protocol: Word;
  /** Undefined where a rule is written without addresses (Snort 3). */
  readonly source: AddressNode | undefined;
  readonly sourcePort: PortNode | undefined;
  readonly direction: Word | undefined;
  readonly destination: AddressNode | undefined;
  readonly destinationPort: PortNode | undefined;
  readonly options: readonly OptionNode[];
  readonly span: Span;
  /** Written behind `#`: loaded only when disabled rules are asked for. */
  readonly disabled: boolean;
}
