// out[i] = wte[id[i]] + wpe[offset + i % time]
@group(0) @binding(0) var<storage, read_write> ids: array<i32>;
@group(0) @binding(1) var<storage, read_write> wte: array<f32>;
@group(0) @binding(2) var<storage, read_write> wpe: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;
// rows, width, time, offset
@group(0) @binding(4) var<storage, read> info: array<u32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
    let i = gid.x + gid.y * 1048576u;
    let width = info[1];
    let row = i / width;
    if (row < info[0]) {
        let column = i % width;
        out[i] = wte[u32(max(ids[row], 0)) * width + column] + wpe[(info[3] + row % info[2]) * width + column];
    }
}
