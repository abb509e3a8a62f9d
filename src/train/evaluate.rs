//! Mean loss over fixed windows.

use burn::tensor::Tensor;

use super::trainer::Windows;
use crate::model::Gpt;
use crate::model::parameters::{ParameterError, read_floats};

/// Mean loss in nats per counted token over `passes`, by a model without autodiff; `None` when nothing counts. Reads back once per pass.
///
/// # Errors
/// When the device is lost or refuses to read.
pub async fn evaluate(model: &Gpt, passes: &[Windows]) -> Result<Option<f64>, ParameterError> {
    let device = model.wte.val().device();
    let (mut sum, mut counted) = (0.0, 0);
    for pass in passes {
        let (inputs, targets) = pass.tensors(&device);
        let losses: Tensor<1> = model.token_losses(inputs, targets, pass.time);
        sum += read_floats(losses).await?.into_iter().map(f64::from).sum::<f64>();
        counted += pass.counted();
    }
    Ok((counted > 0).then(|| sum / counted as f64))
}
