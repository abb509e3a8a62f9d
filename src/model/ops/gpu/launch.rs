//! Launches hand-written WGSL through burn's runtime.

use std::sync::atomic::{AtomicU32, Ordering};

use burn::tensor::{DType, Shape};
use burn_cubecl::cubecl::prelude::*;
use burn_cubecl::cubecl::server::{KernelArguments, MetadataBindingInfo};
use burn_cubecl::kernel::into_contiguous;
use burn_cubecl::template::{KernelSource, SourceKernel, SourceTemplate};
use burn_cubecl::tensor::CubeTensor;

use super::attention::Attention;
use super::direct::Direct;
use super::product::Product;

/// Every kernel that this room can launch.
#[derive(Debug, Clone, Copy)]
pub enum Source {
    Product(Product),
    Direct(Direct),
    Attention(Attention),
    /// A fixed text, by name.
    Text(&'static str, &'static str),
    /// A fixed text that calls the functions of another, by name.
    Hashed(&'static str, &'static str, &'static str),
}

/// A kernel's identity in the pipeline cache. Hashed at every launch, so texts go by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Key {
    Product(Product),
    Direct(Direct),
    Attention(Attention),
    Text(&'static str),
}

impl Source {
    fn key(&self) -> Key {
        match *self {
            Self::Product(product) => Key::Product(product),
            Self::Direct(direct) => Key::Direct(direct),
            Self::Attention(attention) => Key::Attention(attention),
            Self::Text(name, _) | Self::Hashed(name, _, _) => Key::Text(name),
        }
    }

    fn wgsl(&self) -> String {
        match self {
            Self::Product(product) => product.wgsl(),
            Self::Direct(direct) => direct.wgsl(),
            Self::Attention(attention) => attention.wgsl(),
            Self::Text(_, text) => (*text).to_owned(),
            Self::Hashed(_, functions, text) => format!("{functions}{text}"),
        }
    }
}

/// Kernels that were written out to be compiled.
static WRITTEN: AtomicU32 = AtomicU32::new(0);

/// How many kernels of this room were compiled so far, on all devices together: what there is to show while a model warms up.
pub fn kernels_written() -> u32 {
    WRITTEN.load(Ordering::Relaxed)
}

/// A source with its workgroup size, as burn's runtime wants it.
struct Written {
    source: Source,
    group: CubeDim,
}

impl KernelSource for Written {
    fn source(&self) -> SourceTemplate {
        WRITTEN.fetch_add(1, Ordering::Relaxed);
        SourceTemplate::new(self.source.wgsl())
    }

    fn id(&self) -> KernelId {
        // Unchecked: the kernels guard their own bounds, and bounded loops would cost time.
        KernelId::new::<Self>().info(self.source.key()).cube_dim(self.group.into()).mode(ExecutionMode::Unchecked)
    }

    fn lang(&self) -> &'static str {
        "wgsl"
    }
}

/// Number of workgroups.
pub type Grid = (u32, u32, u32);

/// Runs a kernel over `buffers` (bindings 0..), with `info` as the last binding where it is not empty.
pub fn launch(source: Source, group: (u32, u32), grid: Grid, buffers: &[&CubeTensor], info: &[u32]) {
    let Some(first) = buffers.first() else { return };
    let group = CubeDim::new_2d(group.0, group.1);
    let mut arguments = KernelArguments::new();
    for buffer in buffers {
        arguments = arguments.with_buffer(buffer.handle.clone().binding());
    }
    if !info.is_empty() {
        let words = info.chunks(2).map(|pair| u64::from(pair[0]) | u64::from(pair.get(1).copied().unwrap_or(0)) << 32);
        arguments.info = MetadataBindingInfo::custom(words.collect());
    }
    let kernel = SourceKernel::new(Written { source, group }, group);
    first.client.launch(Box::new(kernel), CubeCount::Static(grid.0, grid.1, grid.2), arguments);
}

/// Workgroups for `items` threads' worth of work; two dimensions, because one holds 65,535 at most. Kernels find their index as
/// `gid.x + gid.y * GRID_ROW`.
pub fn grid_for(items: usize, group: u32) -> Grid {
    let groups = items.div_ceil(group as usize) as u32;
    (groups.clamp(1, GRID_ROW / group), groups.div_ceil(GRID_ROW / group).max(1), 1)
}

/// Threads in one row of a grid made by [`grid_for`].
pub const GRID_ROW: u32 = 1 << 20;

/// A new tensor beside `like`, not initialised.
pub fn empty(like: &CubeTensor, shape: &[usize]) -> CubeTensor {
    let elements: usize = shape.iter().product();
    let handle = like.client.empty(elements * 4);
    CubeTensor::new_contiguous(like.client.clone(), like.device.clone(), Shape::from(shape.to_vec()), handle, DType::F32)
}

/// The tensor itself, or a contiguous copy of a view.
pub fn dense(tensor: CubeTensor) -> CubeTensor {
    into_contiguous(tensor)
}
