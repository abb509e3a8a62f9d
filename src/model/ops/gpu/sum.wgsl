// out[0] = scale * sum(x), by one group.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
// length, bits of scale
@group(0) @binding(2) var<storage, read> info: array<u32>;
var<workgroup> part: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(local_invocation_index) li: u32) {
    var sum = 0.0;
    for (var i = li; i < info[0]; i += 64u) { sum += x[i]; }
    part[li] = sum;
    workgroupBarrier();
    if (li == 0u) {
        var total = 0.0;
        for (var i = 0u; i < 64u; i++) { total += part[i]; }
        out[0] = total * bitcast<f32>(info[1]);
    }
}
