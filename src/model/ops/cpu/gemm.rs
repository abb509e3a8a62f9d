//! Matrix products: the inputs are packed into panels that the inner kernel reads in order, as in BLIS (Van Zee and van de Geijn, 2015),
//! except that rows of the first matrix which lie in memory in order are read where they lie: it takes one value at a time from each, so
//! packing would only cost.
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
    mut out: Target,
    accumulate: bool,
    panels: &mut Panels,
) {
    for start in (0..k).step_by(STRETCH) {
        let stretch = STRETCH.min(k - start);
        let add = accumulate || start > 0;
        let columns = Lines { values: b.values, start: start * b.row, lines: n, steps: stretch, line_stride: b.column, step_stride: b.row };
        let rows = Lines { values: a.values, start: start * a.column, lines: m, steps: stretch, line_stride: a.row, step_stride: a.column };
        let in_place = if K::IN_PLACE && a.column == 1 { m / R * R } else { 0 };
        let panels_b = pack::<C>(&mut panels.b, &columns);
        let panels_a = pack::<R>(&mut panels.a, &rows.from(in_place));
        // Rows outermost within a column panel: the panel of b (at most 16 KiB) stays cached while a streams past.
        for (right, panel_b) in panels_b.chunks_exact(stretch * C).enumerate() {
            for down in (0..in_place).step_by(R) {
                let lines = Strided { values: &a.values[down * a.row + start..], line: a.row };
                put::<K, R, C>(Put { down, right: right * C, steps: stretch, add, in_order: true }, lines, panel_b, [m, n], &mut out);
            }
            for (down, panel_a) in panels_a.chunks_exact(stretch * R).enumerate() {
                let (down, lines) = (in_place + down * R, Strided { values: panel_a, line: 1 });
                put::<K, R, C>(Put { down, right: right * C, steps: stretch, add, in_order: false }, lines, panel_b, [m, n], &mut out);
            }
        }
    }
}

/// Where a tile goes and how.
struct Put {
    /// First row and column.
    down: usize,
    right: usize,
    steps: usize,
    add: bool,
    /// The first matrix is read in place.
    in_order: bool,
}

/// One tile of the product. Not a closure: that would be compiled without the caller's processor features.
#[inline(always)]
fn put<K: Kernel<R, C>, const R: usize, const C: usize>(put: Put, a: Strided, panel_b: &[f32], [m, n]: [usize; 2], out: &mut Target) {
    let Put { down, right, steps, add, in_order } = put;
    let (rows, columns) = (R.min(m - down), C.min(n - right));
    let target = &mut out.values[down * out.row + right..];
    let whole = rows == R && columns == C;
    let mut sums = [[0.0; C]; R];
    let (inner, add_inside) = if whole {
        (Target { values: &mut *target, row: out.row }, add)
    } else {
        (Target { values: sums.as_flattened_mut(), row: C }, false)
    };
    if in_order {
        K::sums_in_order(a, panel_b, steps, inner, add_inside);
    } else {
        K::sums(a, panel_b, steps, inner, add_inside);
    }
    if !whole {
        for (i, sums) in sums.iter().enumerate().take(rows) {
            let (from, to) = (i * out.row, i * out.row + columns);
            store(&mut target[from..to], &sums[..columns], add);
        }
    }
}

/// `R` lines of the first matrix: line `i` starts at `i * line`. In order, a line's next value follows at once; packed, after `R` values.
#[derive(Clone, Copy)]
struct Strided<'a> {
    values: &'a [f32],
    line: usize,
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

impl Lines<'_> {
    /// Without the first `lines`.
    fn from(mut self, lines: usize) -> Self {
        self.start += lines * self.line_stride;
        self.lines -= lines;
        self
    }
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
/// The first matrix's lines start `$line` apart; their next values follow after `$step`. Pointers advance by `wrapping_add` and the second
/// matrix comes as arrays, because `add` and unaligned loads are checked in builds with debug assertions, which tests and native
/// benchmarks are.
macro_rules! tile {
    ($steps:expr, $a:ident, line $line:expr, step $step:expr, $b:ident, $out:ident, row $row:expr, add $add:expr, lanes $lanes:literal,
     $zero:expr, $from:expr, $load:expr, $splat:expr, $fma:expr, $plus:expr, $store:expr; $($index:literal $low:ident $high:ident),+) => {{
        $(
            let (mut $low, mut $high) = ($zero, $zero);
        )+
        for [one, two] in $b.as_chunks::<$lanes>().0.as_chunks::<2>().0.iter().take($steps) {
            let (one, two) = ($from(one), $from(two));
            $(
                let value = $splat($a.wrapping_add($index * $line));
                $low = $fma(value, one, $low);
                $high = $fma(value, two, $high);
            )+
            $a = $a.wrapping_add($step);
        }
        if $add {
            $(
                $low = $plus($low, $load($out.wrapping_add($index * $row)));
                $high = $plus($high, $load($out.wrapping_add($index * $row + $lanes)));
            )+
        }
        $(
            $store($out.wrapping_add($index * $row), $low);
            $store($out.wrapping_add($index * $row + $lanes), $high);
        )+
    }};
}

/// Sums of one tile, kept in registers while `R` lines of the first matrix and a panel of `C` lines of the second stream past, `steps`
/// values each; `out` has room for `R` rows of `C`.
trait Kernel<const R: usize, const C: usize> {
    /// Reading lines in place is quicker than packing them.
    const IN_PLACE: bool;
    /// Packed lines: `R` values of the first step, then of the second.
    fn sums(a: Strided, b: &[f32], steps: usize, out: Target, add: bool);
    /// Each line's values in order.
    fn sums_in_order(a: Strided, b: &[f32], steps: usize, out: Target, add: bool);
}

/// Steps that neither input is too short for; 0 if the target is.
fn safe_steps<const R: usize, const C: usize>(a: &Strided, step: usize, b: &[f32], steps: usize, out: &Target) -> usize {
    let a_steps = (a.values.len() + step).saturating_sub((R - 1) * a.line + 1) / step;
    let room = out.values.len() >= (R - 1) * out.row + C;
    debug_assert!(room && steps <= a_steps && steps * C <= b.len(), "a panel is too short");
    if room { steps.min(a_steps).min(b.len() / C) } else { 0 }
}

/// 256-bit SIMD with fused multiply-add.
#[cfg(target_arch = "x86_64")]
struct Avx2;

#[cfg(target_arch = "x86_64")]
impl Avx2 {
    #[inline(always)]
    fn tile(a: Strided, step: usize, b: &[f32], steps: usize, out: Target, add: bool) {
        use core::arch::x86_64::{
            __m256, _mm_load_ss, _mm256_add_ps, _mm256_broadcastss_ps, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_setzero_ps,
            _mm256_storeu_ps,
        };
        let steps = safe_steps::<6, 16>(&a, step, b, steps, &out);
        if steps == 0 {
            return;
        }
        let (line, row) = (a.line, out.row);
        let (mut a, out) = (a.values.as_ptr(), out.values.as_mut_ptr());
        // SAFETY: only called from a function that has the features; `safe_steps` has checked all three slices.
        unsafe {
            tile!(steps, a, line line, step step, b, out, row row, add add, lanes 8,
                _mm256_setzero_ps(), |x: &[f32; 8]| std::mem::transmute::<[f32; 8], __m256>(*x), |p| _mm256_loadu_ps(p), |p: *const f32| _mm256_broadcastss_ps(_mm_load_ss(p)), |x, y, z| _mm256_fmadd_ps(x, y, z),
                |x, y| _mm256_add_ps(x, y), |p, v| _mm256_storeu_ps(p, v);
                0 l0 h0, 1 l1 h1, 2 l2 h2, 3 l3 h3, 4 l4 h4, 5 l5 h5);
        }
    }
}

#[cfg(target_arch = "x86_64")]
impl Kernel<6, 16> for Avx2 {
    const IN_PLACE: bool = true;

    #[inline(always)]
    fn sums(a: Strided, b: &[f32], steps: usize, out: Target, add: bool) {
        Self::tile(Strided { line: 1, ..a }, 6, b, steps, out, add);
    }

    #[inline(always)]
    fn sums_in_order(a: Strided, b: &[f32], steps: usize, out: Target, add: bool) {
        Self::tile(a, 1, b, steps, out, add);
    }
}

/// WebAssembly's 128-bit SIMD, which has no fused multiply-add that every browser knows.
#[cfg(target_arch = "wasm32")]
struct Simd128;

#[cfg(target_arch = "wasm32")]
impl Simd128 {
    #[inline(always)]
    fn tile(a: Strided, step: usize, b: &[f32], steps: usize, out: Target, add: bool) {
        use core::arch::wasm32::{f32x4_add, f32x4_mul, f32x4_splat, v128, v128_load, v128_load32_splat, v128_store};
        let steps = safe_steps::<4, 8>(&a, step, b, steps, &out);
        if steps == 0 {
            return;
        }
        let (line, row) = (a.line, out.row);
        let (mut a, out) = (a.values.as_ptr(), out.values.as_mut_ptr());
        // SAFETY: `safe_steps` has checked all three slices.
        unsafe {
            tile!(steps, a, line line, step step, b, out, row row, add add, lanes 4,
                f32x4_splat(0.0), |x: &[f32; 4]| v128_load(x.as_ptr().cast::<v128>()), |p: *const f32| v128_load(p.cast::<v128>()), |p: *const f32| v128_load32_splat(p.cast::<u32>()),
                |x, y, z| f32x4_add(z, f32x4_mul(x, y)), |x, y| f32x4_add(x, y), |p: *mut f32, v| v128_store(p.cast::<v128>(), v);
                0 l0 h0, 1 l1 h1, 2 l2 h2, 3 l3 h3);
        }
    }
}

#[cfg(target_arch = "wasm32")]
impl Kernel<4, 8> for Simd128 {
    const IN_PLACE: bool = false;

    #[inline(always)]
    fn sums(a: Strided, b: &[f32], steps: usize, out: Target, add: bool) {
        Self::tile(Strided { line: 1, ..a }, 4, b, steps, out, add);
    }

    #[inline(always)]
    fn sums_in_order(a: Strided, b: &[f32], steps: usize, out: Target, add: bool) {
        Self::tile(a, 1, b, steps, out, add);
    }
}

/// Any other processor: left to the compiler.
#[cfg(not(target_arch = "wasm32"))]
struct Plain;

#[cfg(not(target_arch = "wasm32"))]
impl Plain {
    #[inline(always)]
    fn tile(a: Strided, step: usize, b: &[f32], steps: usize, out: Target, add: bool) {
        let mut sums = [[0.0; 8]; 4];
        for (at, b) in b.as_chunks::<8>().0.iter().enumerate().take(safe_steps::<4, 8>(&a, step, b, steps, &out)) {
            for (line, sums) in sums.iter_mut().enumerate() {
                let value = a.values[line * a.line + at * step];
                for (sum, b) in sums.iter_mut().zip(b) {
                    *sum += value * b;
                }
            }
        }
        for (target, sums) in out.values.chunks_mut(out.row.max(1)).zip(&sums) {
            store(&mut target[..8], sums, add);
        }
    }
}

#[cfg(not(target_arch = "wasm32"))]
impl Kernel<4, 8> for Plain {
    const IN_PLACE: bool = true;

    fn sums(a: Strided, b: &[f32], steps: usize, out: Target, add: bool) {
        Self::tile(Strided { line: 1, ..a }, 4, b, steps, out, add);
    }

    fn sums_in_order(a: Strided, b: &[f32], steps: usize, out: Target, add: bool) {
        Self::tile(a, 1, b, steps, out, add);
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
