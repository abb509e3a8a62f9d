//! The whole conversation between page and engine, natively and without a browser: commands in, events out.
#![cfg(all(feature = "engine", not(target_arch = "wasm32")))]

#[path = "protocol/faults.rs"]
mod faults;
#[path = "protocol/inside.rs"]
mod inside;
#[path = "protocol/keeping.rs"]
mod keeping;
#[path = "protocol/labels.rs"]
mod labels;
#[path = "protocol/labels_batch.rs"]
mod labels_batch;
#[path = "protocol/labels_edges.rs"]
mod labels_edges;
#[path = "protocol/labels_keeping.rs"]
mod labels_keeping;
#[path = "protocol/labels_long.rs"]
mod labels_long;
#[path = "protocol/labels_parts.rs"]
mod labels_parts;
#[path = "protocol/labels_relabel.rs"]
mod labels_relabel;
#[path = "protocol/labels_storage.rs"]
mod labels_storage;
#[path = "protocol/labels_tasks.rs"]
mod labels_tasks;
#[path = "protocol/labels_weigh.rs"]
mod labels_weigh;
#[path = "protocol/labels_words.rs"]
mod labels_words;
#[path = "protocol/models.rs"]
mod models;
#[path = "protocol/moments.rs"]
mod moments;
#[path = "protocol/page.rs"]
mod page;
#[path = "protocol/past.rs"]
mod past;
#[path = "protocol/training.rs"]
mod training;
#[path = "protocol/writing.rs"]
mod writing;
