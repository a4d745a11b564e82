/** Diagnostics of regular expressions. */
import type { DiagnosticEntries } from './entry.js';

export const PCRE = {
  'bad-pcre': {
    severity: 'error',
    title: 'A regular expression that PCRE would refuse, or that has no counterpart here.',
    why: 'The caret stands at the character in question. Patterns are those of PCRE (pcresyntax(3)); they are translated for the engine that runs them, with the same meaning.',
    bad: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin"; pcre:"/admin(.php/"; sid:1000001; rev:1;)',
    good: String.raw`alert tcp any any -> any 80 (msg:"Login page"; content:"admin"; pcre:"/admin(\.php)/"; sid:1000001; rev:1;)`,
    keywords: ['pcre', 'pcrexform'],
  },
  'bad-pcre-frame': {
    severity: 'error',
    title: 'A regular expression without its quotes or slashes.',
    why: 'A pattern stands between slashes in double quotes, flags behind the second slash; pcrexform takes a pattern without slashes.',
    bad: String.raw`alert tcp any any -> any 80 (msg:"Login page"; content:"admin"; pcre:"admin\.php"; sid:1000001; rev:1;)`,
    good: String.raw`alert tcp any any -> any 80 (msg:"Login page"; content:"admin"; pcre:"/admin\.php/"; sid:1000001; rev:1;)`,
    keywords: ['pcre', 'pcrexform'],
  },
  'empty-pcre': {
    severity: 'error',
    title: 'A regular expression without a pattern.',
    why: 'It would match everywhere.',
    bad: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin"; pcre:"//i"; sid:1000001; rev:1;)',
    good: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin"; pcre:"/admin[0-9]/i"; sid:1000001; rev:1;)',
    keywords: ['pcre'],
  },
  'unknown-pcre-flag': {
    severity: 'error',
    title: 'A letter behind a regular expression that is no flag.',
    why: 'Flags are those of PCRE (i s m x A E G), R for relative, and letters for HTTP buffers.',
    bad: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin"; pcre:"/admin[0-9]/z"; sid:1000001; rev:1;)',
    good: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin"; pcre:"/admin[0-9]/i"; sid:1000001; rev:1;)',
    keywords: ['pcre'],
  },
  'two-pcre-buffers': {
    severity: 'error',
    title: 'The flags of a regular expression name two buffers.',
    why: 'A pattern looks at one buffer.',
    bad: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin"; pcre:"/admin[0-9]/UP"; sid:1000001; rev:1;)',
    good: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin"; pcre:"/admin[0-9]/U"; sid:1000001; rev:1;)',
    keywords: ['pcre'],
  },
  'missing-group': {
    severity: 'error',
    title: 'The pattern of pcrexform has no group.',
    why: 'The first group of the pattern is what the buffer becomes.',
    bad: 'alert tcp any any -> any 80 (msg:"Name"; pkt_data; pcrexform:"name=.*"; content:"admin"; sid:1000001; rev:1;)',
    good: 'alert tcp any any -> any 80 (msg:"Name"; pkt_data; pcrexform:"name=(.*)"; content:"admin"; sid:1000001; rev:1;)',
    keywords: ['pcrexform'],
  },
  'pcre-not-linear': {
    severity: 'hint',
    title: 'A regular expression that a linear-time run cannot cover.',
    why: "Where an expression backtracks too much on some input, the search goes on in an engine whose time grows with the text alone. That engine knows no back-references and no lookarounds, no line anchors in the middle of a pattern, and no very large counts; the caret stands under the first of these. The rule works. The message says where its pattern runs: on V8's engine as far as it is proven that it cannot backtrack much, otherwise in a matcher that counts its steps. A text that takes more than some hundred thousand does not match; periscope_pcre_step_limits_total counts that, and the log names the rule.",
    bad: String.raw`alert tcp any any -> any 80 (msg:"Repeated value"; content:"a="; pcre:"/a=([0-9]{1,8})&b=\1/"; sid:1000001; rev:1;)`,
    good: 'alert tcp any any -> any 80 (msg:"Two values"; content:"a="; pcre:"/a=[0-9]{1,8}&b=[0-9]{1,8}/"; sid:1000001; rev:1;)',
    keywords: ['pcre', 'pcrexform'],
  },
  'pcre-backtracks': {
    severity: ['warning', 'hint'],
    title: 'A regular expression whose backtracking explodes on some input.',
    why: 'The message has such an input, found and tried when the rule was read: the pattern takes it apart in more and more ways before it gives up, so that the search is given up after some hundred thousand steps. The caret stands under the repeat. It is a hint where the linear-time engine then takes over, and a warning where it cannot: there such a text does not match, and whoever knows the rule can hide behind one.',
    bad: String.raw`alert tcp any any -> any 80 (msg:"Words"; content:"a="; pcre:"/^a=(?:[a-z]+\s*)+;/"; sid:1000001; rev:1;)`,
    good: String.raw`alert tcp any any -> any 80 (msg:"Words"; content:"a="; pcre:"/^a=[a-z][a-z\s]*;/"; sid:1000001; rev:1;)`,
    keywords: ['pcre', 'pcrexform'],
  },
} as const satisfies DiagnosticEntries;
