//! Matrix products: the inputs are packed into panels that the inner kernel reads in order, as in BLIS (Van Zee and van de Geijn, 2015),
//! except that rows of the first matrix which lie in memory in order are read where they lie: it takes one value at a time from each, so
//! packing would only cost.
//!
//! Our own because these products are small (a few hundred each way), strided (heads lie side by side in packed rows) and the whole of the
//! CPU device's speed: the general library reached 40 % of PyTorch's rate on them. There is a kernel for x86 with 256-bit SIMD and fused multiply-add,
//! chosen when it runs, one for WebAssembly's 128-bit SIMD, and a plain one.

mod kernel;
mod pack;

#[cfg(target_arch = "x86_64")]
use kernel::Avx2;
#[cfg(not(target_arch = "wasm32"))]
use kernel::Plain;
#[cfg(target_arch = "wasm32")]
use kernel::Simd128;
use kernel::{Kernel, Strided, store};
use pack::{Lines, pack};

/// Values in a panel of the second matrix (16 KiB): as many steps of the inner dimension as give it stay in the first-level cache.
const PANEL: usize = 4096;

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
    for start in (0..k).step_by(PANEL / C) {
        let stretch = (PANEL / C).min(k - start);
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
                put::<K, R, C>(Put { down, right: right * C, steps: stretch, add, step: 1 }, lines, panel_b, [m, n], &mut out);
            }
            for (down, panel_a) in panels_a.chunks_exact(stretch * R).enumerate() {
                let (down, lines) = (in_place + down * R, Strided { values: panel_a, line: 1 });
                put::<K, R, C>(Put { down, right: right * C, steps: stretch, add, step: R }, lines, panel_b, [m, n], &mut out);
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
    /// From one value of a line of the first matrix to the next.
    step: usize,
}

/// One tile of the product. Not a closure: that would be compiled without the caller's processor features.
#[inline(always)]
fn put<K: Kernel<R, C>, const R: usize, const C: usize>(put: Put, a: Strided, panel_b: &[f32], [m, n]: [usize; 2], out: &mut Target) {
    let Put { down, right, steps, add, step } = put;
    let (rows, columns) = (R.min(m - down), C.min(n - right));
    let target = &mut out.values[down * out.row + right..];
    let whole = rows == R && columns == C;
    let mut sums = [[0.0; C]; R];
    let (inner, add_inside) = if whole {
        (Target { values: &mut *target, row: out.row }, add)
    } else {
        (Target { values: sums.as_flattened_mut(), row: C }, false)
    };
    K::sums(a, step, panel_b, steps, inner, add_inside);
    if !whole {
        for (i, sums) in sums.iter().enumerate().take(rows) {
            let (from, to) = (i * out.row, i * out.row + columns);
            store(&mut target[from..to], &sums[..columns], add);
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
