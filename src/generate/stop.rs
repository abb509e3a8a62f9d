//! Stops before a given text, also when it is spread over several tokens: what may be its start is held back.

/// Watches streamed text for the stop text.
#[derive(Debug, Clone, Default)]
pub struct StopText {
    stop: String,
    held: String,
    stopped: bool,
}

impl StopText {
    /// An empty `stop` never stops.
    pub fn new(stop: &str) -> Self {
        Self { stop: stop.to_owned(), held: String::new(), stopped: false }
    }

    /// Adds text; returns what certainly comes before any stop text. Nothing comes after it has stopped.
    pub fn push(&mut self, text: &str) -> String {
        if self.stopped {
            return String::new();
        }
        self.held.push_str(text);
        if self.stop.is_empty() {
            return std::mem::take(&mut self.held);
        }
        if let Some(position) = self.held.find(&self.stop) {
            self.stopped = true;
            let mut released = std::mem::take(&mut self.held);
            released.truncate(position);
            return released;
        }
        let keep = overlap(&self.held, &self.stop);
        let rest = self.held.split_off(self.held.len() - keep);
        std::mem::replace(&mut self.held, rest)
    }

    /// The stop text has come.
    pub fn stopped(&self) -> bool {
        self.stopped
    }

    /// Nothing more comes: releases what was held back.
    pub fn finish(&mut self) -> String {
        std::mem::take(&mut self.held)
    }
}

/// Length in bytes of the longest end of `text` with which `stop` begins; shorter than `stop`.
fn overlap(text: &str, stop: &str) -> usize {
    stop.char_indices().map(|(index, _)| index).rev().find(|&length| text.ends_with(&stop[..length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(stop: &str, pieces: &[&str]) -> (Vec<String>, bool, String) {
        let mut watch = StopText::new(stop);
        let released = pieces.iter().map(|piece| watch.push(piece)).collect();
        let rest = watch.finish();
        (released, watch.stopped(), rest)
    }

    #[test]
    fn the_start_of_a_stop_is_held_back_and_released_when_it_is_none() {
        let (released, stopped, rest) = run("\n\n", &["one\n", "two\n", "\nthree", "four"]);
        assert_eq!(released, ["one", "\ntwo", "", ""]);
        assert!(stopped);
        assert_eq!(rest, "");
    }

    #[test]
    fn the_rest_comes_at_the_end() {
        let (released, stopped, rest) = run("STOP", &["a ST", "O"]);
        assert_eq!((released, stopped, rest.as_str()), (vec!["a ".to_owned(), String::new()], false, "STO"));
    }

    #[test]
    fn a_stop_that_overlaps_itself_is_found() {
        let (released, stopped, _) = run("aab", &["xa", "a", "a", "b"]);
        assert_eq!((released.concat(), stopped), ("xa".to_owned(), true));
    }

    #[test]
    fn no_stop_text_never_stops() {
        let (released, stopped, _) = run("", &["a", "", "b"]);
        assert_eq!((released.concat(), stopped), ("ab".to_owned(), false));
    }

    proptest! {
        #[test]
        fn what_comes_out_is_the_text_before_the_first_stop(pieces in prop::collection::vec("[ab好]{0,4}", 0..10), stop in "[ab好]{0,4}") {
            let whole = pieces.concat();
            let expected = if stop.is_empty() { None } else { whole.find(&stop) };
            let mut watch = StopText::new(&stop);
            let mut out: String = pieces.iter().map(|piece| watch.push(piece)).collect();
            out += &watch.finish();
            prop_assert_eq!(watch.stopped(), expected.is_some());
            prop_assert_eq!(out, whole[..expected.unwrap_or(whole.len())].to_owned());
        }
    }
}
