//! Whether the first row of a table is the names of its columns.

use super::values::number;

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
        named && cell.chars().count() <= MOST_CHARACTERS && !cell.contains('\n') && number(cell).is_none() && seen.insert(cell.to_owned())
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
    // Numbers, or much longer texts, below a word.
    first.iter().enumerate().any(|(at, cell)| {
        let below: Vec<&str> = rest.iter().filter_map(|row| row.get(at)).map(|cell| cell.trim()).filter(|cell| !cell.is_empty()).collect();
        let numbers = below.iter().filter(|cell| number(cell).is_some()).count();
        let characters: usize = below.iter().map(|cell| cell.chars().count()).sum();
        let words = cell.split_whitespace().count();
        let shortest = below.iter().map(|cell| cell.chars().count()).min().unwrap_or(0);
        !below.is_empty()
            && (numbers * 10 >= below.len() * 9
                || (words <= 2 && characters > 4 * cell.chars().count().max(5) * below.len() && shortest > cell.chars().count()))
    })
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
    fn rows_without_names() {
        assert!(!judged(&[&["a fine film", "good"], &["dull", "bad"], &["great", "good"]]));
        assert!(!judged(&[&["good"], &["bad"], &["good"]]));
        assert!(!judged(&[&["1", "a"], &["2", "b"]]));
        assert!(!judged(&[&["text", "positive"], &["image", "positive"]]), "the label comes again");
        assert!(!judged(&[&["a", "a"], &["x", "y"]]), "the same name twice");
        assert!(!judged(&[]));
    }
}
