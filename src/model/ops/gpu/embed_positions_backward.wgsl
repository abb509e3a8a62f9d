// dwpe[p] = sum of the rows at position p, zero for positions that no row has.
@group(0) @binding(0) var<storage, read_write> dx: array<f32>;
@group(0) @binding(1) var<storage, read_write> dwpe: array<f32>;
// rows, width, time, offset, context
@group(0) @binding(2) var<storage, read> info: array<u32>;

@compute @workgroup_size(64, 1, 1)
fn main(@builtin(global_invocation_id) gid: vec3<u32>) {
    let i = gid.x + gid.y * 1048576u;
    let width = info[1];
    let position = i / width;
    if (position < info[4]) {
        var sum = 0.0;
        if (position >= info[3] && position - info[3] < info[2]) {
            for (var row = position - info[3]; row < info[0]; row += info[2]) { sum += dx[row * width + i % width]; }
        }
        dwpe[i] = sum;
    }
}
