//! Exponential and hyperbolic tangent without branches or library calls, so that loops over them become SIMD on every target.

const LOG2_E: f32 = std::f32::consts::LOG2_E;
/// ln 2 in two parts, so that `x - n * ln 2` keeps its last bits (Cody and Waite).
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;
/// Adding and subtracting 1.5 · 2²³ rounds to the nearest whole number.
const ROUNDER: f32 = 12_582_912.0;

/// `e^x` to within 2 units in the last place for −87 ≤ x ≤ 88, clamped outside; the polynomial is that of the Cephes library's `expf`.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    let x = x.clamp(-87.0, 88.0);
    let shifted = x * LOG2_E + ROUNDER;
    let n = shifted - ROUNDER;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_199_9e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 0.166_666_65;
    p = p * r + 0.5;
    let value = p * r * r + r + 1.0;
    // 2^n, written straight into the exponent: the low bits of `shifted` are n, and the shift drops the others. A cast to an integer would
    // check its range and keep the loop from becoming SIMD.
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    value * power
}

/// `tanh x = 1 - 2 / (e^2x + 1)`.
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    1.0 - 2.0 / (exp(2.0 * x) + 1.0)
}

const SQRT_2_OVER_PI: f32 = 0.797_884_6;
const CUBIC: f32 = 0.044_715;

/// GELU in its tanh form.
#[inline(always)]
pub fn gelu(x: f32) -> f32 {
    0.5 * x * (1.0 + tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x)))
}

/// Derivative of [`gelu`].
#[inline(always)]
pub fn gelu_slope(x: f32) -> f32 {
    let t = tanh(SQRT_2_OVER_PI * (x + CUBIC * x * x * x));
    0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * SQRT_2_OVER_PI * (1.0 + 3.0 * CUBIC * x * x)
}

/// Sum in eight lanes, so that the compiler may use SIMD without changing the order of a result between runs.
#[inline(always)]
pub fn sum(values: impl Fn(usize) -> f32, len: usize) -> f32 {
    let mut lanes = [0.0f32; 8];
    let whole = len / 8 * 8;
    let mut i = 0;
    while i < whole {
        for (lane, total) in lanes.iter_mut().enumerate() {
            *total += values(i + lane);
        }
        i += 8;
    }
    let mut total: f32 = lanes.iter().sum();
    while i < len {
        total += values(i);
        i += 1;
    }
    total
}

/// Largest value in eight lanes; negative infinity for none. NaN is passed over: it shows in the sum.
#[inline(always)]
pub fn largest(values: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; 8];
    let mut chunks = values.chunks_exact(8);
    for chunk in &mut chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = if value > *lane { value } else { *lane };
        }
    }
    chunks.remainder().iter().chain(&lanes).fold(f32::NEG_INFINITY, |top, &value| if value > top { value } else { top })
}

/// Defines functions over slices that exist once for every processor and, on x86, once more with 256-bit SIMD, chosen when they run.
/// (WebAssembly's 128 bits are chosen when the engine is compiled.)
macro_rules! wide {
    ($($(#[$meta:meta])* pub fn $name:ident($($arg:ident: $kind:ty),* $(,)?) $(-> $out:ty)? $body:block)*) => {$(
        $(#[$meta])*
        pub fn $name($($arg: $kind),*) $(-> $out)? {
            #[inline(always)]
            fn plain($($arg: $kind),*) $(-> $out)? $body
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2,fma")]
                fn with_avx2($($arg: $kind),*) $(-> $out)? {
                    plain($($arg),*)
                }
                if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                    // SAFETY: the processor has the features.
                    return unsafe { with_avx2($($arg),*) };
                }
            }
            plain($($arg),*)
        }
    )*};
}
pub(super) use wide;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_agrees_with_the_standard_library() {
        for i in -8700..8800 {
            let x = i as f32 / 100.0;
            let (ours, theirs) = (f64::from(exp(x)), f64::from(x).exp());
            assert!((ours - theirs).abs() <= 4e-7 * theirs, "exp({x}) = {ours}, not {theirs}");
        }
    }

    #[test]
    fn gelu_slope_is_the_slope_of_gelu() {
        for i in -60..60 {
            let x = i as f32 / 10.0;
            let h = 1e-2;
            let slope = (gelu(x + h) - gelu(x - h)) / (2.0 * h);
            assert!((slope - gelu_slope(x)).abs() < 1e-3, "at {x}: {slope} against {}", gelu_slope(x));
        }
    }

    #[test]
    fn sums_of_every_length_are_whole() {
        for len in 0..40 {
            assert_eq!(sum(|i| i as f32, len), (0..len).map(|i| i as f32).sum::<f32>());
        }
    }
}
