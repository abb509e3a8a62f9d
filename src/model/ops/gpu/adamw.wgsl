// One AdamW step in place, in PyTorch's order of operations.
@group(0) @binding(0) var<storage, read_write> p: array<f32>;
@group(0) @binding(1) var<storage, read_write> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> m: array<f32>;
@group(0) @binding(3) var<storage, read_write> v: array<f32>;
// learning rate, beta1, beta2, epsilon, bias1, bias2, clip, weight decay
@group(0) @binding(4) var<storage, read_write> hyper: array<f32>;
@group(0) @binding(5) var<storage, read_write> clip: array<f32>;
// length, decays
@group(0) @binding(6) var<storage, read> info: array<u32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
    let i = gid.x + gid.y * 1048576u;
    if (i < info[0]) {
        let gradient = g[i] * clip[1];
        let m1 = hyper[1] * m[i] + (1.0 - hyper[1]) * gradient;
        let v1 = hyper[2] * v[i] + (1.0 - hyper[2]) * gradient * gradient;
        m[i] = m1;
        v[i] = v1;
        let shrink = 1.0 - hyper[0] * hyper[7] * f32(info[1]);
        p[i] = p[i] * shrink - hyper[0] / hyper[4] * m1 / (sqrt(v1) / sqrt(hyper[5]) + hyper[3]);
    }
}
