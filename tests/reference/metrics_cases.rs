//! Cases for metrics.rs, with what our own code says about them. Random ones from fixed seeds, and the corners: one class, an empty class, one
//! row, everything wrong, ties, constant values, empty texts, odd names.

use attune::metrics::{
    Bootstrap, Calibration, ClassificationReport, Scores, SpanReport, accuracy, chinese_exact_match, chinese_token_f1, chrf,
    confusion_matrix, corpus_chrf, exact_match, hamming_loss, hit_rate, mean_absolute_error, ndcg, pearson, present_labels, r_squared,
    reciprocal_rank, root_mean_squared_error, rouge_l, rouge_l_sum, spans, spearman, token_f1,
};
use serde_json::{Value, json};

/// One function of metrics.py, its cases, and our results.
pub struct Kind {
    pub name: &'static str,
    pub cases: Vec<Value>,
    pub ours: Vec<Value>,
}

/// A generator of cases: xorshift64* (Vigna 2016).
pub struct Draw(u64);

impl Draw {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }

    /// Below `many` once in `times`, otherwise below `few`.
    fn below_either(&mut self, times: usize, many: usize, few: usize) -> usize {
        let bound = if self.below(times) == 0 { many } else { few };
        self.below(bound)
    }

    pub fn unit(&mut self) -> f64 {
        self.below(1 << 30) as f64 / (1 << 30) as f64
    }

    pub fn list<T>(&mut self, length: usize, mut entry: impl FnMut(&mut Self) -> T) -> Vec<T> {
        (0..length).map(|_| entry(self)).collect()
    }

    pub fn of<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len())]
    }

    /// Words of a list joined with odd blanks; empty at times.
    pub fn text(&mut self, most: usize, words: &[&str], blanks: &[&str]) -> String {
        let length = self.below(most + 1);
        self.list(length, |draw| format!("{}{}", draw.of(words), draw.of(blanks))).concat()
    }
}

/// Makes cases of one kind with a seed each.
fn kind(name: &'static str, count: u64, make: impl Fn(&mut Draw) -> (Value, Value)) -> Kind {
    let (cases, ours) = (1..=count).map(|seed| make(&mut Draw::new(seed))).unzip();
    Kind { name, cases, ours }
}

pub fn all() -> Vec<Kind> {
    vec![
        kind("single", 400, single),
        kind("multi", 250, multi),
        kind("calibration", 200, calibration),
        kind("bootstrap", 100, bootstrap),
        kind("spans", 400, tagged),
        kind("numbers", 300, numbers),
        kind("chrf", 300, translated),
        kind("rouge", 300, summarised),
        kind("squad", 300, answered),
        kind("cmrc", 300, answered_in_chinese),
        kind("ranking", 300, ranked),
    ]
}

const NAMES: &[&str] = &[
    "",
    " ",
    "a",
    "negative",
    "positive",
    "weighted avg",
    "accuracy",
    "好评",
    "mit Umlaut äöü",
    "e\u{301}",
    "👍🏽",
    "a name that is a good deal longer than the header",
    "tab\there",
    "{}",
    "%s",
    "NaN",
    "0",
    "-1",
    "macro avg",
    "\"quoted\"",
];

fn three(scores: &Scores) -> [f64; 3] {
    [scores.precision, scores.recall, scores.f1]
}

fn averages(averages: &[&Scores]) -> Vec<[f64; 3]> {
    averages.iter().map(|scores| three(scores)).collect()
}

fn four(scores: &Scores) -> Value {
    json!([scores.precision, scores.recall, scores.f1, scores.support])
}

fn single(draw: &mut Draw) -> (Value, Value) {
    let classes = 1 + draw.below_either(4, 40, 6);
    let rows = 1 + draw.below_either(3, 4, 60);
    let names = draw.list(classes, |draw| draw.of(NAMES).to_owned());
    let truth = draw.list(rows, |draw| draw.below(classes));
    let manner = draw.below(4);
    let constant = draw.below(classes);
    let predicted: Vec<usize> = truth
        .iter()
        .map(|&truth| match manner {
            0 => constant,
            // All wrong, where that is possible.
            1 => (truth + 1) % classes,
            2 if draw.below(3) > 0 => truth,
            _ => draw.below(classes),
        })
        .collect();
    let digits = draw.below(6);
    let labels = match draw.below(3) {
        0 => None,
        1 => Some((0..classes).collect::<Vec<usize>>()),
        // Some of them, in an order of their own.
        _ => {
            let first = draw.below(classes);
            Some((0..1 + draw.below(classes)).map(|step| (first + step) % classes).collect())
        }
    };
    let listed = labels.clone().unwrap_or_else(|| present_labels(&truth, &predicted));
    let report = ClassificationReport::of_classes(&truth, &predicted, &names, &listed).unwrap();
    let ours = json!([
        report.text(digits),
        report.classes.iter().map(|class| four(&class.scores)).collect::<Vec<Value>>(),
        averages(&[&report.micro, &report.macro_average, &report.weighted]),
        confusion_matrix(&truth, &predicted, classes).unwrap(),
        accuracy(&truth, &predicted).unwrap(),
    ]);
    (json!({ "truth": truth, "predicted": predicted, "names": names, "labels": labels, "digits": digits }), ours)
}

fn multi(draw: &mut Draw) -> (Value, Value) {
    let classes = 2 + draw.below_either(4, 30, 5);
    let rows = 1 + draw.below_either(4, 300, 12);
    let density = draw.below(4);
    let names = draw.list(classes, |draw| draw.of(NAMES).to_owned());
    let set = |draw: &mut Draw| (0..classes).filter(|_| draw.below(4) < density).collect::<Vec<usize>>();
    let truth = draw.list(rows, set);
    let copy = draw.below(2) == 0;
    let predicted: Vec<Vec<usize>> = truth.iter().map(|row| if copy && draw.below(3) > 0 { row.clone() } else { set(draw) }).collect();
    let digits = draw.below(5);
    let report = ClassificationReport::multi_label(&truth, &predicted, &names).unwrap();
    let ours = json!([
        report.text(digits),
        report.classes.iter().map(|class| four(&class.scores)).collect::<Vec<Value>>(),
        averages(&[&report.micro, &report.macro_average, &report.weighted, &report.samples.unwrap_or_default()]),
        report.accuracy,
        hamming_loss(&truth, &predicted, names.len()).unwrap(),
    ]);
    (json!({ "truth": truth, "predicted": predicted, "names": names, "digits": digits }), ours)
}

fn calibration(draw: &mut Draw) -> (Value, Value) {
    let (rows, bins) = (1 + draw.below(80), 1 + draw.below(20));
    // Half of the cases lie on the edges of bins.
    let rough = draw.below(2) == 0;
    let confidence = draw.list(rows, |draw| if rough { draw.below(21) as f64 / 20.0 } else { draw.unit() });
    let often = draw.below(5);
    let right = draw.list(rows, |draw| draw.below(4) < often);
    let calibration = Calibration::new(&confidence, &right, bins).unwrap();
    let filled =
        |figure: fn(&attune::metrics::ReliabilityBin) -> Option<f64>| calibration.bins.iter().filter_map(figure).collect::<Vec<f64>>();
    let counts: Vec<u64> = calibration.bins.iter().map(|bin| bin.rows).collect();
    let ours = json!([counts, filled(|bin| bin.accuracy), filled(|bin| bin.confidence), calibration.expected_error]);
    (json!({ "confidence": confidence, "right": right, "bins": bins }), ours)
}

fn bootstrap(draw: &mut Draw) -> (Value, Value) {
    let rows = 1 + draw.below(12);
    let values = draw.list(rows, |draw| draw.unit() * 10.0 - 5.0);
    let setting = Bootstrap {
        resamples: 1 + draw.below(60),
        level: 0.5 + 0.1 * draw.below(5) as f64,
        seed: draw.below(1000) as u64,
        ..Bootstrap::default()
    };
    let mut samples = Vec::new();
    let interval = setting
        .interval(rows, |rows| {
            samples.push(rows.to_vec());
            Some(rows.iter().map(|&row| values[row]).sum::<f64>() / rows.len() as f64)
        })
        .unwrap();
    // The first call scores the rows themselves.
    samples.remove(0);
    assert_eq!(setting.mean(&values).unwrap().resamples, interval.resamples);
    (json!({ "values": values, "level": setting.level, "samples": samples }), json!([interval.estimate, interval.low, interval.high]))
}

const TAGS: &[&str] = &["O", "O", "B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "I-LOC", "E-LOC", "S-LOC", "B-x-y", "I-x-y"];
const ODD_TAGS: &[&str] =
    &["O", "B-PER", "I-PER", "B", "I", "O-PER", "PER", ".", "X-1", "I-地点", "B-地点", "B-", "L-LOC", "I-a rather long kind of span"];

fn tagged(draw: &mut Draw) -> (Value, Value) {
    let tags = match draw.below(4) {
        0 => ODD_TAGS,
        1 => &TAGS[..4],
        2 if draw.below(3) == 0 => &TAGS[..1],
        _ => TAGS,
    };
    let copy = draw.below(2) == 0;
    let count = 1 + draw.below(6);
    let truth: Vec<Vec<&str>> = draw.list(count, |draw| {
        let length = 1 + draw.below(12);
        draw.list(length, |draw| draw.of(tags))
    });
    let predicted: Vec<Vec<&str>> = truth
        .iter()
        .map(|sentence| sentence.iter().map(|tag| if copy && draw.below(5) > 0 { tag } else { draw.of(tags) }).collect())
        .collect();
    let digits = draw.below(5);
    let found: Vec<Value> = truth
        .iter()
        .map(|tags| spans(tags).iter().map(|span| json!([span.kind, span.first, span.last])).collect::<Vec<Value>>().into())
        .collect();
    let report = SpanReport::new(&truth, &predicted).unwrap();
    let ours = if report.kinds.is_empty() {
        json!([found, null])
    } else {
        let kinds: Vec<Value> = report.kinds.iter().map(|(_, scores)| four(scores)).collect();
        json!([
            found,
            report.text(digits),
            kinds,
            averages(&[&report.micro, &report.macro_average, &report.weighted]),
            report.token_accuracy
        ])
    };
    (json!({ "truth": truth, "predicted": predicted, "digits": digits }), ours)
}

fn numbers(draw: &mut Draw) -> (Value, Value) {
    let rows = 2 + draw.below_either(3, 300, 10);
    let manner = draw.below(5);
    let value = move |draw: &mut Draw| match manner {
        // Many ties; constant now and then.
        0 => draw.below(3) as f64,
        1 => draw.below(2) as f64,
        2 => draw.unit() * 1e6 - 5e5,
        3 => (draw.unit() * 60.0 - 30.0).exp(),
        _ => draw.unit(),
    };
    let truth = draw.list(rows, value);
    let constant = draw.below(12) == 0;
    let predicted = draw.list(rows, |draw| if constant { 0.1 } else { value(draw) });
    let ours = json!([
        pearson(&truth, &predicted),
        spearman(&truth, &predicted),
        mean_absolute_error(&truth, &predicted),
        root_mean_squared_error(&truth, &predicted),
        r_squared(&truth, &predicted),
    ]);
    (json!({ "truth": truth, "predicted": predicted }), ours)
}

const WORDS: &[&str] = &[
    "the",
    "a",
    "an",
    "The",
    "cat",
    "Cat's",
    "cats",
    "sat",
    "on",
    "mat",
    "3.5%",
    "well-known",
    "naïve",
    "İstanbul",
    "K",
    "ﬁne",
    "_x",
    "don't",
];
const CHINESE: &[&str] =
    &["北", "京", "大学", "在", "中国", "的", "rust", "Rust", "1999", "年", "，", "。", "《", "》", "……", "—", "Ａ", "龥", "龦"];
const BLANKS: &[&str] =
    &[" ", " ", " ", "  ", "", "\n", "\t", ", ", ". ", "\u{a0}", "\u{3000}", "\u{1f}", "\u{85}", "!\n", "\u{200b}", "-"];

fn words_and_characters(draw: &mut Draw) -> Vec<&'static str> {
    if draw.below(2) == 0 { WORDS.to_vec() } else { [CHINESE, &["👍🏽", "é", "e\u{301}"]].concat() }
}

fn translated(draw: &mut Draw) -> (Value, Value) {
    let words = words_and_characters(draw);
    let (rows, each) = (1 + draw.below(4), 1 + draw.below(3));
    let predictions = draw.list(rows, |draw| draw.text(6, &words, BLANKS));
    let references = draw.list(rows, |draw| draw.list(each, |draw| draw.text(6, &words, BLANKS)));
    let single: Vec<f64> =
        predictions.iter().zip(&references).map(|(prediction, references)| chrf(prediction, references).unwrap()).collect();
    let ours = json!([single, corpus_chrf(&predictions, &references).unwrap()]);
    (json!({ "predictions": predictions, "references": references }), ours)
}

fn summarised(draw: &mut Draw) -> (Value, Value) {
    let few = draw.below(2) == 0;
    let words = if few { &WORDS[..6] } else { WORDS };
    let (reference, prediction) = (draw.text(14, words, BLANKS), draw.text(14, words, BLANKS));
    let ours = [rouge_l(&reference, &prediction), rouge_l_sum(&reference, &prediction)]
        .map(|overlap| [overlap.precision, overlap.recall, overlap.f1]);
    (json!({ "reference": reference, "prediction": prediction }), json!(ours))
}

fn answered(draw: &mut Draw) -> (Value, Value) {
    let words = words_and_characters(draw);
    let count = 1 + draw.below(3);
    let answers = draw.list(count, |draw| draw.text(4, &words, BLANKS));
    let prediction = if draw.below(4) == 0 { answers[0].to_uppercase() } else { draw.text(4, &words, BLANKS) };
    let ours = json!([exact_match(&prediction, &answers).unwrap(), token_f1(&prediction, &answers).unwrap()]);
    (json!({ "prediction": prediction, "answers": answers }), ours)
}

fn answered_in_chinese(draw: &mut Draw) -> (Value, Value) {
    let count = 1 + draw.below(3);
    let blanks = ["", "", "", " ", "\n", "\u{3000}"];
    let answers = draw.list(count, |draw| draw.text(8, CHINESE, &blanks));
    let prediction = if draw.below(4) == 0 { format!(" {}。", answers[0]) } else { draw.text(8, CHINESE, &blanks) };
    let ours = json!([chinese_exact_match(&prediction, &answers).unwrap(), chinese_token_f1(&prediction, &answers).unwrap()]);
    (json!({ "prediction": prediction, "answers": answers }), ours)
}

fn ranked(draw: &mut Draw) -> (Value, Value) {
    let items = 2 + draw.below(20);
    let one = draw.below(3) == 0;
    let only = draw.below(items);
    let density = draw.below(4);
    let wanted: Vec<f64> = (0..items)
        .map(|item| {
            if one {
                f64::from(u8::from(item == only))
            } else if draw.below(4) < density {
                draw.below(4) as f64
            } else {
                0.0
            }
        })
        .collect();
    let tied = draw.below(2) == 0;
    let scores = draw.list(items, |draw| if tied { draw.below(4) as f64 } else { draw.unit() });
    let k = 1 + draw.below(items + 3);
    let ours = json!([ndcg(&wanted, &scores, k), hit_rate(&wanted, &scores, k), reciprocal_rank(&wanted, &scores)]);
    (json!({ "wanted": wanted, "scores": scores, "k": k }), ours)
}
