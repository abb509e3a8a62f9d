//! What is said of the findings in a table: a sentence each, with counts and examples, and the words on the button that mends it.

use crate::page::format::{grouped, percent};
use crate::protocol::{FileRefusal, RowPlace, SplitPart, TableFinding, TableRepair};

/// Most places or examples in one sentence.
const MOST_NAMED: usize = 3;

/// The words of findings.
pub struct FindingWords {
    /// A finding, with the names of the table's columns and of its files.
    pub said: fn(&TableFinding, &[String], &[String]) -> String,
    /// What a press on the button does; `None` where the visitor acts elsewhere.
    pub repair: fn(&TableRepair) -> Option<&'static str>,
    /// What the visitor can do elsewhere.
    pub advice: fn(&TableRepair) -> Option<String>,
    /// Ways back from repairs.
    pub mend_ragged: &'static str,
    pub keep_labels_apart: &'static str,
    pub put_leaks_back: &'static str,
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{} rows", grouped(count)) }
}

/// One of two forms, as the number wants it.
fn by(count: u64, one: &'static str, several: &'static str) -> &'static str {
    if count == 1 { one } else { several }
}

fn are(count: u64) -> &'static str {
    by(count, "is", "are")
}

fn has(count: u64) -> &'static str {
    by(count, "has", "have")
}

/// Lines in brackets; of several files with the names of those that are meant.
fn lines(places: &[RowPlace], files: &[String]) -> String {
    let shown = &places[..places.len().min(MOST_NAMED)];
    if shown.is_empty() {
        return String::new();
    }
    let in_file = |places: &[RowPlace]| {
        let lines: Vec<String> = places.iter().map(|place| place.line.to_string()).collect();
        let file = files.get(places[0].file as usize).filter(|_| files.len() > 1).map_or_else(String::new, |name| format!("{name}, "));
        format!("{file}{} {}", by(lines.len() as u64, "line", "lines"), lines.join(", "))
    };
    let all: Vec<String> = shown.chunk_by(|one, other| one.file == other.file).map(in_file).collect();
    format!(" ({}{})", all.join("; "), if places.len() > MOST_NAMED { ", \u{2026}" } else { "" })
}

/// What became of ragged rows that were kept.
fn mended(shorter: u64, longer: u64, cut: u64) -> String {
    let filled = (shorter, "filled up with empty cells");
    let joined = (longer.saturating_sub(cut), "read with the surplus as text of one cell");
    let what = [filled, joined].into_iter().filter(|(count, _)| *count > 0);
    let mut all: Vec<String> = what.map(|(count, how)| format!("{} {} {how}.", rows(count), by(count, "was", "were"))).collect();
    if cut > 0 {
        all.push(format!("{} lost the surplus cells at the end.", rows(cut)));
    }
    all.join(" ")
}

fn quoted<'a>(examples: impl IntoIterator<Item = &'a String>) -> String {
    let shown: Vec<String> = examples.into_iter().take(MOST_NAMED).map(|example| format!("\u{201c}{example}\u{201d}")).collect();
    shown.join(", ")
}

fn column(columns: &[String], index: u32) -> String {
    columns.get(index as usize).map_or_else(|| format!("column {}", index + 1), |name| format!("\u{201c}{name}\u{201d}"))
}

fn part(part: SplitPart) -> &'static str {
    match part {
        SplitPart::Training => "learning",
        SplitPart::Validation => "validation",
        SplitPart::Test => "the final test",
        SplitPart::LeftOut => "nothing",
    }
}

fn refusal(refusal: FileRefusal) -> &'static str {
    match refusal {
        FileRefusal::NotText => "not a text",
        FileRefusal::Unreadable => "of unknown encoding",
        FileRefusal::Empty => "empty",
        FileRefusal::Note => "a note beside the data",
        FileRefusal::OtherForm => "of another form than the rest",
    }
}

fn reading_en(finding: &TableFinding, columns: &[String], files: &[String]) -> Option<String> {
    Some(match finding {
        TableFinding::NoRows => "There is no row in this table.".to_owned(),
        TableFinding::FilesPassedOver { count, files: passed } => {
            let named: Vec<String> = passed.iter().take(MOST_NAMED).map(|(name, why)| format!("{name} ({})", refusal(*why))).collect();
            format!(
                "{} passed over: {}.",
                if *count == 1 { "1 file was".to_owned() } else { format!("{count} files were") },
                named.join(", ")
            )
        }
        TableFinding::RaggedRows { expected, shorter, longer, cut, repaired, rows: places } => {
            let at = lines(&places.iter().map(|row| row.place).collect::<Vec<_>>(), files);
            let count = shorter + longer;
            let aside = by(count, "It was set aside.", "They were set aside.");
            let then = if *repaired { mended(*shorter, *longer, *cut) } else { aside.to_owned() };
            format!("{} {} other than {expected} cells{at}. {then}", rows(count), has(count))
        }
        TableFinding::StrayQuotes { cells, first } => {
            format!("{} with a quotation mark that does not close, the first here{}.", cells_of(*cells), lines(&[*first], files))
        }
        TableFinding::UnreadableRows { rows: count, places, rest_lost } => {
            let rest = if *rest_lost { " What follows could not be read." } else { "" };
            format!("{} {} not valid JSON{}.{rest}", rows(*count), are(*count), lines(places, files))
        }
        TableFinding::UnevenFiles { files: uneven } => {
            let lines = |(name, count): &(String, u64)| format!("{name} has {} {}", grouped(*count), by(*count, "line", "lines"));
            let all: Vec<String> = uneven.iter().take(MOST_NAMED).map(lines).collect();
            format!("{}: which lines belong together cannot be told.", all.join(", "))
        }
        TableFinding::HalfCharacters { characters, first } => {
            let stand = by(*characters, "character stands", "characters stand");
            format!(
                "{} {stand} only half in the file, the first here{}; \u{201c}\u{fffd}\u{201d} is read instead.",
                grouped(*characters),
                lines(&[*first], files)
            )
        }
        TableFinding::NotRows { count, names } => {
            let were = by(*count, "entry that is no row was", "entries that are no rows were");
            format!("{} {were} not read: {}.", grouped(*count), quoted(names))
        }
        TableFinding::TooManyRows { rows: count, limit } => {
            format!("The table has {}; more than {} do not fit. Rows spread evenly over the file were kept.", rows(*count), grouped(*limit))
        }
        TableFinding::TooManyColumns { columns: count, limit } => format!("The table has {count} columns; the first {limit} were kept."),
        TableFinding::ReplacedCharacters { characters, encoding } => {
            format!("{} {} could not be read as {encoding}.", grouped(*characters), by(*characters, "character", "characters"))
        }
        TableFinding::NumbersAsText { column: at, numbers, others, examples } => {
            let but = match *others {
                0 => {
                    by(*numbers, " that is written as text; it is read as a number", " that are written as text; they are read as numbers")
                        .to_owned()
                }
                others => format!(", but {} {} none: {}", cells(others), are(others), quoted(examples)),
            };
            format!("In {} there {} {} {}{but}.", column(columns, *at), are(*numbers), grouped(*numbers), by(*numbers, "number", "numbers"))
        }
        TableFinding::TextIsNumbers { column: at } => format!("The text column {} holds numbers.", column(columns, *at)),
        _ => return None,
    })
}

fn cells(count: u64) -> String {
    if count == 1 { "1 cell".to_owned() } else { format!("{} cells", grouped(count)) }
}

fn cells_of(count: u64) -> String {
    format!("There {} {}", are(count), cells(count))
}

fn examples_en(finding: &TableFinding, files: &[String]) -> Option<String> {
    Some(match finding {
        TableFinding::EmptyTexts { rows: count, places } => format!("{} {} no text{}.", rows(*count), has(*count), lines(places, files)),
        TableFinding::EmptyLabels { rows: count, places } => format!("{} {} no answer{}.", rows(*count), has(*count), lines(places, files)),
        TableFinding::NotNumbers { rows: count, examples, places } => {
            format!("{} {} no number{}: {}.", rows(*count), has(*count), lines(places, files), quoted(examples))
        }
        TableFinding::UnevenTags { rows: count, places } => {
            format!("{} {} another number of tags than words{}.", rows(*count), has(*count), lines(places, files))
        }
        TableFinding::UnknownLabels { rows: count, labels } => {
            format!(
                "{} {} a label that the model does not know: {}.",
                rows(*count),
                has(*count),
                quoted(labels.iter().map(|label| &label.0))
            )
        }
        TableFinding::WithoutLabels { rows: count, places } => {
            let learned = by(*count, "it is", "they are");
            format!(
                "{} {} no label{}; {learned} learned from as having none of the classes.",
                rows(*count),
                has(*count),
                lines(places, files)
            )
        }
        TableFinding::UnknownFlags { rows: count, values, places } => {
            let (says, out) = (by(*count, "says", "say"), by(*count, "it is", "they are"));
            let values = quoted(values.iter().map(|value| &value.0));
            format!("{} {says} neither yes nor no{}: {values}; {out} left out.", rows(*count), lines(places, files))
        }
        TableFinding::SimilarLabels { merges, rows: count, merged } => {
            let pairs: Vec<String> = merges
                .iter()
                .take(MOST_NAMED)
                .map(|merge| format!("{} and {}", quoted([&merge.into]), quoted(merge.from.iter().map(|from| &from.0))))
                .collect();
            let then = if *merged { "They count as one class." } else { "They count as different classes." };
            format!("Labels that differ only by capitals or blanks, in {}: {}. {then}", rows(*count), pairs.join("; "))
        }
        TableFinding::OneClass { label, rows: count } => {
            format!(
                "There is only one class, {}, with {}: without rows of another one there is nothing to tell apart.",
                quoted([label]),
                rows(*count)
            )
        }
        TableFinding::NoClass => "There is no label in the answer column.".to_owned(),
        TableFinding::ManyClasses { classes, rows: count } => {
            format!("{} classes for {}: perhaps this column is no label.", grouped(*classes), rows(*count))
        }
        TableFinding::SingleRowClasses { labels, count } => {
            let classes = if *count == 1 { "1 class has".to_owned() } else { format!("{} classes have", grouped(*count)) };
            format!("{classes} a single row ({}): it can be learned, but not checked.", quoted(labels))
        }
        TableFinding::Imbalance { label, share } => format!("{} of the rows are {}.", percent(*share), quoted([label])),
        TableFinding::OneNumber { value, rows: 1 } => format!("The only row has the number {value}: nothing to learn."),
        TableFinding::OneNumber { value, rows: count } => format!("All {} have the same number, {value}: nothing to learn.", rows(*count)),
        _ => return None,
    })
}

fn parts_en(finding: &TableFinding) -> String {
    match finding {
        TableFinding::DuplicateTexts { rows: count, texts, .. } => {
            let repeats = by(*count, "repeats", "repeat");
            let texts = format!("{} {}", grouped(*texts), by(*texts, "text", "texts"));
            format!("{} {repeats} an earlier one ({texts}). Repeats stay in one part.", rows(*count))
        }
        TableFinding::ConflictingLabels { texts, rows: count, examples } => {
            let first =
                examples.first().map(|(text, labels)| format!(": \u{201c}{text}\u{201d} is {}", quoted(labels))).unwrap_or_default();
            let same = if *texts == 1 { "One text has".to_owned() } else { format!("{} texts have", grouped(*texts)) };
            format!("{same} different labels in {}{first}.", rows(*count))
        }
        TableFinding::Leakage { trained, checked, rows: count, removed, .. } => {
            let out = by(*count, "It was left out.", "They were left out.");
            let then = if *removed { out } else { "The figures would be too good." };
            let stand = by(*count, "stands", "stand");
            format!("{} for {} also {stand} in the rows for {}. {then}", rows(*count), part(*trained), part(*checked))
        }
        TableFinding::UnknownParts { rows: count, values } => {
            let values = quoted(values.iter().map(|value| &value.0));
            let (name, learned) = (by(*count, "names", "name"), by(*count, "it is", "they are"));
            format!("{} {name} a part that is not known ({values}); {learned} learned from.", rows(*count))
        }
        TableFinding::NoTrainingPart { rows: count } => {
            format!("The table brings parts for {}, but none for learning; the parts were drawn anew.", rows(*count))
        }
        TableFinding::UnlearnedClasses { labels, count, .. } => {
            let classes = if *count == 1 { "1 class has".to_owned() } else { format!("{} classes have", grouped(*count)) };
            format!("{classes} no row for learning ({}): no answer will ever be one of these.", quoted(labels))
        }
        TableFinding::OneClassLearned { label, rows: count, .. } => {
            let all =
                if *count == 1 { "The only row for learning is".to_owned() } else { format!("All {} for learning are", rows(*count)) };
            format!("{all} {}: nothing to tell apart.", quoted([label]))
        }
        TableFinding::MissingPart { part: missing, taken_from_training } if *taken_from_training > 0 => {
            format!(
                "The table brings no rows for {}; {} {} taken from those for learning.",
                part(*missing),
                grouped(*taken_from_training),
                by(*taken_from_training, "was", "were")
            )
        }
        TableFinding::MissingPart { part: missing, .. } => format!("The table brings no rows for {}.", part(*missing)),
        TableFinding::EmptyPart { part: empty } => format!("There are too few rows for {}.", part(*empty)),
        // The others are said above.
        _ => String::new(),
    }
}

/// English.
pub const EN: FindingWords = FindingWords {
    said: |finding, columns, files| {
        reading_en(finding, columns, files).or_else(|| examples_en(finding, files)).unwrap_or_else(|| parts_en(finding))
    },
    repair: |repair| match repair {
        TableRepair::SetRaggedAside => Some("Set them aside"),
        TableRepair::ReadWithoutQuotes => Some("Take quotation marks for text"),
        TableRepair::MergeLabels => Some("Make them one class"),
        TableRepair::WeighClasses => Some("Let rare classes count more"),
        TableRepair::DropLeaks => Some("Leave them out"),
        TableRepair::SplitAnew => Some("Draw parts anew"),
        TableRepair::AddRows | TableRepair::AddRowsTo { .. } => Some("Type rows"),
        _ => None,
    },
    advice: |repair| {
        Some(match repair {
            TableRepair::ChangeSeparator { .. } => "Perhaps something else stands between the cells: see above.".to_owned(),
            TableRepair::CorrectFile => "Correct the file and bring it again.".to_owned(),
            TableRepair::ChangeEncoding => "Choose another encoding under \u{201c}Read it otherwise\u{201d}.".to_owned(),
            TableRepair::AddRows | TableRepair::AddRowsTo { .. } => "Add rows to the table and bring it again.".to_owned(),
            TableRepair::UseKeptRows => "Bring a smaller table to use all of it, or go on with these rows.".to_owned(),
            TableRepair::ChooseColumns => "Choose other columns above.".to_owned(),
            TableRepair::FillOrLeaveOut => "Fill them in and bring the file again, or go on without these rows.".to_owned(),
            TableRepair::TakeOutUnlabelled => {
                "Take them out of the file if they are merely not labelled yet, or go on as it is.".to_owned()
            }
            TableRepair::EvenOutFiles => {
                "Make the files equally long, line for line, and bring them again; or say under \u{201c}Read it otherwise\u{201d} \
                 how they are meant."
                    .to_owned()
            }
            TableRepair::CorrectLabels => "Correct the labels, or go on as it is.".to_owned(),
            _ => return None,
        })
    },
    mend_ragged: "Mend them instead",
    keep_labels_apart: "Keep them apart",
    put_leaks_back: "Put them back",
};

#[cfg(test)]
mod tests;
