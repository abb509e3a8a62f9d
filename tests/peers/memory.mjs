// Memory over a long run: the smallest setting, 2,000 steps, in headless Chromium with the software adapter. Prints a line every 200 steps:
// the engine's own memory, the page's heap after a collection, GPU buffers ever made, and what the two processes hold.
// Usage, in the harness's folder: node memory.mjs webgpu|wasm [steps]
import { chromium } from 'playwright-core';
import { execSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';

const backend = process.argv[2] ?? 'webgpu', steps = +(process.argv[3] ?? 2000), here = process.cwd();
const types = { '.html': 'text/html', '.mjs': 'text/javascript', '.js': 'text/javascript', '.wasm': 'application/wasm' };
const server = http.createServer((request, response) => {
  const file = path.join(here, new URL(request.url, 'http://localhost').pathname);
  if (!file.startsWith(here) || !fs.existsSync(file) || fs.statSync(file).isDirectory()) { response.statusCode = 404; return response.end(); }
  response.setHeader('content-type', types[path.extname(file)] ?? 'application/octet-stream');
  fs.createReadStream(file).pipe(response);
});
await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? 'chromium',
  args: ['--no-sandbox', '--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader', '--disable-gpu-watchdog', '--js-flags=--expose-gc', '--enable-precise-memory-info'],
});
const page = await browser.newPage();
page.on('pageerror', (error) => console.log(String(error)));
await page.goto(`http://127.0.0.1:${server.address().port}/harness.html`);
await page.evaluate(async (backend) => {
  const counters = await import('/lib/page.mjs'), spec = await import('/lib/spec.mjs');
  counters.installCounters(false);
  const { create } = await import('/peers/attune.mjs');
  const { default: init } = await import('/attune/engine.js');
  const cfg = spec.CONFIGS.tiny;
  globalThis.engine = await init({ module_or_path: '/attune/engine_bg.wasm' });
  globalThis.counts = counters.C;
  globalThis.peer = await create({ cfg, backend, data: (i) => spec.batch(cfg, i), weights: spec.initAll(cfg), OPT: spec.OPT, LN_EPS: spec.LN_EPS });
  globalThis.step = 0;
}, backend);
const resident = (kind) => {
  const lines = execSync('ps -eo rss,args').toString().split('\n').filter((line) => line.includes(`--type=${kind}`));
  return Math.round(lines.reduce((sum, line) => sum + parseInt(line, 10), 0) / 1024);
};
for (let done = 200; done <= steps; done += 200) {
  const seen = await page.evaluate(async () => {
    for (let k = 1; k <= 200; k++) { await peer.step(step++); if (k % 10 === 0) globalThis.loss = await peer.loss(); }
    gc();
    const megabytes = (bytes) => +(bytes / 2 ** 20).toFixed(2);
    return { loss, engine_mb: megabytes(engine.memory.buffer.byteLength), page_heap_mb: megabytes(performance.memory.usedJSHeapSize), gpu_buffers_made: counts.createBuffer };
  });
  console.log(JSON.stringify({ step: done, ...seen, renderer_mb: resident('renderer'), gpu_process_mb: resident('gpu-process') }));
}
await browser.close();
server.close();
