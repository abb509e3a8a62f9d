//! The open text: one string made of the visitor's files, and what is said of it.

use super::check::data_check;
use super::decode::decode;
use super::error::TextError;
use super::table::TableHint;
use crate::protocol::{FileHead, TextReport};

/// Most bytes that are read at once, all files together.
pub const MAX_BYTES: u64 = 50 * 1024 * 1024;
/// Fewest characters, blank ends not counted, that can be learned from.
pub const MIN_CHARACTERS: u64 = 200;
const EXCERPT_CHARACTERS: usize = 400;
const BETWEEN_FILES: &str = "\n\n";

/// A text that is ready to be split into tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Corpus {
    pub text: String,
    pub report: TextReport,
}

impl Corpus {
    /// Decodes the files in their order and joins them with a blank line. Empty files among others are passed over.
    ///
    /// # Errors
    /// `TooLarge` beyond [`MAX_BYTES`], `Empty`, `TooShort` and `TooShortButRows` for too little text (all files together), and those of
    /// [`decode`] for the first file that cannot be read.
    pub fn open(files: Vec<(FileHead, Vec<u8>)>) -> Result<Self, TextError> {
        let bytes: u64 = files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
        if bytes > MAX_BYTES {
            return Err(TextError::TooLarge { bytes, limit: MAX_BYTES });
        }
        let names: Vec<&str> = files.iter().map(|(head, _)| head.name.as_str()).collect();
        let names = names.join(", ");
        let mut text = String::new();
        let mut reports = Vec::with_capacity(files.len());
        let mut hint = TableHint::default();
        for (head, bytes) in files {
            let decoded = decode(&head.name, bytes, head.encoding.as_deref())?;
            reports.push(decoded.report);
            hint.see(&head.name, &decoded.text);
            if text.is_empty() {
                // The usual case is one file, which is then not copied.
                text = decoded.text;
            } else if !decoded.text.trim().is_empty() {
                text.truncate(text.trim_end_matches('\n').len());
                text.push_str(BETWEEN_FILES);
                text.push_str(&decoded.text);
            }
        }
        let characters = text.trim().chars().count() as u64;
        match characters {
            0 => Err(TextError::Empty(names)),
            1..MIN_CHARACTERS if hint.form().is_some() => Err(TextError::TooShortButRows { characters, minimum: MIN_CHARACTERS }),
            1..MIN_CHARACTERS => Err(TextError::TooShort { characters, minimum: MIN_CHARACTERS }),
            _ => {
                let excerpt = text.trim_start().chars().take(EXCERPT_CHARACTERS).collect();
                let report = TextReport { files: reports, check: data_check(&text), excerpt, table: hint.form() };
                Ok(Self { text, report })
            }
        }
    }

    /// Names of the files, as a title for a saved run.
    pub fn title(&self) -> String {
        let names: Vec<&str> = self.report.files.iter().map(|file| file.name.as_str()).collect();
        names.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: impl Into<Vec<u8>>) -> (FileHead, Vec<u8>) {
        (FileHead { name: name.to_owned(), encoding: None }, bytes.into())
    }

    #[test]
    fn files_are_joined_by_a_blank_line() {
        let one = "one ".repeat(60) + "\n\n\n";
        let corpus = Corpus::open(vec![file("a.txt", one.clone()), file("empty.md", ""), file("b.txt", "two\r\n")]).unwrap();
        assert_eq!(corpus.text, format!("{}\n\ntwo\n", one.trim_end_matches('\n')));
        assert_eq!(corpus.title(), "a.txt, empty.md, b.txt");
        assert_eq!(corpus.report.check.characters, corpus.text.chars().count() as u64);
        assert_eq!(corpus.report.excerpt.chars().count(), corpus.text.chars().count().min(EXCERPT_CHARACTERS));
    }

    #[test]
    fn too_little_too_much_and_no_text_are_refused() {
        assert_eq!(Corpus::open(vec![]), Err(TextError::Empty(String::new())));
        assert_eq!(Corpus::open(vec![file("a.txt", " \n\t ")]), Err(TextError::Empty("a.txt".to_owned())));
        assert_eq!(Corpus::open(vec![file("a.txt", "x".repeat(199))]), Err(TextError::TooShort { characters: 199, minimum: 200 }));
        // Five lines a class are enough to learn from.
        let classes = vec![file("warm.txt", "a warm day\nbread\n"), file("cold.txt", "a cold day\nice\n")];
        assert!(matches!(Corpus::open(classes), Err(TextError::TooShortButRows { .. })));
        let pasted = "text\tmood\nwarm bread\tgood\ncold tea\tbad\nfresh fruit\tgood\n";
        assert!(matches!(Corpus::open(vec![file("pasted.txt", pasted)]), Err(TextError::TooShortButRows { .. })));
        let bytes = MAX_BYTES + 1;
        assert_eq!(Corpus::open(vec![file("a.txt", vec![b'a'; bytes as usize])]), Err(TextError::TooLarge { bytes, limit: MAX_BYTES }));
        let mixed = Corpus::open(vec![file("a.txt", "words ".repeat(80)), file("b.png", b"\x89PNG\r\n\x1a\nrest".to_vec())]);
        assert!(matches!(mixed, Err(TextError::Binary { name, .. }) if name == "b.png"));
    }
}
