//! Frozen parameters: those below a layer that stay as they are.

use burn::module::Param;
use burn::tensor::Tensor;

use super::gpt::Gpt;
use super::parameters::Slot;

/// Parameters of a block, in the order of [`Gpt::slots`].
const PER_BLOCK: usize = 12;
/// Token and position embeddings, which come first.
const EMBEDDINGS: usize = 2;

impl Gpt {
    /// Lets the lowest `layers` blocks, and with them the embeddings (and so the tied head), stay as they are: as `requires_grad_(False)` in
    /// PyTorch. No gradient is computed for them, nor through blocks below the first one that learns, and an optimiser made afterwards keeps
    /// no state for them. 0 freezes nothing.
    pub fn freeze(&mut self, layers: usize) {
        if layers == 0 {
            return;
        }
        let count = EMBEDDINGS + PER_BLOCK * layers.min(self.h.len());
        self.hold_first(count);
    }

    /// Lets every parameter stay as it is.
    pub fn freeze_all(&mut self) {
        self.hold_first(usize::MAX);
    }

    fn hold_first(&mut self, count: usize) {
        for slot in self.slots().into_iter().take(count) {
            match slot {
                Slot::Matrix(param) => hold(param),
                Slot::Vector(param) => hold(param),
            }
        }
    }
}

/// Puts the value back as one that the gradient graph does not know.
fn hold<const D: usize>(param: &mut Param<Tensor<D>>) {
    let value = param.val();
    if value.is_autodiff() {
        *param = Param::initialized(param.id, Tensor::from_inner(value.inner()));
    }
}
