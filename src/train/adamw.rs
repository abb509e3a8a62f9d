//! AdamW (arXiv 1711.05101) as `torch.optim.AdamW` computes it, after clipping the global norm as `clip_grad_norm_` does.
//!
//! burn's own differs: other defaults, clipping per parameter, and a state that cannot be read asynchronously. Here the state is live
//! tensors; norm, factor and update stay on the device, so that a step needs no read-back.

use burn::module::Param;
use burn::tensor::{Device, Gradients, Tensor, TensorData};

use crate::checkpoint::{NamedTensor, OptimizerState};
use crate::model::Parameters;
use crate::model::ops;
use crate::model::ops::kernels::{Hyper, SQUARE_GROUPS};
use crate::model::parameters::{ParameterError, Slot, read_many};

/// Settings that stay the same through a run. The defaults are PyTorch's.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamWSetting {
    pub beta1: f64,
    pub beta2: f64,
    pub epsilon: f64,
    /// Decoupled decay, of matrices only: gains and biases are not pulled to zero.
    pub weight_decay: f64,
    /// Largest global norm; 0 turns clipping off.
    pub clip_norm: f64,
}

impl Default for AdamWSetting {
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.01, clip_norm: 1.0 }
    }
}

/// First and second moment of one parameter.
enum Moments {
    Matrix(Tensor<2>, Tensor<2>),
    Vector(Tensor<1>, Tensor<1>),
    /// The parameter is frozen: it has none.
    Frozen,
}

/// The optimiser with its state on the device.
pub struct AdamW {
    setting: AdamWSetting,
    moments: Vec<Moments>,
    /// Factor of the learning rate per parameter; 1 where none is given.
    scales: Vec<f64>,
    /// Steps taken.
    steps: u32,
    square_sums: Tensor<1>,
    /// The device without autodiff.
    device: Device,
}

impl AdamW {
    /// A fresh optimiser for a model; for parameters that are frozen (`Gpt::freeze`) it keeps nothing.
    pub fn new(model: &mut impl Parameters, setting: AdamWSetting) -> Self {
        let device = model.device().inner();
        let moments: Vec<Moments> = model
            .slots()
            .into_iter()
            .map(|slot| match slot {
                Slot::Matrix(param) if !param.val().is_require_grad() => Moments::Frozen,
                Slot::Vector(param) if !param.val().is_require_grad() => Moments::Frozen,
                Slot::Matrix(param) => Moments::Matrix(zeros(param.val().dims(), &device), zeros(param.val().dims(), &device)),
                Slot::Vector(param) => Moments::Vector(zeros(param.val().dims(), &device), zeros(param.val().dims(), &device)),
            })
            .collect();
        let square_sums = zeros([moments.len() * SQUARE_GROUPS], &device);
        Self { setting, moments, scales: Vec::new(), steps: 0, square_sums, device }
    }

    /// With a learning rate of its own for each parameter, as PyTorch's parameter groups have: `scales` are factors, in the order of the model's
    /// slots.
    #[must_use]
    pub fn with_scales(mut self, scales: Vec<f64>) -> Self {
        self.scales = scales;
        self
    }

    /// One step. `gradients` must be those of this model. Returns `[2]`: the global norm before clipping, and the factor applied.
    pub fn step(&mut self, model: &mut impl Parameters, gradients: &mut [Gradients], learning_rate: f64) -> Tensor<1> {
        self.steps += 1;
        let hypers = self.hypers(learning_rate, self.moments.len());
        let slots = model.slots();
        let mut matrices = Vec::with_capacity(slots.len());
        let mut vectors = Vec::with_capacity(slots.len());
        for (index, slot) in slots.iter().enumerate() {
            match slot {
                Slot::Matrix(param) => {
                    let gradient = summed(&param.val(), gradients);
                    if let Some(gradient) = &gradient {
                        self.square_sums = ops::square_sum(gradient.clone(), self.square_sums.clone(), index);
                    }
                    matrices.push(gradient);
                }
                Slot::Vector(param) => {
                    let gradient = summed(&param.val(), gradients);
                    if let Some(gradient) = &gradient {
                        self.square_sums = ops::square_sum(gradient.clone(), self.square_sums.clone(), index);
                    }
                    vectors.push(gradient);
                }
            }
        }
        let Some(hyper) = hypers.first() else { return self.square_sums.clone() };
        let clip = ops::clip_factor(self.square_sums.clone(), hyper.clone());
        let (mut matrices, mut vectors) = (matrices.into_iter(), vectors.into_iter());
        for ((slot, moments), hyper) in slots.into_iter().zip(&mut self.moments).zip(&hypers) {
            match slot {
                Slot::Matrix(param) => {
                    let gradient = matrices.next().flatten();
                    if let Moments::Matrix(m, v) = moments {
                        update(param, m, v, gradient, hyper, &clip, true);
                    }
                }
                Slot::Vector(param) => {
                    let gradient = vectors.next().flatten();
                    if let Moments::Vector(m, v) = moments {
                        update(param, m, v, gradient, hyper, &clip, false);
                    }
                }
            }
        }
        clip
    }

    /// Hyper-parameters for each of `count` parameters; parameters of the same rate share a tensor.
    fn hypers(&self, learning_rate: f64, count: usize) -> Vec<Tensor<1>> {
        let mut known: Vec<(f64, Tensor<1>)> = Vec::new();
        let mut hypers = Vec::with_capacity(count);
        for index in 0..count {
            let scale = self.scales.get(index).copied().unwrap_or(1.0);
            let hyper = match known.iter().find(|(other, _)| *other == scale) {
                Some((_, hyper)) => hyper.clone(),
                None => {
                    let hyper = self.hyper(learning_rate * scale);
                    known.push((scale, hyper.clone()));
                    hyper
                }
            };
            hypers.push(hyper);
        }
        hypers
    }

    fn hyper(&self, learning_rate: f64) -> Tensor<1> {
        let AdamWSetting { beta1, beta2, epsilon, weight_decay, clip_norm } = self.setting;
        let hyper = Hyper {
            learning_rate: learning_rate as f32,
            beta1: beta1 as f32,
            beta2: beta2 as f32,
            epsilon: epsilon as f32,
            bias1: (1.0 - beta1.powi(self.steps as i32)) as f32,
            bias2: (1.0 - beta2.powi(self.steps as i32)) as f32,
            clip_norm: clip_norm as f32,
            weight_decay: weight_decay as f32,
        };
        Tensor::from_data(hyper.to_array(), &self.device)
    }

    /// Steps taken so far.
    pub fn steps(&self) -> u32 {
        self.steps
    }

    /// Reads the state back; of frozen parameters zeros, so that a state always has every parameter.
    ///
    /// # Errors
    /// When the device is lost or refuses to read.
    pub async fn read_state(&self, model: &impl Parameters) -> Result<OptimizerState, ParameterError> {
        let mut tensors = Vec::with_capacity(2 * self.moments.len());
        for moments in &self.moments {
            match moments {
                Moments::Matrix(m, v) => tensors.extend([m.clone().flatten(0, 1), v.clone().flatten(0, 1)]),
                Moments::Vector(m, v) => tensors.extend([m.clone(), v.clone()]),
                Moments::Frozen => {}
            }
        }
        let mut read = read_many(tensors).await?.into_iter();
        let mut state = OptimizerState::default();
        for ((name, shape), moments) in model.names().into_iter().zip(&self.moments) {
            let (m, v) = match moments {
                Moments::Frozen => (vec![0.0; shape.iter().product()], vec![0.0; shape.iter().product()]),
                _ => (read.next().unwrap_or_default(), read.next().unwrap_or_default()),
            };
            state.m.push(NamedTensor { name: name.clone(), shape: shape.clone(), values: m });
            state.v.push(NamedTensor { name, shape, values: v });
        }
        Ok(state)
    }

    /// Puts back a state that was read after `steps` steps.
    ///
    /// # Errors
    /// When a moment is missing or has another shape than its parameter.
    pub fn load_state(&mut self, model: &impl Parameters, state: OptimizerState, steps: u32) -> Result<(), ParameterError> {
        let names = model.names();
        for (list, first) in [(state.m, true), (state.v, false)] {
            let mut list: std::collections::HashMap<String, NamedTensor> =
                list.into_iter().map(|named| (named.name.clone(), named)).collect();
            for ((name, shape), moments) in names.iter().zip(&mut self.moments) {
                let named = list.remove(name).ok_or_else(|| ParameterError::Missing(name.clone()))?;
                if named.shape != *shape || named.values.len() != shape.iter().product::<usize>() {
                    return Err(ParameterError::Shape { name: name.clone(), expected: shape.clone(), found: named.shape });
                }
                let data = TensorData::new(named.values, named.shape);
                match moments {
                    Moments::Matrix(m, v) => *(if first { m } else { v }) = Tensor::from_data(data, &self.device),
                    Moments::Vector(m, v) => *(if first { m } else { v }) = Tensor::from_data(data, &self.device),
                    Moments::Frozen => {}
                }
            }
        }
        self.steps = steps;
        Ok(())
    }
}

fn zeros<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    Tensor::from_data(TensorData::new(vec![0.0f32; shape.iter().product()], shape), device)
}

/// The parameter's gradient, summed over the accumulated passes.
fn summed<const D: usize>(value: &Tensor<D>, gradients: &mut [Gradients]) -> Option<Tensor<D>> {
    gradients.iter_mut().filter_map(|gradients| value.grad_remove(gradients)).reduce(|sum, gradient| sum + gradient)
}

/// Takes the parameter out, lets the kernel change it in place, and puts it back as a fresh leaf.
fn update<const D: usize>(
    param: &mut Param<Tensor<D>>,
    m: &mut Tensor<D>,
    v: &mut Tensor<D>,
    gradient: Option<Tensor<D>>,
    hyper: &Tensor<1>,
    clip: &Tensor<1>,
    decay: bool,
) {
    let Some(gradient) = gradient else { return };
    let value = param.val().inner();
    let [value, new_m, new_v] = ops::adamw([value, gradient, m.clone(), v.clone()], hyper.clone(), clip.clone(), decay);
    (*m, *v) = (new_m, new_v);
    *param = Param::initialized(param.id, Tensor::from_inner(value).require_grad());
}
