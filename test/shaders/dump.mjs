// What Dawn's Vulkan backend makes of a WGSL file: prints its SPIR-V. In a process of its own, because Dawn prints it
// past JavaScript, and because the process is to be ended when it has: SwiftShader then takes seconds for what nobody
// waits for. Arguments: the folder of the embedded software adapter, then the file.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';

const [folder, file] = process.argv.slice(2);
process.env.VK_ICD_FILENAMES = join(folder, 'vk_swiftshader_icd.json');
process.env.XDG_RUNTIME_DIR ??= '/tmp';
const module = { exports: {} };
process.dlopen(module, join(folder, 'dawn.node'));
const gpu = module.exports.create(['enable-dawn-features=allow_unsafe_apis,dump_shaders']);
const adapter = await gpu.requestAdapter();
const { maxComputeWorkgroupStorageSize } = adapter.limits;
const device = await adapter.requestDevice({ requiredLimits: { maxComputeWorkgroupStorageSize } });
const code = readFileSync(file, 'utf8');
const compute = { module: device.createShaderModule({ code }), entryPoint: 'main' };
await device.createComputePipelineAsync({ layout: 'auto', compute });
process.exit(0);
