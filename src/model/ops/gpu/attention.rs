//! Writes the WGSL of causal attention: one thread per query (forward, gradient of queries) or per key (gradient of keys and values),
//! the other side passing through workgroup memory in tiles, softmax on the fly (FlashAttention, arXiv 2205.14135).
//!
//! A thread's vectors are `size / 4` named `vec4`s: arrays in local memory would not become registers everywhere.

use std::fmt::Write;

/// Queries or keys per workgroup.
pub const GROUP: u32 = 32;

/// Bytes of workgroup memory that the two tiles may take: WebGPU promises 16 KiB, and the third array wants a little.
const TILE_BYTES: u32 = 15_360;

/// Which kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pass {
    /// qkv, out, lse
    Forward,
    /// qkv, out, lse, dout, dqkv, delta: writes `dq` and `delta = rowsum(dout ∘ out)`
    Queries,
    /// qkv, lse, dout, dqkv, delta: writes `dk` and `dv`
    KeysValues,
}

/// A kernel to be written; also its identity. `info` = (time, heads, threshold, salt, windows·heads).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Attention {
    pub pass: Pass,
    /// Length of a head's vectors, a multiple of four.
    pub size: u32,
    /// Dropping is compiled in.
    pub drop: bool,
}

/// The hash of [`super::super::kernels::keep`], bit for bit.
pub const KEEP_WGSL: &str = "
fn keep(seed: u32, salt: u32, index: u32, threshold: u32) -> bool {
    var s = index ^ (seed * 0x9E3779B9u) ^ (salt * 0x85EBCA6Bu);
    for (var i = 0; i < 2; i++) {
        s = s * 747796405u + 2891336453u;
        s = ((s >> ((s >> 28u) + 4u)) ^ s) * 277803737u;
        s = (s >> 22u) ^ s;
    }
    return s >= threshold;
}
fn keep_scale(threshold: u32) -> f32 { return 1.0 / (1.0 - f32(threshold) / 4294967295.0); }
";

impl Attention {
    /// Rows of the other side per tile: as many as fit, a power of two, so that tiles end where workgroups do.
    fn rows(&self) -> u32 {
        let fit = TILE_BYTES / (2 * self.size * 4);
        1 << fit.max(1).ilog2().min(GROUP.ilog2())
    }

    pub fn wgsl(&self) -> String {
        let mut s = String::new();
        let names: &[&str] = match self.pass {
            Pass::Forward => &["qkv", "out", "lse"],
            Pass::Queries => &["qkv", "out", "lse", "dout", "dqkv", "delta"],
            Pass::KeysValues => &["qkv", "lse", "dout", "dqkv", "delta"],
        };
        for (index, name) in names.iter().enumerate() {
            let kind = if matches!(*name, "lse" | "delta") { "f32" } else { "vec4<f32>" };
            let _ = writeln!(s, "@group(0) @binding({index}) var<storage, read_write> {name}: array<{kind}>;");
        }
        let mut next = names.len();
        if self.drop {
            let _ = writeln!(s, "@group(0) @binding({next}) var<storage, read_write> seed: array<i32>;");
            next += 1;
            s.push_str(KEEP_WGSL);
        }
        let _ = writeln!(s, "@group(0) @binding({next}) var<storage, read> info: array<u32>;");
        let h4 = self.size / 4;
        let _ = write!(s, "var<workgroup> s1: array<vec4<f32>, {0}>;\nvar<workgroup> s2: array<vec4<f32>, {0}>;\n", h4 * GROUP);
        if self.pass == Pass::KeysValues {
            let _ = writeln!(s, "var<workgroup> s3: array<vec2<f32>, {}>;", self.rows());
        }
        let _ = write!(
            s,
            "@compute @workgroup_size({GROUP}, 1, 1)
fn main(@builtin(workgroup_id) wid: vec3<u32>, @builtin(local_invocation_index) li: u32) {{
let T = info[0]; let H = info[1];
let pair = wid.y; let head = pair % H; let base = (pair / H) * T;
let w4 = H * {h4}u; let col = head * {h4}u; let row4 = 3u * w4;
let scale = {:?};
let first = wid.x * {GROUP}u; let me = first + li; let real = me < T;
",
            1.0 / (self.size as f32).sqrt()
        );
        match self.pass {
            Pass::Forward => self.write_forward(&mut s),
            Pass::Queries => self.write_queries(&mut s),
            Pass::KeysValues => self.write_keys_values(&mut s),
        }
        s.push_str("}\n");
        s
    }

    fn each(&self, s: &mut String, line: impl Fn(u32) -> String) {
        for c in 0..self.size / 4 {
            let _ = writeln!(s, "{}", line(c));
        }
    }

    /// Loads this thread's vector `name` from `from`, zero outside the window.
    fn write_own(&self, s: &mut String, name: &str, from: &str, stride: &str, part: &str) {
        self.each(s, |c| format!("var {name}{c} = vec4<f32>(0.0);"));
        let _ = writeln!(s, "if (real) {{ let p = (base + me) * {stride} + {part} + col;");
        self.each(s, |c| format!("{name}{c} = {from}[p + {c}u];"));
        s.push_str("}\n");
    }

    /// Copies a tile of two vectors per row to `s1` and `s2`.
    fn write_tile(&self, s: &mut String, one: &str, two: &str) {
        let h4 = self.size / 4;
        let _ = write!(
            s,
            "for (var i = li; i < {n}u; i += {GROUP}u) {{ let r = i / {h4}u; let c = i % {h4}u; let row = tile + r;
if (row < T) {{ s1[i] = {one}; s2[i] = {two}; }} else {{ s1[i] = vec4<f32>(0.0); s2[i] = vec4<f32>(0.0); }} }}
",
            n = h4 * self.rows()
        );
    }

    fn dot(&self, a: &str, b: &str) -> String {
        (0..self.size / 4).map(|c| format!("dot({a}{c}, {b}[o + {c}u])")).collect::<Vec<_>>().join(" + ")
    }

    fn write_forward(&self, s: &mut String) {
        let (h4, rows) = (self.size / 4, self.rows());
        self.write_own(s, "q", "qkv", "row4", "0u");
        self.each(s, |c| format!("var acc{c} = vec4<f32>(0.0);"));
        let _ = writeln!(s, "var top = -1e30; var total = 0.0;");
        if self.drop {
            s.push_str("let ks = keep_scale(info[2]);\n");
        }
        let _ = writeln!(s, "for (var tile = 0u; tile < first + {GROUP}u && tile < T; tile += {}u) {{", self.rows());
        self.write_tile(s, "qkv[(base + row) * row4 + w4 + col + c]", "qkv[(base + row) * row4 + 2u * w4 + col + c]");
        s.push_str("workgroupBarrier();\n");
        let _ = write!(
            s,
            "for (var r = 0u; r < {rows}u; r++) {{ let key = tile + r; if (key <= me) {{ let o = r * {h4}u;
let score = ({}) * scale;
if (score > top) {{ let fade = exp(max(top - score, -80.0)); total *= fade; top = score;\n",
            self.dot("q", "s1")
        );
        self.each(s, |c| format!("acc{c} *= fade;"));
        s.push_str("}\nlet w = exp(max(score - top, -80.0)); total += w;\n");
        if self.drop {
            s.push_str("let x = select(0.0, w * ks, keep(u32(seed[0]), info[3], (pair * T + me) * T + key, info[2]));\n");
        } else {
            s.push_str("let x = w;\n");
        }
        self.each(s, |c| format!("acc{c} = fma(vec4<f32>(x), s2[o + {c}u], acc{c});"));
        s.push_str("} }\nworkgroupBarrier();\n}\nif (real) { let p = (base + me) * w4 + col;\n");
        self.each(s, |c| format!("out[p + {c}u] = acc{c} / total;"));
        s.push_str("lse[pair * T + me] = top + log(total); }\n");
    }

    fn write_queries(&self, s: &mut String) {
        let (h4, rows) = (self.size / 4, self.rows());
        self.write_own(s, "q", "qkv", "row4", "0u");
        self.write_own(s, "g", "dout", "w4", "0u");
        self.each(s, |c| format!("var dq{c} = vec4<f32>(0.0);"));
        s.push_str("var d = 0.0; var l = 0.0;\nif (real) { let p = (base + me) * w4 + col;\n");
        self.each(s, |c| format!("d += dot(g{c}, out[p + {c}u]);"));
        s.push_str("l = lse[pair * T + me]; delta[pair * T + me] = d; }\n");
        if self.drop {
            s.push_str("let ks = keep_scale(info[2]);\n");
        }
        let _ = writeln!(s, "for (var tile = 0u; tile < first + {GROUP}u && tile < T; tile += {}u) {{", self.rows());
        self.write_tile(s, "qkv[(base + row) * row4 + w4 + col + c]", "qkv[(base + row) * row4 + 2u * w4 + col + c]");
        let _ = write!(
            s,
            "workgroupBarrier();
for (var r = 0u; r < {rows}u; r++) {{ let key = tile + r; if (key <= me && real) {{ let o = r * {h4}u;
let w = exp(max(({}) * scale - l, -80.0)); var dp = {};\n",
            self.dot("q", "s1"),
            self.dot("g", "s2")
        );
        if self.drop {
            s.push_str("dp = select(0.0, dp * ks, keep(u32(seed[0]), info[3], (pair * T + me) * T + key, info[2]));\n");
        }
        s.push_str("let ds = w * (dp - d) * scale;\n");
        self.each(s, |c| format!("dq{c} = fma(vec4<f32>(ds), s1[o + {c}u], dq{c});"));
        s.push_str("} }\nworkgroupBarrier();\n}\nif (real) { let p = (base + me) * row4 + col;\n");
        self.each(s, |c| format!("dqkv[p + {c}u] = dq{c};"));
        s.push_str("}\n");
    }

    fn write_keys_values(&self, s: &mut String) {
        let (h4, rows) = (self.size / 4, self.rows());
        self.write_own(s, "k", "qkv", "row4", "w4");
        self.write_own(s, "v", "qkv", "row4", "2u * w4");
        self.each(s, |c| format!("var dk{c} = vec4<f32>(0.0); var dv{c} = vec4<f32>(0.0);"));
        if self.drop {
            s.push_str("let ks = keep_scale(info[2]);\n");
        }
        let _ = writeln!(s, "for (var tile = first; tile < T; tile += {}u) {{", self.rows());
        self.write_tile(s, "qkv[(base + row) * row4 + col + c]", "dout[(base + row) * w4 + col + c]");
        let _ = write!(
            s,
            "if (li < {rows}u && tile + li < T) {{ s3[li] = vec2<f32>(lse[pair * T + tile + li], delta[pair * T + tile + li]); }}
workgroupBarrier();
for (var r = 0u; r < {rows}u; r++) {{ let query = tile + r; if (query < T && me <= query) {{ let o = r * {h4}u; let ld = s3[r];
let w = exp(max(({}) * scale - ld.x, -80.0)); var dp = {};\n",
            self.dot("k", "s1"),
            self.dot("v", "s2")
        );
        if self.drop {
            s.push_str("let kept = keep(u32(seed[0]), info[3], (pair * T + query) * T + me, info[2]); dp = select(0.0, dp * ks, kept); let x = select(0.0, w * ks, kept);\n");
        } else {
            s.push_str("let x = w;\n");
        }
        s.push_str("let ds = w * (dp - ld.y) * scale;\n");
        self.each(s, |c| format!("dv{c} = fma(vec4<f32>(x), s2[o + {c}u], dv{c}); dk{c} = fma(vec4<f32>(ds), s1[o + {c}u], dk{c});"));
        s.push_str("} }\nworkgroupBarrier();\n}\nif (real) { let p = (base + me) * row4 + col;\n");
        self.each(s, |c| format!("dqkv[p + w4 + {c}u] = dk{c}; dqkv[p + 2u * w4 + {c}u] = dv{c};"));
        s.push_str("}\n");
    }
}
