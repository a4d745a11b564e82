/** Numbers of EtherNet/IP and CIP (CIP networks library, volumes 1 and 2), and bounds. Stage: app; data only. */
export const ENIP_HEADER_BYTES = 24;
export const ITEM = { connected: 0xb1, unconnected: 0xb2, identity: 0x0c, services: 0x100 } as const;
export const MOST_ITEMS = 16;
/** Services, and what says that a message answers. */
export const GET_LIST = 3;
export const SET_LIST = 4;
export const MULTIPLE = 0x0a;
export const RESPONSE = 0x80;
export const MOST_CALLS = 32;
