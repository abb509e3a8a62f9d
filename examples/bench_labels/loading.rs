//! How long a large table takes from file to tokens: rows made by a generator, read, examined, split and tokenised as the page does it.
//!
//! Where the system tells it (Linux), seconds are those of the processor spent on this thread: other programs do not count.

use std::fmt::Write as _;
use std::path::Path;

use attune::protocol::labels::{LabelAnswer, LabelChoice, LabelCommand, LabelConfig};
use attune::protocol::{Event, FileHead, RunPhase, SplitOptions, TableOptions};

use crate::Outcome;
use crate::bench::{labels, send, session, spent, until};

/// Texts whose words follow each other as in English samples of this project.
struct Generator {
    words: Vec<String>,
    /// For each word, the places in the samples where it stands.
    places: std::collections::HashMap<String, Vec<usize>>,
    state: u64,
}

impl Generator {
    fn new() -> Outcome<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("static/samples");
        let mut words = Vec::new();
        for name in ["comments.txt", "minutes.txt", "recipes.txt", "tales.txt", "verse.txt"] {
            words.extend(std::fs::read_to_string(folder.join(name))?.split_whitespace().map(str::to_owned));
        }
        let mut places = std::collections::HashMap::<String, Vec<usize>>::new();
        for (place, word) in words.iter().enumerate() {
            places.entry(word.clone()).or_default().push(place);
        }
        Ok(Self { words, places, state: 1 })
    }

    /// A number below `most` (Knuth's MMIX generator, the upper bits).
    fn below(&mut self, most: usize) -> usize {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) as usize % most.max(1)
    }

    /// Each word one that follows its predecessor somewhere in the samples.
    fn text(&mut self, words: usize) -> String {
        let mut at = self.below(self.words.len());
        let mut text = String::new();
        for _ in 0..words {
            text.push_str(&self.words[at]);
            text.push(' ');
            let places = self.places.get(&self.words[at]).map_or(1, Vec::len);
            let pick = self.below(places);
            at = (self.places[&self.words[at]][pick] + 1) % self.words.len();
        }
        // Somebody's number makes rows differ, as in tables of real life.
        let _ = write!(text, "{}", self.below(100_000));
        text
    }
}

fn table(rows: usize, words: usize) -> Outcome<Vec<u8>> {
    const CLASSES: [&str; 5] = ["praise", "complaint", "question", "order", "other"];
    let mut generator = Generator::new()?;
    let mut text = String::from("text,label\n");
    for _ in 0..rows {
        let row = generator.text(words).replace('"', "\"\"");
        let class = CLASSES[generator.below(CLASSES.len())];
        writeln!(text, "\"{row}\",{class}")?;
    }
    Ok(text.into_bytes())
}

/// Reads, examines, splits and tokenises so many rows of about so many words, and prints the seconds of each.
///
/// # Errors
/// An engine that fails.
pub fn run(rows: usize, words: usize) -> Outcome<()> {
    let bytes = table(rows, words)?;
    println!("{rows} rows of {words} words and a number, {} MB", bytes.len() >> 20);
    let mut session = session()?;
    let files = vec![FileHead { name: "rows.csv".to_owned(), encoding: None }];
    let began = spent();
    send(&mut session, &labels(1, LabelCommand::OpenTable { files, options: TableOptions::default() }), vec![bytes])?;
    let (reading, proposal) = until(&mut session, |event| match event {
        Event::Labels { request: 1, answer: LabelAnswer::TableReady { reading, proposal } } => Some((reading.clone(), proposal.clone())),
        _ => None,
    })?;
    let opened = spent() - began;
    println!("{:?}, findings {:?}", reading.counts, reading.findings);
    let columns = proposal.proposals.first().ok_or("no task for these columns")?.columns.clone();
    let choice = LabelChoice { columns, merge_labels: false, split: SplitOptions::default() };
    let began = spent();
    send(&mut session, &labels(2, LabelCommand::Examine { choice: choice.clone() }), Vec::new())?;
    let facts = until(&mut session, |event| match event {
        Event::Labels { request: 2, answer: LabelAnswer::Examined { facts } } => Some(facts.clone()),
        _ => None,
    })?;
    let examined = spent() - began;
    println!("{} examples: {} / {} / {}", facts.examples, facts.split.training, facts.split.validation, facts.split.test);
    send(&mut session, &labels(3, LabelCommand::Prepare { config: LabelConfig::new(choice) }), Vec::new())?;
    let plan = until(&mut session, |event| match event {
        Event::Labels { request: 3, answer: LabelAnswer::Prepared { plan } } => Some(plan.clone()),
        _ => None,
    })?;
    let bench = session.host();
    let at = |phase: RunPhase| bench.began(|other| *other == phase).ok_or("a phase was not told");
    let tokenised = at(RunPhase::Measuring)? - at(RunPhase::Tokenizing)?;
    println!(
        "processor time: read and columns found {opened:.2} s, examined and split {examined:.2} s, tokenised {tokenised:.2} s ({:.1} tokens a row): {:.2} s",
        plan.mean_tokens,
        opened + examined + tokenised
    );
    Ok(())
}
