//! The error of this package: a sentence for the developer at the terminal.
//!
//! In: whatever went wrong, with what was being done. Out: text. Absent on purpose: codes and causes; nobody matches on these.

use std::fmt;

/// What went wrong, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(String);

/// The result of every step here.
pub type Outcome<T> = Result<T, Problem>;

impl Problem {
    /// A problem from a sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Adds what was being done to an error of the standard library.
pub trait Doing<T> {
    /// `doing` completes "could not ...".
    ///
    /// # Errors
    /// The same error as a sentence.
    fn doing(self, doing: impl FnOnce() -> String) -> Outcome<T>;
}

impl<T, E: fmt::Display> Doing<T> for Result<T, E> {
    fn doing(self, doing: impl FnOnce() -> String) -> Outcome<T> {
        self.map_err(|error| Problem(format!("could not {}: {error}", doing())))
    }
}
