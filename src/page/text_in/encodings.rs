//! Encodings that a visitor may choose from, and which files of a table a choice is meant for: those that were read as the file which is shown, so that files
//! whose own encoding was recognised stay as they are.

use crate::protocol::FileReport;

/// Encodings offered for correction, as WHATWG labels with the name that people know.
pub const ENCODINGS: &[(&str, &str)] = &[
    ("utf-8", "UTF-8"),
    ("utf-16le", "UTF-16 LE"),
    ("utf-16be", "UTF-16 BE"),
    ("gb18030", "GB18030"),
    ("big5", "Big5"),
    ("shift_jis", "Shift JIS"),
    ("euc-jp", "EUC-JP"),
    ("euc-kr", "EUC-KR"),
    ("windows-1252", "Latin-1"),
    ("windows-1250", "Central European"),
    ("windows-1251", "Cyrillic"),
    ("koi8-r", "KOI8-R"),
    ("windows-1253", "Greek"),
    ("windows-1255", "Hebrew"),
    ("windows-1256", "Arabic"),
];

/// The encoding that is shown for several files: a guessed one first, then one that is not UTF-8.
pub fn shown(read: &[FileReport]) -> Option<&str> {
    let other = || read.iter().find(|file| file.encoding != "utf-8");
    read.iter().find(|file| file.guessed).or_else(other).or(read.first()).map(|file| file.encoding.as_str())
}

/// Which files a correction of the encoding that is shown is for. `own` are the names of the files and whether they were corrected before: a second correction
/// is for the files of the first. Files that could not be read belong to them.
pub fn meant(own: &[(&str, bool)], read: &[FileReport]) -> Vec<bool> {
    let shown = shown(read);
    let fits = |name: &str| read.iter().find(|file| file.name == name).is_none_or(|file| Some(file.encoding.as_str()) == shown);
    let again = own.iter().any(|&(name, corrected)| corrected && fits(name));
    own.iter().map(|&(name, corrected)| fits(name) && (corrected || !again)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, encoding: &str, guessed: bool) -> FileReport {
        FileReport { name: name.into(), bytes: 1, characters: 1, encoding: encoding.into(), guessed, replaced: 0 }
    }

    #[test]
    fn a_correction_is_for_files_that_were_read_as_the_one_that_is_shown() {
        let read = [file("a.csv", "utf-8", false), file("b.csv", "windows-1252", true), file("c.csv", "windows-1252", true)];
        let own = [("a.csv", false), ("b.csv", false), ("c.csv", false), ("unread.csv", false)];
        assert_eq!((shown(&read), meant(&own, &read)), (Some("windows-1252"), vec![false, true, true, true]));
        // Corrected, they are guesses no more.
        let read = [file("a.csv", "utf-8", false), file("b.csv", "gb18030", false), file("c.csv", "gb18030", false)];
        let own = [("a.csv", false), ("b.csv", true), ("c.csv", true)];
        assert_eq!((shown(&read), meant(&own, &read)), (Some("gb18030"), vec![false, true, true]));
        let read = [file("a.csv", "utf-8", false), file("b.csv", "utf-8", false), file("c.csv", "utf-8", false)];
        assert_eq!((shown(&read), meant(&own, &read)), (Some("utf-8"), vec![false, true, true]), "the same files once more");
    }

    #[test]
    fn files_of_one_encoding_are_corrected_together() {
        let read = [file("a.csv", "utf-8", false), file("b.csv", "utf-8", false)];
        assert_eq!(meant(&[("a.csv", false), ("b.csv", false)], &read), [true, true]);
        assert_eq!((shown(&[]), meant(&[("a.csv", false)], &[])), (None, vec![true]));
    }
}
