/**
 * Calls of Node's zlib in this thread since its event loop has turned. What such a call leaves behind, some bytes, and
 * 2 KB where it fails, is freed by the event loop alone; a thread that never returns to it must do so now and then.
 */
export const zlibCalls = { count: 0 };

/** After so many calls it is time: 2 MB, if all of them have failed. */
export const MOST_ZLIB_CALLS = 1000;
