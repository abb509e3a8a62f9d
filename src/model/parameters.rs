//! Every parameter by name: building a model from values, reading it back, and walking over it.

use burn::module::{Param, ParamId};
use burn::tensor::{Device, Tensor, TensorData, Transaction};

use super::block::{Attention, Block, Conv1d, LayerNorm, Mlp};
use super::gpt::Gpt;
use super::reading::read_to_its_end;
use crate::checkpoint::{ModelConfig, NamedTensor, PREFIX, expected_tensors};

/// Why a model could not be built or read.
#[derive(Debug, thiserror::Error)]
pub enum ParameterError {
    #[error("the parameter {0} is missing")]
    Missing(String),
    #[error("the parameter {name} has shape {found:?} instead of {expected:?}")]
    Shape { name: String, expected: Vec<usize>, found: Vec<usize> },
    #[error("the device did not hand out the values: {0}")]
    Read(String),
}

/// One parameter in place, of either rank.
pub enum Slot<'a> {
    Matrix(&'a mut Param<Tensor<2>>),
    Vector(&'a mut Param<Tensor<1>>),
}

/// A model whose parameters can be walked over by name: what an optimiser asks of it.
pub trait Parameters {
    /// Every parameter, always in the same order.
    fn slots(&mut self) -> Vec<Slot<'_>>;
    /// Names and shapes, in the order of the slots.
    fn names(&self) -> Vec<(String, Vec<usize>)>;
    /// Where they live.
    fn device(&self) -> Device;
}

impl Parameters for Gpt {
    fn slots(&mut self) -> Vec<Slot<'_>> {
        Gpt::slots(self)
    }

    fn names(&self) -> Vec<(String, Vec<usize>)> {
        expected_tensors(&self.config)
    }

    fn device(&self) -> Device {
        self.wte.val().device()
    }
}

/// Takes parameters by name and puts them on a device.
struct Source<'a> {
    values: Vec<Option<NamedTensor>>,
    device: &'a Device,
}

/// A tensor that collects gradients, where its device computes any.
pub(super) fn leaf<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    if tensor.is_autodiff() { tensor.require_grad() } else { tensor }
}

impl Source<'_> {
    fn take(&mut self, name: &str, expected: &[usize]) -> Result<TensorData, ParameterError> {
        let full = |named: &NamedTensor| named.name.strip_prefix(PREFIX).unwrap_or(&named.name) == name;
        let slot = self.values.iter_mut().find(|slot| slot.as_ref().is_some_and(full));
        let named = slot.and_then(Option::take).ok_or_else(|| ParameterError::Missing(name.to_owned()))?;
        if named.shape != expected || named.values.len() != expected.iter().product::<usize>() {
            return Err(ParameterError::Shape { name: named.name, expected: expected.to_vec(), found: named.shape });
        }
        Ok(TensorData::new(named.values, named.shape))
    }

    fn matrix(&mut self, name: &str, shape: [usize; 2]) -> Result<Param<Tensor<2>>, ParameterError> {
        let tensor = Tensor::from_data(self.take(name, &shape)?, self.device);
        Ok(Param::initialized(ParamId::new(), leaf(tensor)))
    }

    fn vector(&mut self, name: &str, len: usize) -> Result<Param<Tensor<1>>, ParameterError> {
        let tensor = Tensor::from_data(self.take(name, &[len])?, self.device);
        Ok(Param::initialized(ParamId::new(), leaf(tensor)))
    }

    fn norm(&mut self, name: &str, width: usize) -> Result<LayerNorm, ParameterError> {
        Ok(LayerNorm { weight: self.vector(&format!("{name}.weight"), width)?, bias: self.vector(&format!("{name}.bias"), width)? })
    }

    fn linear(&mut self, name: &str, shape: [usize; 2]) -> Result<Conv1d, ParameterError> {
        let (weight, bias) = (self.matrix(&format!("{name}.weight"), shape)?, self.vector(&format!("{name}.bias"), shape[1])?);
        Ok(Conv1d { weight, bias, adapter: None })
    }
}

impl Gpt {
    /// A model on `device` (an autodiff device for training) with these values.
    ///
    /// # Errors
    /// When a parameter is missing or has another shape than `config` says. Values of other names are ignored.
    pub fn from_values(config: ModelConfig, values: Vec<NamedTensor>, device: &Device) -> Result<Self, ParameterError> {
        let mut source = Source { values: values.into_iter().map(Some).collect(), device };
        let d = config.n_embd;
        let wte = source.matrix("wte.weight", [config.vocab_size, d])?;
        let wpe = source.matrix("wpe.weight", [config.n_positions, d])?;
        let h = (0..config.n_layer)
            .map(|layer| {
                let name = |part: &str| format!("h.{layer}.{part}");
                Ok(Block {
                    ln_1: source.norm(&name("ln_1"), d)?,
                    attn: Attention {
                        c_attn: source.linear(&name("attn.c_attn"), [d, 3 * d])?,
                        c_proj: source.linear(&name("attn.c_proj"), [d, d])?,
                    },
                    ln_2: source.norm(&name("ln_2"), d)?,
                    mlp: Mlp {
                        c_fc: source.linear(&name("mlp.c_fc"), [d, 4 * d])?,
                        c_proj: source.linear(&name("mlp.c_proj"), [4 * d, d])?,
                    },
                })
            })
            .collect::<Result<Vec<_>, ParameterError>>()?;
        let ln_f = source.norm("ln_f", d)?;
        Ok(Self { wte, wpe, h, ln_f, config })
    }

    /// Every parameter but those of adapters, in the order of [`expected_tensors`].
    pub fn slots(&mut self) -> Vec<Slot<'_>> {
        self.slots_apart().0
    }

    /// [`Self::slots`], and those of adapters.
    pub(super) fn slots_apart(&mut self) -> (Vec<Slot<'_>>, Vec<Slot<'_>>) {
        fn norm<'a>(list: &mut Vec<Slot<'a>>, norm: &'a mut LayerNorm) {
            list.push(Slot::Vector(&mut norm.weight));
            list.push(Slot::Vector(&mut norm.bias));
        }
        fn linear<'a>((list, adapters): (&mut Vec<Slot<'a>>, &mut Vec<Slot<'a>>), linear: &'a mut Conv1d) {
            list.push(Slot::Matrix(&mut linear.weight));
            list.push(Slot::Vector(&mut linear.bias));
            if let Some(adapter) = &mut linear.adapter {
                adapters.extend([Slot::Matrix(&mut adapter.down), Slot::Matrix(&mut adapter.up)]);
            }
        }
        let mut adapters = Vec::new();
        let mut list = vec![Slot::Matrix(&mut self.wte), Slot::Matrix(&mut self.wpe)];
        for block in &mut self.h {
            norm(&mut list, &mut block.ln_1);
            linear((&mut list, &mut adapters), &mut block.attn.c_attn);
            linear((&mut list, &mut adapters), &mut block.attn.c_proj);
            norm(&mut list, &mut block.ln_2);
            linear((&mut list, &mut adapters), &mut block.mlp.c_fc);
            linear((&mut list, &mut adapters), &mut block.mlp.c_proj);
        }
        norm(&mut list, &mut self.ln_f);
        (list, adapters)
    }

    /// Reads every parameter back from the device.
    ///
    /// # Errors
    /// When the device is lost or refuses to read.
    pub async fn read_values(&mut self) -> Result<Vec<NamedTensor>, ParameterError> {
        let names = expected_tensors(&self.config);
        let tensors: Vec<Tensor<1>> = self
            .slots()
            .into_iter()
            .map(|slot| match slot {
                Slot::Matrix(param) => flat(param.val()),
                Slot::Vector(param) => flat(param.val()),
            })
            .collect();
        let read = read_many(tensors).await?;
        Ok(names.into_iter().zip(read).map(|((name, shape), values)| NamedTensor { name, shape, values }).collect())
    }
}

/// A tensor without autodiff, as one row.
pub(super) fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let tensor = if tensor.is_autodiff() { tensor.inner() } else { tensor };
    tensor.flatten(0, D - 1)
}

/// Reads a tensor's values, row-major.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn read_floats<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, ParameterError> {
    let tensor = if tensor.is_autodiff() { tensor.inner() } else { tensor };
    let data = read_to_its_end(tensor.into_data_async()).await.map_err(|error| ParameterError::Read(error.to_string()))?;
    data.try_into_vec::<f32>().map_err(|error| ParameterError::Read(format!("{error:?}")))
}

/// Reads many tensors in one go: one wait for the device instead of one per tensor.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn read_many(tensors: Vec<Tensor<1>>) -> Result<Vec<Vec<f32>>, ParameterError> {
    if tensors.is_empty() {
        return Ok(Vec::new());
    }
    let plain = tensors.into_iter().map(|tensor| if tensor.is_autodiff() { tensor.inner() } else { tensor });
    let transaction = plain.fold(Transaction::default(), Transaction::register);
    let read = read_to_its_end(transaction.execute_async()).await.map_err(|error| ParameterError::Read(error.to_string()))?;
    read.into_iter().map(|data| data.try_into_vec::<f32>().map_err(|error| ParameterError::Read(format!("{error:?}")))).collect()
}
