/**
 * @file ONNX models of one node, written as bytes: ModelProto of onnx.proto (github.com/onnx/onnx, onnx/onnx.proto),
 * whose field numbers stand here by name. The wire format is protobufjs's work.
 */

import protobuf from 'protobufjs/minimal.js';

/** Types of elements, by the numbers of TensorProto.DataType. */
export const elementTypes = { float32: 1, uint8: 2, float16: 10 } as const;
export type ElementType = keyof typeof elementTypes;

/** What a tensor holds and its shape. */
export interface TensorKind {
  readonly name: string;
  readonly type: ElementType;
  readonly dims: readonly number[];
}

/** Weights that are part of the model. */
export interface Initializer extends TensorKind {
  /** Little-endian, row-major. */
  readonly bytes: Uint8Array;
}

export interface OneNodeModel {
  readonly operator: string;
  /** Of the operator; the standard's unless given. */
  readonly domain?: { readonly name: string; readonly version: number };
  /** Whole numbers. */
  readonly attributes?: Readonly<Record<string, number>>;
  readonly inputs: readonly TensorKind[];
  /** The operator's inputs after those. */
  readonly initializers?: readonly Initializer[];
  readonly output: TensorKind;
}

/** ONNX's version 8 of the file format, and opset 17 of the standard operators. */
const [irVersion, opset] = [8, 17];

const model = { irVersion: 1, graph: 7, opsetImport: 8 } as const;
const operatorSet = { domain: 1, version: 2 } as const;
const graph = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const;
const node = { input: 1, output: 2, operator: 4, attribute: 5, domain: 7 } as const;
const attribute = { name: 1, whole: 3, type: 20 } as const;
const tensor = { dims: 1, type: 2, name: 8, raw: 9 } as const;
const valueInfo = { name: 1, type: 2 } as const;
const typeProto = { tensor: 1 } as const;
const tensorType = { elements: 1, shape: 2 } as const;
const tensorShape = { dimension: 1 } as const;
const dimension = { value: 1 } as const;
/** AttributeProto.AttributeType.INT. */
const wholeAttribute = 2;

/** A model as InferenceSession.create() takes it. */
export function oneNodeModel(wanted: OneNodeModel): Uint8Array {
  const { domain, initializers = [] } = wanted;
  const message = new Message()
    .whole(model.irVersion, irVersion)
    .message(model.opsetImport, operatorSetOf('', opset));
  if (domain) message.message(model.opsetImport, operatorSetOf(domain.name, domain.version));
  const body = new Message().message(graph.node, nodeOf(wanted)).text(graph.name, wanted.operator);
  for (const one of initializers) body.message(graph.initializer, initializerOf(one));
  for (const one of wanted.inputs) body.message(graph.input, valueInfoOf(one));
  body.message(graph.output, valueInfoOf(wanted.output));
  return message.message(model.graph, body).bytes();
}

function operatorSetOf(domain: string, version: number): Message {
  return new Message().text(operatorSet.domain, domain).whole(operatorSet.version, version);
}

function nodeOf({
  operator,
  domain,
  attributes = {},
  inputs,
  initializers = [],
  output,
}: OneNodeModel): Message {
  const message = new Message();
  for (const { name } of [...inputs, ...initializers]) message.text(node.input, name);
  message.text(node.output, output.name).text(node.operator, operator);
  for (const [name, value] of Object.entries(attributes))
    message.message(
      node.attribute,
      new Message()
        .text(attribute.name, name)
        .whole(attribute.whole, value)
        .whole(attribute.type, wholeAttribute),
    );
  return domain ? message.text(node.domain, domain.name) : message;
}

function initializerOf({ name, type, dims, bytes }: Initializer): Message {
  const message = new Message();
  for (const size of dims) message.whole(tensor.dims, size);
  return message.whole(tensor.type, elementTypes[type]).text(tensor.name, name).raw(tensor.raw, bytes);
}

function valueInfoOf({ name, type, dims }: TensorKind): Message {
  const shape = new Message();
  for (const size of dims) shape.message(tensorShape.dimension, new Message().whole(dimension.value, size));
  const kind = new Message().whole(tensorType.elements, elementTypes[type]).message(tensorType.shape, shape);
  return new Message()
    .text(valueInfo.name, name)
    .message(valueInfo.type, new Message().message(typeProto.tensor, kind));
}

/** Wire types: of whole numbers, and of whatever has a length. */
const [varint, delimited] = [0, 2];

/** A protobuf message, field by field. */
class Message {
  readonly #writer = protobuf.Writer.create();

  whole(field: number, value: number): this {
    this.#writer.uint32((field << 3) | varint).int64(value);
    return this;
  }

  text(field: number, value: string): this {
    this.#writer.uint32((field << 3) | delimited).string(value);
    return this;
  }

  raw(field: number, value: Uint8Array): this {
    this.#writer.uint32((field << 3) | delimited).bytes(value);
    return this;
  }

  message(field: number, value: Message): this {
    return this.raw(field, value.bytes());
  }

  bytes(): Uint8Array {
    return this.#writer.finish();
  }
}
