//! Writes the WGSL of causal attention: one thread per query (forward, gradient of queries) or per key (gradient of keys and values),
//! softmax on the fly (FlashAttention, arXiv 2205.14135). On a graphics card the other side passes through workgroup memory in tiles; on
//! an adapter that is a program it is read where it lies, because there a barrier costs more than the processor's cache saves.
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
    /// Without workgroup memory.
    pub direct: bool,
}

/// The rows of the other side that a thread walks through: where they start and end, and where the two vectors of a row begin.
struct Walk {
    from: &'static str,
    to: &'static str,
    one: (&'static str, &'static str),
    two: (&'static str, &'static str),
}

/// Keys and values up to this workgroup's last query.
const KEYS: Walk = Walk {
    from: "0u",
    to: "min(first + GROUP, T)",
    one: ("qkv", "(base + row) * row4 + w4 + col"),
    two: ("qkv", "(base + row) * row4 + 2u * w4 + col"),
};

/// Queries, and gradients of their outputs, from this workgroup's first key on.
const QUERIES: Walk = Walk { from: "first", to: "T", one: ("qkv", "(base + row) * row4 + col"), two: ("dout", "(base + row) * w4 + col") };

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
        let _ = writeln!(s, "const GROUP = {GROUP}u;");
        if !self.direct {
            let _ = write!(s, "var<workgroup> s1: array<vec4<f32>, {0}>;\nvar<workgroup> s2: array<vec4<f32>, {0}>;\n", h4 * GROUP);
            if self.pass == Pass::KeysValues {
                let _ = writeln!(s, "var<workgroup> s3: array<vec2<f32>, {}>;", self.rows());
            }
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

    /// Opens the loop over `row`, the rows of the other side.
    fn open_walk(&self, s: &mut String, walk: &Walk) {
        let Walk { from, to, one: (one, one_at), two: (two, two_at) } = walk;
        if self.direct {
            let _ = writeln!(s, "let end = {to};\nfor (var row = {from}; row < end; row++) {{ let o1 = {one_at}; let o2 = {two_at};");
            return;
        }
        let (h4, rows) = (self.size / 4, self.rows());
        let _ = write!(
            s,
            "let end = {to};\nfor (var tile = {from}; tile < end; tile += {rows}u) {{
for (var i = li; i < {n}u; i += GROUP) {{ let r = i / {h4}u; let c = i % {h4}u; let row = tile + r;
if (row < T) {{ s1[i] = {one}[{one_at} + c]; s2[i] = {two}[{two_at} + c]; }} else {{ s1[i] = vec4<f32>(0.0); s2[i] = vec4<f32>(0.0); }} }}
",
            n = h4 * rows,
        );
        if self.pass == Pass::KeysValues {
            let _ = writeln!(
                s,
                "if (li < {rows}u && tile + li < T) {{ s3[li] = vec2<f32>(lse[pair * T + tile + li], delta[pair * T + tile + li]); }}"
            );
        }
        let _ = writeln!(s, "workgroupBarrier();\nfor (var r = 0u; r < {rows}u; r++) {{ let row = tile + r; let o = r * {h4}u;");
    }

    fn close_walk(&self, s: &mut String) {
        s.push_str(if self.direct { "}\n" } else { "}\nworkgroupBarrier();\n}\n" });
    }

    /// Element `c` of the row's first vector.
    fn one(&self, walk: &Walk, c: u32) -> String {
        if self.direct { format!("{}[o1 + {c}u]", walk.one.0) } else { format!("s1[o + {c}u]") }
    }

    /// Element `c` of the row's second vector.
    fn two(&self, walk: &Walk, c: u32) -> String {
        if self.direct { format!("{}[o2 + {c}u]", walk.two.0) } else { format!("s2[o + {c}u]") }
    }

    /// Names the row's vectors `x{c}` and `y{c}`, so that each is loaded once.
    fn name_row(&self, s: &mut String, walk: &Walk) {
        self.each(s, |c| format!("let x{c} = {}; let y{c} = {};", self.one(walk, c), self.two(walk, c)));
    }

    fn dot(&self, a: &str, b: &str) -> String {
        (0..self.size / 4).map(|c| format!("dot({a}{c}, {b}{c})")).collect::<Vec<_>>().join(" + ")
    }

    fn write_forward(&self, s: &mut String) {
        self.write_own(s, "q", "qkv", "row4", "0u");
        self.each(s, |c| format!("var acc{c} = vec4<f32>(0.0);"));
        let _ = writeln!(s, "var top = -1e30; var total = 0.0;");
        if self.drop {
            s.push_str("let ks = keep_scale(info[2]);\n");
        }
        self.open_walk(s, &KEYS);
        s.push_str("if (row <= me) {\n");
        self.name_row(s, &KEYS);
        let _ = writeln!(
            s,
            "let score = ({}) * scale;\nif (score > top) {{ let fade = exp(max(top - score, -80.0)); total *= fade; top = score;",
            self.dot("q", "x")
        );
        self.each(s, |c| format!("acc{c} *= fade;"));
        s.push_str("}\nlet w = exp(max(score - top, -80.0)); total += w;\n");
        if self.drop {
            s.push_str("let z = select(0.0, w * ks, keep(u32(seed[0]), info[3], (pair * T + me) * T + row, info[2]));\n");
        } else {
            s.push_str("let z = w;\n");
        }
        self.each(s, |c| format!("acc{c} = fma(vec4<f32>(z), y{c}, acc{c});"));
        s.push_str("}\n");
        self.close_walk(s);
        s.push_str("if (real) { let p = (base + me) * w4 + col;\n");
        self.each(s, |c| format!("out[p + {c}u] = acc{c} / total;"));
        s.push_str("lse[pair * T + me] = top + log(total); }\n");
    }

    fn write_queries(&self, s: &mut String) {
        self.write_own(s, "q", "qkv", "row4", "0u");
        self.write_own(s, "g", "dout", "w4", "0u");
        self.each(s, |c| format!("var dq{c} = vec4<f32>(0.0);"));
        s.push_str("var d = 0.0; var l = 0.0;\nif (real) { let p = (base + me) * w4 + col;\n");
        self.each(s, |c| format!("d += dot(g{c}, out[p + {c}u]);"));
        s.push_str("l = lse[pair * T + me]; delta[pair * T + me] = d; }\n");
        if self.drop {
            s.push_str("let ks = keep_scale(info[2]);\n");
        }
        self.open_walk(s, &KEYS);
        s.push_str("if (row <= me && real) {\n");
        self.name_row(s, &KEYS);
        let _ = writeln!(s, "let w = exp(max(({}) * scale - l, -80.0)); var dp = {};", self.dot("q", "x"), self.dot("g", "y"));
        if self.drop {
            s.push_str("dp = select(0.0, dp * ks, keep(u32(seed[0]), info[3], (pair * T + me) * T + row, info[2]));\n");
        }
        s.push_str("let ds = w * (dp - d) * scale;\n");
        self.each(s, |c| format!("dq{c} = fma(vec4<f32>(ds), x{c}, dq{c});"));
        s.push_str("}\n");
        self.close_walk(s);
        s.push_str("if (real) { let p = (base + me) * row4 + col;\n");
        self.each(s, |c| format!("dqkv[p + {c}u] = dq{c};"));
        s.push_str("}\n");
    }

    fn write_keys_values(&self, s: &mut String) {
        self.write_own(s, "k", "qkv", "row4", "w4");
        self.write_own(s, "v", "qkv", "row4", "2u * w4");
        self.each(s, |c| format!("var dk{c} = vec4<f32>(0.0); var dv{c} = vec4<f32>(0.0);"));
        if self.drop {
            s.push_str("let ks = keep_scale(info[2]);\n");
        }
        self.open_walk(s, &QUERIES);
        s.push_str("if (row < T && me <= row) {\n");
        self.name_row(s, &QUERIES);
        let of_row = if self.direct { "vec2<f32>(lse[pair * T + row], delta[pair * T + row])" } else { "s3[r]" };
        let _ = writeln!(
            s,
            "let ld = {of_row}; let w = exp(max(({}) * scale - ld.x, -80.0)); var dp = {};",
            self.dot("k", "x"),
            self.dot("v", "y")
        );
        if self.drop {
            s.push_str("let kept = keep(u32(seed[0]), info[3], (pair * T + row) * T + me, info[2]); dp = select(0.0, dp * ks, kept); let z = select(0.0, w * ks, kept);\n");
        } else {
            s.push_str("let z = w;\n");
        }
        s.push_str("let ds = w * (dp - ld.y) * scale;\n");
        self.each(s, |c| format!("dv{c} = fma(vec4<f32>(z), y{c}, dv{c}); dk{c} = fma(vec4<f32>(ds), x{c}, dk{c});"));
        s.push_str("}\n");
        self.close_walk(s);
        s.push_str("if (real) { let p = (base + me) * row4 + col;\n");
        self.each(s, |c| format!("dqkv[p + w4 + {c}u] = dk{c}; dqkv[p + 2u * w4 + {c}u] = dv{c};"));
        s.push_str("}\n");
    }
}
