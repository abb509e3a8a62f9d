//! Products of whole row-major matrices, in the three forms that a linear map and its gradients need.

use super::Form;
use super::gemm::{Target, View, product as strided};

/// Rows and columns of the product.
pub fn shape(form: Form, a: (usize, usize), b: (usize, usize)) -> (usize, usize) {
    match form {
        Form::Nn => (a.0, b.1),
        Form::Nt => (a.0, b.0),
        Form::Tn => (a.1, b.1),
    }
}

/// `out = op(a)·op(b)`, or `out += …` where `accumulate` says so. All row-major; dims are as stored.
pub fn product(form: Form, a: &[f32], a_dims: (usize, usize), b: &[f32], b_dims: (usize, usize), out: &mut [f32], accumulate: bool) {
    let (m, n) = shape(form, a_dims, b_dims);
    let a = match form {
        Form::Nn | Form::Nt => View { values: a, row: a_dims.1, column: 1 },
        Form::Tn => View { values: a, row: 1, column: a_dims.1 },
    };
    let b = match form {
        Form::Nn | Form::Tn => View { values: b, row: b_dims.1, column: 1 },
        Form::Nt => View { values: b, row: 1, column: b_dims.1 },
    };
    let k = if form == Form::Tn { a_dims.0 } else { a_dims.1 };
    strided([m, n, k], a, b, Target { values: out, row: n }, accumulate);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_equals_the_definition() {
        let (m, n, k) = (5, 7, 3);
        let value = |i: usize, j: usize| (i * 31 + j * 17) as f32 % 11.0 - 5.0;
        let matrix = |rows: usize, columns: usize| (0..rows * columns).map(|i| value(i / columns, i % columns)).collect::<Vec<_>>();
        for form in [Form::Nn, Form::Nt, Form::Tn] {
            let a_dims = if form == Form::Tn { (k, m) } else { (m, k) };
            let b_dims = if form == Form::Nt { (n, k) } else { (k, n) };
            let (a, b) = (matrix(a_dims.0, a_dims.1), matrix(b_dims.0, b_dims.1));
            let mut out = vec![1.0; m * n];
            product(form, &a, a_dims, &b, b_dims, &mut out, true);
            for i in 0..m {
                for j in 0..n {
                    let at = |x: usize| if form == Form::Tn { value(x, i) } else { value(i, x) };
                    let bt = |x: usize| if form == Form::Nt { value(j, x) } else { value(x, j) };
                    let expected: f32 = 1.0 + (0..k).map(|x| at(x) * bt(x)).sum::<f32>();
                    assert_eq!(out[i * n + j], expected, "{form:?} at {i}, {j}");
                }
            }
        }
    }
}
