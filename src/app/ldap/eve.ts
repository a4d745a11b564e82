/**
 * The `ldap` object of events, from the messages as they were kept: { number, operation, controls }. Stage: app; called
 * for events alone, so it allocates. Bound: 8 KiB, 256 elements of a list.
 */
import { BerReader } from '../asn1/ber-reader.js';
import { eventObject, type EventMembers, type EventValue } from '../fields/event-object.js';
import { printedText } from '../printed-text.js';
import { operationName, resultName } from './names.js';

const MOST_ELEMENTS = 256;
const CHANGES = ['add', 'delete', 'replace', 'increment'];
const TAG = { boolean: 1, text: 4 } as const;
const CONTROLS = 0xa0;
/** Of a bind by SASL; of the filter `(name=*)`. */
const SASL = 0xa3;
const PRESENT = 0x87;

/** An element of BER, as far as its bytes were kept. */
class Element {
  readonly tag: number;
  private readonly bytes: Uint8Array;

  constructor(tag: number, bytes: Uint8Array) {
    this.tag = tag;
    this.bytes = bytes;
  }

  get elements(): Element[] {
    const { bytes } = this;
    const reader = new BerReader(bytes);
    const found: Element[] = [];
    for (let at = 0; found.length < MOST_ELEMENTS && reader.header(at, bytes.length); at = reader.stop)
      found.push(new Element(reader.tag, bytes.subarray(reader.start, Math.min(reader.stop, bytes.length))));
    return found;
  }

  get text(): string {
    return printedText(this.bytes, 0, this.bytes.length);
  }

  get hex(): string {
    return Buffer.from(this.bytes).toString('hex');
  }

  get number(): number {
    return new BerReader(this.bytes).integer(0, this.bytes.length);
  }

  get isTrue(): boolean {
    return this.number !== 0;
  }
}

const NONE = new Element(0, new Uint8Array());
type Printer = (operation: Element) => EventMembers;

const textOf = (elements: readonly Element[], tag: number): string | undefined =>
  elements.find((element) => element.tag === tag)?.text;
const listed = <T extends EventValue>(values: readonly T[]): readonly T[] | undefined =>
  values.length === 0 ? undefined : values;
const texts = (of: Element | undefined): readonly string[] | undefined =>
  listed((of ?? NONE).elements.map(({ text }) => text));

/** { type, values } */
const attribute = (of: Element, type: string, values: string): EventMembers => {
  const [name = NONE, all] = of.elements;
  return { [type]: name.text, [values]: texts(all) };
};

function searchRequest(operation: Element): EventMembers {
  const [base = NONE, scope = NONE, aliases = NONE, size = NONE, time = NONE, types = NONE, filter = NONE, attributes] =
    operation.elements;
  return {
    base_object: base.text,
    scope: scope.number,
    deref_alias: aliases.number,
    size_limit: size.number,
    time_limit: time.number,
    types_only: types.isTrue,
    filter: filter.tag === PRESENT ? { type: 'present', value: filter.text } : undefined,
    attributes: texts(attributes),
  };
}

function bindRequest(operation: Element): EventMembers {
  const [version = NONE, name = NONE, by = NONE] = operation.elements;
  const [mechanism = NONE, credentials] = by.elements;
  const sasl = { mechanism: mechanism.text, credentials: credentials?.hex };
  return { version: version.number, name: name.text, sasl: by.tag === SASL ? sasl : undefined };
}

function modifyRequest(operation: Element): EventMembers {
  const [name = NONE, changes = NONE] = operation.elements;
  const all = changes.elements.map((change) => {
    const [kind = NONE, what = NONE] = change.elements;
    const modification = attribute(what, 'attribute_type', 'attribute_values');
    return { operation: CHANGES[kind.number] ?? String(kind.number), modification };
  });
  return { object: name.text, changes: listed(all) };
}

function addRequest(operation: Element): EventMembers {
  const [entry = NONE, attributes = NONE] = operation.elements;
  return { entry: entry.text, attributes: listed(attributes.elements.map((one) => attribute(one, 'name', 'values'))) };
}

function renameRequest(operation: Element): EventMembers {
  const [entry = NONE, name = NONE, isMoved = NONE, superior] = operation.elements;
  return { entry: entry.text, new_rdn: name.text, delete_old_rdn: isMoved.isTrue, new_superior: superior?.text };
}

function compareRequest(operation: Element): EventMembers {
  const [entry = NONE, assertion = NONE] = operation.elements;
  const [description = NONE, value = NONE] = assertion.elements;
  return { entry: entry.text, attribute_value_assertion: { description: description.text, value: value.text } };
}

const extendedRequest: Printer = ({ elements }) => ({
  name: textOf(elements, 0x80) ?? '',
  value: textOf(elements, 0x81),
});

function searchEntry(operation: Element): EventMembers {
  const [name = NONE, attributes = NONE] = operation.elements;
  const all = attributes.elements.map((one) => attribute(one, 'type', 'values'));
  return { base_object: name.text, attributes: listed(all) };
}

function result({ elements }: Element): EventMembers {
  const [code = NONE, name = NONE, message = NONE] = elements;
  return { result_code: resultName(code.number), matched_dn: name.text, message: message.text };
}

const bindResponse: Printer = (operation) => ({
  ...result(operation),
  server_sasl_creds: operation.elements.find(({ tag }) => tag === 0x87)?.hex,
});
const extendedResponse: Printer = (operation) => ({
  ...result(operation),
  name: textOf(operation.elements, 0x8a),
  value: textOf(operation.elements, 0x8b),
});
const intermediateResponse: Printer = ({ elements }) => ({
  name: textOf(elements, 0x80),
  value: textOf(elements, 0x81),
});

/** By operation; others have no members. */
const PRINTERS: Readonly<Record<number, Printer>> = {
  0: bindRequest,
  1: bindResponse,
  3: searchRequest,
  4: searchEntry,
  5: result,
  6: modifyRequest,
  7: result,
  8: addRequest,
  9: result,
  10: ({ text }) => ({ dn: text }),
  11: result,
  12: renameRequest,
  13: result,
  14: compareRequest,
  15: result,
  23: extendedRequest,
  24: extendedResponse,
  25: intermediateResponse,
};

function controls(elements: readonly Element[]): EventValue {
  const found = elements
    .find(({ tag }) => tag === CONTROLS)
    ?.elements.map((control): EventMembers => {
      const [type = NONE, ...more] = control.elements;
      const value = more.find(({ tag }) => tag === TAG.text);
      const isCritical = more.some(({ tag, isTrue }) => tag === TAG.boolean && isTrue);
      return { control_type: type.text, criticality: isCritical, control_value: value?.hex };
    });
  return found === undefined ? undefined : listed(found);
}

/** What is behind the number of a message, and that where it is asked for. */
function messageMembers(bytes: Uint8Array, isNumbered: boolean): EventMembers {
  const [id = NONE, operation = NONE, ...more] = new Element(0, bytes).elements;
  const code = operation.tag & 0x1f;
  const name = operationName(code);
  return {
    message_id: isNumbered ? id.number : undefined,
    operation: name,
    [name]: PRINTERS[code]?.(operation),
    controls: controls(more),
  };
}

/** Of the contents of a request, if there was one, and of its responses. */
export function ldapObject(request: Uint8Array | undefined, responses: readonly Uint8Array[]): string {
  return eventObject('ldap', {
    request: request === undefined ? undefined : messageMembers(request, true),
    responses: listed(responses.map((response) => messageMembers(response, request === undefined))),
  });
}
