//! Packs lines of a matrix into panels that the kernels read in order.

/// A matrix to pack, seen as lines of `steps` values: element `step` of line `line` lies at `start + line * line_stride + step * step_stride`.
pub(super) struct Lines<'a> {
    pub(super) values: &'a [f32],
    pub(super) start: usize,
    pub(super) lines: usize,
    pub(super) steps: usize,
    pub(super) line_stride: usize,
    pub(super) step_stride: usize,
}

impl Lines<'_> {
    /// Without the first `lines`.
    pub(super) fn from(mut self, lines: usize) -> Self {
        self.start += lines * self.line_stride;
        self.lines -= lines;
        self
    }
}

/// Packs lines into panels of `W`: panel by panel, the values of all its lines at step 0, then at step 1, and so on; missing lines are zero.
/// Returns the panels.
#[inline(always)]
pub(super) fn pack<'p, const W: usize>(room: &'p mut Vec<f32>, from: &Lines) -> &'p [f32] {
    let needed = from.lines.div_ceil(W) * W * from.steps;
    if room.len() < needed {
        room.resize(needed, 0.0);
    }
    let panels = &mut room[..needed];
    for (index, panel) in panels.chunks_exact_mut(W * from.steps).enumerate() {
        let first = index * W;
        let here = W.min(from.lines - first);
        let begin = from.start + first * from.line_stride;
        if here < W {
            panel.fill(0.0);
        }
        if from.line_stride == 1 && here == W {
            for (step, values) in panel.as_chunks_mut::<W>().0.iter_mut().enumerate() {
                if let Some(line) = from.values[begin + step * from.step_stride..].first_chunk::<W>() {
                    *values = *line;
                }
            }
        } else if from.step_stride == 1 && here == W {
            // Each line is a slice; four steps of four lines at a time are turned in registers.
            let lines: [&[f32]; W] = std::array::from_fn(|line| {
                let at = begin + line * from.line_stride;
                &from.values[at..at + from.steps]
            });
            let blocks = lines.map(|line| line.as_chunks::<4>().0);
            for (block, four_steps) in panel.chunks_exact_mut(4 * W).enumerate() {
                for group in 0..W / 4 {
                    let turned = turn(std::array::from_fn(|line| blocks[group * 4 + line][block]));
                    for (values, turned) in four_steps.as_chunks_mut::<W>().0.iter_mut().zip(turned) {
                        values[group * 4..group * 4 + 4].copy_from_slice(&turned);
                    }
                }
                for line in W / 4 * 4..W {
                    for (values, value) in four_steps.as_chunks_mut::<W>().0.iter_mut().zip(blocks[line][block]) {
                        values[line] = value;
                    }
                }
            }
            for step in from.steps / 4 * 4..from.steps {
                for (value, line) in panel[step * W..(step + 1) * W].iter_mut().zip(&lines) {
                    *value = line[step];
                }
            }
        } else {
            for line in 0..here {
                for step in 0..from.steps {
                    panel[step * W + line] = from.values[begin + line * from.line_stride + step * from.step_stride];
                }
            }
        }
    }
    panels
}

/// Rows to columns, 4 × 4.
#[cfg(target_arch = "wasm32")]
#[inline(always)]
fn turn(rows: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    use core::arch::wasm32::{f32x4, f32x4_extract_lane as lane, i32x4_shuffle as mix, v128};
    let [a, b, c, d] = rows.map(|row| f32x4(row[0], row[1], row[2], row[3]));
    let (ab, cd) = (mix::<0, 4, 1, 5>(a, b), mix::<0, 4, 1, 5>(c, d));
    let (ab_high, cd_high) = (mix::<2, 6, 3, 7>(a, b), mix::<2, 6, 3, 7>(c, d));
    let row = |v: v128| [lane::<0>(v), lane::<1>(v), lane::<2>(v), lane::<3>(v)];
    [
        row(mix::<0, 1, 4, 5>(ab, cd)),
        row(mix::<2, 3, 6, 7>(ab, cd)),
        row(mix::<0, 1, 4, 5>(ab_high, cd_high)),
        row(mix::<2, 3, 6, 7>(ab_high, cd_high)),
    ]
}

/// Rows to columns, 4 × 4.
#[cfg(not(target_arch = "wasm32"))]
#[inline(always)]
fn turn(rows: [[f32; 4]; 4]) -> [[f32; 4]; 4] {
    std::array::from_fn(|column| std::array::from_fn(|row| rows[row][column]))
}
