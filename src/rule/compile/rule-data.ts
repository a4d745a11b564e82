/**
 * Data that keywords take from files: sets of values, countries, reputation. Stage: rule; the stages load has it from
 * disk (load/rule-data-files.ts), keywords ask for it as they compile. What is wrong comes back as what to say of the
 * rule.
 */
import type { DiagnosticCode } from '../diagnostics/diagnostic.js';
import type { AddressSet, DatasetType, Ranges } from '../../block/terms.js';
import type { Dataset } from '../buffer-match.js';

/** Why a rule cannot have what it asks for. */
export interface DataProblem {
  readonly code: DiagnosticCode;
  readonly message: string;
  readonly hint?: string | undefined;
  /** The argument that it is about, where it is about one. */
  readonly argument?: string | undefined;
}

/** How a file in JSON is read; keys are paths, `a.b`. */
export interface JsonFormat {
  /** An object a line; else one document. */
  readonly lines: boolean;
  /** Where an object has the value. */
  readonly valueKey: string;
  /** Where the document has the array of objects; undefined where it is one. */
  readonly arrayKey: string | undefined;
  /** What alerts call the object; undefined where they do not show it. */
  readonly contextKey: string | undefined;
  /** The object is shown without the value. */
  readonly removeKey: boolean;
}

/** What a rule says of a dataset. Everything but the name may be left out where a rule before has said it. */
export interface DatasetRequest {
  readonly name: string;
  readonly type: DatasetType | undefined;
  /** Files, as written. */
  readonly load: string | undefined;
  readonly save: string | undefined;
  readonly state: string | undefined;
  readonly memcap: number | undefined;
  /** Of files in JSON. */
  readonly format?: JsonFormat | undefined;
}

export interface CountryAddresses {
  readonly addresses: AddressSet;
  /** Codes that the database does not have. */
  readonly unknown: readonly string[];
}

export interface RuleData {
  /** The set; the same object for every rule that names it. `ruleFile` is the file that the rule is in. */
  dataset(request: DatasetRequest, ruleFile: string): Dataset | DataProblem;
  /** Addresses in these countries or, `negated`, in any other; those in no country are in neither. */
  countries(codes: readonly string[], negated: boolean): CountryAddresses | DataProblem;
  /** Addresses with a reputation in this category that is within the ranges. */
  reputation(category: string, scores: Ranges): AddressSet | DataProblem;
}

export const isProblem = (outcome: object): outcome is DataProblem => 'code' in outcome;
