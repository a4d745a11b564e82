/** Which of a packet's addresses a keyword asks about: iprep and geoip write it alike. Stage: rule. */

export const ADDRESS_SIDES = ['any', 'src', 'dst', 'both'] as const;
export type AddressSide = (typeof ADDRESS_SIDES)[number];
