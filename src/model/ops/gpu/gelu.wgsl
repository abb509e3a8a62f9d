// GELU of every element; the function is put in front.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
// length
@group(0) @binding(2) var<storage, read> info: array<u32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
    let i = gid.x + gid.y * 1048576u;
    if (i < info[0]) { out[i] = gelu(x[i]); }
}
