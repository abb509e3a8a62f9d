// Attune's engine as a peer of the step benchmark: the module that the page ships, driven through its `Bench` export.
// Backends: webgpu, wasm (burn's CPU backend, one thread).
import init, { Bench } from '/attune/engine.js';

// The page tells a software adapter by its name; so does this.
async function software() {
  const info = (await navigator.gpu?.requestAdapter())?.info;
  return /swiftshader|llvmpipe|lavapipe/i.test(`${info?.vendor} ${info?.architecture} ${info?.device} ${info?.description}`);
}

export async function create({ cfg, backend, data, weights, OPT }) {
  await init({ module_or_path: '/attune/engine_bg.wasm' });
  const total = weights.reduce((n, w) => n + w.data.length, 0), values = new Float32Array(total);
  let at = 0;
  for (const w of weights) { values.set(w.data, at); at += w.data.length; }
  const heads = weights.map(({ name, shape }) => ({ name, shape }));
  const bench = await Bench.create(backend.startsWith('webgpu') ? (await software() ? 'webgpu-software' : 'webgpu') : 'cpu', JSON.stringify(cfg), JSON.stringify(OPT), JSON.stringify(heads), values);
  return {
    step: async (i) => { const { x, y } = data(i); bench.step(x, y); return i; },
    loss: async () => bench.loss(),
    drop: () => {},
    env: { engine: 'attune' },
  };
}
