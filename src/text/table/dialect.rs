//! Which separator and quoting a text of cells has, by reading its start with each and looking which gives rows of one width. A first line that names the
//! separator, as Excel writes and reads it (`sep=;`), is believed, and is neither a header nor a row.

use super::quotes::{quote_byte, recognise, separator_byte};
use crate::protocol::{QuoteStyle, Separator};
use std::collections::HashMap;

/// How a text is cut into cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) separator: Separator,
    pub(super) quote: QuoteStyle,
}

/// The start of a text, read with one dialect.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sample {
    pub(super) dialect: Dialect,
    pub(super) rows: Vec<Vec<String>>,
    /// The width that most rows have.
    pub(super) width: usize,
    /// Share of the rows that have it.
    pub(super) share: f64,
    /// Bytes before the first row: those of the line that names the separator.
    pub(super) skipped: usize,
}

/// Bytes and rows that are looked at.
const SAMPLE_BYTES: usize = 256 * 1024;
const SAMPLE_ROWS: usize = 200;
/// Share of rows of one width that makes a file of unknown kind a table.
const MIN_SHARE: f64 = 0.9;
/// A file that calls itself a table may be this uneven before its extension counts for more than its rows.
const MIN_SHARE_NAMED: f64 = 0.6;

/// A reader of cells as [`Dialect`] says; rows may have any width.
pub(super) fn builder(dialect: Dialect) -> csv::ReaderBuilder {
    let mut builder = csv::ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(separator_byte(dialect.separator));
    match quote_byte(dialect.quote) {
        Some(mark) => builder.quote(mark),
        None => builder.quoting(false),
    };
    builder
}

/// The start of a text that whole lines fit in.
fn start(text: &str) -> &str {
    // Without a line end there is one huge line: all of it is looked at.
    whole_lines(text, SAMPLE_BYTES).unwrap_or(text)
}

/// As many whole lines as there is room for; `None` where the first is longer.
pub(super) fn whole_lines(text: &str, bytes: usize) -> Option<&str> {
    let Some(cut) = text.as_bytes().get(..bytes) else { return Some(text) };
    // A line end is one byte, so this is between characters.
    cut.iter().rposition(|&byte| byte == b'\n').map(|at| &text[..=at])
}

/// Reads the start of a text. With `quote` unknown it is recognised, from the whole text: a stray mark may come late.
pub(super) fn sample(text: &str, separator: Separator, quote: Option<QuoteStyle>) -> Sample {
    let dialect = Dialect { separator, quote: quote.unwrap_or_else(|| recognise(text, separator_byte(separator))) };
    let mut rows = Vec::new();
    for record in builder(dialect).from_reader(start(text).as_bytes()).records().take(SAMPLE_ROWS) {
        // The text is valid UTF-8 and rows may be ragged: there is nothing left that can fail.
        let Ok(record) = record else { break };
        rows.push(record.iter().map(str::to_owned).collect());
    }
    let (width, share) = common_width(&rows);
    Sample { dialect, rows, width, share, skipped: 0 }
}

fn common_width(rows: &[Vec<String>]) -> (usize, f64) {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for row in rows {
        *counts.entry(row.len()).or_default() += 1;
    }
    let best = counts.into_iter().max_by_key(|&(width, count)| (count, width));
    best.map_or((0, 0.0), |(width, count)| (width, count as f64 / rows.len() as f64))
}

/// The separator that an extension promises.
fn promised(extension: &str) -> Option<Separator> {
    match extension {
        "csv" => Some(Separator::Comma),
        "tsv" | "tab" => Some(Separator::Tab),
        "ssv" => Some(Separator::Semicolon),
        "psv" => Some(Separator::Pipe),
        _ => None,
    }
}

/// Prose has commas too, and a blank after each.
fn looks_like_prose(text: &str, separator: Separator) -> bool {
    let mark = separator_byte(separator) as char;
    if separator == Separator::Tab {
        return false;
    }
    let (mut all, mut before_blank) = (0, 0);
    for (at, _) in start(text).match_indices(mark) {
        all += 1;
        before_blank += usize::from(text[at + 1..].starts_with([' ', '\n']));
    }
    before_blank * 2 > all
}

/// The separator that the first line names, and the bytes of that line.
pub(super) fn declared(text: &str) -> Option<(Separator, usize)> {
    let line = text.split('\n').next().unwrap_or("");
    let bare = line.strip_prefix('"').unwrap_or(line);
    let (start, rest) = (bare.get(..4)?, bare.get(4..)?);
    let mark = rest.chars().next().filter(|_| start.eq_ignore_ascii_case("sep="))?;
    let separator = match mark {
        ',' => Separator::Comma,
        '\t' => Separator::Tab,
        ';' => Separator::Semicolon,
        '|' => Separator::Pipe,
        _ => return None,
    };
    // Programs that fill every line up to the width of the table leave more of them here.
    let alone = rest.chars().all(|c| c == mark || c == '"' || c == ' ');
    alone.then_some((separator, (line.len() + 1).min(text.len())))
}

/// The dialect of a text, or `None` where it is no table. `extension` is lower case.
pub(super) fn recognise_dialect(text: &str, extension: &str, separator: Option<Separator>, quote: Option<QuoteStyle>) -> Option<Sample> {
    if let Some((named, skipped)) = declared(text) {
        return Some(Sample { skipped, ..sample(&text[skipped..], separator.unwrap_or(named), quote) });
    }
    if let Some(separator) = separator {
        return Some(sample(text, separator, quote));
    }
    let named = promised(extension);
    let order = [Separator::Tab, Separator::Comma, Separator::Semicolon, Separator::Pipe];
    let mut best: Option<(f64, Sample)> = None;
    for separator in order {
        let found = sample(text, separator, quote);
        let least = if named.is_some() { MIN_SHARE_NAMED } else { MIN_SHARE };
        let enough = found.width > 1 && found.share >= least && (named.is_some() || found.rows.len() > 1);
        if !enough || (named.is_none() && looks_like_prose(text, separator)) {
            continue;
        }
        // The first row decides between equals: a header has the separator between columns, never that inside cells.
        let first = found.rows.first().is_some_and(|row| row.len() == found.width);
        let score = found.share + if first { 0.1 } else { 0.0 } + if named == Some(separator) { 0.02 } else { 0.0 };
        if best.as_ref().is_none_or(|(other, _)| score > *other) {
            best = Some((score, found));
        }
    }
    match (best, named) {
        (Some((_, found)), _) => Some(found),
        // One column, or rows that no separator makes even: what the name promises.
        (None, Some(separator)) => Some(sample(text, separator, quote)),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(text: &str, extension: &str) -> Option<(Separator, QuoteStyle, usize)> {
        recognise_dialect(text, extension, None, None).map(|found| (found.dialect.separator, found.dialect.quote, found.width))
    }

    #[test]
    fn separators_of_every_kind() {
        for (mark, separator) in [(",", Separator::Comma), ("\t", Separator::Tab), (";", Separator::Semicolon), ("|", Separator::Pipe)] {
            let text = ["text", "label", "\none", "a", "\ntwo", "b\n"].join(mark).replace(&format!("{mark}\n"), "\n");
            assert_eq!(recognised(&text, "txt"), Some((separator, QuoteStyle::Double, 2)), "{mark:?}");
            assert_eq!(recognised(&text, "csv"), Some((separator, QuoteStyle::Double, 2)), "{mark:?} in a csv");
        }
    }

    #[test]
    fn cells_with_other_separators_inside() {
        let labels = "text,labels\nwarm and dry,sun;heat\ncold,wind;rain\n";
        assert_eq!(recognised(labels, "csv"), Some((Separator::Comma, QuoteStyle::Double, 2)));
        let decimals = "text;score\nwell, well;1,5\ngood;2,0\nbad, sad, mad;0,5\n";
        assert_eq!(recognised(decimals, "csv"), Some((Separator::Semicolon, QuoteStyle::Double, 2)));
        let quoted = "\"a;b, c\";x\n\"d, e\";y\n\"f\";z\n";
        assert_eq!(recognised(quoted, "csv"), Some((Separator::Semicolon, QuoteStyle::Double, 2)));
    }

    #[test]
    fn a_first_line_that_names_the_separator_is_no_row() {
        for (line, separator, bytes) in [
            ("sep=;\n", Separator::Semicolon, 6),
            ("SEP=,\n", Separator::Comma, 6),
            ("\"sep=|\"\n", Separator::Pipe, 8),
            ("sep=\t\n", Separator::Tab, 6),
            ("sep=;;;\n", Separator::Semicolon, 8),
            ("sep=;", Separator::Semicolon, 5),
        ] {
            assert_eq!(declared(line), Some((separator, bytes)), "{line:?}");
        }
        for line in ["sep=", "sep=x\n", "sep=;label\n", "separator\n", "é=;", "text\nsep=;\n", ""] {
            assert_eq!(declared(line), None, "{line:?}");
        }
        let found = recognise_dialect("sep=;\na, b;c, d\n", "csv", None, None).unwrap();
        assert_eq!((found.rows.len(), found.width, found.skipped), (1, 2, 6));
        let corrected = recognise_dialect("sep=;\na,b\n", "csv", Some(Separator::Comma), None).unwrap();
        assert_eq!((corrected.rows, corrected.skipped), (vec![vec!["a".to_owned(), "b".to_owned()]], 6), "the visitor is believed more");
    }

    #[test]
    fn prose_is_no_table() {
        let prose = "It was late, and dark.\nHe went home, alone.\nNobody saw him, they say.\n";
        assert_eq!(recognised(prose, "txt"), None);
        assert_eq!(recognised("one line only", "txt"), None);
        assert_eq!(recognised("", "txt"), None);
        assert_eq!(recognised("text\nonly one column\n", "csv"), Some((Separator::Comma, QuoteStyle::Double, 1)));
        assert_eq!(
            recognise_dialect("a b", "txt", Some(Separator::Pipe), None).map(|found| found.width),
            Some(1),
            "the visitor is believed"
        );
    }
}
