//! Tokens that are found in the text before anything else, such as `<|endoftext|>`.

/// Added tokens in the order of the file: text and id. None is empty.
#[derive(Debug, Clone, Default)]
pub(super) struct AddedTokens {
    tokens: Vec<(String, u32)>,
}

/// Finds added tokens in one text, front to back.
#[derive(Debug)]
pub(super) struct Finder<'a> {
    tokens: &'a [(String, u32)],
    /// Where each token stands next at or after the last asked position; `None` once there is no more.
    next: Vec<Option<usize>>,
}

/// An added token in a text: byte range and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) id: u32,
}

impl AddedTokens {
    pub(super) fn new(tokens: impl Iterator<Item = (String, u32)>) -> Self {
        Self { tokens: tokens.filter(|(text, _)| !text.is_empty()).collect() }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, u32)> {
        self.tokens.iter().map(|(text, id)| (text.as_str(), *id))
    }

    pub(super) fn finder(&self, text: &str) -> Finder<'_> {
        Finder { tokens: &self.tokens, next: self.tokens.iter().map(|(token, _)| text.find(token.as_str())).collect() }
    }
}

impl Finder<'_> {
    /// The leftmost added token that starts at or after `from`, the longest among those that start there.
    pub(super) fn find(&mut self, text: &str, from: usize) -> Option<Found> {
        let mut best: Option<Found> = None;
        for ((token, id), next) in self.tokens.iter().zip(&mut self.next) {
            if let Some(at) = *next
                && at < from
            {
                *next = text[from..].find(token.as_str()).map(|at| from + at);
            }
            let Some(start) = *next else { continue };
            let found = Found { start, end: start + token.len(), id: *id };
            if best.is_none_or(|best| (found.start, std::cmp::Reverse(found.end)) < (best.start, std::cmp::Reverse(best.end))) {
                best = Some(found);
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftmost_then_longest() {
        let added = AddedTokens::new([("<a".to_owned(), 1), ("<a>".to_owned(), 2), (String::new(), 3), ("b".to_owned(), 4)].into_iter());
        let text = "x<a>b<a b";
        let mut finder = added.finder(text);
        let mut from = 0;
        let mut found = Vec::new();
        while let Some(next) = finder.find(text, from) {
            found.push((next.start, next.id));
            from = next.end;
        }
        assert_eq!(found, [(1, 2), (4, 4), (5, 1), (8, 4)]);
    }
}
