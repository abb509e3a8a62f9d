//! What pretraining buys: the same small model fine-tuned from a base and trained from scratch, on texts that the base has not seen.
//!
//! `cargo run --features engine --example pretraining_buys` measures every text below with the page's own training code (same size, tokenizer,
//! windows, order and number of steps; each start with the best of its learning rates), prints the curves and the figures, and writes
//! `static/recorded/pretraining.json`, which the page plays. In: `static/models`, `static/samples`, and Shakespeare's verse from
//! `$ATTUNE_SHARED/data`, which is measured but not written (only texts made for this project are). An argument names a text to measure alone, a
//! second one another model than the processor's default; nothing is written then.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use attune::checkpoint::{ModelConfig, NamedTensor, load_model};
use attune::generate::{TokenText, Writer};
use attune::metrics::bits_per_byte;
use attune::model::init::initial_values;
use attune::model::parameters::read_floats;
use attune::model::{Gpt, KeyValueCache};
use attune::protocol::{Catalogue, Language, ModelEntry, SamplingConfig};
use attune::text::{Batch, Batches, Dataset, Part, StreamDecoder, Tokenizer};
use attune::train::{AdamWSetting, Decay, Schedule, Trainer, TrainerSetting, Windows, evaluate, learning_rate};
use burn::tensor::Device;
use futures::executor::block_on;
use serde_json::{Value, json};

type Outcome<T> = Result<T, Box<dyn Error>>;

const SEED: u64 = 1;
const BATCH: usize = 8;
const WINDOW: usize = 128;
const WARMUP: u32 = 10;
const EVALUATIONS: u32 = 20;
const MOST_WINDOWS: usize = 64;
const VALIDATION_SHARE: f64 = 0.15;
const SAMPLE_TOKENS: u32 = 60;
/// Peaks that are tried; each start is judged by its best.
const FROM_BASE: [f64; 2] = [3e-4, 1e-3];
const FROM_SCRATCH: [f64; 3] = [1e-3, 2e-3, 4e-3];

/// A text to learn.
struct Subject {
    name: &'static str,
    title: &'static str,
    language: Language,
    /// Below `static/samples`, or below `$ATTUNE_SHARED/data`.
    file: &'static str,
    /// Made for this project: may be shown on the page.
    ours: bool,
    prompt: &'static str,
    steps: u32,
}

const SUBJECTS: [Subject; 4] = [
    Subject {
        name: "shakespeare",
        title: "Shakespeare",
        language: Language::English,
        file: "lm_en_tinyshakespeare/input.txt",
        ours: false,
        prompt: "KING:\n",
        steps: 400,
    },
    Subject {
        name: "verse",
        title: "Verse drama",
        language: Language::English,
        file: "verse.txt",
        ours: true,
        prompt: "Good morrow,",
        steps: 200,
    },
    Subject {
        name: "minutes",
        title: "Minutes of meetings",
        language: Language::English,
        file: "minutes.txt",
        ours: true,
        prompt: "1. ",
        steps: 200,
    },
    Subject {
        name: "poems",
        title: "Chinese poems",
        language: Language::Chinese,
        file: "poems-zh.txt",
        ours: true,
        prompt: "春",
        steps: 200,
    },
];

/// A point of a curve.
#[derive(Clone)]
struct Point {
    step: u32,
    /// Nats per token on the validation part.
    loss: f64,
    sample: String,
}

/// One training.
struct Curve {
    peak: f64,
    points: Vec<Point>,
}

impl Curve {
    fn best(&self) -> &Point {
        self.points.iter().min_by(|a, b| a.loss.total_cmp(&b.loss)).unwrap_or(&self.points[0])
    }
}

struct TextOf(Rc<Tokenizer>, StreamDecoder);

impl TokenText for TextOf {
    fn push(&mut self, id: u32) -> String {
        self.1.push(&self.0, id)
    }

    fn finish(&mut self) -> String {
        self.1.finish(&self.0)
    }
}

fn windows(batch: Batch) -> Windows {
    Windows { inputs: batch.inputs.into_iter().map(|id| id as i32).collect(), targets: batch.targets, time: batch.window }
}

/// What stays the same for both starts of a text.
struct Bench {
    config: ModelConfig,
    tokenizer: Rc<Tokenizer>,
    dataset: Arc<Dataset>,
    validation: Vec<Windows>,
    prompt: Vec<u32>,
    steps: u32,
}

impl Bench {
    fn train(&self, values: Vec<NamedTensor>, peak: f64, write: bool) -> Outcome<Curve> {
        let model = Gpt::from_values(self.config.clone(), values, &Device::flex().autodiff())?;
        let mut trainer = Trainer::new(model, TrainerSetting { optimizer: AdamWSetting::default(), dropout: 0.0, seed: SEED });
        let mut batches = Batches::new(self.dataset.clone(), BATCH, SEED);
        let schedule = Schedule { peak, warmup: WARMUP, steps: self.steps, decay: Decay::Cosine };
        let mut points = Vec::new();
        for step in 0..=self.steps {
            if step.is_multiple_of(self.steps / EVALUATIONS) {
                let model = trainer.inference_model();
                let loss = block_on(evaluate(&model, &self.validation))?.ok_or("nothing to evaluate")?;
                let sample = if write { self.write(&model)? } else { String::new() };
                points.push(Point { step, loss, sample });
            }
            if step < self.steps {
                trainer.step(&[windows(batches.next_batch())], learning_rate(&schedule, step));
            }
        }
        Ok(Curve { peak, points })
    }

    fn write(&self, model: &Gpt) -> Outcome<String> {
        let sampling = SamplingConfig { max_tokens: SAMPLE_TOKENS, seed: SEED, ..SamplingConfig::default() };
        let text = TextOf(self.tokenizer.clone(), StreamDecoder::default());
        let mut writer = Writer::new(&self.prompt, WINDOW, self.tokenizer.end_of_text_id(), sampling, text)?;
        let mut cache = KeyValueCache::new(model);
        while let Some(input) = writer.next_input() {
            let mut logits = None;
            for &id in input.tokens {
                logits = model.step(id, &mut cache);
            }
            let logits = block_on(read_floats(logits.ok_or("the cache is full")?))?;
            writer.accept(&logits)?;
        }
        Ok(writer.text().to_owned())
    }

    /// The best of these peaks, with samples.
    fn best(&self, first: &dyn Fn() -> Vec<NamedTensor>, peaks: &[f64]) -> Outcome<Curve> {
        let mut best: Option<Curve> = None;
        for &peak in peaks {
            let curve = self.train(first(), peak, true)?;
            println!("    peak {peak:.0e}: best {:.3} at step {}, last {:.3}", curve.best().loss, curve.best().step, last(&curve));
            if best.as_ref().is_none_or(|best| curve.best().loss < best.best().loss) {
                best = Some(curve);
            }
        }
        best.ok_or_else(|| "no learning rate to try".into())
    }
}

fn last(curve: &Curve) -> f64 {
    curve.points.last().map_or(f64::NAN, |point| point.loss)
}

/// The base for a language: the one of that name, or the one that the page would choose on a processor.
fn base(folder: &Path, language: Language, named: Option<&str>) -> Outcome<Option<ModelEntry>> {
    let catalogue: Catalogue = serde_json::from_slice(&fs::read(folder.join("index.json"))?)?;
    match named {
        Some(name) => Ok(catalogue.models.into_iter().find(|entry| entry.id.folder() == name)),
        None => Ok(catalogue.suited(language, None).cloned()),
    }
}

fn measure(root: &Path, subject: &Subject, text: &str, entry: &ModelEntry) -> Outcome<Value> {
    let began = Instant::now();
    let folder = root.join("models").join(entry.id.folder());
    let (config, weights) = load_model(&fs::read_to_string(folder.join("config.json"))?, &fs::read(folder.join("model.safetensors"))?)?;
    let tokenizer = Rc::new(Tokenizer::from_json(&fs::read(folder.join("tokenizer.json"))?)?);
    let dataset = Arc::new(Dataset::new(tokenizer.encode(text)?, VALIDATION_SHARE, WINDOW)?);
    let validation = dataset.evaluation_batches(Part::Validation, MOST_WINDOWS, BATCH);
    let (tokens, bytes) = {
        let ids: Vec<u32> = validation.iter().flat_map(Batch::target_ids).collect();
        (ids.len() as u64, tokenizer.byte_count(&ids))
    };
    let bench = Bench {
        prompt: tokenizer.encode(subject.prompt.trim_end_matches(' '))?,
        validation: validation.into_iter().map(windows).collect(),
        steps: subject.steps,
        config: config.clone(),
        tokenizer,
        dataset: dataset.clone(),
    };
    println!(
        "{}: {} ({} parameters), {} tokens to learn from, {tokens} to check on, {} steps of {BATCH} × {WINDOW}",
        subject.title,
        entry.id.folder(),
        config.parameters(),
        dataset.part(Part::Training).len(),
        subject.steps
    );
    println!("  with pretraining");
    let with = bench.best(&|| weights.clone(), &FROM_BASE)?;
    println!("  without");
    let without = bench.best(&|| initial_values(&config, SEED), &FROM_SCRATCH)?;
    println!("  step    with  without");
    for (a, b) in with.points.iter().zip(&without.points) {
        println!("  {:>4}  {:>6.3}  {:>6.3}", a.step, a.loss, b.loss);
    }
    let goal = without.best();
    let reached = with.points.iter().find(|point| point.loss <= goal.loss).map(|point| point.step);
    let bits = |loss: f64| bits_per_byte(loss, tokens, bytes).unwrap_or(f64::NAN);
    match reached {
        Some(step) => println!("  the best without, {:.3} at step {}, is reached with pretraining at step {step}", goal.loss, goal.step),
        None => println!("  NOT REACHED: the best without is {:.3} at step {}", goal.loss, goal.step),
    }
    println!("  bits per byte: {:.3} with, {:.3} without; {:.0} s", bits(with.best().loss), bits(goal.loss), began.elapsed().as_secs_f64());
    let curve = |curve: &Curve| {
        let rounded = |loss: f64| (loss * 1e4).round() / 1e4;
        let points: Vec<Value> =
            curve.points.iter().map(|point| json!({ "step": point.step, "loss": rounded(point.loss), "text": point.sample })).collect();
        json!({ "learning_rate": curve.peak, "bits_per_byte": rounded(bits(curve.best().loss)), "points": points })
    };
    Ok(json!({
        "title": subject.title,
        "model": entry.name,
        "parameters": config.parameters(),
        "prompt": subject.prompt,
        "steps": subject.steps,
        "with": curve(&with),
        "without": curve(&without),
        "goal_step": goal.step,
        "reached_step": reached,
    }))
}

fn main() -> Outcome<()> {
    let (only, named) = (std::env::args().nth(1), std::env::args().nth(2));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("static");
    let shared = std::env::var_os("ATTUNE_SHARED").map(PathBuf::from);
    let mut recorded = Vec::new();
    for subject in SUBJECTS.iter().filter(|subject| only.as_ref().is_none_or(|only| only == subject.name)) {
        let Some(entry) = base(&root.join("models"), subject.language, named.as_deref())? else {
            println!("SKIPPED {}: no such base model", subject.title);
            continue;
        };
        let path = if subject.ours {
            Some(root.join("samples").join(subject.file))
        } else {
            shared.as_ref().map(|shared| shared.join("data").join(subject.file))
        };
        let Some(text) = path.and_then(|path| fs::read_to_string(path).ok()) else {
            println!("SKIPPED {}: set ATTUNE_SHARED to a folder with data/{}", subject.title, subject.file);
            continue;
        };
        let pair = measure(&root, subject, &text, &entry)?;
        if subject.ours {
            recorded.push(pair);
        }
    }
    if only.is_none() {
        let path = root.join("recorded/pretraining.json");
        fs::write(&path, json!({ "version": 1, "pairs": recorded }).to_string() + "\n")?;
        println!("wrote {} pairs, {} bytes", recorded.len(), fs::metadata(&path)?.len());
    }
    Ok(())
}
