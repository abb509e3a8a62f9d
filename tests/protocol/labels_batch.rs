//! Labelled texts: a file of texts to be answered is read as tables are, and leaves the open table and its run as they were.

use super::labels::{answered, ask, class, config, csv, open, prepare, run};
use super::page::Page;
use attune::protocol::labels::{BroughtTexts, LabelAnswer, LabelChoice, LabelCommand, LabelConfig, MOST_BROUGHT, TaskFigures};
use attune::protocol::{Event, Fault, FaultCode, FileHead, RunPhase, SplitOptions, TableFinding, TableOptions, TableTask};

fn asked(page: &mut Page, name: &str, bytes: &[u8]) -> u32 {
    let file = FileHead { name: name.to_owned(), encoding: None };
    ask(page, LabelCommand::ReadTexts { file }, vec![bytes.to_vec()])
}

fn brought(page: &mut Page, name: &str, bytes: impl AsRef<[u8]>) -> BroughtTexts {
    let request = asked(page, name, bytes.as_ref());
    let LabelAnswer::TextsRead { texts } = answered(page, request, false) else { panic!() };
    texts.open().unwrap()
}

/// A model that has not learned, over a table of this task.
fn ready(page: &mut Page, text: &str, task: TableTask) {
    let files = vec![FileHead { name: "table.csv".to_owned(), encoding: None }];
    let request = ask(page, LabelCommand::OpenTable { files, options: TableOptions::default() }, vec![text.as_bytes().to_vec()]);
    let LabelAnswer::TableReady { proposal, .. } = answered(page, request, false) else { panic!() };
    let found = proposal.proposals.iter().find(|proposal| proposal.columns.task == task);
    let columns = found.unwrap_or_else(|| panic!("{:?}", proposal.proposals)).columns.clone();
    prepare(page, &config(LabelChoice { columns, merge_labels: false, split: SplitOptions::default() }));
}

fn refused(page: &mut Page, name: &str, bytes: &[u8]) -> Fault {
    page.take();
    let wanted = asked(page, name, bytes);
    page.until("a fault", |event| match event {
        Event::Fault { request: Some(request), fault, .. } if *request == wanted => Some(fault.clone()),
        _ => None,
    })
}

#[test]
fn files_of_every_form_bring_their_texts() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    prepare(&mut page, &config(choice));

    // Quotes, a comma and a line break in a cell; columns in another order, written otherwise.
    let quoted = "id,Label,Text\n1,good,\"the day, she said, was \"\"fine\"\"\"\n2,bad,\"the soup\nwas sour\"\n3,,the road was dull\n";
    let read = brought(&mut page, "new.csv", quoted);
    assert_eq!(read.columns, ["Text", "", "Label"]);
    assert_eq!(read.texts, ["the day, she said, was \"fine\"", "the soup\nwas sour", "the road was dull"]);
    assert_eq!((read.labels.as_slice(), read.more), (["good", "bad", ""].map(str::to_owned).as_slice(), false));
    assert!(read.seconds.is_empty() && read.findings.is_empty(), "{:?}", read.findings);
    assert_eq!(read.others, [("id".to_owned(), ["1", "2", "3"].map(str::to_owned).to_vec())]);

    let semicolons = brought(&mut page, "new.csv", "label;text;year\r\nbad;well, it was cold;1999\r\ngood;warm, and kind;2001\r\n");
    assert_eq!(semicolons.texts, ["well, it was cold", "warm, and kind"]);
    assert_eq!(semicolons.labels, ["bad", "good"]);

    let lines = "{\"text\": \"the cat was \\\"kind\\\"\", \"label\": \"good\"}\nno json\n{\"text\": \"two\\nlines\"}\n";
    let lines = brought(&mut page, "new.jsonl", lines);
    assert_eq!((lines.texts.as_slice(), lines.labels.len()), (["the cat was \"kind\"", "two\nlines"].map(str::to_owned).as_slice(), 2));
    assert!(matches!(lines.findings[..], [TableFinding::UnreadableRows { rows: 1, .. }]), "{:?}", lines.findings);
    let document = brought(&mut page, "new.json", "[{\"text\": \"the letter was warm\"}, {\"text\": \"the song was rough\"}]");
    assert_eq!((document.texts.len(), document.columns[0].as_str(), document.labels.len()), (2, "text", 0));

    let (chinese, ..) = encoding_rs::GB18030.encode("text,label\n今天的天气非常好，我们都很高兴,good\n这碗汤又冷又酸，谁也不想再喝,bad\n");
    let read = brought(&mut page, "gb.csv", &chinese);
    assert_eq!(read.texts, ["今天的天气非常好，我们都很高兴", "这碗汤又冷又酸，谁也不想再喝"]);
    assert_eq!(read.labels, ["good", "bad"]);
    let (plain, ..) = encoding_rs::GB18030.encode("今天的天气非常好，我们都很高兴。\n\n这碗汤又冷又酸，谁也不想再喝。\n");
    let read = brought(&mut page, "gb.txt", &plain);
    assert_eq!(read.texts, ["今天的天气非常好，我们都很高兴。", "这碗汤又冷又酸，谁也不想再喝。"]);
    assert_eq!(page.fault_codes(), []);
}

#[test]
fn plain_texts_stay_a_text_a_line() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    prepare(&mut page, &config(choice));

    // A comma in each line, and no blank behind it: still no table.
    let prose = brought(&mut page, "mine.txt", "It was late,and dark.\n\nHe went home,alone.\n He saw her,they say. \n");
    assert_eq!(prose.texts, ["It was late,and dark.", "He went home,alone.", "He saw her,they say."]);
    assert_eq!((prose.columns, prose.labels.len(), prose.findings), (Default::default(), 0, Vec::new()));
    // Behind a tab the label, where it is known.
    for name in ["mine.txt", "mine.tsv"] {
        let labelled = brought(&mut page, name, "the day was fine\tgood\nthe soup was sour\t\nthe road\twas dull\tbad\n");
        assert_eq!(labelled.labels, ["good", "", "bad"], "{name}");
        assert_eq!(labelled.texts.len(), 3);
        assert!(labelled.texts[2].starts_with("the road") && labelled.texts[2].ends_with("was dull"), "{:?}", labelled.texts);
    }
    // A table all the same, where its header says so.
    let headed = brought(&mut page, "mine.txt", "label\ttext\ngood\tthe day was fine\nbad\tthe soup was sour\n");
    assert_eq!((headed.texts[1].as_str(), headed.labels[1].as_str(), headed.texts.len()), ("the soup was sour", "bad", 2));

    let long = "the day was fine\n".repeat(MOST_BROUGHT + 20_000);
    let long = brought(&mut page, "long.txt", long);
    assert_eq!((long.texts.len(), long.more), (MOST_BROUGHT, true));
    let broken = "no json\n".repeat(MOST_BROUGHT + 10_000) + &"{\"text\": \"the day was fine\"}\n".repeat(9);
    let broken = brought(&mut page, "broken.jsonl", broken);
    assert_eq!((broken.texts.len(), broken.more), (9, false), "the end of the file is read");
    assert_eq!(brought(&mut page, "one.txt", "the day was fine").texts.len(), 1);
}

#[test]
fn without_the_names_the_columns_that_look_right_are_taken() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    prepare(&mut page, &config(choice));
    let rows = |label: fn(usize) -> &'static str| {
        let row = |n: usize| format!("{n},\"the soup number {n} was sour, so we did not eat all of it\",{}\n", label(n));
        (0..30).map(row).collect::<String>()
    };
    let known = brought(&mut page, "other.csv", format!("id,review,sentiment\n{}", rows(|n| if n % 2 == 0 { "good" } else { "bad" })));
    assert_eq!((known.columns, known.texts.len()), (["review", "", "sentiment"].map(str::to_owned), 30));
    // A column that only looks like labels would make all answers look wrong.
    let unknown = brought(&mut page, "other.csv", format!("id,review,shop\n{}", rows(|n| if n % 2 == 0 { "north" } else { "south" })));
    assert_eq!((unknown.columns, unknown.labels.len()), (["review", "", ""].map(str::to_owned), 0));

    // Two texts: by name, by looks, in lines; and not there.
    let mut page = Page::open();
    let pair = |n: usize| {
        format!("the soup number {n} was cold,the dish number {n} was warm,{}\n", if n.is_multiple_of(2) { "same" } else { "other" })
    };
    ready(&mut page, &format!("premise,hypothesis,label\n{}", (0..40).map(pair).collect::<String>()), TableTask::ClassifyPair);
    let named = brought(&mut page, "pairs.csv", "label,hypothesis,premise\nsame,b one,a one\nother,b two,a two\n");
    assert_eq!((named.texts[1].as_str(), named.seconds[1].as_str(), named.labels[1].as_str()), ("a two", "b two", "other"));
    let looks = (0..30).map(|n| format!("the soup number {n} was cold\tthe dish number {n} was warm\n")).collect::<String>();
    let looks = brought(&mut page, "pairs.tsv", format!("sentence1\tsentence2\n{looks}"));
    assert_eq!((looks.texts[0].as_str(), looks.seconds[0].as_str()), ("the soup number 0 was cold", "the dish number 0 was warm"));
    let lines = brought(&mut page, "pairs.txt", "one\tuno\tsame\ntwo\nthree\ttres\n");
    assert_eq!(
        (lines.texts, lines.seconds),
        (["one", "two", "three"].map(str::to_owned).into(), ["uno", "", "tres"].map(str::to_owned).into())
    );
    assert_eq!(lines.labels, ["same", "", ""]);
    let single = brought(&mut page, "single.csv", "premise\nthe soup was cold\n");
    assert_eq!((single.texts.len(), single.seconds), (1, vec![String::new()]));
}

#[test]
fn several_classes_are_written_as_in_the_open_table() {
    let mut page = Page::open();
    let weather =
        |n: usize| format!("\"day {n} was long and the weather of it was so\",{}\n", ["sun|heat", "rain", "rain|wind", "wind|sun"][n % 4]);
    ready(&mut page, &format!("text,labels\n{}", (0..40).map(weather).collect::<String>()), TableTask::ClassifySeveral);
    let lists = "{\"text\": \"a\", \"labels\": [\"sun\", \"wind\"]}\n{\"text\": \"b\", \"labels\": []}\n";
    let lists = brought(&mut page, "new.jsonl", lists);
    assert_eq!(lists.labels, ["sun|wind", ""]);
    let cells = brought(&mut page, "new.csv", "text,labels\na,sun|wind\nb,rain\n");
    assert_eq!(cells.labels, ["sun|wind", "rain"]);
}

#[test]
fn the_open_table_and_its_run_are_untouched() {
    let mut page = Page::open();
    let choice = open(&mut page, &csv());
    let request = asked(&mut page, "early.csv", b"text\nthe day was fine\n");
    page.until("no model yet", |event| matches!(event, Event::Fault { request: Some(is), .. } if *is == request).then_some(()));
    page.take();
    let config = LabelConfig { epochs: 30, ..config(choice) };
    let plan = prepare(&mut page, &config);
    let rows = |page: &mut Page| {
        let request = ask(page, LabelCommand::ReadRows { rows: vec![0, 63] }, Vec::new());
        let LabelAnswer::Rows { rows } = answered(page, request, false) else { panic!() };
        rows.open().unwrap()
    };
    let before = rows(&mut page);

    // While it learns.
    page.send(attune::protocol::Command::Start { run: 1 });
    page.until_step(2);
    page.take();
    let read = brought(&mut page, "new.csv", "text,label\nthe day was fine,good\n\"the soup,\nwas sour\",bad\nthe cat was odd,odd\n");
    let ended = |(event, _): &(Event, Vec<Vec<u8>>)| matches!(event, Event::Phase { phase: RunPhase::Finished { .. }, .. });
    assert!(!page.events.iter().any(ended), "the run goes on");
    page.until_step(plan.steps);
    page.until_finished();
    page.rest();
    assert_eq!(rows(&mut page), before);

    // Files that are no texts are told as faults, and change nothing either.
    assert_eq!(refused(&mut page, "empty.csv", b"").code, FaultCode::EmptyText);
    assert_eq!(
        refused(&mut page, "picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x01\0\0\0\x01\0\x08\x06\0\0\0").code,
        FaultCode::BinaryFile
    );
    page.take();
    assert_eq!(rows(&mut page), before);

    let BroughtTexts { texts, seconds, labels, .. } = read;
    let request = ask(&mut page, LabelCommand::Predict { texts, seconds, labels }, Vec::new());
    let LabelAnswer::Predicted { run: 1, classes, predictions, figures, findings, .. } = answered(&mut page, request, false) else {
        panic!()
    };
    assert_eq!(classes, ["bad", "good"]);
    assert_eq!(predictions.iter().map(|said| class(said).unwrap().0).take(2).collect::<Vec<_>>(), [1, 0]);
    let Some(TaskFigures::Classes(figures)) = figures.map(|figures| figures.open().unwrap()) else { panic!() };
    assert_eq!(figures.quality.accuracy.estimate, 1.0);
    let right: Vec<Option<bool>> = predictions.iter().flatten().map(|said| said.right).collect();
    assert_eq!((right.iter().flatten().all(|&right| right), right.iter().filter(|right| right.is_none()).count()), (true, 1), "{right:?}");
    assert!(matches!(&findings[..], [TableFinding::UnknownLabels { rows: 1, labels }] if labels[0].0 == "odd"), "{findings:?}");

    // The same table makes the same run once more.
    run_again(&mut page, &config);
}

fn run_again(page: &mut Page, config: &LabelConfig) {
    page.take();
    let plan = prepare(page, &LabelConfig { epochs: 1, ..config.clone() });
    assert_eq!(plan.classes, ["bad", "good"]);
    run(page, 2);
    assert_eq!(page.fault_codes(), []);
}
