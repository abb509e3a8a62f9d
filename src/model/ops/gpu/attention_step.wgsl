// One new token: its key and value enter the caches at `position`, and it attends over all up to itself. One group a head.
@group(0) @binding(0) var<storage, read_write> qkv: array<f32>;
@group(0) @binding(1) var<storage, read_write> keys: array<f32>;
@group(0) @binding(2) var<storage, read_write> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
// position, heads, size of a head, bits of the scale
@group(0) @binding(4) var<storage, read> info: array<u32>;
var<workgroup> weights: array<f32, 1024>;
var<workgroup> part: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) li: u32) {
    let position = info[0]; let size = info[2]; let width = info[1] * size;
    let column = wid.x * size;
    for (var c = li; c < size; c += 64u) {
        keys[position * width + column + c] = qkv[width + column + c];
        values[position * width + column + c] = qkv[2u * width + column + c];
    }
    storageBarrier();
    workgroupBarrier();
    var top = -1e30;
    for (var k = li; k <= position; k += 64u) {
        var sum = 0.0;
        for (var c = 0u; c < size; c++) { sum += qkv[column + c] * keys[k * width + column + c]; }
        sum *= bitcast<f32>(info[3]);
        weights[k] = sum;
        top = max(top, sum);
    }
    part[li] = top;
    workgroupBarrier();
    for (var i = 0u; i < 64u; i++) { top = max(top, part[i]); }
    workgroupBarrier();
    var total = 0.0;
    for (var k = li; k <= position; k += 64u) { let w = exp(max(weights[k] - top, -80.0)); weights[k] = w; total += w; }
    part[li] = total;
    workgroupBarrier();
    total = 0.0;
    for (var i = 0u; i < 64u; i++) { total += part[i]; }
    for (var c = li; c < size; c += 64u) {
        var sum = 0.0;
        for (var k = 0u; k <= position; k++) { sum += weights[k] * values[k * width + column + c]; }
        out[column + c] = sum / total;
    }
}
