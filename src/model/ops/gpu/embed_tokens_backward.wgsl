// Adds the gradients of all rows with the same token, in the order of the rows. One group a row; only the first row of each token works.
// dwte was set to zero before. Four columns a thread: finding the rows costs more than adding them.
@group(0) @binding(0) var<storage, read_write> ids: array<i32>;
@group(0) @binding(1) var<storage, read_write> dx: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> dwte: array<vec4<f32>>;
// rows, width
@group(0) @binding(3) var<storage, read> info: array<u32>;
var<workgroup> earlier: array<u32, 64>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) li: u32) {
    let rows = info[0]; let width4 = info[1] / 4u;
    let me = wid.x + wid.y * 16384u;
    let id = ids[min(me, rows - 1u)];
    var found = 0u;
    for (var j = li; j < me; j += 64u) { if (ids[j] == id) { found = 1u; } }
    earlier[li] = found;
    workgroupBarrier();
    var first = me < rows;
    for (var j = 0u; j < 64u; j++) { if (earlier[j] == 1u) { first = false; } }
    if (first) {
        for (var column = li; column < width4; column += 64u) {
            var sum = vec4<f32>(0.0);
            for (var j = me; j < rows; j++) { if (ids[j] == id) { sum += dx[j * width4 + column]; } }
            dwte[u32(max(id, 0)) * width4 + column] = sum;
        }
    }
}
