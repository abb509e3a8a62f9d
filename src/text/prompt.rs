//! Rows as prompts and answers in tokens, cut where they are too long.
//!
//! In: a template's parts, the row's texts. Out: ids of the prompt and of the answer with the mark that ends it, and how many tokens were left out. The
//! parts of a prompt are read one by one, so that it is known which tokens are whose; a space at the end of a part is read with what follows it, since
//! tokens of byte-level tokenizers begin with their space. A prompt that is too long loses tokens at the **left of its longest field**: the words of the
//! template stay, and so does the field's end, which a decoder remembers best. Absent: the model, the loss.

use super::error::TextError;
use super::tokenizer::Tokenizer;
use crate::protocol::labels::TemplatePart;

/// A part in tokens, or the place of a field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Words(Vec<u32>),
    /// `second` is the row's second text. `space` is read before it.
    Field {
        second: bool,
        space: bool,
    },
}

/// Reads rows as a template has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PromptReader {
    pieces: Vec<Piece>,
    /// A space is read before the answer.
    space: bool,
    end: u32,
}

/// Tokens, and how many were left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CutTokens {
    pub ids: Vec<u32>,
    pub left_out: usize,
}

/// One space at the end of words that do not end in more.
fn without_space(words: &str) -> (&str, bool) {
    match words.strip_suffix(' ') {
        Some(rest) if !rest.ends_with(char::is_whitespace) => (rest, true),
        _ => (words, false),
    }
}

impl PromptReader {
    /// Reads rows by these parts with the tokenizer of a model.
    ///
    /// # Errors
    /// `NoEnd` when the tokenizer has no token that could end an answer; should the tokenizer fail.
    pub fn new(tokenizer: &Tokenizer, parts: &[TemplatePart]) -> Result<Self, TextError> {
        let end = tokenizer.end_of_text_id().ok_or(TextError::NoEnd)?;
        let (mut pieces, mut space) = (Vec::with_capacity(parts.len()), false);
        for part in parts {
            match part {
                TemplatePart::Words(words) => {
                    let (words, ends_in_space) = without_space(words);
                    pieces.push(Piece::Words(tokenizer.encode(words)?));
                    space = ends_in_space;
                }
                field => {
                    pieces.push(Piece::Field { second: *field == TemplatePart::Context, space });
                    space = false;
                }
            }
        }
        Ok(Self { pieces, space, end })
    }

    /// The token that ends an answer.
    pub fn end(&self) -> u32 {
        self.end
    }

    /// A row's prompt in at most `most` tokens.
    ///
    /// # Errors
    /// Should the tokenizer fail.
    pub fn prompt(&self, tokenizer: &Tokenizer, text: &str, second: &str, most: usize) -> Result<CutTokens, TextError> {
        let mut read = Vec::with_capacity(self.pieces.len());
        for piece in &self.pieces {
            read.push(match piece {
                Piece::Words(ids) => ids.clone(),
                Piece::Field { second: true, space } => encode(tokenizer, second, *space)?,
                Piece::Field { second: false, space } => encode(tokenizer, text, *space)?,
            });
        }
        let length = |read: &[Vec<u32>]| read.iter().map(Vec::len).sum::<usize>();
        let before = length(&read);
        let over = before.saturating_sub(most);
        let fields = self.pieces.iter().zip(&mut read).filter(|(piece, _)| matches!(piece, Piece::Field { .. }));
        if let Some((_, longest)) = fields.max_by_key(|(_, ids)| ids.len()).filter(|_| over > 0) {
            longest.drain(..over.min(longest.len()));
        }
        let mut ids = read.concat();
        // Should even that not be enough, the beginning goes.
        ids.drain(..ids.len().saturating_sub(most));
        Ok(CutTokens { left_out: before - ids.len(), ids })
    }

    /// An answer with its end, in at most `most` tokens. Of one that is too long the end is left out, and with it the mark: it does not end there.
    ///
    /// # Errors
    /// Should the tokenizer fail.
    pub fn answer(&self, tokenizer: &Tokenizer, answer: &str, most: usize) -> Result<CutTokens, TextError> {
        let mut ids = encode(tokenizer, answer, self.space)?;
        ids.push(self.end);
        let left_out = ids.len().saturating_sub(most);
        ids.truncate(most);
        Ok(CutTokens { ids, left_out })
    }
}

fn encode(tokenizer: &Tokenizer, text: &str, space: bool) -> Result<Vec<u32>, TextError> {
    let text = text.trim();
    if space && !text.is_empty() { tokenizer.encode(&format!(" {text}")) } else { tokenizer.encode(text) }
}

/// A prompt and its answer as a model in training reads them: the inputs, and at each place the token that follows where it belongs to the answer, −1
/// elsewhere.
pub fn answer_targets(prompt: &[u32], answer: &[u32]) -> (Vec<u32>, Vec<i32>) {
    let all = [prompt, answer].concat();
    let Some((_, inputs)) = all.split_last() else { return (Vec::new(), Vec::new()) };
    let target = |place: usize| if place + 1 < prompt.len() { -1 } else { all[place + 1] as i32 };
    (inputs.to_vec(), (0..inputs.len()).map(target).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::labels::{default_template, read_template};

    fn reader(template: &str, context: bool) -> (Tokenizer, PromptReader) {
        let tokenizer = Tokenizer::characters("abcdefgh QA:\n=>").unwrap();
        let reader = PromptReader::new(&tokenizer, &read_template(template, context).unwrap()).unwrap();
        (tokenizer, reader)
    }

    #[test]
    fn a_row_is_read_as_the_template_has_it() {
        let (tokenizer, reader) = reader(default_template(true), true);
        let prompt = reader.prompt(&tokenizer, " ab ", "cd", 99).unwrap();
        assert_eq!((tokenizer.decode(&prompt.ids).as_str(), prompt.left_out), ("cd\nQ: ab\nA:", 0));
        let answer = reader.answer(&tokenizer, "e f", 99).unwrap();
        assert_eq!(tokenizer.decode(&answer.ids), " e f<|endoftext|>");
        let (inputs, targets) = answer_targets(&prompt.ids, &answer.ids);
        assert_eq!(inputs.len(), prompt.ids.len() + answer.ids.len() - 1);
        let counted: Vec<u32> = targets.iter().filter(|&&target| target >= 0).map(|&target| target as u32).collect();
        assert_eq!(counted, answer.ids);
        // The prompt's last token is what the answer's first follows.
        assert_eq!((inputs[prompt.ids.len() - 1], targets[prompt.ids.len() - 2]), (prompt.ids[prompt.ids.len() - 1], -1));
    }

    #[test]
    fn what_is_too_long_loses_the_start_of_its_longest_field() {
        let (tokenizer, reader) = reader(default_template(true), true);
        let cut = |most| {
            let cut = reader.prompt(&tokenizer, "ab", "cdefgh", most).unwrap();
            (tokenizer.decode(&cut.ids), cut.left_out)
        };
        assert_eq!(cut(15), ("cdefgh\nQ: ab\nA:".to_owned(), 0));
        assert_eq!(cut(12), ("fgh\nQ: ab\nA:".to_owned(), 3));
        // Nothing is left of the context, and then the beginning goes.
        assert_eq!(cut(7), (": ab\nA:".to_owned(), 8));
        let answer = reader.answer(&tokenizer, "abc", 3).unwrap();
        assert_eq!((tokenizer.decode(&answer.ids), answer.left_out), (" ab".to_owned(), 2));
    }

    #[test]
    fn nothing_to_read_is_nothing() {
        assert_eq!(answer_targets(&[], &[]), (Vec::new(), Vec::new()));
        assert_eq!(answer_targets(&[1], &[2]), (vec![1], vec![2]));
        assert_eq!(answer_targets(&[], &[2, 3]), (vec![2], vec![3]));
    }
}
