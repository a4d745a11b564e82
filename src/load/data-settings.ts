/** Which files rules may take data from: settings, in the shape that the configuration has them. Stage: load. */

export interface DataSettings {
  readonly geoip: { readonly database: string };
  readonly reputation: { readonly categories: string; readonly files: readonly string[] };
  readonly datasets: {
    /** Where rules' `state` and `save` files are, and `load` files that are not beside their rule file. */
    readonly directory: string;
    readonly bytes: number;
    readonly allowAbsolutePaths: boolean;
  };
}

/** No files but those beside the rules. */
export const NO_DATA: DataSettings = {
  geoip: { database: '' },
  reputation: { categories: '', files: [] },
  datasets: { directory: '', bytes: 1_048_576, allowAbsolutePaths: false },
};
