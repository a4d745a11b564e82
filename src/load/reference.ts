/**
 * reference.config: systems that rules refer to, and the address that an id is appended to. Stage: load.
 *
 *   config reference: cve    https://cve.mitre.org/cgi-bin/cvename.cgi?name=
 *
 * Built in are those of ET Open, Suricata and Snort; a file adds to them and overrides.
 */
import type { Diagnostics } from '../rule/diagnostics/diagnostic.js';
import { configLines } from './data-lines.js';

export type ReferenceSystems = ReadonlyMap<string, string>;

const DEFAULTS: Readonly<Record<string, string>> = {
  url: 'http://',
  cve: 'https://cve.mitre.org/cgi-bin/cvename.cgi?name=',
  bugtraq: 'http://www.securityfocus.com/bid/',
  bid: 'http://www.securityfocus.com/bid/',
  secunia: 'http://www.secunia.com/advisories/',
  nessus: 'http://cgi.nessus.org/plugins/dump.php3?id=',
  arachnids: 'http://www.whitehats.com/info/IDS',
  mcafee: 'http://vil.nai.com/vil/content/v_',
  osvdb: 'http://osvdb.org/show/osvdb/',
  msb: 'http://technet.microsoft.com/en-us/security/bulletin/',
  securitytracker: 'http://securitytracker.com/id?',
  system: '',
  telus: 'http://',
  threatexpert: 'http://www.threatexpert.com/report.aspx?md5=',
  md5: 'http://www.threatexpert.com/report.aspx?md5=',
  sha1: 'https://www.virustotal.com/gui/search/',
  sha256: 'https://www.virustotal.com/gui/search/',
  exploitdb: 'http://www.exploit-db.com/exploits/',
  openpacket: 'https://www.openpacket.org/capture/grab/',
  securiteinfo: 'http://www.securiteinfo.com/attacks/',
  xforce: 'http://xforce.iss.net/xforce/xfdb/',
  et: 'http://doc.emergingthreats.net/',
  etpro: 'http://doc.emergingthreatspro.com/',
  mitre: 'https://attack.mitre.org/techniques/',
};

const START = /^config\s+reference\s*:\s*/;
const SYSTEM = /^([\w.-]+)(?:\s+(\S.*))?$/;
const FORM = 'write config reference: <system> <start of the address>';

export function defaultReferences(): Map<string, string> {
  return new Map(Object.entries(DEFAULTS));
}

/**
 * The defaults with those of a file over them; lines that are none are reported, their spans count from the text's
 * start.
 */
export function parseReferences(text: string, diagnostics: Diagnostics): ReferenceSystems {
  const table = defaultReferences();
  for (const {
    text: line,
    span: { start },
  } of configLines(text)) {
    const at = START.exec(line)?.[0].length;
    const [, system, prefix] = at === undefined ? [] : (SYSTEM.exec(line.slice(at)) ?? []);
    if (system !== undefined && prefix !== undefined) {
      table.set(system.toLowerCase(), prefix);
    } else {
      const message =
        at === undefined
          ? 'not a reference system'
          : system === undefined
            ? 'the name of a system is one word'
            : `${system} has no address`;
      diagnostics.error(
        'bad-reference-system',
        message,
        { start: start + Math.min(at ?? 0, line.length - 1), end: start + line.length },
        FORM,
      );
    }
  }
  return table;
}
