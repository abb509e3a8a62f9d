// Attention weights of every pair of window and head, for pictures; one thread a query.
@group(0) @binding(0) var<storage, read_write> qkv: array<f32>;
@group(0) @binding(1) var<storage, read_write> out: array<f32>;
// time, heads, size of a head, bits of the scale
@group(0) @binding(2) var<storage, read> info: array<u32>;

fn score(query: u32, key: u32, size: u32) -> f32 {
    var sum = 0.0;
    for (var c = 0u; c < size; c++) { sum += qkv[query + c] * qkv[key + c]; }
    return sum * bitcast<f32>(info[3]);
}

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
    let T = info[0]; let H = info[1]; let size = info[2];
    let me = gid.x; let pair = gid.y;
    if (me < T) {
        let width = H * size;
        let base = (pair / H) * T;
        let column = (pair % H) * size;
        let query = (base + me) * 3u * width + column;
        let keys = base * 3u * width + width + column;
        let row = (pair * T + me) * T;
        var top = -1e30;
        for (var k = 0u; k <= me; k++) {
            let s = score(query, keys + k * 3u * width, size);
            out[row + k] = s;
            top = max(top, s);
        }
        var total = 0.0;
        for (var k = 0u; k <= me; k++) { let w = exp(max(out[row + k] - top, -80.0)); out[row + k] = w; total += w; }
        for (var k = 0u; k < T; k++) { if (k <= me) { out[row + k] /= total; } else { out[row + k] = 0.0; } }
    }
}
