// dx per row, and each row's (mean, rstd) for the column sums; 16 threads a row, 4 rows a group.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> gain: array<f32>;
@group(0) @binding(2) var<storage, read_write> dy: array<f32>;
@group(0) @binding(3) var<storage, read_write> dx: array<f32>;
@group(0) @binding(4) var<storage, read_write> statistics: array<vec2<f32>>;
// rows, width, bits of epsilon
@group(0) @binding(5) var<storage, read> info: array<u32>;
var<workgroup> part: array<vec2<f32>, 64>;

fn row_sum(slot: u32) -> vec2<f32> {
    var total = vec2<f32>(0.0);
    for (var i = 0u; i < 16u; i++) { total += part[slot * 16u + i]; }
    return total;
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) li: u32) {
    let width = info[1];
    let n = f32(width);
    let slot = li / 16u; let lane = li % 16u;
    let row = (wid.x + wid.y * 16384u) * 4u + slot;
    let real = row < info[0];
    let base = min(row, info[0] - 1u) * width;
    var sum = 0.0;
    for (var i = lane; i < width; i += 16u) { sum += x[base + i]; }
    part[li] = vec2<f32>(sum, 0.0);
    workgroupBarrier();
    let mean = row_sum(slot).x / n;
    workgroupBarrier();
    // One pass for the variance; a second for the two sums of the gradient, which need rstd.
    var square = 0.0;
    for (var i = lane; i < width; i += 16u) { let c = x[base + i] - mean; square += c * c; }
    part[li] = vec2<f32>(square, 0.0);
    workgroupBarrier();
    let rstd = inverseSqrt(row_sum(slot).x / n + bitcast<f32>(info[2]));
    workgroupBarrier();
    var sums = vec2<f32>(0.0);
    for (var i = lane; i < width; i += 16u) {
        let g = dy[base + i] * gain[i];
        sums += vec2<f32>(g, g * (x[base + i] - mean) * rstd);
    }
    part[li] = sums;
    workgroupBarrier();
    let means = row_sum(slot) / n;
    if (real) {
        for (var i = lane; i < width; i += 16u) {
            let normal = (x[base + i] - mean) * rstd;
            dx[base + i] = rstd * (dy[base + i] * gain[i] - means.x - normal * means.y);
        }
        if (lane == 0u) { statistics[row] = vec2<f32>(mean, rstd); }
    }
}
