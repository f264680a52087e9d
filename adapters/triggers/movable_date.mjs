// A clock that can be moved: `Date`, with and without `new`, `Date.now` and what stands on them. `performance`, timers and
// process.hrtime measure durations and go on, and so time-outs do. Intl.DateTimeFormat without a date, certificates'
// validity and child processes ask the system, and are not moved.
const RealDate = Date;
let standing = null;

const now = () => (standing === null ? RealDate.now() : standing);

/** Let the clock stand at an RFC 3339 moment; null lets it follow real time. */
export function standAt(moment) {
  standing = moment === null ? null : RealDate.parse(moment);
}

/** Put the movable clock in the place of the real one. */
export function installClock() {
  globalThis.Date = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, given, newTarget) => Reflect.construct(target, given.length ? given : [now()], newTarget),
    get: (target, name, receiver) => (name === "now" ? now : Reflect.get(target, name, receiver)),
  });
  RealDate.prototype.constructor = globalThis.Date;
}
