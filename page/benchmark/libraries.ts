/** @file The other libraries that this copy of the page can load, from its own files. */

/** By the names of their files in bench/peers; none where the page was built without their packages. */
export const pageLibraries: readonly string[] = import.meta.env.VITE_PEERS ?? [];
