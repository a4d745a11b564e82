/** Types of encryption of Kerberos, by name. Stage: app; data only. RFC 3961, 3962, 4757, 6803, 8009; IANA. */
export const ENCRYPTION_TYPES: Readonly<Record<string, number>> = {
  'des-cbc-crc': 1,
  'des-cbc-md4': 2,
  'des-cbc-md5': 3,
  'des-cbc-raw': 4,
  'des3-cbc-md5': 5,
  'des3-cbc-raw': 6,
  'des3-cbc-sha1': 7,
  'des-hmac-sha1': 8,
  'dsawithsha1-cmsoid': 9,
  'md5withrsaencryption-cmsoid': 10,
  'sha1withrsaencryption-cmsoid': 11,
  'rc2cbc-envoid': 12,
  'rsaencryption-envoid': 13,
  'rsaes-oaep-env-oid': 14,
  'des-ede3-cbc-env-oid': 15,
  'des3-cbc-sha1-kd': 16,
  'aes128-cts-hmac-sha1-96': 17,
  'aes256-cts-hmac-sha1-96': 18,
  'aes128-cts-hmac-sha256-128': 19,
  'aes256-cts-hmac-sha384-192': 20,
  'rc4-hmac': 23,
  'rc4-hmac-exp': 24,
  'camellia128-cts-cmac': 25,
  'camellia256-cts-cmac': 26,
  'subkey-keymaterial': 65,
  'rc4-md4': -128,
  'rc4-plain2': -129,
  'rc4-lm': -130,
  'rc4-sha': -131,
  'des-plain': -132,
  'rc4-hmac-old': -133,
  'rc4-plain-old': -134,
  'rc4-hmac-old-exp': -135,
  'rc4-plain-old-exp': -136,
  'rc4-plain': -140,
  'rc4-plain-exp': -141,
  'aes128-cts-hmac-sha1-96-plain': -148,
  'aes256-cts-hmac-sha1-96-plain': -149,
};

/** Those that can be broken: DES, RC4 with any digest, and their like. */
export const WEAK_TYPES: readonly number[] = [
  1, 2, 3, 4, 5, 6, 7, 8, 23, 24, -128, -129, -130, -131, -132, -133, -134, -135, -136, -140, -141,
];

const NAMES = new Map(Object.entries(ENCRYPTION_TYPES).map(([name, type]) => [type, name]));

export const encryptionName = (type: number): string => NAMES.get(type) ?? `Unknown (${type})`;

/** As a buffer has it: a number of 32 bits without sign. */
export const encryptionNumber = (type: number): number => type >>> 0;
