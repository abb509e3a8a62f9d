//! Runs matrix products: chooses the kernel that suits the adapter and the shape.

use burn::backend::TensorMetadata;
use burn_cubecl::tensor::CubeTensor;

use super::adapter::software;
use super::direct::{self, Direct};
use super::launch::{Grid, Source, dense, empty, grid_for, launch};
use super::product::{Epilogue, GELU_WGSL, Product, Tile};
use super::{Form, dims, elements};

/// What a product needs beside its two matrices.
#[derive(Default)]
pub struct Extras {
    /// Apply GELU to the first matrix.
    pub gelu: bool,
    /// `[n]`, added to each row.
    pub bias: Option<CubeTensor>,
    /// `[m, n]`, added.
    pub residual: Option<CubeTensor>,
    /// `[m, n]`: the product is multiplied by the slope of GELU there.
    pub gelu_of: Option<CubeTensor>,
    /// Also sum the columns of the second matrix.
    pub sums: bool,
}

/// Runs one product; the second tensor holds the column sums where they were asked for.
pub fn product(form: Form, a: CubeTensor, b: CubeTensor, mut extras: Extras) -> (CubeTensor, Option<CubeTensor>) {
    let a = if extras.gelu && software() { gelu(a) } else { dense(a) };
    extras.gelu &= !software();
    let b = dense(b);
    let (a_dims, b_dims) = (dims(&a), dims(&b));
    let (m, k) = if form == Form::Tn { (a_dims.1, a_dims.0) } else { a_dims };
    let n = if form == Form::Nt { b_dims.0 } else { b_dims.1 };
    let epilogue = match (&extras.bias, &extras.residual, &extras.gelu_of) {
        (Some(_), Some(_), _) => Epilogue::BiasResidual,
        (Some(_), None, _) => Epilogue::Bias,
        (None, _, Some(_)) => Epilogue::GeluSlope,
        (None, _, None) => Epilogue::None,
    };
    let out = empty(&a, &[m, n]);
    let sums = extras.sums.then(|| empty(&a, &[n]));
    let extra = extras.residual.or(extras.gelu_of).map(dense);
    let bias = extras.bias.map(dense);
    let ragged = a_dims.1 % 4 != 0;
    let (source, group, tile) = if software() && !(ragged && form == Form::Nt) {
        let kernel = Direct { form, epilogue, sums: extras.sums, ragged };
        (Source::Direct(kernel), (direct::LANES, 1), (direct::TM, direct::TN * direct::LANES))
    } else {
        let tile = tile_for(m, n);
        let kernel = Product { form, gelu: extras.gelu, epilogue, sums: extras.sums, ragged, tile };
        (Source::Product(kernel), (tile.wx, tile.wy), (tile.rows(), tile.columns()))
    };
    let mut buffers = vec![&a, &b, &out];
    buffers.extend(bias.iter().chain(extra.iter()).chain(sums.iter()));
    let grid: Grid = ((n as u32).div_ceil(tile.1), (m as u32).div_ceil(tile.0), 1);
    launch(source, group, grid, &buffers, &[m as u32, n as u32, k as u32]);
    (out, sums)
}

fn tile_for(m: usize, n: usize) -> Tile {
    let groups = m.div_ceil(Tile::LARGE.rows() as usize) * n.div_ceil(Tile::LARGE.columns() as usize);
    if groups >= 8 { Tile::LARGE } else { Tile::SMALL }
}

/// GELU of every element, same shape.
pub fn gelu(x: CubeTensor) -> CubeTensor {
    let x = dense(x);
    let out = empty(&x, x.shape().as_slice());
    let source = Source::Hashed("gelu", GELU_WGSL, include_str!("gelu.wgsl"));
    launch(source, (64, 1), grid_for(elements(&x), 64), &[&x, &out], &[elements(&x) as u32]);
    out
}
