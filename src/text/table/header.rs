//! Whether the first row of a table is the names of its columns.

use super::values::is_number;

/// Words that head columns of text data. Lower case, letters only.
const NAMES: &[&str] = &[
    "text",
    "texts",
    "sentence",
    "sentences",
    "review",
    "reviews",
    "body",
    "content",
    "title",
    "headline",
    "message",
    "comment",
    "comments",
    "tweet",
    "document",
    "doc",
    "label",
    "labels",
    "class",
    "classes",
    "category",
    "categories",
    "tag",
    "tags",
    "target",
    "targets",
    "sentiment",
    "intent",
    "topic",
    "genre",
    "author",
    "lang",
    "language",
    "score",
    "rating",
    "stars",
    "similarity",
    "question",
    "answer",
    "context",
    "passage",
    "source",
    "summary",
    "translation",
    "premise",
    "hypothesis",
    "query",
    "id",
    "idx",
    "index",
    "split",
    "set",
    "date",
    "input",
    "output",
    "prompt",
    "response",
    "utterance",
    "token",
    "tokens",
    "word",
    "words",
    "文本",
    "标签",
    "内容",
    "类别",
    "标题",
    "评论",
    "句子",
    "问题",
    "答案",
    "分类",
    "情感",
];
/// Names of columns are short.
const MOST_CHARACTERS: usize = 40;

/// Letters of a name, lower case: `Text_2` is `text`.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphabetic()).flat_map(char::to_lowercase).collect()
}

/// Judges by the first row and those after it (a sample).
pub(super) fn has_header(rows: &[Vec<String>]) -> bool {
    let Some((first, rest)) = rows.split_first() else { return false };
    let known = first.iter().filter(|cell| cell.chars().count() <= MOST_CHARACTERS && NAMES.contains(&plain(cell).as_str())).count();
    let mut seen = std::collections::HashSet::new();
    // A first column without a name is the row number of a data frame.
    let possible = first.iter().enumerate().all(|(at, cell)| {
        let cell = cell.trim();
        let named = !cell.is_empty() || (at == 0 && first.len() > 1);
        named && cell.chars().count() <= MOST_CHARACTERS && !cell.contains('\n') && !is_number(cell) && seen.insert(cell.to_owned())
    });
    if !possible {
        return false;
    }
    // A value that comes again is no name.
    let comes_again = |at: usize, cell: &String| rest.iter().any(|row| row.get(at).is_some_and(|other| other.trim() == cell.trim()));
    if first.iter().enumerate().any(|(at, cell)| !cell.is_empty() && comes_again(at, cell)) {
        return false;
    }
    if known > 0 || rest.is_empty() {
        return known > 0;
    }
    let below = |at: usize| rest.iter().filter_map(move |row| row.get(at)).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let could_be_a_name = |at: usize, cell: &str| is_word(cell) && below(at).all(|other| plain(other) != plain(cell));
    first.iter().enumerate().any(|(at, cell)| names_what_is_below(cell, &below(at).collect::<Vec<_>>()))
        || (first.iter().enumerate().all(|(at, cell)| could_be_a_name(at, cell))
            && first.iter().enumerate().any(|(at, _)| stands_apart(&below(at).collect::<Vec<_>>())))
}

/// Numbers, or much longer texts, below a word.
fn names_what_is_below(cell: &str, below: &[&str]) -> bool {
    let numbers = below.iter().filter(|cell| is_number(cell)).count();
    let characters: usize = below.iter().map(|cell| cell.chars().count()).sum();
    let shortest = below.iter().map(|cell| cell.chars().count()).min().unwrap_or(0);
    !below.is_empty()
        && (numbers * 10 >= below.len() * 9
            || (cell.split_whitespace().count() <= 2
                && characters > 4 * cell.chars().count().max(5) * below.len()
                && shortest > cell.chars().count()))
}

/// One word, as a column may be called: `verdict`, `text_fr`.
fn is_word(cell: &str) -> bool {
    let cell = cell.trim();
    cell.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') && cell.chars().any(char::is_alphabetic)
}

/// Rows below the first from which on a column tells whether its first value is one of its kind.
const ENOUGH_ROWS: usize = 20;

/// Whether a word that does not come again is unlike the values below it: classes that all do, or texts of several words.
fn stands_apart(below: &[&str]) -> bool {
    if below.len() < ENOUGH_ROWS {
        return false;
    }
    let mut times = std::collections::HashMap::new();
    for cell in below {
        *times.entry(plain(cell)).or_insert(0_usize) += 1;
    }
    let classes = times.len() * 4 <= below.len() && times.values().all(|&times| times > 1);
    // Phrases often lie sorted by length, so that a first one of one word is followed by others.
    let spaced = below.iter().take(ENOUGH_ROWS).filter(|cell| cell.split_whitespace().nth(1).is_some()).count();
    classes || spaced * 10 >= ENOUGH_ROWS * 9
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(rows: &[&[&str]]) -> bool {
        let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|&cell| cell.to_owned()).collect()).collect();
        has_header(&rows)
    }

    #[test]
    fn names_above_values() {
        assert!(judged(&[&["text", "label"], &["a fine film", "good"], &["dull", "bad"]]));
        assert!(judged(&[&["text", "label"]]), "a header alone");
        assert!(judged(&[&["", "Review", "Stars"], &["0", "a fine film", "5"]]));
        assert!(judged(&[&["en", "zh"], &["You made a mistake.", "你犯了个错误。"], &["We elected him chairman.", "我們選了他當主席。"]]));
        assert!(judged(&[&["评论", "情感"], &["很好看", "好"], &["不好看", "坏"]]));
        assert!(judged(&[&["colour", "height"], &["red", "1.5"], &["blue", "2"]]));
    }

    #[test]
    fn unknown_names_stand_apart_from_enough_rows() {
        // Every text is another one; of classes there are two.
        let titled = |names: [&str; 2], rows: [[&str; 2]; 4], times: usize| {
            let rows = rows.into_iter().cycle().take(4 * times).enumerate().map(|(at, [text, other])| {
                let letter = char::from(b'a' + at as u8);
                let other = if ["good", "bad"].contains(&other) { other.to_owned() } else { format!("{other}{letter}") };
                vec![format!("{text}{letter}"), other]
            });
            has_header(&std::iter::once(names.map(str::to_owned).to_vec()).chain(rows).collect::<Vec<_>>())
        };
        let moods = [["fine", "good"], ["dull", "bad"], ["great film", "good"], ["a bore", "bad"]];
        assert!(titled(["opinion", "verdict"], moods, 5));
        assert!(!titled(["opinion", "verdict"], moods, 4), "too few rows to tell");
        assert!(!titled(["opinion", "Good"], moods, 5), "the same class in another case");
        assert!(!titled(["so so", "mixed"], moods, 5), "no name of a column has a space");
        let phrases =
            [["go home", "rentre chez toi"], ["come here", "viens ici"], ["sit down", "assieds toi"], ["not now", "pas maintenant"]];
        assert!(titled(["anglais", "français"], phrases, 5));
        assert!(!titled(["stop", "arrête toi"], phrases, 5));
        let by_length = [["hi", "salut"], ["wait", "attends"], ["so what", "et alors"], ["that is all", "c'est tout"]];
        assert!(!titled(["go", "va"], by_length, 5), "phrases of one word come first");
    }

    #[test]
    fn rows_without_names() {
        assert!(!judged(&[&["a fine film", "good"], &["dull", "bad"], &["great", "good"]]));
        assert!(!judged(&[&["good"], &["bad"], &["good"]]));
        assert!(!judged(&[&["1", "a"], &["2", "b"]]));
        assert!(!judged(&[&["text", "positive"], &["image", "positive"]]), "the label comes again");
        assert!(!judged(&[&["a", "a"], &["x", "y"]]), "the same name twice");
        assert!(!judged(&[]));
    }
}
