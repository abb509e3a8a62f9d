// total[slot + group] = sum of squares of the group's share of x.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> total: array<f32>;
// length, slot, groups
@group(0) @binding(2) var<storage, read> info: array<u32>;
var<workgroup> part: array<f32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) li: u32) {
    var sum = 0.0;
    for (var i = wid.x * 64u + li; i < info[0]; i += 64u * info[2]) { sum += x[i] * x[i]; }
    part[li] = sum;
    workgroupBarrier();
    if (li == 0u) {
        var all = 0.0;
        for (var i = 0u; i < 64u; i++) { all += part[i]; }
        total[info[1] + wid.x] = all;
    }
}
