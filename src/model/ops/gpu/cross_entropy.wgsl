// Loss and log-sum-exp of each row; 16 threads a row, 4 rows a group, maximum and sum in one pass.
@group(0) @binding(0) var<storage, read_write> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> targets: array<i32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
@group(0) @binding(3) var<storage, read_write> lse: array<f32>;
// rows, vocabulary
@group(0) @binding(4) var<storage, read> info: array<u32>;
var<workgroup> part: array<vec2<f32>, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) li: u32) {
    let vocab = info[1];
    let slot = li / 16u; let lane = li % 16u;
    let row = (wid.x + wid.y * 16384u) * 4u + slot;
    let base = min(row, info[0] - 1u) * vocab;
    var top = -1e30;
    var sum = 0.0;
    for (var i = lane; i < vocab; i += 16u) {
        let value = logits[base + i];
        if (value > top) { sum *= exp(max(top - value, -80.0)); top = value; }
        sum += exp(max(value - top, -80.0));
    }
    part[li] = vec2<f32>(top, sum);
    workgroupBarrier();
    if (lane == 0u && row < info[0]) {
        for (var i = 0u; i < 16u; i++) { top = max(top, part[slot * 16u + i].x); }
        sum = 0.0;
        for (var i = 0u; i < 16u; i++) { let p = part[slot * 16u + i]; sum += p.y * exp(max(p.x - top, -80.0)); }
        let all = top + log(sum);
        lse[row] = all;
        let target_id = targets[row];
        if (target_id < 0) { losses[row] = 0.0; } else { losses[row] = all - logits[base + u32(target_id)]; }
    }
}
