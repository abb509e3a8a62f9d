// dgain and dbias: sums over rows; 16 columns a group, 16 threads a column.
@group(0) @binding(0) var<storage, read_write> x: array<f32>;
@group(0) @binding(1) var<storage, read_write> dy: array<f32>;
@group(0) @binding(2) var<storage, read_write> statistics: array<vec2<f32>>;
@group(0) @binding(3) var<storage, read_write> dgain: array<f32>;
@group(0) @binding(4) var<storage, read_write> dbias: array<f32>;
// rows, width
@group(0) @binding(5) var<storage, read> info: array<u32>;
var<workgroup> part: array<vec2<f32>, 256>;

@compute @workgroup_size(16, 16, 1)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>) {
    let rows = info[0]; let width = info[1];
    let column = wid.x * 16u + lid.x;
    var sums = vec2<f32>(0.0);
    if (column < width) {
        for (var row = lid.y; row < rows; row += 16u) {
            let s = statistics[row];
            let g = dy[row * width + column];
            sums += vec2<f32>(g * (x[row * width + column] - s.x) * s.y, g);
        }
    }
    part[lid.y * 16u + lid.x] = sums;
    workgroupBarrier();
    if (lid.y == 0u && column < width) {
        var total = vec2<f32>(0.0);
        for (var i = 0u; i < 16u; i++) { total += part[i * 16u + lid.x]; }
        dgain[column] = total.x;
        dbias[column] = total.y;
    }
}
