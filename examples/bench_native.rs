//! Speed of one training step natively: `cargo run --features engine --example bench_native -- [cpu|gpu] [config] [seconds]`.
//!
//! The settings are those of the peers' harness (`base`: vocabulary 512, width 128, 4 layers, 4 heads, context 128, batch 8). Prints one JSON
//! line: tokens per second (median of the steps), seconds to the first step, losses.

use std::time::Instant;

use attune::checkpoint::ModelConfig;
use attune::model::Gpt;
use attune::model::init::initial_values;
use attune::model::ops::gpu::{Adapter, suit_adapter};
use attune::model::parameters::read_floats;
use attune::protocol::ModelSize;
use attune::train::{AdamWSetting, Trainer, TrainerSetting, Windows};
use burn::tensor::Device;
use futures::executor::block_on;

struct Setting {
    vocab: u32,
    size: ModelSize,
    context: usize,
    batch: usize,
}

fn setting(name: &str) -> Option<Setting> {
    let [vocab, n_embd, n_layer, n_head, n_ctx, batch] = match name {
        "tiny" => [64, 32, 1, 2, 32, 4],
        "base" => [512, 128, 4, 4, 128, 8],
        "nano" => [4096, 128, 4, 4, 128, 8],
        "heads64" => [256, 128, 1, 2, 96, 2],
        "heads128" => [256, 128, 1, 1, 96, 2],
        "m3" => [512, 256, 4, 4, 128, 16],
        "m10" => [1024, 384, 6, 6, 256, 8],
        "m25" => [4096, 512, 8, 8, 256, 8],
        _ => return None,
    };
    let size = ModelSize { n_layer, n_head, n_embd, n_ctx };
    Some(Setting { vocab, size, context: n_ctx as usize, batch: batch as usize })
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument = |index: usize, default: &str| arguments.get(index).map_or(default, String::as_str).to_owned();
    let (device_name, name) = (argument(0, "cpu"), argument(1, "base"));
    let seconds: f64 = argument(2, "10").parse().unwrap_or(10.0);
    let Some(setting) = setting(&name) else {
        eprintln!("unknown setting {name}");
        return;
    };
    let device =
        if device_name == "gpu" { Device::wgpu_options().tasks_max(64).init().expect("a graphics adapter") } else { Device::flex() };
    // As the session does once it knows the adapter: `ATTUNE_ADAPTER=software` where the driver is a program.
    if std::env::var("ATTUNE_ADAPTER").is_ok_and(|kind| kind == "software") {
        suit_adapter(Adapter::Software);
    }
    println!("{}", run(&device, &device_name, &name, &setting, seconds));
}

fn run(device: &Device, device_name: &str, name: &str, setting: &Setting, seconds: f64) -> String {
    let config = ModelConfig::new(setting.size, setting.vocab);
    let values = initial_values(&config, 1);
    let model = Gpt::from_values(config, values, &device.clone().autodiff()).expect("a model");
    let optimizer = AdamWSetting { beta2: 0.95, weight_decay: 0.1, clip_norm: 0.0, ..AdamWSetting::default() };
    let mut trainer = Trainer::new(model, TrainerSetting { optimizer, dropout: 0.0, seed: 1 });
    let tokens = setting.batch * setting.context;
    let id = |index: usize| (index.wrapping_mul(2_654_435_761) >> 7) as i32 % setting.vocab as i32;
    let windows: Vec<Windows> = (0..4)
        .map(|batch| Windows {
            inputs: (0..tokens).map(|i| id(batch * tokens + i).abs()).collect(),
            targets: (0..tokens).map(|i| id(batch * tokens + i + 1).abs()).collect(),
            time: setting.context,
        })
        .collect();
    let begin = Instant::now();
    let mut times = Vec::new();
    let (mut first, mut losses) = (0.0, Vec::new());
    for step in 0.. {
        let start = Instant::now();
        let report = trainer.step(&windows[step % windows.len()..=step % windows.len()], 1e-3);
        let loss = block_on(read_floats(report.losses[0].clone())).expect("loss")[0];
        times.push(start.elapsed().as_secs_f64());
        if step == 0 {
            first = begin.elapsed().as_secs_f64();
        }
        losses.push(loss);
        if begin.elapsed().as_secs_f64() - first > seconds && step >= 4 {
            break;
        }
    }
    let mut later = times[1..].to_vec();
    later.sort_by(f64::total_cmp);
    let median = later[later.len() / 2];
    format!(
        "{{\"device\":\"{device_name}\",\"config\":\"{name}\",\"tokens_per_second\":{:.0},\"step_ms\":{:.2},\"first_step_s\":{first:.2},\"steps\":{},\"first_loss\":{},\"last_loss\":{}}}",
        tokens as f64 / median,
        median * 1e3,
        times.len(),
        losses[0],
        losses[losses.len() - 1]
    )
}
