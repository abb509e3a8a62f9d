//! The sums of one tile, kept in registers: one kernel for x86 with 256-bit SIMD and fused multiply-add, one for WebAssembly's 128-bit SIMD,
//! and a plain one.

use super::Target;

/// `R` lines of the first matrix: line `i` starts at `i * line`. In order, a line's next value follows at once; packed, after `R` values.
#[derive(Clone, Copy)]
pub(super) struct Strided<'a> {
    pub(super) values: &'a [f32],
    pub(super) line: usize,
}

/// `target = sums`, or `target += sums`.
#[inline(always)]
pub(super) fn store(target: &mut [f32], sums: &[f32], add: bool) {
    for (value, sum) in target.iter_mut().zip(sums) {
        *value = if add { *value + sum } else { *sum };
    }
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
pub(super) trait Kernel<const R: usize, const C: usize> {
    /// Reading lines in place is quicker than packing them.
    const IN_PLACE: bool;
    /// A line's next value follows after `step`: 1 where the lines are read in place, `R` where they are packed. Both calls must see constants
    /// for it, so implementations are inlined.
    fn sums(a: Strided, step: usize, b: &[f32], steps: usize, out: Target, add: bool);
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
pub(super) struct Avx2;

#[cfg(target_arch = "x86_64")]
impl Kernel<6, 16> for Avx2 {
    const IN_PLACE: bool = true;

    #[inline(always)]
    fn sums(a: Strided, step: usize, b: &[f32], steps: usize, out: Target, add: bool) {
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

/// WebAssembly's 128-bit SIMD, which has no fused multiply-add that every browser knows.
#[cfg(target_arch = "wasm32")]
pub(super) struct Simd128;

#[cfg(target_arch = "wasm32")]
impl Kernel<4, 8> for Simd128 {
    const IN_PLACE: bool = false;

    #[inline(always)]
    fn sums(a: Strided, step: usize, b: &[f32], steps: usize, out: Target, add: bool) {
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

/// Any other processor: left to the compiler.
#[cfg(not(target_arch = "wasm32"))]
pub(super) struct Plain;

#[cfg(not(target_arch = "wasm32"))]
impl Kernel<4, 8> for Plain {
    const IN_PLACE: bool = true;

    #[inline(always)]
    fn sums(a: Strided, step: usize, b: &[f32], steps: usize, out: Target, add: bool) {
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
