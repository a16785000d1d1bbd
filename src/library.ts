/** @file What both entries of the package export, in the order of a number's way. */

// For users whose own compiler settings lack it: the types mention Symbol.dispose.
/// <reference lib="esnext.disposable" preserve="true" />

export type { AccumulateOptions, Promotion } from './accumulate/plan.js';
export { customProfile, type Profile, type ProfileName, profiles } from './accumulate/profile.js';
export { tensorCoreNaN } from './accumulate/step.js';
export { type AdapterSummary, Context } from './context.js';
export * from './errors.js';
export { decode, decodeAll, decodeTable } from './format/decode.js';
export {
  type EncodeOptions,
  encode,
  encodeAll,
  encodeBits,
  type Overflow,
  overflows,
  type Rounding,
  roundings,
} from './format/encode.js';
export type { Format, Specials } from './format/format.js';
export { type FormatName, formatByName, formats, maxFinite } from './format/formats.js';
export { type Codes, pack, packedWords, unpack } from './format/pack.js';
export { type EmulatedOutputs, emulatedOutputs } from './gemm/emulated/reference.js';
export { type Folding, foldingOf } from './gemm/folding.js';
export type { QuantizeAndGemmOptions } from './gemm/fused/problem.js';
export type { GemmOptions } from './gemm/gemm.js';
export type { GroupedOptions, Groups } from './gemm/grouped.js';
export { emulatedGroupedOutputs, type HostGroups, referenceGroupedGemm } from './gemm/grouped-reference.js';
export type { KeepHalvesOptions } from './gemm/keep-halves.js';
export { type Layout, type LayoutOptions, layouts } from './gemm/layout.js';
export { type ReferenceOptions, referenceGemm } from './gemm/reference.js';
export type { AdapterChoice } from './gpu/choose.js';
export type { GpuOptions } from './gpu/gpu.js';
export { GpuMatrix, GpuQuantizedMatrix } from './gpu-matrix.js';
export { type Activation, activate, activations } from './linear/activation.js';
export {
  activateAndQuantize,
  activateOnGpu,
  type GpuPair,
  type NormOptions,
  rmsNormAndQuantize,
  rmsNormOnGpu,
  swigluAndQuantize,
  swigluGradientsAndQuantize,
  swigluOnGpu,
} from './linear/fused.js';
export {
  type BackwardOptions,
  type Gradients,
  type KeptBytes,
  Linear,
  LinearPass,
  linear,
} from './linear/linear.js';
export { type Keep, keeps, type LinearOptions, type ProductOptions } from './linear/recipe.js';
export {
  type LinearInputs,
  type LinearOperands,
  linearOperands,
  referenceLinear,
} from './linear/reference.js';
export { rmsNorm } from './linear/rms-norm.js';
export { type NormGradients, rmsNormGradients } from './linear/rms-norm-gradient.js';
export {
  type NormGradientOptions,
  rmsNormGradientsAndQuantize,
  rmsNormGradientsOnGpu,
} from './linear/rms-norm-gradient-gpu.js';
export { type SwigluGradients, swiglu, swigluGradients } from './linear/swiglu.js';
export { type Dtype, dtypes, type Matrix, matrix, toFloat32 } from './matrix.js';
export { combineRows, dispatchRows } from './moe/exchange.js';
export { type ExpertRows, expertRows, type RowLayout, rowCapacity } from './moe/expert-rows.js';
export { type DispatchBytes, GpuRouting } from './moe/gpu-routing.js';
export { routeOnGpu } from './moe/route-gpu.js';
export { type Routing, type RoutingOptions, route } from './moe/routing.js';
export type { OpenOptions } from './open.js';
export { type Comparison, compareReports, type Difference } from './probe/compare.js';
export type { ClosestProfile, Evidence, Finding, Section } from './probe/finding.js';
export { type ProbeOptions, probe } from './probe/probe.js';
export { type ProbedAdapter, type ProbeReport, readReport, writeReport } from './probe/report.js';
export type { TileOptions } from './quantize/block.js';
export { dequantize } from './quantize/dequantize.js';
export { type DialectName, dialectNames, dialects } from './quantize/dialect.js';
export {
  allGranularityNames,
  columnGranularityNames,
  type Granularity,
  type GranularityName,
  granularityByName,
  granularityNames,
} from './quantize/granularity.js';
export { type QuantizeOptions, quantize } from './quantize/quantize.js';
export { QuantizedMatrix, type Scales } from './quantize/quantized-matrix.js';
export { transpose } from './quantize/transpose.js';
export {
  type QuantizedPair,
  quantizeWithTranspose,
  requantizeTransposed,
} from './quantize/with-transpose.js';
/** The package's version. */
export const version: string = __VERSION__;
