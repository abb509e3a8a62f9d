//! A tiny piece of real work on a fresh device, held against the same work on the CPU: a card or driver that miscalculates must not train.

use burn::tensor::{Device, Int, Tensor, TensorData};

use crate::model::ops;
use crate::model::parameters::read_many;

/// Rows, width and heads: ragged against every tile.
const ROWS: usize = 12;
const WIDTH: usize = 16;
const HEADS: usize = 2;
/// Largest difference between two devices, for values around one.
const TOLERANCE: f32 = 1e-4;

/// One product and one attention, forward, on `device` (without autodiff) and on the CPU.
///
/// # Errors
/// What differs, or why it could not be read.
pub async fn run(device: &Device) -> Result<(), String> {
    let found = work(device).await?;
    let expected = work(&Device::flex()).await?;
    // What is no number differs from everything.
    let differs = |(a, b): (&f32, &f32)| (a - b).abs().partial_cmp(&TOLERANCE).is_none_or(std::cmp::Ordering::is_gt);
    match found.iter().zip(&expected).position(differs) {
        Some(at) => Err(format!("value {at} is {} instead of {}", found[at], expected[at])),
        None if found.len() != expected.len() => Err(format!("{} values instead of {}", found.len(), expected.len())),
        None => Ok(()),
    }
}

async fn work(device: &Device) -> Result<Vec<f32>, String> {
    let x = waves([ROWS, WIDTH], 0.7, device);
    let w = waves([WIDTH, 3 * WIDTH], 1.3, device);
    let bias: Tensor<1> = waves([1, 3 * WIDTH], 0.4, device).flatten(0, 1);
    let qkv = ops::linear(x, w, bias);
    let seed: Tensor<1, Int> = Tensor::from_data([0], device);
    let attended = ops::causal_attention(qkv.clone(), seed, ROWS / 2, HEADS, 0.0, 0);
    let read = read_many(vec![qkv.flatten(0, 1), attended.flatten(0, 1)]).await.map_err(|error| error.to_string())?;
    Ok(read.concat())
}

/// Values between −0.5 and 0.5 that do not repeat.
fn waves(shape: [usize; 2], speed: f32, device: &Device) -> Tensor<2> {
    let values: Vec<f32> = (0..shape[0] * shape[1]).map(|index| 0.5 * (index as f32 * speed).sin()).collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_passes_and_its_values_are_alive() {
        futures::executor::block_on(async {
            run(&Device::flex()).await.unwrap();
            let values = work(&Device::flex()).await.unwrap();
            assert_eq!(values.len(), ROWS * WIDTH * 4);
            assert!(values.iter().filter(|value| value.abs() > 0.05).count() > values.len() / 2);
        });
    }
}
