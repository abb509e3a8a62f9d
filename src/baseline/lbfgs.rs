//! L-BFGS: finds the lowest point of a smooth function from its gradients, remembering the last few steps.
//!
//! In: a function that gives its value and writes its gradient. Out: the point. Nocedal and Wright 2006, "Numerical optimization", algorithm
//! 7.5; step lengths by bisection to the weak Wolfe conditions (Lewis and Overton 2013), and near the end, where differences of values drown
//! in rounding, to the approximate ones (Hager and Zhang 2005). One call makes one iteration.

use std::collections::VecDeque;

/// Steps remembered: scipy's default.
const MEMORY: usize = 10;
/// A step must give this share of the fall that the slope promises,
const ENOUGH_FALL: f64 = 1e-4;
/// and leave at most this share of the slope.
const ENOUGH_FLATTENING: f64 = 0.9;
/// Lengths tried for one step.
const MOST_TRIALS: usize = 50;

/// What a step has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    Going,
    /// The largest entry of the gradient is within the tolerance.
    Converged,
    /// The value cannot be lowered further in this arithmetic.
    Stuck,
}

/// A search under way.
#[derive(Debug, Clone)]
pub(super) struct Lbfgs {
    pub point: Vec<f64>,
    pub value: f64,
    gradient: Vec<f64>,
    /// Steps, changes of the gradient, and one over their product; oldest first.
    memory: VecDeque<(Vec<f64>, Vec<f64>, f64)>,
    tolerance: f64,
}

impl Lbfgs {
    /// Starts at `point`. `function` writes the gradient into its second argument, which has the point's length.
    pub(super) fn new(point: Vec<f64>, tolerance: f64, function: impl Fn(&[f64], &mut [f64]) -> f64) -> Self {
        let mut gradient = vec![0.0; point.len()];
        let value = function(&point, &mut gradient);
        Self { point, value, gradient, memory: VecDeque::new(), tolerance }
    }

    /// One iteration: a direction, a length, the new point.
    pub(super) fn step(&mut self, function: impl Fn(&[f64], &mut [f64]) -> f64) -> Progress {
        if self.gradient.iter().all(|entry| entry.abs() <= self.tolerance) {
            return Progress::Converged;
        }
        let direction = self.direction();
        let slope = dot(&self.gradient, &direction);
        // The first direction has the gradient's length, which says nothing about how far to go.
        let first = if self.memory.is_empty() { 1.0 / dot(&direction, &direction).sqrt() } else { 1.0 };
        let (mut length, mut shortest, mut longest) = (first.min(1e10), 0.0, f64::INFINITY);
        let rounding = 1e-14 * self.value.abs();
        let mut gradient = vec![0.0; self.point.len()];
        for _ in 0..MOST_TRIALS {
            let point: Vec<f64> = self.point.iter().zip(&direction).map(|(start, step)| start + length * step).collect();
            let value = function(&point, &mut gradient);
            let slope_there = dot(&gradient, &direction);
            let falls = value <= self.value + ENOUGH_FALL * length * slope
                || (value <= self.value + rounding && slope_there <= (2.0 * ENOUGH_FALL - 1.0) * slope);
            if !falls {
                longest = length;
            } else if slope_there < ENOUGH_FLATTENING * slope {
                shortest = length;
            } else {
                self.accept(point, value, &mut gradient);
                return Progress::Going;
            }
            length = if longest.is_finite() { f64::midpoint(shortest, longest) } else { 2.0 * length };
        }
        if self.memory.is_empty() {
            return Progress::Stuck;
        }
        // What is remembered misleads: once more from the gradient alone.
        self.memory.clear();
        Progress::Going
    }

    fn accept(&mut self, point: Vec<f64>, value: f64, gradient: &mut Vec<f64>) {
        let step: Vec<f64> = point.iter().zip(&self.point).map(|(new, old)| new - old).collect();
        let change: Vec<f64> = gradient.iter().zip(&self.gradient).map(|(new, old)| new - old).collect();
        let product = dot(&step, &change);
        if product > 0.0 {
            if self.memory.len() == MEMORY {
                self.memory.pop_front();
            }
            self.memory.push_back((step, change, 1.0 / product));
        }
        (self.point, self.value) = (point, value);
        std::mem::swap(&mut self.gradient, gradient);
    }

    /// Minus the gradient, corrected by what the last steps say about the curvature (the two-loop recursion).
    fn direction(&self) -> Vec<f64> {
        let mut direction: Vec<f64> = self.gradient.iter().map(|entry| -entry).collect();
        let mut shares = Vec::with_capacity(self.memory.len());
        for (step, change, inverse) in self.memory.iter().rev() {
            let share = inverse * dot(step, &direction);
            add(&mut direction, -share, change);
            shares.push(share);
        }
        if let Some((_, change, inverse)) = self.memory.back() {
            let scale = 1.0 / (inverse * dot(change, change));
            direction.iter_mut().for_each(|entry| *entry *= scale);
        }
        for ((step, change, inverse), share) in self.memory.iter().zip(shares.into_iter().rev()) {
            let there = inverse * dot(change, &direction);
            add(&mut direction, share - there, step);
        }
        direction
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], times: f64, what: &[f64]) {
    to.iter_mut().zip(what).for_each(|(to, what)| *to += times * what);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(start: Vec<f64>, function: impl Fn(&[f64], &mut [f64]) -> f64) -> (Lbfgs, Progress, usize) {
        let mut search = Lbfgs::new(start, 1e-9, &function);
        for steps in 0..1_000 {
            match search.step(&function) {
                Progress::Going => {}
                end => return (search, end, steps),
            }
        }
        (search, Progress::Going, 1_000)
    }

    #[test]
    fn a_bowl_of_very_unequal_axes() {
        let (search, end, steps) = run(vec![1.0; 30], |x, gradient| {
            let mut value = 0.0;
            for (axis, (x, slope)) in x.iter().zip(gradient).enumerate() {
                let curve = 1.3_f64.powi(axis as i32);
                value += 0.5 * curve * (x - axis as f64).powi(2);
                *slope = curve * (x - axis as f64);
            }
            value
        });
        assert_eq!(end, Progress::Converged);
        assert!(steps < 500, "{steps}");
        assert!(search.point.iter().enumerate().all(|(axis, x)| (x - axis as f64).abs() < 1e-8));
    }

    #[test]
    fn the_bent_valley_of_rosenbrock() {
        let (search, end, steps) = run(vec![-1.2, 1.0], |x, gradient| {
            let (a, b) = (1.0 - x[0], x[1] - x[0] * x[0]);
            gradient[0] = -2.0 * a - 400.0 * x[0] * b;
            gradient[1] = 200.0 * b;
            a * a + 100.0 * b * b
        });
        assert_eq!(end, Progress::Converged);
        assert!(steps < 100, "{steps}");
        assert!((search.point[0] - 1.0).abs() < 1e-8 && (search.point[1] - 1.0).abs() < 1e-8);
    }

    #[test]
    fn a_start_at_the_lowest_point_stays_there() {
        let (search, end, steps) = run(vec![0.0], |x, gradient| {
            gradient[0] = 2.0 * x[0];
            x[0] * x[0]
        });
        assert_eq!((search.point[0], end, steps), (0.0, Progress::Converged, 0));
    }

    #[test]
    fn a_function_that_is_no_number_ends_the_search() {
        let (_, end, _) = run(vec![1.0], |_, gradient| {
            gradient[0] = 1.0;
            f64::NAN
        });
        assert_eq!(end, Progress::Stuck);
    }
}
