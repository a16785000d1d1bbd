// What the threads of a workgroup bring to a step, in turns of one unit each: A_UNITS of A and then those of B. Constants of
// the kernel: THREADS, A_UNITS, ALL_UNITS.

// Turns of a thread, the last of which may have no unit for some.
const UNITS : u32 = (ALL_UNITS + THREADS - 1u) / THREADS;
const UNITS_EVEN : bool = ALL_UNITS % THREADS == 0u;

// Whether a thread's unit number `i` is A's. i is a constant at each call, and mostly that decides.
fn of_a(i : u32, thread : u32) -> bool {
  if ((i + 1u) * THREADS <= A_UNITS) { return true; }
  if (i * THREADS >= A_UNITS) { return false; }
  return i * THREADS + thread < A_UNITS;
}

// Whether there is that unit.
fn is_unit(i : u32, thread : u32) -> bool {
  return UNITS_EVEN || i * THREADS + thread < ALL_UNITS;
}
