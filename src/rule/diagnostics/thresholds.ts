/** Diagnostics of threshold.config, classification.config and reference.config. */
import type { DiagnosticEntries } from './entry.js';

export const THRESHOLDS = {
  'unknown-threshold-line': {
    severity: 'error',
    title: 'A line of threshold.config that is no threshold or suppression.',
    why: 'A line starts with suppress, threshold, event_filter or rate_filter. Left out, rules would alert more than they should, so it is told at the start.',
    example: 'threshold.config',
    bad: 'supress gen_id 1, sig_id 1000001',
    good: 'suppress gen_id 1, sig_id 1000001',
    keywords: ['threshold', 'detection_filter'],
  },
  'duplicate-threshold': {
    severity: 'warning',
    title: 'Two lines of threshold.config set a threshold for the same rules.',
    why: 'A rule is counted by one threshold of this file, and the last line holds: the one above says nothing. Several suppress or rate_filter lines for one rule all hold.',
    example: 'threshold.config',
    bad: 'event_filter gen_id 1, sig_id 1000001, type limit, track by_src, count 1, seconds 60\nthreshold gen_id 1, sig_id 1000001, type limit, track by_src, count 5, seconds 60',
    good: 'event_filter gen_id 1, sig_id 1000001, type limit, track by_src, count 5, seconds 60',
    keywords: ['threshold'],
  },
  'threshold-without-rule': {
    severity: 'warning',
    title: 'A line of threshold.config names a rule that there is not.',
    why: 'Either the number is wrong, and the rule that is meant alerts as before, or the rule has gone and the line can go, too. Told by `check`.',
    example: 'files',
    bad: 'suppress gen_id 1, sig_id 100001',
    good: 'suppress gen_id 1, sig_id 1000001',
    keywords: ['sid', 'gid'],
  },
  'bad-classification': {
    severity: 'error',
    title: 'A line of classification.config that is no class.',
    why: 'A class has a name, a description and a priority from 1 to 255, separated by commas. The line is left out; rules of that class get priority 3 and no category.',
    example: 'classification.config',
    bad: 'config classification: login-page,A page to log in',
    good: 'config classification: login-page,A page to log in,2',
    keywords: ['classtype'],
  },
  'bad-reference-system': {
    severity: 'error',
    title: 'A line of reference.config that is no reference system.',
    why: 'A system has a name and the start of the addresses that ids are appended to. The line is left out; references to the system carry no address.',
    example: 'reference.config',
    bad: 'config reference: wiki',
    good: 'config reference: wiki https://wiki.example.com/',
    keywords: ['reference'],
  },
} as const satisfies DiagnosticEntries;
