//! What the names of files and folders say: the class, the part of the split, the kind of content.

use super::values::part;
use crate::protocol::SplitPart;

/// Last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// File name without its last extension.
pub(super) fn stem(path: &str) -> &str {
    let name = file_name(path);
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

/// Extension in lower case, empty without one.
pub fn extension(path: &str) -> String {
    let name = file_name(path);
    name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map_or_else(String::new, |(_, end)| end.to_lowercase())
}

/// Folders of a path, the outermost first.
pub(super) fn folders(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    let name = file_name(path);
    path[..path.len() - name.len()].split(['/', '\\']).filter(|folder| !folder.is_empty() && *folder != ".")
}

/// The part that a name speaks of: a whole word of it (`en_train`, `xquad.dev`, `train_1000`), never a piece (`contest`, `trainers`).
fn part_in(name: &str) -> Option<SplitPart> {
    let mut parts = name.split(|c: char| !c.is_alphanumeric()).filter_map(part);
    let first = parts.next()?;
    // "train_test_data" names no part.
    parts.all(|other| other == first).then_some(first)
}

/// The part of a file by its name, else by its innermost folder that names one.
pub(super) fn part_of(path: &str) -> Option<SplitPart> {
    part_in(stem(path)).or_else(|| folders(path).rev().find_map(part_in))
}

/// A name without the words that name a part: `train_pos` is `pos`; empty for `train.txt`.
pub(super) fn class_in(name: &str) -> String {
    if part_in(name).is_none() {
        return name.to_owned();
    }
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty() && part(word).is_none()).collect();
    words.join("_")
}

/// The class of a document: its innermost folder that is not just a part.
pub(super) fn class_folder(path: &str) -> Option<String> {
    folders(path).rev().map(class_in).find(|class| !class.is_empty())
}

/// A note beside the data rather than data: a readme, a licence, a hidden file.
pub(super) fn is_note(path: &str) -> bool {
    let name = file_name(path).to_lowercase();
    let stem = stem(&name);
    name.starts_with('.')
        || ["readme", "license", "licence", "copying", "changelog", "citation", "notice", "thumbs"]
            .iter()
            .any(|note| stem == *note || stem.strip_prefix(note).is_some_and(|rest| rest.starts_with(['.', '-', '_', ' '])))
        || path.split(['/', '\\']).any(|folder| folder == "__MACOSX")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_apart() {
        assert_eq!((file_name("a/b\\c.tar.gz"), stem("a/c.tar.gz"), extension("a/C.TSV")), ("c.tar.gz", "c.tar", "tsv".to_owned()));
        assert_eq!((stem(".hidden"), extension(".hidden")), (".hidden", String::new()));
        assert_eq!(folders("./a/b/c.txt").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn parts_and_classes() {
        assert_eq!(part_of("data/train/pos/12.txt"), Some(SplitPart::Training));
        assert_eq!(part_of("data/xquad.en.dev.json"), Some(SplitPart::Validation));
        assert_eq!(part_of("train_1000.csv"), Some(SplitPart::Training));
        assert_eq!(part_of("contest.csv"), None);
        assert_eq!(part_of("train_test.csv"), None);
        assert_eq!(class_folder("data/train/pos/12.txt"), Some("pos".to_owned()));
        assert_eq!(class_folder("pos/train/12.txt"), Some("pos".to_owned()));
        assert_eq!(class_folder("train/12.txt"), None);
        assert_eq!(
            (class_in("train_pos").as_str(), class_in("rt-polarity").as_str(), class_in("train").as_str()),
            ("pos", "rt-polarity", "")
        );
    }

    #[test]
    fn notes_are_told_from_data() {
        for path in ["README.md", "a/LICENSE", ".DS_Store", "readme_first.txt", "__MACOSX/a.csv"] {
            assert!(is_note(path), "{path}");
        }
        for path in ["reads.csv", "noticeboard.txt", "licenses_data/pos.txt"] {
            assert!(!is_note(path), "{path}");
        }
    }
}
