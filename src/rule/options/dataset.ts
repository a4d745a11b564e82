/**
 * dataset: whether a sticky buffer, whole as it stands, is a member of a named set, and adding and taking it out.
 * Stage: rule. Reference: Suricata, datasets.
 *
 *   dataset:isset,bad-hosts,type ip,load bad-hosts.lst;
 */
import type { OptionNode } from '../ast.js';
import type { Diagnostics } from '../diagnostics/diagnostic.js';
import type { DatasetMatch } from '../buffer-match.js';
import {
  addDatasetStep,
  printDatasetArguments,
  readDatasetArguments,
  type DatasetArguments,
} from './dataset-arguments.js';
import { defineOption, type RuleOption } from './option.js';
import { requireValue, splitArguments } from './value.js';

const OPERATIONS: readonly DatasetMatch['operation'][] = ['isset', 'isnotset', 'set', 'unset'];

interface DatasetOption {
  readonly operation: DatasetMatch['operation'];
  readonly set: DatasetArguments;
}

function parse(node: OptionNode, diagnostics: Diagnostics): DatasetOption | undefined {
  const value = requireValue(node, diagnostics);
  if (value === undefined) return undefined;
  const [first, name, ...rest] = splitArguments(value);
  const operation = OPERATIONS.find((each) => each === first!.text.toLowerCase());
  if (operation === undefined) {
    diagnostics.error(
      'unknown-argument',
      `dataset cannot '${first!.text}'`,
      first!.span,
      `write ${OPERATIONS.join(', ')}`,
    );
    return undefined;
  }
  if (name === undefined) {
    diagnostics.error(
      'missing-argument',
      `dataset:${operation} needs a name`,
      value.span,
      `write dataset:${operation},<name>;`,
    );
    return undefined;
  }
  const set = readDatasetArguments(name, rest, 'dataset', diagnostics);
  return set && { operation, set };
}

const dataset = defineOption<DatasetOption>({
  name: 'dataset',
  value: 'required',
  repeatable: true,
  parse,
  compile(value, builder, node) {
    addDatasetStep(value.set, (set) => ({ kind: 'dataset', operation: value.operation, set }), builder, node);
  },
  print: ({ operation, set }) => `${operation},${set.name}${printDatasetArguments(set)}`,
  doc: {
    appliesTo: 'buffer',
    summary:
      'Whether the sticky buffer before it, whole as it stands, is in a set of values (isset) or not (isnotset); set adds it and passes where it is new, unset takes it out and passes where it was there.',
    syntax:
      'dataset:<isset|isnotset|set|unset>,<name>[,type <string|md5|sha1|sha256|ipv4|ip>][,load <file>|,state <file>][,save <file>][,memcap <size>][,hashsize <size>][,format <json|ndjson>,value_key <path>[,context_key <name>][,array_key <path>][,remove_key]];',
    example: 'ip.dst; dataset:isset,bad-hosts,type ip,load bad-hosts.lst;',
    differences:
      'Files hold one value a line: base64 for string, hexadecimal for md5, sha1 and sha256, an address for ip. A file to load is looked for beside the rule file, then in datasets.directory; state and save are files of that directory. Names that leave it, or are absolute, need datasets.allowAbsolutePaths, also to load. ' +
      'As in Suricata a set is changed when the step is reached, whether or not the rest of the rule matches; but once per rule and packet, whatever else is tried. All sets that rules change share datasets.bytes and go on over a reload for as long as rules name them. `periscope run` writes state and save, `read` leaves the files alone and starts each capture afresh. ' +
      'Where several rules name a set, one of them says its type and files, and stands first. hashsize has no meaning here, as tables have the size they need. ' +
      'Of files in JSON, an array (json, with array_key somewhere in a document) or an object a line (ndjson), value_key is where an object has its value, a text as it is, a digest or an address; objects without one are left out, of equal values the first counts. ' +
      'Alerts show the object that was found under context_key in alert.context, up to 4096 characters, with remove_key without the value. enrichment_key and jsonline are other names of context_key and ndjson. Such sets are neither changed nor saved.',
  },
});

export const datasetOptions: readonly RuleOption[] = [dataset];
