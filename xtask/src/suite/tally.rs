//! Counting tests over all runners.
//!
//! In: the lines that a runner prints, or the outcome of a check of our own. Out: one line per section and the last line of
//! `cargo xtask test`.

use std::time::{Duration, Instant};

/// What one section of the suite came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    pub passed: u32,
    pub failed: u32,
    /// Ignored by the runner, or left out because something optional is missing.
    pub skipped: u32,
}

/// All sections so far.
pub struct Tally {
    rows: Vec<(String, Count, Duration)>,
    began: Instant,
}

impl Count {
    /// Adds what a line of a test runner says, if it is a result line. The formats of `cargo test` and of wasm-bindgen's runner are
    /// the same: `test result: ok. 12 passed; 0 failed; 1 ignored; ...`.
    pub fn read_line(&mut self, line: &str) {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else { return };
        let counts = result.split_once(". ").map_or(result, |(_, counts)| counts);
        for part in counts.split(';') {
            let mut words = part.split_whitespace();
            let (Some(number), Some(word)) = (words.next().and_then(|word| word.parse::<u32>().ok()), words.next()) else { continue };
            match word {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.skipped += number,
                _ => {}
            }
        }
    }

    /// A runner that ended badly without counting a failure (it did not compile, it crashed) is one failure.
    pub fn ended(&mut self, well: bool) {
        if !well && self.failed == 0 {
            self.failed = 1;
        }
    }

    /// Adds one check of our own.
    pub fn check(&mut self, passed: bool) {
        if passed { self.passed += 1 } else { self.failed += 1 }
    }

    fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Tally {
    /// An empty one.
    pub fn new() -> Self {
        Self { rows: Vec::new(), began: Instant::now() }
    }

    /// Runs a section under a headline and keeps its count.
    pub fn section(&mut self, name: &str, run: impl FnOnce(&mut Count)) {
        println!("\n── {name} ──");
        let began = Instant::now();
        let mut count = Count::default();
        run(&mut count);
        self.rows.push((name.to_owned(), count, began.elapsed()));
    }

    /// Prints every section and, as the last line, the sum. Returns whether nothing failed and something passed.
    pub fn finish(&self) -> bool {
        let mut sum = Count::default();
        println!();
        for (name, count, took) in &self.rows {
            sum.add(count);
            let skipped = if count.skipped > 0 { format!(", {} skipped", count.skipped) } else { String::new() };
            println!("{name:<44} {:>4} passed, {} failed{skipped}   {} s", count.passed, count.failed, took.as_secs());
        }
        println!("{} s in all", self.began.elapsed().as_secs());
        println!("{} passed, {} failed", sum.passed, sum.failed);
        sum.failed == 0 && sum.passed > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_lines_of_both_runners_count() {
        let mut count = Count::default();
        count.read_line("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s");
        count.read_line("    test result: FAILED. 2 passed; 1 failed; 0 ignored; 0 filtered out; finished in 3.20s");
        count.read_line("test model::tests::learns ... ok");
        assert_eq!(count, Count { passed: 14, failed: 1, skipped: 1 });
    }

    #[test]
    fn a_runner_that_dies_is_a_failure() {
        let mut count = Count::default();
        count.ended(false);
        assert_eq!(count.failed, 1);
        count.ended(false);
        assert_eq!(count.failed, 1);
    }

    #[test]
    fn an_empty_run_is_no_success() {
        assert!(!Tally::new().finish());
    }
}
