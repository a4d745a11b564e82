/**
 * All that rules of one load take from files (rule/compile/rule-data.ts): datasets, countries, reputation. Stage: load.
 * What no rule asks for is not read.
 */
import type { AddressSet, Ranges } from '../block/terms.js';
import type { Dataset } from '../rule/buffer-match.js';
import type { LocatedDiagnostic } from '../rule/diagnostics/render-diagnostic.js';
import {
  isProblem,
  type CountryAddresses,
  type DataProblem,
  type DatasetRequest,
  type RuleData,
} from '../rule/compile/rule-data.js';
import { DataFiles, type FileRecord } from './data-files.js';
import type { DataSettings } from './data-settings.js';
import { Datasets } from './datasets.js';
import { Countries } from './geoip.js';
import { Reputation } from './reputation.js';

export class RuleDataFiles implements RuleData {
  private readonly settings: DataSettings;
  private readonly files = new DataFiles();
  private readonly datasets: Datasets;
  private countryFile: Countries | DataProblem | undefined;
  private reputationFiles: Reputation | DataProblem | undefined;

  constructor(settings: DataSettings) {
    this.settings = settings;
    this.datasets = new Datasets(settings.datasets, this.files);
  }

  /** What went in so far. */
  get record(): FileRecord {
    return this.files.record;
  }

  /** What is wrong with lines of the files. */
  get problems(): readonly LocatedDiagnostic[] {
    const { reputationFiles } = this;
    return [
      ...this.datasets.problems,
      ...(reputationFiles === undefined || isProblem(reputationFiles) ? [] : reputationFiles.problems),
    ];
  }

  dataset(request: DatasetRequest, ruleFile: string): Dataset | DataProblem {
    return this.datasets.get(request, ruleFile);
  }

  countries(codes: readonly string[], negated: boolean): CountryAddresses | DataProblem {
    this.countryFile ??= Countries.load(this.settings.geoip.database, this.files);
    return isProblem(this.countryFile) ? this.countryFile : this.countryFile.addresses(codes, negated);
  }

  reputation(category: string, scores: Ranges): AddressSet | DataProblem {
    this.reputationFiles ??= Reputation.load(this.settings.reputation, this.files);
    return isProblem(this.reputationFiles) ? this.reputationFiles : this.reputationFiles.addresses(category, scores);
  }
}
