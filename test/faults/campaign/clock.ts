/** Loaded before the program: its clock is off by so many milliseconds. The monotonic clock is not, as on any machine. */
// oxlint-disable-next-line node/no-process-env -- it is loaded into another program
const shift = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
const RealDate = globalThis.Date;

globalThis.Date = class extends RealDate {
  constructor(...args: [] | ConstructorParameters<typeof RealDate>) {
    if (args.length === 0) super(RealDate.now() + shift);
    else super(...args);
  }
  static override now(): number {
    return RealDate.now() + shift;
  }
} as typeof RealDate;
