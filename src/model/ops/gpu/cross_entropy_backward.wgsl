// upstream * scale * (softmax - one_hot), zero in rows without a target.
@group(0) @binding(0) var<storage, read_write> logits: array<f32>;
@group(0) @binding(1) var<storage, read_write> targets: array<i32>;
@group(0) @binding(2) var<storage, read_write> lse: array<f32>;
@group(0) @binding(3) var<storage, read_write> upstream: array<f32>;
@group(0) @binding(4) var<storage, read_write> gradient: array<f32>;
// rows, vocabulary, bits of scale
@group(0) @binding(5) var<storage, read> info: array<u32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
    let i = gid.x + gid.y * 1048576u;
    let row = i / info[1];
    if (row < info[0]) {
        let target_id = targets[row];
        var value = 0.0;
        if (target_id >= 0) {
            value = exp(max(logits[i] - lse[row], -80.0));
            if (i % info[1] == u32(target_id)) { value -= 1.0; }
            value *= upstream[0] * bitcast<f32>(info[2]);
        }
        gradient[i] = value;
    }
}
