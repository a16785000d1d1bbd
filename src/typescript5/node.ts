/** @file The types of the Node entry for TypeScript 5, whose own DOM library has no WebGPU yet. */

/// <reference types="@webgpu/types" preserve="true" />

export * from '../node.js';
