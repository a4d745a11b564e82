/**
 * All keywords in one table. Stage: rule.
 *
 * Every file of this folder exports one array of entries (`xxxOptions`); a new file is one import and one line here.
 * Lookup is case-insensitive, as rule sets write `Content:` now and then. Built once at import, immutable afterwards.
 */
import { nearest } from '../../util/nearest.js';
import { absentOptions } from './absent.js';
import { appLayerEventOptions } from './app-layer-event.js';
import { appLayerProtocolOptions } from './app-layer-protocol.js';
import { appLayerStateOptions } from './app-layer-state.js';
import { asn1Options } from './asn1.js';
import { base64Options } from './base64.js';
import { berOptions } from './ber.js';
import { byteExtractOptions } from './byte-extract.js';
import { byteJumpOptions } from './byte-jump.js';
import { byteMathOptions } from './byte-math.js';
import { byteTestOptions } from './byte-test.js';
import { checksumOptions } from './checksums.js';
import { configOptions } from './config.js';
import { contentModifierOptions } from './content-modifiers.js';
import { contentOptions } from './content.js';
import { datarepOptions } from './datarep.js';
import { datasetOptions } from './dataset.js';
import { dcerpcOptions } from './dcerpc.js';
import { decodeEventOptions } from './decode-event.js';
import { engineEventOptions } from './engine-event.js';
import { entropyOptions } from './entropy.js';
import { fileOptions } from './files.js';
import { flowCounterOptions } from './flow-counters.js';
import { flowOptions } from './flow.js';
import { flowbitsOptions } from './flowbits.js';
import { flowintOptions } from './flowint.js';
import { fragbitsOptions } from './fragbits.js';
import { frame } from './frame.js';
import { ftpbounceOptions } from './ftpbounce.js';
import { geoipOptions } from './geoip.js';
import { http2SettingsOptions } from './http2-settings.js';
import { hostbitsOptions } from './hostbits.js';
import { icmpFieldOptions } from './icmp-fields.js';
import { ipFieldOptions } from './ip-fields.js';
import { ipProtoOptions } from './ip-proto.js';
import { ipoptsOptions } from './ipopts.js';
import { iprepOptions } from './iprep.js';
import { isdataatOptions } from './isdataat.js';
import { l3ProtoOptions } from './l3-proto.js';
import { messageConditionOptions } from './message-conditions.js';
import { metaOptions } from './meta.js';
import type { RuleOption } from './option.js';
import { pcreOptions } from './pcre.js';
import { prefilterOptions } from './prefilter.js';
import { refusedOptions } from './refused.js';
import { regexOptions } from './regex.js';
import { requiresOptions } from './requires.js';
import { sameipOptions } from './sameip.js';
import { sshOptions } from './ssh.js';
import { sizeOptions } from './size.js';
import { streamEventOptions } from './stream-event.js';
import { streamSizeOptions } from './stream-size.js';
import { tagOptions } from './tag.js';
import { tcpFieldOptions } from './tcp-fields.js';
import { tcpFlagsOptions } from './tcp-flags.js';
import { tcpSessionOptions } from './tcp-session.js';
import { thresholdOptions } from './threshold.js';
import { tlsCertificateOptions } from './tls-certificates.js';
import { transformOptions } from './transforms.js';
import { variableOptions } from './variables.js';
import { vlanOptions } from './vlan.js';
import { vniOptions } from './vni.js';
import { liveKeywordOptions, waitingKeywordOptions } from './waiting/all.js';
import { withoutEffectOptions } from './without-effect.js';
import { xbitsOptions } from './xbits.js';

/** In the order of the reference page. */
export const OPTIONS: readonly RuleOption[] = [
  ...metaOptions,
  ...thresholdOptions,
  ...tlsCertificateOptions,
  ...contentOptions,
  ...contentModifierOptions,
  ...isdataatOptions,
  ...sizeOptions,
  ...pcreOptions,
  ...regexOptions,
  ...byteTestOptions,
  ...byteJumpOptions,
  ...byteExtractOptions,
  ...byteMathOptions,
  ...base64Options,
  ...asn1Options,
  ...berOptions,
  ...entropyOptions,
  ...liveKeywordOptions,
  ...fileOptions,
  ...dcerpcOptions,
  ...http2SettingsOptions,
  ...messageConditionOptions,
  ...datasetOptions,
  ...datarepOptions,
  ...absentOptions,
  ...transformOptions,
  ...flowOptions,
  ...appLayerProtocolOptions,
  ...appLayerEventOptions,
  ...appLayerStateOptions,
  ...flowbitsOptions,
  ...flowintOptions,
  ...variableOptions,
  ...hostbitsOptions,
  ...xbitsOptions,
  ...flowCounterOptions,
  ...streamSizeOptions,
  ...vniOptions,
  ...vlanOptions,
  ...tcpFlagsOptions,
  ...tcpSessionOptions,
  ...tcpFieldOptions,
  ...ipFieldOptions,
  ...ipProtoOptions,
  ...l3ProtoOptions,
  ...fragbitsOptions,
  ...ipoptsOptions,
  ...sameipOptions,
  ...sshOptions,
  frame,
  ...ftpbounceOptions,
  ...geoipOptions,
  ...iprepOptions,
  ...icmpFieldOptions,
  ...checksumOptions,
  ...decodeEventOptions,
  ...streamEventOptions,
  ...engineEventOptions,
  ...prefilterOptions,
  ...tagOptions,
  ...requiresOptions,
  ...configOptions,
  ...withoutEffectOptions,
  ...refusedOptions,
  ...waitingKeywordOptions,
];

const byName: ReadonlyMap<string, RuleOption> = indexByName(OPTIONS);

/** The entry for a keyword or one of its aliases, in any case; undefined when it is unknown. */
export function findOption(name: string): RuleOption | undefined {
  return byName.get(name) ?? byName.get(name.toLowerCase());
}

/** The known keyword whose spelling is closest, undefined when none is close. */
export function nearestOption(name: string): string | undefined {
  return nearest(name.toLowerCase(), byName.keys());
}

function indexByName(options: readonly RuleOption[]): ReadonlyMap<string, RuleOption> {
  const map = new Map<string, RuleOption>();
  for (const option of options) {
    for (const name of [option.name, ...(option.aliases ?? [])]) {
      if (map.has(name)) throw new Error(`keyword ${name} is registered twice`);
      map.set(name, option);
    }
  }
  return map;
}
