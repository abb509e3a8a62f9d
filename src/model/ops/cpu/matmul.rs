//! Matrix products over slices, by the `gemm` crate.

use super::Form;

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
    strided([m, n, k], a, b, Target { values: out, row: n }, if accumulate { 1.0 } else { 0.0 }, 1.0);
}

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

/// `out = keep * out + scale * a·b`, `[m, k]·[k, n]`. Does nothing when a slice is too short for its view: a wrong shape must not read
/// outside.
pub fn strided([m, n, k]: [usize; 3], a: View, b: View, out: Target, keep: f32, scale: f32) {
    let last = |rows: usize, columns: usize, row: usize, column: usize| (rows.max(1) - 1) * row + (columns.max(1) - 1) * column;
    let fits = last(m, k, a.row, a.column) < a.values.len()
        && last(k, n, b.row, b.column) < b.values.len()
        && last(m, n, out.row, 1) < out.values.len();
    debug_assert!(fits, "a matrix is smaller than its view");
    if !fits || m == 0 || n == 0 {
        return;
    }
    // SAFETY: the check above bounds every index that `gemm` forms from these strides, and `out` is borrowed mutably.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.values.as_mut_ptr(),
            1,
            out.row as isize,
            keep != 0.0,
            a.values.as_ptr(),
            a.column as isize,
            a.row as isize,
            b.values.as_ptr(),
            b.column as isize,
            b.row as isize,
            keep,
            scale,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
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
