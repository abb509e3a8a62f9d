//! What is wrong with a table, with counts and examples, and the repair that is proposed for it.

use super::{Separator, SplitPart};
use serde::{Deserialize, Serialize};

/// A row by the place where it starts: the file's position in `TableReading::files`, and its line, from 1. Of JSON documents: the line of the element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct RowPlace {
    pub file: u32,
    pub line: u32,
}

/// A row with another number of cells than the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RaggedRow {
    pub place: RowPlace,
    pub cells: u32,
}

/// Spellings of a label that differ only by case or blanks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabelMerge {
    /// The spelling that most rows have.
    pub into: String,
    /// The other spellings with their rows.
    pub from: Vec<(String, u64)>,
}

/// Why a file was passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileRefusal {
    /// A picture, an archive, a program.
    NotText,
    /// Its encoding was not recognised.
    Unreadable,
    /// Nothing in it.
    Empty,
    /// A note beside the data: a readme, a licence.
    Note,
    /// Of another form than the rest.
    OtherForm,
}

/// One thing that a visitor should know of a table. Lists of places and examples are cut; counts are whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableFinding {
    // Reading
    /// There is no row, though perhaps a header.
    NoRows,
    FilesPassedOver {
        count: u64,
        files: Vec<(String, FileRefusal)>,
    },
    /// Rows with too few or too many cells. `repaired` is false when they were left out. Of the longer ones, `cut` fitted without
    /// their last cells, which were left out; in the others the surplus separators were taken for text.
    RaggedRows {
        expected: u32,
        shorter: u64,
        longer: u64,
        cut: u64,
        repaired: bool,
        rows: Vec<RaggedRow>,
    },
    /// A cell's quotation mark never closes, or closes in the middle: rows may have been swallowed.
    StrayQuotes {
        cells: u64,
        first: RowPlace,
    },
    /// Not valid JSON. `rest_lost` is true when nothing after the first such place could be read.
    UnreadableRows {
        rows: u64,
        places: Vec<RowPlace>,
        rest_lost: bool,
    },
    /// More rows than the limit: one of every so many was kept.
    TooManyRows {
        rows: u64,
        limit: u64,
    },
    /// More columns than the limit; the first ones were kept.
    TooManyColumns {
        columns: u64,
        limit: u32,
    },
    /// Characters that the encoding could not read.
    ReplacedCharacters {
        characters: u64,
        encoding: String,
    },
    // Columns
    /// Nearly all cells of a column are numbers, but `others` are not; or they are numbers in quotation marks.
    NumbersAsText {
        column: u32,
        numbers: u64,
        others: u64,
        examples: Vec<String>,
    },
    /// The column chosen as text holds numbers.
    TextIsNumbers {
        column: u32,
    },
    // Examples
    EmptyTexts {
        rows: u64,
        places: Vec<RowPlace>,
    },
    EmptyLabels {
        rows: u64,
        places: Vec<RowPlace>,
    },
    /// Cells of a number column that hold none.
    NotNumbers {
        rows: u64,
        examples: Vec<String>,
        places: Vec<RowPlace>,
    },
    /// Sentences whose lists of tokens and tags differ in length, or which lack tags.
    UnevenTags {
        rows: u64,
        places: Vec<RowPlace>,
    },
    /// Labels that the model does not know.
    UnknownLabels {
        rows: u64,
        labels: Vec<(String, u64)>,
    },
    /// Labels that differ only by case or blanks. `merged` when that was asked for.
    SimilarLabels {
        merges: Vec<LabelMerge>,
        rows: u64,
        merged: bool,
    },
    /// Nothing to tell apart.
    OneClass {
        label: String,
        rows: u64,
    },
    NoClass,
    /// Too many classes for the rows: the column may not be a label.
    ManyClasses {
        classes: u64,
        rows: u64,
    },
    /// Classes with a single row: they can be learned, but not checked.
    SingleRowClasses {
        labels: Vec<String>,
        count: u64,
    },
    /// The largest class has this share of the rows.
    Imbalance {
        label: String,
        share: f64,
    },
    /// All numbers are equal.
    OneNumber {
        value: f64,
        rows: u64,
    },
    // Duplicates and parts
    /// Rows that repeat an earlier one (but for case and blanks). They stay in one part.
    DuplicateTexts {
        rows: u64,
        texts: u64,
        examples: Vec<String>,
    },
    /// The same text with different labels.
    ConflictingLabels {
        texts: u64,
        rows: u64,
        examples: Vec<(String, Vec<String>)>,
    },
    /// Rows of `trained` whose text is also in `checked`: the measured quality would be too good. `removed` when they were left out of training.
    Leakage {
        trained: SplitPart,
        checked: SplitPart,
        rows: u64,
        examples: Vec<String>,
        removed: bool,
    },
    /// Values of the split column that name no part; their rows are trained on.
    UnknownParts {
        rows: u64,
        values: Vec<(String, u64)>,
    },
    /// The split column names parts, but none to learn from: they cannot be used, and all rows were split anew.
    NoTrainingPart {
        rows: u64,
    },
    /// The ready split has no such part. Validation is then taken from training, a test part is not made up.
    MissingPart {
        part: SplitPart,
        taken_from_training: u64,
    },
    /// Classes with rows to check, but none to learn from: the model will not know them. `ready` where the files brought the parts.
    UnlearnedClasses {
        labels: Vec<String>,
        count: u64,
        ready: bool,
    },
    /// All rows to learn from have the same class, though others are in the table.
    OneClassLearned {
        label: String,
        rows: u64,
        ready: bool,
    },
    /// The rows are too few for this part.
    EmptyPart {
        part: SplitPart,
    },
    // Last, so that what is stored of a table read earlier is still understood.
    /// Lists and objects of a JSON document, by their keys, that stand beside the rows and are none: names of labels, notes on the data.
    NotRows {
        count: u64,
        names: Vec<String>,
    },
    /// Characters of JSON of which only one half is there (one of two surrogates); each is read as U+FFFD.
    HalfCharacters {
        characters: u64,
        first: RowPlace,
    },
    /// Rows of several labels where no label stands: they are learned from as having none of the classes.
    WithoutLabels {
        rows: u64,
        places: Vec<RowPlace>,
    },
    /// Rows with something else than yes or no (`-1`, say) in a column of yes and no: they are left out. Values with their cells.
    UnknownFlags {
        rows: u64,
        values: Vec<(String, u64)>,
        places: Vec<RowPlace>,
    },
    /// Files that are columns side by side by their names, with their lines: not equally many, so that lines may not belong together.
    UnevenFiles {
        files: Vec<(String, u64)>,
    },
}

/// What the page offers to do about a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableRepair {
    /// For information only: it has been dealt with.
    None,
    AddRows,
    AddRowsTo {
        labels: Vec<String>,
    },
    /// Set `TableOptions::separator` (or `header`): the recognised one does not fit.
    ChangeSeparator {
        instead_of: Option<Separator>,
    },
    SetRaggedAside,
    ReadWithoutQuotes,
    CorrectFile,
    ChangeEncoding,
    /// Bring fewer rows, or go on with those that were kept.
    UseKeptRows,
    ChooseColumns,
    MergeLabels,
    /// Fill the cells, or go on without these rows.
    FillOrLeaveOut,
    /// Weigh classes in the loss.
    WeighClasses,
    CorrectLabels,
    /// Set `SplitOptions::drop_leaks`.
    DropLeaks,
    /// Set `SplitOptions::ignore_ready`: split anew.
    SplitAnew,
    /// Take rows out that are merely not labelled yet.
    TakeOutUnlabelled,
    /// Make files of one table equally long.
    EvenOutFiles,
}

impl TableFinding {
    /// The repair to propose.
    pub fn repair(&self) -> TableRepair {
        match self {
            Self::NoRows | Self::EmptyPart { .. } => TableRepair::AddRows,
            Self::FilesPassedOver { .. } | Self::NotRows { .. } | Self::DuplicateTexts { .. } => TableRepair::None,
            Self::RaggedRows { repaired, .. } if *repaired => TableRepair::SetRaggedAside,
            Self::RaggedRows { .. } => TableRepair::ChangeSeparator { instead_of: None },
            Self::StrayQuotes { .. } => TableRepair::ReadWithoutQuotes,
            Self::UnreadableRows { .. } | Self::HalfCharacters { .. } | Self::NoTrainingPart { .. } => TableRepair::CorrectFile,
            Self::TooManyRows { .. } | Self::TooManyColumns { .. } => TableRepair::UseKeptRows,
            Self::ReplacedCharacters { .. } => TableRepair::ChangeEncoding,
            // Numbers in quotation marks are read as numbers.
            Self::NumbersAsText { others: 0, .. } => TableRepair::None,
            Self::NumbersAsText { .. }
            | Self::TextIsNumbers { .. }
            | Self::NoClass
            | Self::ManyClasses { .. }
            | Self::OneNumber { .. }
            | Self::UnevenTags { .. } => TableRepair::ChooseColumns,
            Self::EmptyTexts { .. } | Self::EmptyLabels { .. } | Self::NotNumbers { .. } => TableRepair::FillOrLeaveOut,
            Self::UnknownLabels { .. } | Self::UnknownFlags { .. } | Self::ConflictingLabels { .. } => TableRepair::CorrectLabels,
            Self::WithoutLabels { .. } => TableRepair::TakeOutUnlabelled,
            Self::UnevenFiles { .. } => TableRepair::EvenOutFiles,
            Self::SimilarLabels { merged, .. } => {
                if *merged {
                    TableRepair::None
                } else {
                    TableRepair::MergeLabels
                }
            }
            Self::OneClass { .. } => TableRepair::AddRows,
            Self::SingleRowClasses { labels, .. } => TableRepair::AddRowsTo { labels: labels.clone() },
            Self::Imbalance { .. } => TableRepair::WeighClasses,
            Self::Leakage { removed, .. } => {
                if *removed {
                    TableRepair::None
                } else {
                    TableRepair::DropLeaks
                }
            }
            Self::UnlearnedClasses { ready: true, .. } | Self::OneClassLearned { ready: true, .. } => TableRepair::SplitAnew,
            Self::UnlearnedClasses { labels, .. } => TableRepair::AddRowsTo { labels: labels.clone() },
            Self::OneClassLearned { .. } => TableRepair::AddRows,
            Self::UnknownParts { .. } | Self::MissingPart { .. } => TableRepair::SplitAnew,
        }
    }

    /// Something of the table is not learned from or not tested, or the figures of the test would say too much: to be seen without asking.
    pub fn matters(&self) -> bool {
        match self {
            Self::RaggedRows { cut, repaired, .. } => !repaired || *cut > 0,
            Self::FilesPassedOver { files, .. } => files.iter().any(|(_, why)| *why != FileRefusal::Note),
            Self::Leakage { removed, .. } => !removed,
            Self::SimilarLabels { merged, .. } => !merged,
            Self::ReplacedCharacters { .. }
            | Self::UnknownParts { .. }
            | Self::StrayQuotes { .. }
            | Self::UnreadableRows { .. }
            | Self::TooManyRows { .. }
            | Self::TooManyColumns { .. }
            | Self::UnknownLabels { .. }
            | Self::UnknownFlags { .. }
            | Self::NoTrainingPart { .. }
            | Self::UnlearnedClasses { .. }
            | Self::EmptyPart { .. } => true,
            _ => self.blocks(),
        }
    }

    /// Training cannot start before this is mended.
    pub fn blocks(&self) -> bool {
        matches!(self, Self::NoRows | Self::OneClass { .. } | Self::OneClassLearned { .. } | Self::NoClass | Self::OneNumber { .. })
            || matches!(self, Self::UnevenFiles { .. })
            || matches!(self, Self::EmptyPart { part: SplitPart::Training })
    }
}
