// y = (x - mean) * rstd * gain + bias per row; 16 threads a row, 4 rows a group.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> gain: array<f32>;
@group(0) @binding(2) var<storage, read_write> bias: array<f32>;
@group(0) @binding(3) var<storage, read_write> y: array<f32>;
// rows, width, bits of epsilon
@group(0) @binding(4) var<storage, read> info: array<u32>;
var<workgroup> part: array<f32, 64>;

fn row_sum(slot: u32) -> f32 {
    var total = 0.0;
    for (var i = 0u; i < 16u; i++) { total += part[slot * 16u + i]; }
    return total;
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) li: u32) {
    let width = info[1];
    let slot = li / 16u; let lane = li % 16u;
    let row = (wid.x + wid.y * 16384u) * 4u + slot;
    let real = row < info[0];
    let base = min(row, info[0] - 1u) * width;
    var sum = 0.0;
    for (var i = lane; i < width; i += 16u) { sum += x[base + i]; }
    part[li] = sum;
    workgroupBarrier();
    let mean = row_sum(slot) / f32(width);
    workgroupBarrier();
    var square = 0.0;
    for (var i = lane; i < width; i += 16u) { let c = x[base + i] - mean; square += c * c; }
    part[li] = square;
    workgroupBarrier();
    let rstd = inverseSqrt(row_sum(slot) / f32(width) + bitcast<f32>(info[2]));
    if (real) {
        for (var i = lane; i < width; i += 16u) { y[base + i] = (x[base + i] - mean) * rstd * gain[i] + bias[i]; }
    }
}
