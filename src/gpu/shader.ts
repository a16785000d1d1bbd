/**
 * @file Shaders are .wgsl files linked by concatenation: module-scope declarations need no order in WGSL, so a
 * kernel is a list of files and a table of constants, and works in every browser without a linker.
 */

/** A WGSL expression, for constants that are not plain numbers. */
export class Expression {
  constructor(readonly wgsl: string) {}
}

/** A WGSL type that a shader's files know by the constant's name. */
export class Alias {
  constructor(readonly type: string) {}
}

/** A number becomes a u32, a boolean a bool, an expression itself, an alias another name of its type. */
export type Constant = number | boolean | Expression | Alias;

/** A compute shader: its source files and what they are specialised with. The entry point is `main`. */
export interface Shader {
  /** Shown in errors and profilers. */
  readonly label: string;
  /** Texts of .wgsl files. */
  readonly files: readonly string[];
  readonly constants: Readonly<Record<string, Constant>>;
  /** WGSL extensions to enable, such as `f16`. */
  readonly enables?: readonly string[];
}

/** Files and constants that go into a shader together. */
export type ShaderPart = Pick<Shader, 'files' | 'constants'>;

/** The WGSL text of a shader. Throws a RangeError for a number that is not a u32. */
export function link(shader: Shader): string {
  const enables = (shader.enables ?? []).map((name) => `enable ${name};`);
  const constants = Object.entries(shader.constants).map(([name, value]) =>
    value instanceof Alias
      ? `alias ${name} = ${value.type};`
      : `const ${name} = ${constantText(name, value)};`,
  );
  return [...enables, ...constants, '', ...shader.files].join('\n');
}

function constantText(name: string, value: number | boolean | Expression): string {
  if (value instanceof Expression) return value.wgsl;
  if (typeof value === 'boolean') return String(value);
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new RangeError(`shader constant ${name} is ${value}, which is not a u32`);
  return `${value}u`;
}
