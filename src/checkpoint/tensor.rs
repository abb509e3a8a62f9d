//! A tensor on its way between a file and a device.

use super::error::CheckpointError;

/// A name, a shape, and the values in row-major order.
#[derive(Debug, Clone, PartialEq)]
pub struct NamedTensor {
    pub name: String,
    pub shape: Vec<usize>,
    /// As many as the product of `shape`.
    pub values: Vec<f32>,
}

impl NamedTensor {
    /// A tensor whose values fill its shape.
    ///
    /// # Errors
    /// When they do not.
    pub fn new(name: impl Into<String>, shape: Vec<usize>, values: Vec<f32>) -> Result<Self, CheckpointError> {
        let tensor = Self { name: name.into(), shape, values };
        tensor.check_size()?;
        Ok(tensor)
    }

    /// The values fill the shape.
    pub(super) fn check_size(&self) -> Result<(), CheckpointError> {
        let wanted = self.shape.iter().try_fold(1usize, |product, &size| product.checked_mul(size));
        if wanted == Some(self.values.len()) {
            return Ok(());
        }
        Err(CheckpointError::Size { name: self.name.clone(), shape: self.shape.clone(), values: self.values.len() })
    }
}
