/** Operations and results of LDAP, by number. Stage: app; data only. RFC 4511; IANA. */
import { numbered } from '../fields/field-spec.js';

export const OPERATIONS: Readonly<Record<string, number>> = {
  ...numbered(
    'bind_request bind_response unbind_request search_request search_result_entry search_result_done modify_request modify_response add_request add_response del_request del_response mod_dn_request mod_dn_response compare_request compare_response abandon_request',
  ),
  search_result_reference: 19,
  extended_request: 23,
  extended_response: 24,
  intermediate_response: 25,
};

export const RESULTS: Readonly<Record<string, number>> = {
  ...numbered(
    'success operations_error protocol_error time_limit_exceeded size_limit_exceeded compare_false compare_true auth_method_not_supported stronger_auth_required',
  ),
  ...numbered(
    'referral admin_limit_exceeded unavailable_critical_extension confidentiality_required sasl_bind_in_progress',
    10,
  ),
  ...numbered(
    'no_such_attribute undefined_attribute_type inappropriate_matching constraint_violation attribute_or_value_exists invalid_attribute_syntax',
    16,
  ),
  ...numbered('no_such_object alias_problem invalid_dns_syntax is_leaf alias_dereferencing_problem', 32),
  ...numbered(
    'inappropriate_authentication invalid_credentials insufficient_access_rights busy unavailable unwilling_to_perform loop_detect',
    48,
  ),
  sort_control_missing: 60,
  offset_range_error: 61,
  ...numbered(
    'naming_violation object_class_violation not_allowed_on_non_leaf not_allowed_on_rdn entry_already_exists object_class_mods_prohibited results_too_large affects_multiple_dsas',
    64,
  ),
  control_error: 76,
  ...numbered(
    'other server_down local_error encoding_error decoding_error timeout auth_unknown filter_error user_canceled param_error no_memory connect_error not_supported control_not_found no_results_returned more_results_to_return client_loop referral_limit_exceeded invalid_response ambiguous_response',
    80,
  ),
  tls_not_supported: 112,
  intermediate_response: 113,
  unknown_type: 114,
  ...numbered('canceled no_such_operation too_late cannot_cancel assertion_failed authorization_denied', 118),
  e_sync_refresh_required: 4096,
  no_operation: 16654,
};

const byNumber = (names: Readonly<Record<string, number>>): ReadonlyMap<number, string> =>
  new Map(Object.entries(names).map(([name, value]) => [value, name]));
const OPERATION_NAMES = byNumber(OPERATIONS);
const RESULT_NAMES = byNumber(RESULTS);

export const operationName = (operation: number): string => OPERATION_NAMES.get(operation) ?? 'unknown';
export const resultName = (result: number): string => RESULT_NAMES.get(result) ?? `unknown(${result})`;
