/**
 * Loaded before a sensor, in all of its threads: a search for the expression `stall` never ends. Nothing that rules or
 * traffic hold makes a shard stall, so tests of the watchdog bring their own fault.
 */
const { test } = RegExp.prototype;
const never = new Int32Array(new SharedArrayBuffer(4));

RegExp.prototype.test = function (text) {
  if (this.source === 'stall') Atomics.wait(never, 0, 0);
  return test.call(this, text);
};
