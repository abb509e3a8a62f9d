//! What learns of a model with a head, apart from what is held: read back, named for a file, put back.

use std::collections::HashMap;

use burn::module::Param;
use burn::tensor::{Tensor, TensorData};

use super::parameters::{ParameterError, Parameters, Slot, flat, leaf, read_many};
use super::sequence::SequenceModel;
use crate::checkpoint::NamedTensor;

/// Values of the parameters that learn, in the order of the slots; `None` for frozen ones.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedValues(Vec<Option<Vec<f32>>>);

impl LearnedValues {
    /// Under their names. `model` is the one that they were read from, or one like it.
    pub fn named(&self, model: &SequenceModel) -> Vec<NamedTensor> {
        let named = model.names().into_iter().zip(&self.0);
        named
            .filter_map(|((name, shape), values)| values.as_ref().map(|values| NamedTensor { name, shape, values: values.clone() }))
            .collect()
    }

    /// A value that is no number.
    pub fn is_broken(&self) -> bool {
        self.0.iter().flatten().flatten().any(|value| !value.is_finite())
    }
}

fn learns(slot: &Slot) -> bool {
    match slot {
        Slot::Matrix(param) => param.val().is_require_grad(),
        Slot::Vector(param) => param.val().is_require_grad(),
    }
}

impl SequenceModel {
    /// Reads what learns back from the device.
    ///
    /// # Errors
    /// When the device is lost or refuses to read.
    pub async fn read_learned(&mut self) -> Result<LearnedValues, ParameterError> {
        let which: Vec<bool> = self.slots().iter().map(learns).collect();
        let mut read = self.read_slots(true).await?.into_iter();
        Ok(LearnedValues(which.into_iter().map(|learns| if learns { read.next() } else { None }).collect()))
    }

    /// Reads what is held back from the device, under its names.
    ///
    /// # Errors
    /// When the device is lost or refuses to read.
    pub async fn read_held(&mut self) -> Result<Vec<NamedTensor>, ParameterError> {
        let names = self.names();
        let held: Vec<_> = names.into_iter().zip(self.slots()).filter(|(_, slot)| !learns(slot)).map(|(name, _)| name).collect();
        let read = self.read_slots(false).await?;
        Ok(held.into_iter().zip(read).map(|((name, shape), values)| NamedTensor { name, shape, values }).collect())
    }

    async fn read_slots(&mut self, learning: bool) -> Result<Vec<Vec<f32>>, ParameterError> {
        let slots = self.slots().into_iter().filter(|slot| learns(slot) == learning);
        let tensors = slots.map(|slot| match slot {
            Slot::Matrix(param) => flat(param.val()),
            Slot::Vector(param) => flat(param.val()),
        });
        read_many(tensors.collect()).await
    }

    /// The names of what learns.
    pub fn learning_names(&mut self) -> Vec<String> {
        let names = self.names();
        names.into_iter().zip(self.slots()).filter(|(_, slot)| learns(slot)).map(|((name, _), _)| name).collect()
    }

    /// Values for what learns, by name; other names are ignored.
    ///
    /// # Errors
    /// One that is missing or has another shape.
    pub fn learned_of(&mut self, tensors: &[NamedTensor]) -> Result<LearnedValues, ParameterError> {
        let by_name: HashMap<&str, &NamedTensor> = tensors.iter().map(|tensor| (tensor.name.as_str(), tensor)).collect();
        let names = self.names();
        let value = |((name, shape), slot): ((String, Vec<usize>), Slot)| {
            if !learns(&slot) {
                return Ok(None);
            }
            let Some(tensor) = by_name.get(name.as_str()) else { return Err(ParameterError::Missing(name)) };
            if tensor.shape != shape || tensor.values.len() != shape.iter().product::<usize>() {
                return Err(ParameterError::Shape { name, expected: shape, found: tensor.shape.clone() });
            }
            Ok(Some(tensor.values.clone()))
        };
        Ok(LearnedValues(names.into_iter().zip(self.slots()).map(value).collect::<Result<_, _>>()?))
    }

    /// Puts back what was read, as fresh tensors: copies of the model that are in use keep theirs.
    pub fn restore(&mut self, values: &LearnedValues) {
        for (slot, values) in self.slots().into_iter().zip(&values.0) {
            let Some(values) = values else { continue };
            match slot {
                Slot::Matrix(param) => put(param, values),
                Slot::Vector(param) => put(param, values),
            }
        }
    }
}

fn put<const D: usize>(param: &mut Param<Tensor<D>>, values: &[f32]) {
    let old = param.val();
    let fresh = Tensor::from_data(TensorData::new(values.to_vec(), old.dims().to_vec()), &old.device());
    *param = Param::initialized(param.id, leaf(fresh));
}
