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
    // 2^n, written straight into the exponent.
    let power = f32::from_bits(((n as i32 + 127) << 23) as u32);
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
            assert_eq!(sum(|i| i as f32, len), (0..len).map(|i| i as f32).sum());
        }
    }
}
