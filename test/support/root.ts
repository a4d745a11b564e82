import { fileURLToPath } from 'node:url';

/** The path of a file of this project. */
export const inRoot = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
