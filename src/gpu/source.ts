/** @file Where an adapter comes from: the interface that browser, Node, software and null sources share. */

/** The places an adapter can come from, in order of speed. */
export type SourceName = 'browser' | 'node' | 'software' | 'null';

/** A place that may have an adapter. */
export interface AdapterSource {
  readonly name: SourceName;
  /** Whether its adapters compute on a GPU, on the CPU, or not at all. */
  readonly kind: 'hardware' | 'software' | 'null';
  /**
   * Asks for an adapter.
   * @param name a part of the adapter's name, or undefined for the fastest
   * @returns the adapter, or the reason why there is none, as the end of "no adapter: …"
   */
  request(name?: string): Promise<GPUAdapter | string>;
}
