//! Which kind of adapter runs the kernels: a graphics card and a program on the processor want different ones.

use std::sync::atomic::{AtomicBool, Ordering};

/// Who runs the kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// Workgroup memory, and tiles by size: large ones where there are enough of them to occupy the card.
    GraphicsCard,
    /// A program (SwiftShader, lavapipe): no workgroup memory, no barriers ([`super::direct`]).
    Software,
}

static SOFTWARE: AtomicBool = AtomicBool::new(false);

/// Chooses kernels from now on, on all devices together; call it once the adapter is known.
pub fn suit_adapter(adapter: Adapter) {
    SOFTWARE.store(adapter == Adapter::Software, Ordering::Relaxed);
}

pub(super) fn software() -> bool {
    SOFTWARE.load(Ordering::Relaxed)
}
