//! Writes the WGSL of a matrix product for an adapter that is a program on the processor (SwiftShader, lavapipe).
//!
//! There, four to eight threads are the lanes of one SIMD register, a barrier is a switch between coroutines, and every load costs as much
//! as several sums. So this product has no workgroup memory: each thread keeps `TM × TN` sums; the first matrix is read as `vec4` at an
//! address that all threads share (one load, spread to the lanes), the second by neighbouring threads at neighbouring addresses. Measured
//! on SwiftShader's two threads: 4 to 5 GFLOP/s, where the tiles of [`super::product`] reach 2.

use std::fmt::Write;

use super::Form;
use super::product::{Epilogue, GELU_WGSL};

/// Rows that each thread sums; a multiple of four.
pub const TM: u32 = 16;
/// Columns that each thread sums, `LANES` apart.
pub const TN: u32 = 8;
/// Threads per workgroup, side by side along the columns.
pub const LANES: u32 = 4;

/// A kernel to be written; also its identity. Bindings in order: a, b, out, [bias], [extra], [sums], info = (M, N, K).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Direct {
    pub form: Form,
    pub epilogue: Epilogue,
    /// Also store the column sums of the second matrix (`Tn` only).
    pub sums: bool,
    /// The first matrix has rows whose length is not a multiple of four.
    pub ragged: bool,
}

impl Direct {
    pub fn wgsl(&self) -> String {
        let mut s = String::new();
        self.write_bindings(&mut s);
        let _ = write!(
            s,
            "@compute @workgroup_size({LANES}, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) li: u32) {{
let M = info[0]; let N = info[1]; let K = info[2];
let row0 = wid.y * {TM}u; let col0 = wid.x * {}u + li;
",
            LANES * TN
        );
        for i in 0..TM {
            for j in 0..TN {
                let _ = writeln!(s, "var c{i}_{j} = 0.0;");
            }
        }
        if self.sums {
            for j in 0..TN {
                let _ = writeln!(s, "var s{j} = 0.0;");
            }
        }
        self.write_starts(&mut s);
        self.write_loop(&mut s);
        self.write_stores(&mut s);
        s.push_str("}\n");
        s
    }

    fn write_bindings(&self, s: &mut String) {
        let a = if self.ragged { "f32" } else { "vec4<f32>" };
        let b = if self.form == Form::Nt { "vec4<f32>" } else { "f32" };
        self.epilogue.write_bindings(s, [a, b, "f32"], self.sums);
        if self.epilogue == Epilogue::GeluSlope {
            s.push_str(GELU_WGSL);
        }
    }

    /// Where each row of the first and each column of the second matrix starts. Beyond the edge the last one is read again: its sums are
    /// not stored.
    fn write_starts(&self, s: &mut String) {
        let per = if self.ragged { "" } else { " / 4u" };
        if self.form != Form::Tn {
            for i in 0..TM {
                let _ = writeln!(s, "let ra{i} = min(row0 + {i}u, M - 1u) * (K{per});");
            }
        } else if self.ragged {
            for i in 0..TM {
                let _ = writeln!(s, "let ra{i} = min(row0 + {i}u, M - 1u);");
            }
        } else {
            for i in 0..TM / 4 {
                let _ = writeln!(s, "let ra{i} = min(row0 / 4u + {i}u, M / 4u - 1u);");
            }
        }
        let along = if self.form == Form::Nt { " * (K / 4u)" } else { "" };
        for j in 0..TN {
            let _ = writeln!(s, "let rb{j} = min(col0 + {}u, N - 1u){along};", j * LANES);
        }
    }

    fn write_loop(&self, s: &mut String) {
        match (self.form, self.ragged) {
            (Form::Nt, false) => {
                s.push_str("for (var k = 0u; k < K / 4u; k++) {\n");
                each(s, TN, |j| format!("let b{j} = b[rb{j} + k];"));
                for i in 0..TM {
                    let _ = writeln!(s, "let a{i} = a[ra{i} + k];");
                    each(s, TN, |j| format!("c{i}_{j} += dot(a{i}, b{j});"));
                }
            }
            // The second matrix of this form has rows as long as the first's, so both would be ragged: no product of the model is.
            (Form::Nt, true) => s.push_str("for (var k = 0u; k < 0u; k++) {\n"),
            (Form::Nn, false) => {
                s.push_str("var pb = 0u;\nfor (var k = 0u; k < K / 4u; k++) {\n");
                each(s, TM, |i| format!("let a{i} = a[ra{i} + k];"));
                for (step, lane) in ["x", "y", "z", "w"].iter().enumerate() {
                    each(s, TN, |j| format!("let b{step}_{j} = b[rb{j} + pb];"));
                    for i in 0..TM {
                        each(s, TN, |j| format!("c{i}_{j} += a{i}.{lane} * b{step}_{j};"));
                    }
                    s.push_str("pb += N;\n");
                }
            }
            (Form::Nn | Form::Tn, true) => {
                let (index, next) = if self.form == Form::Nn { ("k", "") } else { ("pa", "pa += M; ") };
                s.push_str("var pa = 0u; var pb = 0u;\nfor (var k = 0u; k < K; k++) {\n");
                self.write_second(s);
                for i in 0..TM {
                    let _ = writeln!(s, "let a{i} = a[ra{i} + {index}];");
                    each(s, TN, |j| format!("c{i}_{j} += a{i} * b{j};"));
                }
                let _ = writeln!(s, "{next}pb += N;");
            }
            (Form::Tn, false) => {
                s.push_str("var pa = 0u; var pb = 0u;\nfor (var k = 0u; k < K; k++) {\n");
                self.write_second(s);
                for quad in 0..TM / 4 {
                    let _ = writeln!(s, "let a{quad} = a[ra{quad} + pa];");
                    for (lane, name) in (0u32..).zip(["x", "y", "z", "w"]) {
                        each(s, TN, |j| format!("c{}_{j} += a{quad}.{name} * b{j};", quad * 4 + lane));
                    }
                }
                s.push_str("pa += M / 4u; pb += N;\n");
            }
        }
        s.push_str("}\n");
    }

    /// One row of the second matrix, and its column sums.
    fn write_second(&self, s: &mut String) {
        each(s, TN, |j| format!("let b{j} = b[rb{j} + pb];"));
        if self.sums {
            each(s, TN, |j| format!("s{j} += b{j};"));
        }
    }

    fn write_stores(&self, s: &mut String) {
        for j in 0..TN {
            let _ = writeln!(s, "{{ let col = col0 + {}u; if (col < N) {{", j * LANES);
            if self.sums {
                let _ = writeln!(s, "if (wid.y == 0u) {{ sums[col] = s{j}; }}");
            }
            if matches!(self.epilogue, Epilogue::Bias | Epilogue::BiasResidual) {
                s.push_str("let add = bias[col];\n");
            }
            for i in 0..TM {
                let value = self.epilogue.value(&format!("c{i}_{j}"));
                let _ = writeln!(s, "{{ let row = row0 + {i}u; if (row < M) {{ let p = row * N + col; out[p] = {value}; }} }}");
            }
            s.push_str("} }\n");
        }
    }
}

fn each(s: &mut String, count: u32, line: impl Fn(u32) -> String) {
    for index in 0..count {
        let _ = writeln!(s, "{}", line(index));
    }
}
