//! Writes the WGSL of a tiled matrix product, with what happens to its input and output folded in.
//!
//! A workgroup of `wx × wy` threads computes a tile of `wy·tm` rows and `wx·tn` columns; each thread keeps `tm × tn` sums in registers,
//! fully unrolled, because neither every driver nor any software adapter unrolls loops over local arrays. Tiles of both inputs pass
//! through workgroup memory as `vec4`, in the layout they have in memory, so that loading needs no transposition:
//! `Nn` and `Tn` add outer products, `Nt` adds dot products.

use std::fmt::Write;

use super::Form;

/// What is done to the sums before they are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Epilogue {
    None,
    /// `+ bias[column]`
    Bias,
    /// `+ bias[column] + extra[row, column]`
    BiasResidual,
    /// `* gelu'(extra[row, column])`
    GeluSlope,
}

impl Epilogue {
    /// Declares the bindings of a product: a, b, out, [bias], [extra], [sums], info. `kinds` are the elements of a, of b, and of all that is
    /// as wide as the output.
    pub(super) fn write_bindings(self, s: &mut String, [a, b, wide]: [&'static str; 3], sums: bool) {
        let mut list = vec![("a", a), ("b", b), ("out", wide)];
        if matches!(self, Self::Bias | Self::BiasResidual) {
            list.push(("bias", wide));
        }
        if matches!(self, Self::BiasResidual | Self::GeluSlope) {
            list.push(("extra", wide));
        }
        if sums {
            list.push(("sums", wide));
        }
        for (index, (name, kind)) in list.iter().enumerate() {
            let _ = writeln!(s, "@group(0) @binding({index}) var<storage, read_write> {name}: array<{kind}>;");
        }
        let _ = writeln!(s, "@group(0) @binding({}) var<storage, read> info: array<u32>;", list.len());
    }

    /// What is stored for `sum`; `add` is the bias of its column, `p` its place.
    pub(super) fn value(self, sum: &str) -> String {
        match self {
            Self::None => sum.to_owned(),
            Self::Bias => format!("{sum} + add"),
            Self::BiasResidual => format!("{sum} + add + extra[p]"),
            Self::GeluSlope => format!("{sum} * gelu_slope(extra[p])"),
        }
    }
}

/// Shape of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tile {
    pub wx: u32,
    pub wy: u32,
    pub tm: u32,
    pub tn: u32,
    pub bk: u32,
}

impl Tile {
    /// Few, large register tiles: fewest loads per sum.
    pub const LARGE: Self = Self { wx: 8, wy: 8, tm: 8, tn: 8, bk: 16 };
    /// More workgroups, for products too small to fill a graphics card otherwise.
    pub const SMALL: Self = Self { wx: 8, wy: 8, tm: 4, tn: 4, bk: 16 };

    pub fn rows(self) -> u32 {
        self.wy * self.tm
    }

    pub fn columns(self) -> u32 {
        self.wx * self.tn
    }
}

/// A kernel to be written; also its identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Product {
    pub form: Form,
    /// Apply GELU to the first matrix while loading it.
    pub gelu: bool,
    pub epilogue: Epilogue,
    /// Also store the column sums of the second matrix (`Tn` only).
    pub sums: bool,
    /// The first matrix has rows whose length is not a multiple of four.
    pub ragged: bool,
    pub tile: Tile,
}

/// GELU in its tanh form; the exponent is clamped because `exp` of a large number may be undefined in WGSL.
pub const GELU_WGSL: &str = "
fn tanh_clamped(x: f32) -> f32 { return tanh(clamp(x, -15.0, 15.0)); }
fn gelu(x: f32) -> f32 { return 0.5 * x * (1.0 + tanh_clamped(0.7978845608 * (x + 0.044715 * x * x * x))); }
fn gelu_slope(x: f32) -> f32 {
    let t = tanh_clamped(0.7978845608 * (x + 0.044715 * x * x * x));
    return 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * 0.7978845608 * (1.0 + 0.134145 * x * x);
}
";

impl Product {
    /// The kernel. Bindings in order: a, b, out, [bias], [extra], [sums], info = (M, N, K).
    pub fn wgsl(&self) -> String {
        let mut s = String::new();
        self.write(&mut s);
        s
    }

    fn write(&self, s: &mut String) {
        let Tile { wx, wy, tm, tn, bk } = self.tile;
        let (bm, bn, threads) = (self.tile.rows(), self.tile.columns(), wx * wy);
        let (k4, m4, n4) = (bk / 4, bm / 4, bn / 4);
        // One vec4 of padding per row keeps threads of a warp on different banks where rows are read side by side.
        let (a_stride, a_rows) = if self.form == Form::Tn { (m4, bk) } else { (k4 + 1, bm) };
        let (b_stride, b_rows) = if self.form == Form::Nt { (k4 + 1, bn) } else { (n4, bk) };
        self.write_bindings(s);
        let _ = write!(
            s,
            "var<workgroup> sa: array<vec4<f32>, {}>;
var<workgroup> sb: array<vec4<f32>, {}>;
@compute @workgroup_size({wx}, {wy}, 1)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_id) lid: vec3<u32>, @builtin(local_invocation_index) li: u32) {{
let M = info[0]; let N = info[1]; let K = info[2];
let row0 = wid.y * {bm}u; let col0 = wid.x * {bn}u; let tx = lid.x; let ty = lid.y;
",
            a_stride * a_rows,
            b_stride * b_rows
        );
        let dots = self.form == Form::Nt;
        let columns = if dots { tn } else { tn / 4 };
        let zero = if dots { "0.0" } else { "vec4<f32>(0.0)" };
        for i in 0..tm {
            for j in 0..columns {
                let _ = writeln!(s, "var c{i}_{j} = {zero};");
            }
        }
        if self.sums {
            for j in 0..columns {
                let _ = writeln!(s, "var s{j} = {zero};");
            }
        }
        let _ = writeln!(s, "for (var k0 = 0u; k0 < K; k0 += {bk}u) {{");
        self.write_loads(s, threads, a_stride, a_rows, b_stride, b_rows);
        let _ = writeln!(s, "workgroupBarrier();");
        match self.form {
            Form::Nt => {
                let _ = writeln!(s, "for (var kk = 0u; kk < {k4}u; kk++) {{");
                for j in 0..tn {
                    let _ = writeln!(s, "let b{j} = sb[(tx + {}u) * {b_stride}u + kk];", j * wx);
                }
                for i in 0..tm {
                    let _ = writeln!(s, "let a{i} = sa[(ty + {}u) * {a_stride}u + kk];", i * wy);
                    for j in 0..tn {
                        let _ = writeln!(s, "c{i}_{j} += dot(a{i}, b{j});");
                    }
                }
                let _ = writeln!(s, "}}");
            }
            Form::Nn => {
                let _ = writeln!(s, "for (var kk = 0u; kk < {k4}u; kk++) {{");
                for i in 0..tm {
                    let _ = writeln!(s, "let a{i} = sa[(ty + {}u) * {a_stride}u + kk];", i * wy);
                }
                for (step, lane) in ["x", "y", "z", "w"].iter().enumerate() {
                    for j in 0..columns {
                        let _ = writeln!(s, "let b{step}_{j} = sb[(kk * 4u + {step}u) * {b_stride}u + tx + {}u];", j * wx);
                    }
                    for i in 0..tm {
                        for j in 0..columns {
                            let _ = writeln!(s, "c{i}_{j} = fma(vec4<f32>(a{i}.{lane}), b{step}_{j}, c{i}_{j});");
                        }
                    }
                }
                let _ = writeln!(s, "}}");
            }
            Form::Tn => {
                let _ = writeln!(s, "for (var kk = 0u; kk < {bk}u; kk++) {{");
                for j in 0..columns {
                    let _ = writeln!(s, "let b{j} = sb[kk * {b_stride}u + tx + {}u];", j * wx);
                    if self.sums {
                        let _ = writeln!(s, "s{j} += b{j};");
                    }
                }
                for quad in 0..tm / 4 {
                    let _ = writeln!(s, "let a{quad} = sa[kk * {a_stride}u + ty + {}u];", quad * wy);
                    for (lane, name) in ["x", "y", "z", "w"].iter().enumerate() {
                        for j in 0..columns {
                            let i = quad as usize * 4 + lane;
                            let _ = writeln!(s, "c{i}_{j} = fma(vec4<f32>(a{quad}.{name}), b{j}, c{i}_{j});");
                        }
                    }
                }
                let _ = writeln!(s, "}}");
            }
        }
        let _ = writeln!(s, "workgroupBarrier();\n}}");
        self.write_stores(s, columns);
        let _ = writeln!(s, "}}");
    }

    fn write_bindings(&self, s: &mut String) {
        let a_type = if self.ragged { "f32" } else { "vec4<f32>" };
        let wide = if self.form == Form::Nt { "f32" } else { "vec4<f32>" };
        self.epilogue.write_bindings(s, [a_type, "vec4<f32>", wide], self.sums);
        if self.gelu || self.epilogue == Epilogue::GeluSlope {
            s.push_str(GELU_WGSL);
        }
        if self.gelu {
            s.push_str("fn gelu4(v: vec4<f32>) -> vec4<f32> { return vec4<f32>(gelu(v.x), gelu(v.y), gelu(v.z), gelu(v.w)); }\n");
        }
    }

    /// Copies one tile of each input to workgroup memory; what lies outside the matrices becomes zero.
    fn write_loads(&self, s: &mut String, threads: u32, a_stride: u32, a_rows: u32, b_stride: u32, b_rows: u32) {
        // Across: vec4s per row of the tile without padding.
        let across = |transposed: bool, side: u32| if transposed { self.tile.bk / 4 } else { side / 4 };
        let a_across = across(self.form != Form::Tn, self.tile.rows());
        let b_across = across(self.form == Form::Nt, self.tile.columns());
        // (line of the stored matrix, element within the line, lines, length of a line)
        let (a_line, a_at, a_lines, a_length) = if self.form == Form::Tn { ("k0", "row0", "K", "M") } else { ("row0", "k0", "M", "K") };
        let (b_line, b_at, b_lines, b_length) = if self.form == Form::Nt { ("col0", "k0", "N", "K") } else { ("k0", "col0", "K", "N") };
        let gelu = if self.gelu { "gelu4" } else { "" };
        for pass in 0..(a_across * a_rows).div_ceil(threads) {
            let index = format!("(li + {}u)", pass * threads);
            let _ = writeln!(
                s,
                "{{ let r = {index} / {a_across}u; let q = {index} % {a_across}u; let line = {a_line} + r; let at = {a_at} + q * 4u; var v = vec4<f32>(0.0);"
            );
            if self.ragged {
                let _ = writeln!(s, "if (line < {a_lines}) {{ let p = line * {a_length} + at;");
                for (lane, name) in ["x", "y", "z", "w"].iter().enumerate() {
                    let _ = writeln!(s, "if (at + {lane}u < {a_length}) {{ v.{name} = a[p + {lane}u]; }}");
                }
                let _ = writeln!(s, "}}");
            } else {
                let _ = writeln!(s, "if (line < {a_lines} && at < {a_length}) {{ v = a[(line * {a_length} + at) / 4u]; }}");
            }
            let _ = writeln!(s, "sa[r * {a_stride}u + q] = {gelu}(v); }}");
        }
        for pass in 0..(b_across * b_rows).div_ceil(threads) {
            let index = format!("(li + {}u)", pass * threads);
            let _ = writeln!(
                s,
                "{{ let r = {index} / {b_across}u; let q = {index} % {b_across}u; let line = {b_line} + r; let at = {b_at} + q * 4u; var v = vec4<f32>(0.0);
if (line < {b_lines} && at < {b_length}) {{ v = b[(line * {b_length} + at) / 4u]; }}
sb[r * {b_stride}u + q] = v; }}"
            );
        }
    }

    fn write_stores(&self, s: &mut String, columns: u32) {
        let Tile { wx, wy, tm, .. } = self.tile;
        let dots = self.form == Form::Nt;
        for j in 0..columns {
            let column = if dots { format!("col0 + tx + {}u", j * wx) } else { format!("col0 + (tx + {}u) * 4u", j * wx) };
            let _ = writeln!(s, "{{ let col = {column}; if (col < N) {{");
            let unit = if dots { 1 } else { 4 };
            if self.sums {
                let _ = writeln!(s, "if (wid.y == 0u && ty == 0u) {{ sums[col / {unit}u] = s{j}; }}");
            }
            if matches!(self.epilogue, Epilogue::Bias | Epilogue::BiasResidual) {
                let _ = writeln!(s, "let add = bias[col / {unit}u];");
            }
            for i in 0..tm {
                let row = if self.form == Form::Tn {
                    format!("row0 + (ty + {}u) * 4u + {}u", i / 4 * wy, i % 4)
                } else {
                    format!("row0 + ty + {}u", i * wy)
                };
                let value = self.epilogue.value(&format!("c{i}_{j}"));
                let _ = writeln!(s, "{{ let row = {row}; if (row < M) {{ let p = (row * N + col) / {unit}u; out[p] = {value}; }} }}");
            }
            let _ = writeln!(s, "}} }}");
        }
    }
}
