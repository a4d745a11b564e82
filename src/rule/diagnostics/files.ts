/** Diagnostics of files and directories: rules, and the cache of compiled rules. */
import type { DiagnosticEntries } from './entry.js';

export const FILES = {
  'unreadable-file': {
    severity: 'error',
    title: 'A file cannot be read.',
    why: 'It is missing, is a directory, may not be read by this user, or is a damaged .gz file. The other files are read; `check` ends with status 1, or with 3 when no rule file could be read at all.',
    example: 'files',
    bad: 'periscope check --rules missing.rules',
    good: 'periscope check --rules local.rules',
  },
  'unreadable-directory': {
    severity: 'error',
    title: 'A directory cannot be read.',
    why: 'It may not be listed by this user, or is gone. Its rule files are not loaded, those of other paths are.',
    example: 'files',
    bad: 'periscope check --rules "missing/*.rules"',
    good: 'periscope check --rules "rules/*.rules"',
  },
  'no-rule-files': {
    severity: 'error',
    title: 'A directory or a pattern has no rule files.',
    why: 'Rule files end in .rules or .rules.gz; a file of another name is read when it is named itself. A sensor whose rules are looked for in the wrong place would detect nothing.',
    example: 'files',
    bad: 'periscope check --rules empty/',
    good: 'periscope check --rules rules/',
  },
  'no-rules': {
    severity: 'warning',
    title: 'A rule file without a single rule.',
    why: 'All its lines are blank or comments. Rules that are commented out are loaded with --include-disabled.',
    bad: '# alert tcp any any -> any 80 (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
    good: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
  },
  'duplicate-sid': {
    severity: 'warning',
    title: 'Two rules have the same sid.',
    why: 'Events, thresholds and suppressions could not tell them apart, so only one is loaded: the one with the highest rev, of equal ones the first.',
    bad: 'alert tcp any any -> any 80 (msg:"Login page"; content:"login.php"; sid:1000001; rev:1;)\nalert tcp any any -> any 80 (msg:"Admin page"; content:"admin.php"; sid:1000001; rev:1;)',
    good: 'alert tcp any any -> any 80 (msg:"Login page"; content:"login.php"; sid:1000001; rev:1;)\nalert tcp any any -> any 80 (msg:"Admin page"; content:"admin.php"; sid:1000002; rev:1;)',
    keywords: ['sid', 'rev', 'gid'],
  },
  'cache-not-read': {
    severity: ['warning', 'error'],
    title: 'The compiled rules that are kept cannot be read.',
    why: 'The rules are read and compiled instead, which takes longer.',
    example: 'files',
    bad: 'PERISCOPE_CACHE_DIRECTORY=/etc/shadow periscope check --rules local.rules',
    good: 'PERISCOPE_CACHE_DIRECTORY=/var/cache/periscope periscope check --rules local.rules',
  },
  'cache-damaged': {
    severity: ['warning', 'error'],
    title: 'The compiled rules that are kept are not what was written.',
    why: 'They are made anew from the rules. A file that was cut, or copied while it was written, is the usual reason.',
    example: 'files',
    bad: 'truncate --size 100 /var/cache/periscope/*.ruleset',
    good: 'periscope check --rules local.rules --cache /var/cache/periscope',
  },
  'cache-not-written': {
    severity: ['warning', 'error'],
    title: 'The compiled rules cannot be kept.',
    why: 'The directory cannot be written to or the disk is full. The rules are used as they are; the next start compiles them again. For `check --cache`, whose purpose it is, it is an error.',
    example: 'files',
    bad: 'periscope check --rules local.rules --cache /proc/cache',
    good: 'periscope check --rules local.rules --cache /var/cache/periscope',
  },
} as const satisfies DiagnosticEntries;
