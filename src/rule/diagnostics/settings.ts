/** Diagnostics of the values of variables. */
import type { DiagnosticEntries } from './entry.js';

export const SETTINGS = {
  'bad-variable': {
    severity: 'error',
    title: 'The value of a variable is neither an address nor a port, nor a list of them, or leads back to itself.',
    why: 'Every rule that names the variable fails. Values have the form that headers have: addresses, blocks, ports, ranges, lists in brackets, other variables with their dollar sign.',
    example: 'flags',
    bad: '--var HOME_NET=10.0.0.300',
    good: '--var HOME_NET=10.0.0.0/24',
  },
  'external-net-any': {
    severity: 'hint',
    title: 'HOME_NET is any, so EXTERNAL_NET is any too.',
    why: 'EXTERNAL_NET is everything but HOME_NET; of any, nothing would be left over, and no rule with EXTERNAL_NET could match. With your networks in HOME_NET rules tell directions apart and alert less in vain.',
    example: 'flags',
    bad: '--var HOME_NET=any',
    good: '--var HOME_NET=[10.0.0.0/8,192.168.0.0/16]',
  },
} as const satisfies DiagnosticEntries;
