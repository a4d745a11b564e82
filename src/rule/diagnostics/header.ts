/** Diagnostics of a rule's header: action, protocol, addresses, ports, direction. */
import type { DiagnosticEntries } from './entry.js';

export const HEADER = {
  'unknown-action': {
    severity: 'error',
    title: 'The first word of a rule is no action.',
    why: 'Actions are alert, pass, drop, reject (and its forms) and log. A rule with another word cannot be understood, so it is left out.',
    bad: 'alrt tcp any any -> any 80 (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
    good: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
  },
  'unsupported-action': {
    severity: 'error',
    title: 'An action that a sensor cannot take.',
    why: 'A sensor sees copies of packets and never changes traffic. drop and reject are read and show in the verdict of an event; rewriting and blocking of that kind have no such meaning.',
    bad: 'rewrite tcp any any -> any 80 (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
    good: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
  },
  'unknown-protocol': {
    severity: 'error',
    title: 'The second word of a rule is no protocol.',
    why: 'A protocol is ip, tcp, udp, icmp and the like, or an application protocol such as http, dns or tls. A rule of an application protocol that is not parsed yet loads and waits; a name that nobody knows is an error.',
    bad: 'alert htp any any -> any any (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
    good: 'alert http any any -> any any (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
  },
  'unknown-hook': {
    severity: 'error',
    title: 'A protocol is followed by a hook that it does not have.',
    why: 'A hook, as in `tcp:flow_start`, says when a rule looks at a flow. A rule with an unknown one would look at the wrong time, so it is left out.',
    bad: 'alert tcp:flow_end any any -> any 22 (msg:"SSH begins"; sid:1000001; rev:1;)',
    good: 'alert tcp:flow_start any any -> any 22 (msg:"SSH begins"; sid:1000001; rev:1;)',
  },
  'bad-direction': {
    severity: 'error',
    title: "'<-' is no direction.",
    why: 'A rule reads from source to destination with `->`, or in both directions with `<>`.',
    bad: 'alert tcp any 80 <- any any (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
    good: 'alert tcp any any -> any 80 (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
  },
  'unsupported-direction': {
    severity: 'error',
    title: "'=>' joins both directions of one transaction, and the rule looks at no transactions.",
    why: 'Such a rule looks at request and answer of an application protocol together. `->` looks at one direction, `<>` at each for itself; flowbits tie two rules together.',
    bad: 'alert tcp any any => any any (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
    good: 'alert http any any -> any any (msg:"Login page"; content:"admin.php"; sid:1000001; rev:1;)',
    keywords: ['flowbits'],
  },
  'bad-address': {
    severity: 'error',
    title: 'A word in an address that is neither an address, nor a block, nor a range.',
    why: 'Addresses are IPv4 or IPv6 addresses, blocks (10.0.0.0/8), ranges (10.0.0.1-10.0.0.9), lists of them in brackets, `any` and variables. Names of hosts are not looked up.',
    bad: 'alert ip 10.0.0.256 any -> any any (msg:"A host"; sid:1000001; rev:1;)',
    good: 'alert ip 10.0.0.25 any -> any any (msg:"A host"; sid:1000001; rev:1;)',
  },
  'bad-port': {
    severity: 'error',
    title: 'A word in a port that is neither a port nor a range of ports.',
    why: 'Ports are numbers from 0 to 65535, ranges with a colon (1024:, :1023, 80:90), lists of them in brackets, `any` and variables. Names such as http are not looked up.',
    bad: 'alert tcp any any -> any 65536 (msg:"A port"; content:"admin.php"; sid:1000001; rev:1;)',
    good: 'alert tcp any any -> any 65535 (msg:"A port"; content:"admin.php"; sid:1000001; rev:1;)',
  },
  'unknown-variable': {
    severity: 'error',
    title: 'A rule names a variable that is not set.',
    why: 'What the rule would look at is not known, so it is left out. Variables come from `--var NAME=VALUE`, the `vars` setting, or are built in (those of Emerging Threats and Snort).',
    bad: 'alert tcp $HOM_NET any -> any 80 (msg:"From home"; content:"admin.php"; sid:1000001; rev:1;)',
    good: 'alert tcp $HOME_NET any -> any 80 (msg:"From home"; content:"admin.php"; sid:1000001; rev:1;)',
  },
} as const satisfies DiagnosticEntries;
