//! How several files belong together: rows of one table, parts of a split, classes, documents in folders, or columns side by side.
//!
//! In: decoded files with their shapes. Out: an order of work, with what each file's rows have besides their cells, and the files
//! that are passed over.

use super::paths::{class_folders, class_in, extension, part_of, stem};
use super::rows::Extra;
use super::shape::Shape;
use super::values::{is_whole, part_word};
use crate::protocol::{FileRefusal, TableForm};
use std::collections::{HashMap, HashSet};

/// A decoded file.
pub(super) struct Source {
    pub(super) path: String,
    /// Position among the files that were given; once they are arranged, among those that are read.
    pub(super) file: u32,
    pub(super) text: String,
    pub(super) shape: Shape,
}

/// A file and what its rows have besides.
pub(super) struct Work {
    pub(super) source: Source,
    pub(super) extras: Vec<Extra>,
}

/// What is to be read, and how.
pub(super) struct Arrangement {
    pub(super) form: TableForm,
    pub(super) works: Vec<Work>,
    pub(super) passed_over: Vec<(String, FileRefusal)>,
}

/// The forms that can be read into one table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Family {
    Structured,
    Conll,
    Prose,
}

fn family(shape: &Shape) -> Family {
    match shape {
        Shape::Delimited(_) | Shape::Json | Shape::JsonLines => Family::Structured,
        Shape::Conll(_) => Family::Conll,
        Shape::Prose => Family::Prose,
    }
}

/// Orders the files. `wish` is the visitor's form, where there is one.
pub(super) fn arrange(sources: Vec<Source>, wish: Option<TableForm>) -> Arrangement {
    let (family, sources, passed_over) = one_family(sources);
    let form = match family {
        Family::Prose => prose_form(&sources, wish),
        Family::Conll => TableForm::Conll,
        Family::Structured => match sources.first().map(|source| &source.shape) {
            Some(Shape::Json) => TableForm::Json,
            Some(Shape::JsonLines) => TableForm::JsonLines,
            _ => TableForm::Delimited,
        },
    };
    let paths: Vec<String> = sources.iter().map(|source| source.path.clone()).collect();
    let extras = match form {
        TableForm::Documents => extras(&paths, "label", Some(folder_classes(&paths))),
        TableForm::Lines => extras(&paths, "label", classes(&paths)),
        TableForm::ParallelLines => vec![Vec::new(); paths.len()],
        _ => extras(&paths, "file", classes(&paths)),
    };
    let works = sources.into_iter().zip(extras).map(|(source, extras)| Work { source, extras }).collect();
    Arrangement { form, works, passed_over }
}

/// Keeps the files of the family with the most text; the others are passed over.
fn one_family(mut sources: Vec<Source>) -> (Family, Vec<Source>, Vec<(String, FileRefusal)>) {
    let mut sizes: HashMap<Family, usize> = HashMap::new();
    let mut prose_extensions: HashSet<String> = HashSet::new();
    for source in &sources {
        *sizes.entry(family(&source.shape)).or_default() += source.text.len() + 1;
        if matches!(source.shape, Shape::Prose) {
            prose_extensions.insert(extension(&source.path));
        }
    }
    let largest = sizes.into_iter().max_by_key(|&(family, size)| (size, family)).map_or(Family::Prose, |(family, _)| family);
    if largest == Family::Prose {
        // One text among many may look like a table by chance; its name says that it is like the others.
        for source in &mut sources {
            if prose_extensions.contains(&extension(&source.path)) {
                source.shape = Shape::Prose;
            }
        }
    }
    let (kept, others): (Vec<Source>, Vec<Source>) = sources.into_iter().partition(|source| family(&source.shape) == largest);
    (largest, kept, others.into_iter().map(|source| (source.path, FileRefusal::OtherForm)).collect())
}

/// How plain texts are rows.
fn prose_form(sources: &[Source], wish: Option<TableForm>) -> TableForm {
    if let Some(form @ (TableForm::Lines | TableForm::Documents | TableForm::ParallelLines)) = wish {
        return form;
    }
    let counted: Vec<(&str, usize)> = sources.iter().map(|source| (source.path.as_str(), lines(&source.text))).collect();
    if are_parallel(&counted) {
        return TableForm::ParallelLines;
    }
    // Several files in one folder of several (below the class they may lie deeper): each is a text. A file per folder: its lines are.
    let places = class_folders(sources.iter().map(|source| source.path.as_str()));
    let mut together: HashMap<_, usize> = HashMap::new();
    places.iter().for_each(|place| *together.entry(&place.group).or_default() += 1);
    let documents = together.len() > 1 && together.values().any(|&files| files > 1) && places.iter().all(|place| place.class.is_some());
    if documents { TableForm::Documents } else { TableForm::Lines }
}

/// Lines of a text, blank ones at its end not counted.
pub(super) fn lines(text: &str) -> usize {
    text.trim_end_matches('\n').split('\n').count()
}

/// Files (paths and lines) of equally many lines whose names speak of the columns of one table: `texts` and `labels`, `train.en` and `train.zh`. Texts and their labels are
/// no two classes where a line is missing either.
pub(super) fn are_parallel(files: &[(&str, usize)]) -> bool {
    let count = match files {
        [] | [_] => return false,
        [first, ..] => first.1,
    };
    let equal = files.iter().all(|file| file.1 == count);
    let names: Vec<String> = files.iter().map(|(path, _)| class_in(stem(path)).to_lowercase()).collect();
    let called = |words: &[&str]| names.iter().any(|name| words.iter().any(|word| name == word || name.strip_suffix('s') == Some(*word)));
    let inputs = ["text", "sentence", "source", "src", "input", "question", "document", "review"];
    let labels = ["label", "target", "tgt", "class", "classe", "tag"];
    if !equal {
        return files.len() == 2 && called(&inputs) && called(&labels);
    }
    let ends: HashSet<String> = files.iter().map(|(path, _)| extension(path)).collect();
    let stems: HashSet<&str> = files.iter().map(|(path, _)| stem(path)).collect();
    let languages = stems.len() == 1 && ends.len() == files.len() && ends.iter().all(|end| end.len() == 2 || end == "src" || end == "tgt");
    let roles = (called(&inputs) || called(&["x"])) && (called(&labels) || called(&["output", "answer", "summary", "y"]));
    count >= 2 && (roles || languages)
}

/// Names of the columns of parallel files: their stems, or their extensions where the stems are the same.
pub(super) fn parallel_names(paths: &[String]) -> Vec<String> {
    let stems: Vec<String> = paths.iter().map(|path| stem(path).to_owned()).collect();
    if different(&stems) == stems.len() { stems } else { paths.iter().map(|path| extension(path)).collect() }
}

fn different(names: &[String]) -> usize {
    names.iter().collect::<HashSet<_>>().len()
}

fn folder_classes(paths: &[String]) -> Vec<String> {
    class_folders(paths.iter().map(String::as_str)).into_iter().map(|place| place.class.unwrap_or_default()).collect()
}

/// What tells the files apart apart from their part: stems, else folders, else extensions; `None` when nothing does. Folders go before stems that are mere
/// numbers.
fn classes(paths: &[String]) -> Option<Vec<String>> {
    let stems: Vec<String> = paths.iter().map(|path| class_in(stem(path))).collect();
    let mut ways = [stems, folder_classes(paths), paths.iter().map(|path| extension(path)).collect()];
    if ways[0].iter().all(|stem| is_whole(stem)) {
        ways.swap(0, 1);
    }
    ways.into_iter().find(|names| different(names) > 1 && names.iter().all(|name| !name.is_empty()))
}

/// The columns that names of files add: their part where they name more than one, their class where they have several.
fn extras(paths: &[String], class_column: &'static str, classes: Option<Vec<String>>) -> Vec<Vec<Extra>> {
    let parts: Vec<_> = paths.iter().map(|path| part_of(path)).collect();
    let with_parts = parts.iter().flatten().collect::<HashSet<_>>().len() > 1;
    let classes = classes.filter(|names| names.iter().any(|name| !name.is_empty()) && different(names) > 1);
    let of = |at: usize| {
        let class = classes.as_ref().map(|names| (class_column, names[at].clone()));
        let part = with_parts.then(|| ("split", parts[at].map_or("", part_word).to_owned()));
        class.into_iter().chain(part).collect()
    };
    (0..paths.len()).map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arranged(files: &[(&str, &str)]) -> (TableForm, Vec<Vec<Extra>>, usize) {
        let source = |(file, (path, text)): (u32, &(&str, &str))| {
            let shape = super::super::shape::shape(text, &extension(path), &crate::protocol::TableOptions::default());
            Source { path: (*path).to_owned(), file, text: (*text).to_owned(), shape }
        };
        let arrangement = arrange((0..).zip(files).map(source).collect(), None);
        (arrangement.form, arrangement.works.into_iter().map(|work| work.extras).collect(), arrangement.passed_over.len())
    }

    fn label(value: &str) -> Extra {
        ("label", value.to_owned())
    }

    fn split(value: &str) -> Extra {
        ("split", value.to_owned())
    }

    #[test]
    fn classes_by_file_folder_and_extension() {
        let by_file = arranged(&[("pos.txt", "good\nfine\n"), ("neg.txt", "bad\npoor\n")]);
        assert_eq!(by_file, (TableForm::Lines, vec![vec![label("pos")], vec![label("neg")]], 0));
        let by_end = arranged(&[("rt-polarity.pos", "good\n"), ("rt-polarity.neg", "bad\n")]);
        assert_eq!(by_end.1, [[label("pos")], [label("neg")]]);
        let by_folder = arranged(&[("pos/all.txt", "good\n"), ("neg/all.txt", "bad\n")]);
        assert_eq!((by_folder.0, by_folder.1), (TableForm::Lines, vec![vec![label("pos")], vec![label("neg")]]));
    }

    #[test]
    fn documents_in_folders_with_parts() {
        let files =
            [("d/train/pos/1.txt", "good"), ("d/train/pos/2.txt", "fine"), ("d/train/neg/1.txt", "bad"), ("d/test/neg/1.txt", "poor")];
        let (form, extras, _) = arranged(&files);
        assert_eq!(form, TableForm::Documents);
        assert_eq!(extras[1], [label("pos"), split("train")]);
        assert_eq!(extras[3], [label("neg"), split("test")]);
    }

    #[test]
    fn folders_below_the_class_are_not_the_class() {
        let files = [("moods/good/a/1.txt", "fine"), ("moods/good/b/2.txt", "well"), ("moods/bad/c/3.txt", "poor")];
        assert_eq!(arranged(&files), (TableForm::Documents, vec![vec![label("good")], vec![label("good")], vec![label("bad")]], 0));
        let (form, extras, _) = arranged(&[files[0], files[2]]);
        assert_eq!((form, extras), (TableForm::Lines, vec![vec![label("good")], vec![label("bad")]]), "numbers are no classes");
        let (_, extras, _) = arranged(&[("stars/1.txt", "poor\nbad\n"), ("stars/5.txt", "fine\n")]);
        assert_eq!(extras, [[label("1")], [label("5")]], "where nothing else is");
        let files = ["train/pos", "train/neg", "test/pos", "test/neg"].map(|folder| format!("{folder}/all.txt"));
        let (form, extras, _) = arranged(&files.each_ref().map(|path| (path.as_str(), "a\nb\n")));
        assert_eq!((form, extras[2].as_slice()), (TableForm::Lines, &[label("pos"), split("test")][..]), "a file per class and part");
    }

    #[test]
    fn parts_by_file_and_no_class() {
        let (form, extras, _) = arranged(&[("train.csv", "text,label\na,b\n"), ("dev.csv", "text,label\nc,d\n")]);
        assert_eq!((form, extras), (TableForm::Delimited, vec![vec![split("train")], vec![split("validation")]]));
        let (_, extras, _) = arranged(&[("train.csv", "text,label\na,b\n")]);
        assert_eq!(extras, [[]], "one file is no split");
    }

    #[test]
    fn columns_side_by_side() {
        let (form, ..) = arranged(&[("texts.txt", "a\nb\n"), ("labels.txt", "x\ny\n")]);
        assert_eq!(form, TableForm::ParallelLines);
        let (form, ..) = arranged(&[("train_texts.txt", "a\nb\nc\n"), ("train_labels.txt", "x\ny\n")]);
        assert_eq!(form, TableForm::ParallelLines, "a line is missing, but labels are no class");
        let (form, ..) = arranged(&[("questions.txt", "a\nb\nc\n"), ("answers.txt", "x\ny\n")]);
        assert_eq!(form, TableForm::Lines, "two classes");
        let (form, ..) = arranged(&[("train.en", "hello\nbye\n"), ("train.zh", "你好\n再见\n")]);
        assert_eq!(form, TableForm::ParallelLines);
        let (form, ..) = arranged(&[("rt.pos", "good\nfine\n"), ("rt.neg", "bad\npoor\n")]);
        assert_eq!(form, TableForm::Lines, "as many lines by chance");
        let names = |paths: &[&str]| parallel_names(&paths.iter().map(|&path| path.to_owned()).collect::<Vec<_>>());
        assert_eq!(
            (names(&["a/x.txt", "y.txt"]), names(&["t.en", "t.zh"])),
            (vec!["x".to_owned(), "y".to_owned()], vec!["en".to_owned(), "zh".to_owned()])
        );
    }

    #[test]
    fn another_form_is_passed_over() {
        let (form, extras, passed) = arranged(&[("a.csv", "text,label\na,b\nc,d\n"), ("notes.txt", "Hello.\n")]);
        assert_eq!((form, extras.len(), passed), (TableForm::Delimited, 1, 1));
    }
}
