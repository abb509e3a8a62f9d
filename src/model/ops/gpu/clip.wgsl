// (norm, factor) from square sums; the factor brings the norm down to hyper[6], as torch.nn.utils.clip_grad_norm_.
@group(0) @binding(0) var<storage, read_write> total: array<f32>;
@group(0) @binding(1) var<storage, read_write> hyper: array<f32>;
@group(0) @binding(2) var<storage, read_write> out: array<f32>;
// slots
@group(0) @binding(3) var<storage, read> info: array<u32>;
var<workgroup> part: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(local_invocation_index) li: u32) {
    var sum = 0.0;
    for (var i = li; i < info[0]; i += 64u) { sum += total[i]; }
    part[li] = sum;
    workgroupBarrier();
    if (li == 0u) {
        var all = 0.0;
        for (var i = 0u; i < 64u; i++) { all += part[i]; }
        let norm = sqrt(all);
        out[0] = norm;
        out[1] = 1.0;
        if (hyper[6] > 0.0) { out[1] = min(hyper[6] / (norm + 1e-6), 1.0); }
    }
}
