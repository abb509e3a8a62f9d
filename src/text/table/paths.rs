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

/// Folders of a path, each without the words of a part and whether there were such; and the part.
type Named = (Vec<(String, bool)>, Option<SplitPart>);

/// What the folders of a document say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) class: Option<String>,
    /// The folders down to the one of the class, and the part that one of them names: documents that share them lie together.
    pub(super) group: (Vec<String>, Option<SplitPart>),
}

/// The classes of documents: the folders of the first level, from the top, at which the paths differ. What is below says more than the class (`good/a/1.txt`).
/// Folders that only name a part are no level, and a level that names parts besides (`train_v1`) counts only where no other differs. Where none does, or a
/// path ends before, it is the innermost folder.
pub(super) fn class_folders<'a>(paths: impl Iterator<Item = &'a str>) -> Vec<Place> {
    let named = |path: &'a str| -> Named {
        let names: Vec<String> = folders(path).map(class_in).collect();
        let with_part = folders(path).map(|folder| part_in(folder).is_some());
        let names: Vec<(String, bool)> = names.into_iter().zip(with_part).filter(|(name, _)| !name.is_empty()).collect();
        (names, folders(path).rev().find_map(part_in))
    };
    let all: Vec<Named> = paths.map(named).collect();
    let depth = all.iter().map(|(names, _)| names.len()).max().unwrap_or(0);
    let at = |level: usize| all.iter().map(move |(names, _)| names.get(level));
    let differ = |level: &usize| at(*level).any(|name| name.map(|(name, _)| name) != at(*level).next().flatten().map(|(name, _)| name));
    let is_part = |level: &usize| at(*level).all(|name| name.is_some_and(|(_, part)| *part));
    let level = (0..depth).filter(differ).find(|level| !is_part(level)).or_else(|| (0..depth).find(differ));
    let place = |(names, part): &Named| {
        let down_to = level.map_or(names.len(), |level| names.len().min(level + 1));
        let group: Vec<String> = names[..down_to].iter().map(|(name, _)| name.clone()).collect();
        Place { class: group.last().cloned(), group: (group, *part) }
    };
    all.iter().map(place).collect()
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
        let class = |path| class_folders(std::iter::once(path)).swap_remove(0).class;
        assert_eq!(class("data/train/pos/12.txt"), Some("pos".to_owned()));
        assert_eq!(class("pos/train/12.txt"), Some("pos".to_owned()));
        assert_eq!(class("train/12.txt"), None);
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

    #[test]
    fn the_first_level_that_differs_is_the_class() {
        let classes = |paths: &[&str]| -> Vec<String> {
            class_folders(paths.iter().copied()).into_iter().map(|place| place.class.unwrap_or_default()).collect()
        };
        assert_eq!(classes(&["moods/good/a/1.txt", "moods/bad/b/2.txt", "moods/bad/3.txt"]), ["good", "bad", "bad"]);
        assert_eq!(classes(&["d/train/pos/a/1.txt", "d/test/neg/a/1.txt", "d/train/neg/b/1.txt"]), ["pos", "neg", "neg"]);
        assert_eq!(classes(&["pos/train/1.txt", "neg/test/1.txt"]), ["pos", "neg"]);
        assert_eq!(classes(&["train_v1/pos/1.txt", "test_v2/neg/1.txt"]), ["pos", "neg"], "that level is the parts");
        assert_eq!(classes(&["train_pos/1.txt", "test_neg/1.txt"]), ["pos", "neg"]);
        assert_eq!(classes(&["d/good/1.txt", "d/2.txt"]), ["good", "d"], "a path that ends before");
        assert_eq!(classes(&["d/train/1.txt", "d/test/2.txt"]), ["d", "d"]);
    }
}
