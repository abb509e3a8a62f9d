//! Matrix products: both inputs are packed into panels that the inner kernel reads in order, as in BLIS (Van Zee and van de Geijn, 2015).
//!
//! Our own because these products are small (a few hundred each way), strided (heads lie side by side in packed rows) and the whole of the
//! CPU device's speed: the general library reached 40 % of PyTorch's rate on them. There is a kernel for x86 with 256-bit SIMD and fused multiply-add,
//! chosen when it runs, one for WebAssembly's 128-bit SIMD, and a plain one.

/// Longest stretch of the inner dimension packed at a time: a panel of either input then stays in the first-level cache.
const STRETCH: usize = 256;

/// A matrix within a slice: element `(i, j)` lies at `i * row + j * column`.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub values: &'a [f32],
    pub row: usize,
    pub column: usize,
}

/// A row-major matrix to write, with `row` elements from one row to the next.
pub struct Target<'a> {
    pub values: &'a mut [f32],
    pub row: usize,
}

/// Room for packed panels, kept between products.
#[derive(Default)]
struct Panels {
    a: Vec<f32>,
    b: Vec<f32>,
}

thread_local! {
    static PANELS: std::cell::RefCell<Panels> = const { std::cell::RefCell::new(Panels { a: Vec::new(), b: Vec::new() }) };
}

/// `out = a·b`, or `out += a·b` where `accumulate` says so: `[m, k]·[k, n]`. Does nothing when a slice is too short for its view: a wrong
/// shape must not read outside.
pub fn product([m, n, k]: [usize; 3], a: View, b: View, out: Target, accumulate: bool) {
    let last = |rows: usize, columns: usize, row: usize, column: usize| (rows.max(1) - 1) * row + (columns.max(1) - 1) * column;
    let fits = last(m, k, a.row, a.column) < a.values.len()
        && last(k, n, b.row, b.column) < b.values.len()
        && last(m, n, out.row, 1) < out.values.len();
    debug_assert!(fits, "a matrix is smaller than its view");
    if !fits || m == 0 || n == 0 {
        return;
    }
    PANELS.with_borrow_mut(|panels| {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
            #[target_feature(enable = "avx2,fma")]
            fn with_avx2(size: [usize; 3], a: View, b: View, out: Target, accumulate: bool, panels: &mut Panels) {
                blocked::<Avx2, 6, 16>(size, a, b, out, accumulate, panels);
            }
            // SAFETY: the processor has the features.
            unsafe { with_avx2([m, n, k], a, b, out, accumulate, panels) };
            return;
        }
        #[cfg(target_arch = "wasm32")]
        blocked::<Simd128, 4, 8>([m, n, k], a, b, out, accumulate, panels);
        #[cfg(not(target_arch = "wasm32"))]
        blocked::<Plain, 4, 8>([m, n, k], a, b, out, accumulate, panels);
    });
}

/// The product in stretches of the inner dimension, tile by tile of `R` rows and `C` columns.
#[inline(always)]
fn blocked<K: Kernel<R, C>, const R: usize, const C: usize>(
    [m, n, k]: [usize; 3],
    a: View,
    b: View,
    out: Target,
    accumulate: bool,
    panels: &mut Panels,
) {
    for start in (0..k).step_by(STRETCH) {
        let stretch = STRETCH.min(k - start);
        let add = accumulate || start > 0;
        let columns = Lines { values: b.values, start: start * b.row, lines: n, steps: stretch, line_stride: b.column, step_stride: b.row };
        let rows = Lines { values: a.values, start: start * a.column, lines: m, steps: stretch, line_stride: a.row, step_stride: a.column };
        let (panels_b, panels_a) = (pack::<C>(&mut panels.b, &columns), pack::<R>(&mut panels.a, &rows));
        let mut sums = [[0.0; C]; R];
        // Rows outermost within a column panel: the panel of b (at most 16 KiB) stays cached while a streams past.
        for (right, panel_b) in panels_b.chunks_exact(stretch * C).enumerate() {
            for (down, panel_a) in panels_a.chunks_exact(stretch * R).enumerate() {
                K::sums(panel_a, panel_b, stretch, &mut sums);
                let (rows, columns) = (R.min(m - down * R), C.min(n - right * C));
                for (i, sums) in sums.iter().enumerate().take(rows) {
                    let at = (down * R + i) * out.row + right * C;
                    let target = &mut out.values[at..at + columns];
                    // A whole row of a tile has a length that the compiler knows: registers instead of a call that copies memory.
                    if let Some(target) = target.first_chunk_mut::<C>() {
                        store(target, sums, add);
                    } else {
                        store(target, &sums[..columns], add);
                    }
                }
            }
        }
    }
}

/// `target = sums`, or `target += sums`.
#[inline(always)]
fn store(target: &mut [f32], sums: &[f32], add: bool) {
    for (value, sum) in target.iter_mut().zip(sums) {
        *value = if add { *value + sum } else { *sum };
    }
}

/// A matrix to pack, seen as lines of `steps` values: element `step` of line `line` lies at `start + line * line_stride + step * step_stride`.
struct Lines<'a> {
    values: &'a [f32],
    start: usize,
    lines: usize,
    steps: usize,
    line_stride: usize,
    step_stride: usize,
}

/// Packs lines into panels of `W`: panel by panel, the values of all its lines at step 0, then at step 1, and so on; missing lines are zero.
/// Returns the panels.
#[inline(always)]
fn pack<'p, const W: usize>(room: &'p mut Vec<f32>, from: &Lines) -> &'p [f32] {
    let needed = from.lines.div_ceil(W) * W * from.steps;
    if room.len() < needed {
        room.resize(needed, 0.0);
    }
    let panels = &mut room[..needed];
    for (index, panel) in panels.chunks_exact_mut(W * from.steps).enumerate() {
        let first = index * W;
        let here = W.min(from.lines - first);
        let begin = from.start + first * from.line_stride;
        if here < W {
            panel.fill(0.0);
        }
        if from.line_stride == 1 && here == W {
            for (step, values) in panel.as_chunks_mut::<W>().0.iter_mut().enumerate() {
                if let Some(line) = from.values[begin + step * from.step_stride..].first_chunk::<W>() {
                    *values = *line;
                }
            }
        } else if from.step_stride == 1 && here == W {
            // Each line is a slice; four steps of four lines at a time are turned in registers.
            let lines: [&[f32]; W] = std::array::from_fn(|line| {
                let at = begin + line * from.line_stride;
                &from.values[at..at + from.steps]
            });
            let blocks = lines.map(|line| line.as_chunks::<4>().0);
            for (block, four_steps) in panel.chunks_exact_mut(4 * W).enumerate() {
                for group in 0..W / 4 {
                    let turned = turn(std::array::from_fn(|line| blocks[group * 4 + line][block]));
                    for (values, turned) in four_steps.as_chunks_mut::<W>().0.iter_mut().zip(turned) {
                        values[group * 4..group * 4 + 4].copy_from_slice(&turned);
                    }
                }
                for line in W / 4 * 4..W {
                    for (values, value) in four_steps.as_chunks_mut::<W>().0.iter_mut().zip(blocks[line][block]) {
                        values[line] = value;
                    }
                }
            }
            for step in from.steps / 4 * 4..from.steps {
                for (value, line) in panel[step * W..(step + 1) * W].iter_mut().zip(&lines) {
                    *value = line[step];
                }
            }
        } else {
            for line in 0..here {
                for step in 0..from.steps {
                    panel[step * W + line] = from.values[begin + line * from.line_stride + step * from.step_stride];
                }
            }
        }
    }
    panels
}

/// Rows to columns, 4 × 4.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
fn turn(rows: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    use core::arch::wasm32::{f32x4, f32x4_extract_lane as lane, i32x4_shuffle as mix, v128};
    let [a, b, c, d] = rows.map(|row| f32x4(row[0], row[1], row[2], row[3]));
    let (ab, cd) = (mix::<0, 4, 1, 5>(a, b), mix::<0, 4, 1, 5>(c, d));
    let (ab_high, cd_high) = (mix::<2, 6, 3, 7>(a, b), mix::<2, 6, 3, 7>(c, d));
    let row = |v: v128| [lane::<0>(v), lane::<1>(v), lane::<2>(v), lane::<3>(v)];
    [
        row(mix::<0, 1, 4, 5>(ab, cd)),
        row(mix::<2, 3, 6, 7>(ab, cd)),
        row(mix::<0, 1, 4, 5>(ab_high, cd_high)),
        row(mix::<2, 3, 6, 7>(ab_high, cd_high)),
    ]
}

/// Rows to columns, 4 × 4.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn turn(rows: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    std::array::from_fn(|column| std::array::from_fn(|row| rows[row][column]))
}

/// Writes out a tile of two registers per row: named variables, because arrays would become registers only where the compiler unrolls.
/// Pointers advance over the packed panels, `$steps` times.
macro_rules! tile {
    ($steps:expr, $a:ident, $b:ident, $out:ident, rows $rows:literal, lanes $lanes:literal, $zero:expr, $load:expr, $splat:expr, $fma:expr, $store:expr;
     $($index:literal $low:ident $high:ident),+) => {{
        $(let (mut $low, mut $high) = ($zero, $zero);)+
        for _ in 0..$steps {
            let (one, two) = ($load($b), $load($b.add($lanes)));
            $(
                let value = $splat($a.add($index));
                $low = $fma(value, one, $low);
                $high = $fma(value, two, $high);
            )+
            $a = $a.add($rows);
            $b = $b.add(2 * $lanes);
        }
        $(
            $store($out.add($index * 2 * $lanes), $low);
            $store($out.add($index * 2 * $lanes + $lanes), $high);
        )+
    }};
}

/// Sums of one tile, kept in registers while the panels stream past.
trait Kernel<const R: usize, const C: usize> {
    /// `a` is a panel of `R` lines, `b` one of `C` lines, both `steps` long.
    fn sums(a: &[f32], b: &[f32], steps: usize, sums: &mut [[f32; C]; R]);
}

/// 256-bit SIMD with fused multiply-add.
#[cfg(target_arch = "x86_64")]
struct Avx2;

#[cfg(target_arch = "x86_64")]
impl Kernel<6, 16> for Avx2 {
    #[inline(always)]
    fn sums(a: &[f32], b: &[f32], steps: usize, sums: &mut [[f32; 16]; 6]) {
        use core::arch::x86_64::{_mm256_broadcast_ss, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_setzero_ps, _mm256_storeu_ps};
        let steps = steps.min(a.len() / 6).min(b.len() / 16);
        let (mut a, mut b, out) = (a.as_ptr(), b.as_ptr(), sums.as_mut_ptr().cast::<f32>());
        // SAFETY: only called from a function that has the features; `steps` is bounded by both panels; `out` holds 96 values.
        unsafe {
            tile!(steps, a, b, out, rows 6, lanes 8,
                _mm256_setzero_ps(), |p| _mm256_loadu_ps(p), |p: *const f32| _mm256_broadcast_ss(&*p), |x, y, z| _mm256_fmadd_ps(x, y, z),
                |p, v| _mm256_storeu_ps(p, v);
                0 l0 h0, 1 l1 h1, 2 l2 h2, 3 l3 h3, 4 l4 h4, 5 l5 h5);
        }
    }
}

/// WebAssembly's 128-bit SIMD, which has no fused multiply-add that every browser knows.
#[cfg(target_arch = "wasm32")]
struct Simd128;

#[cfg(target_arch = "wasm32")]
impl Kernel<4, 8> for Simd128 {
    #[inline(always)]
    fn sums(a: &[f32], b: &[f32], steps: usize, sums: &mut [[f32; 8]; 4]) {
        use core::arch::wasm32::{f32x4_add, f32x4_mul, f32x4_splat, v128, v128_load, v128_load32_splat, v128_store};
        let steps = steps.min(a.len() / 4).min(b.len() / 8);
        let (mut a, mut b, out) = (a.as_ptr(), b.as_ptr(), sums.as_mut_ptr().cast::<f32>());
        // SAFETY: `steps` is bounded by both panels; `out` holds 32 values.
        unsafe {
            tile!(steps, a, b, out, rows 4, lanes 4,
                f32x4_splat(0.0), |p: *const f32| v128_load(p.cast::<v128>()), |p: *const f32| v128_load32_splat(p.cast::<u32>()),
                |x, y, z| f32x4_add(z, f32x4_mul(x, y)), |p: *mut f32, v| v128_store(p.cast::<v128>(), v);
                0 l0 h0, 1 l1 h1, 2 l2 h2, 3 l3 h3);
        }
    }
}

/// Any other processor: left to the compiler.
#[cfg(not(target_arch = "wasm32"))]
struct Plain;

#[cfg(not(target_arch = "wasm32"))]
impl Kernel<4, 8> for Plain {
    #[inline(always)]
    fn sums(a: &[f32], b: &[f32], _steps: usize, sums: &mut [[f32; 8]; 4]) {
        *sums = [[0.0; 8]; 4];
        for (a, b) in a.as_chunks::<4>().0.iter().zip(b.as_chunks::<8>().0) {
            for (sums, a) in sums.iter_mut().zip(a) {
                for (sum, b) in sums.iter_mut().zip(b) {
                    *sum += a * b;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(i: usize, j: usize) -> f32 {
        (i * 31 + j * 17) as f32 % 11.0 - 5.0
    }

    /// Every size around the tiles' edges, every layout, against the definition; whole numbers, so that the order of sums does not matter.
    #[test]
    fn every_size_and_layout_equals_the_definition() {
        for [m, n, k] in [[1, 1, 1], [5, 7, 3], [6, 16, 8], [7, 17, 9], [13, 33, 300], [32, 128, 32], [3, 40, 513]] {
            for (a_turned, b_turned, accumulate) in [(false, false, true), (true, false, false), (false, true, true), (true, true, false)] {
                let a: Vec<f32> = (0..m * k).map(|x| if a_turned { value(x % m, x / m) } else { value(x / k, x % k) }).collect();
                let b: Vec<f32> = (0..k * n).map(|x| if b_turned { value(x % k, x / k) } else { value(x / n, x % n) }).collect();
                let view = |values, turned, rows, columns| View {
                    values,
                    row: if turned { 1 } else { columns },
                    column: if turned { rows } else { 1 },
                };
                let stride = n + 3;
                let mut out = vec![2.0; m * stride];
                product(
                    [m, n, k],
                    view(&a, a_turned, m, k),
                    view(&b, b_turned, k, n),
                    Target { values: &mut out, row: stride },
                    accumulate,
                );
                for i in 0..m {
                    for j in 0..stride {
                        let sum: f32 = (0..k).map(|p| value(i, p) * value(p, j)).sum();
                        let expected = if j >= n { 2.0 } else { sum + if accumulate { 2.0 } else { 0.0 } };
                        assert_eq!(out[i * stride + j], expected, "{m} {n} {k}, {a_turned} {b_turned}, at {i}, {j}");
                    }
                }
            }
        }
    }
}
