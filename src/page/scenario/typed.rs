//! What was typed under "Try it" and what the model says of it, while the model rests.
//!
//! In: the page's state. Out: text, moment of the model, likeliest class. Absent: asking; what is in the box now.

use crate::page::state::{RunState, Stage};
use crate::protocol::TableTask;
use crate::protocol::labels::{LabelAnswer, PairReading, TextAnswer};

/// A text that the model, as it rests, has put into a class or given a number.
#[derive(Debug, Clone, PartialEq)]
pub struct Typed {
    pub text: String,
    /// What is held against the training examples. Of a pair that is read together both texts, as the model reads them; else the text.
    pub meant: String,
    /// The text is the first of two that are read apart.
    pub apart: bool,
    /// Run and step of the model that answered.
    pub moment: (u32, u32),
    /// The likeliest class; empty of numbers.
    pub class: String,
    /// Its probability, `0..=1`; 0 of numbers.
    pub probability: f32,
    /// What stands between labels where a row may have several.
    pub separator: Option<char>,
}

impl Typed {
    /// A row's label, as it stands in the table, is or holds the class; of numbers none says anything else.
    pub fn is_said(&self, label: &str) -> bool {
        if self.class.is_empty() {
            return true;
        }
        match self.separator {
            None => label == self.class,
            Some(separator) => label.split(separator).any(|label| label.trim() == self.class),
        }
    }
}

/// The model rests: nothing is being learned just now. Further questions then cost the visitor's run no time.
pub fn at_rest(state: &RunState) -> bool {
    state.labels.plan.is_some() && !matches!(state.stage, Stage::Starting | Stage::Running)
}

/// The model rests and has learned something.
pub fn has_learned(state: &RunState) -> bool {
    at_rest(state) && state.stage != Stage::Idle && state.steps_done() > 0
}

/// The typed text. `None` while the model learns or its answer is still to come, and for tasks that ask every token.
pub fn typed(state: &RunState) -> Option<Typed> {
    let config = &state.labels.plan.as_ref()?.config;
    let columns = &config.choice.columns;
    let task = columns.task;
    let asked = match task {
        TableTask::Classify | TableTask::ClassifySeveral | TableTask::Score => true,
        TableTask::ClassifyPair | TableTask::ScorePair => true,
        TableTask::TagTokens | TableTask::TextToText | TableTask::Write => false,
    };
    if !at_rest(state) || !asked || state.labels.prediction.waits {
        return None;
    }
    let said = state.labels.prediction.latest.as_ref()?;
    let text = said.texts.first().filter(|text| !text.trim().is_empty())?.clone();
    let LabelAnswer::Predicted { run, step, classes, predictions, .. } = said.answer.as_ref() else { return None };
    let (class, probability) = match &predictions.first()?.as_ref()?.answer {
        TextAnswer::Class { probabilities, .. } | TextAnswer::Classes { probabilities, .. } => {
            let (class, probability) = classes.iter().zip(probabilities).max_by(|a, b| a.1.total_cmp(b.1))?;
            (class.clone(), *probability)
        }
        TextAnswer::Score { .. } => (String::new(), 0.0),
        TextAnswer::Tags { .. } | TextAnswer::Text { .. } => return None,
    };
    let apart = config.pairs == PairReading::Apart && !said.seconds.is_empty();
    // A line feed stands between two texts that are read together.
    let meant = match said.seconds.first().filter(|second| !apart && !second.is_empty()) {
        Some(second) => format!("{text}\n{second}"),
        None => text.clone(),
    };
    // As `RowText::label` is written.
    let separator = (task == TableTask::ClassifySeveral).then(|| columns.written_separator());
    Some(Typed { text, meant, apart, moment: (*run, *step), class, probability, separator })
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::page::state::Said;
    use crate::protocol::labels::{LabelChoice, LabelConfig, TextPrediction};
    use crate::protocol::{SplitOptions, TaskColumns};
    use std::rc::Rc;

    /// An answer with the probabilities of two classes for each text.
    pub fn predicted(classes: [&str; 2], second: &[Option<f32>]) -> LabelAnswer {
        let prediction = |share: f32| TextPrediction {
            answer: TextAnswer::Class { class: u32::from(share > 0.5), probabilities: vec![1.0 - share, share] },
            tokens: 3,
            windows: 1,
            cut: false,
            right: None,
        };
        LabelAnswer::Predicted {
            run: 1,
            step: 40,
            classes: classes.map(str::to_owned).to_vec(),
            predictions: second.iter().map(|share| share.map(prediction)).collect(),
            figures: None,
            findings: Vec::new(),
        }
    }

    fn state(task: TableTask) -> RunState {
        let columns =
            TaskColumns { task, text: 0, second: None, target: Some(1), more_targets: Vec::new(), split: None, label_separator: None };
        let config = LabelConfig::new(LabelChoice { columns, merge_labels: false, split: SplitOptions::default() });
        let plan = crate::page::label_link::tests::plan(config);
        let mut state = RunState::default();
        state.labels.plan = Some(Rc::new(plan));
        let answer = Rc::new(predicted(["praise", "blame"], &[Some(0.75)]));
        state.labels.prediction.latest = Some(Said { texts: vec!["It broke.".to_owned()], seconds: Vec::new(), answer });
        state
    }

    #[test]
    fn a_resting_model_s_likeliest_class_is_found() {
        let found = typed(&state(TableTask::Classify)).unwrap();
        assert_eq!((found.text.as_str(), found.class.as_str(), found.probability, found.moment), ("It broke.", "blame", 0.75, (1, 40)));
    }

    #[test]
    fn nothing_is_asked_while_the_model_learns_or_answers_or_asks_every_token() {
        let mut learning = state(TableTask::Classify);
        learning.stage = Stage::Running;
        assert_eq!(typed(&learning), None);
        learning.stage = Stage::Paused;
        assert!(typed(&learning).is_some());
        learning.labels.prediction.waits = true;
        assert_eq!(typed(&learning), None);
        assert_eq!(typed(&state(TableTask::TagTokens)), None);
    }

    #[test]
    fn pairs_are_held_against_the_examples_as_the_model_reads_them() {
        let pair = |reading| {
            let mut state = state(TableTask::ClassifyPair);
            let mut plan = state.labels.plan.as_deref().cloned().unwrap();
            plan.config.pairs = reading;
            state.labels.plan = Some(Rc::new(plan));
            state.labels.prediction.latest.as_mut().unwrap().seconds = vec!["Why?".to_owned()];
            typed(&state).map(|typed| (typed.meant, typed.apart)).unwrap()
        };
        assert_eq!(pair(PairReading::Together), ("It broke.\nWhy?".to_owned(), false));
        assert_eq!(pair(PairReading::Apart), ("It broke.".to_owned(), true));
    }

    #[test]
    fn a_number_has_neighbours_as_well_and_none_of_them_is_another_class() {
        let mut state = state(TableTask::Score);
        let prediction = TextPrediction { answer: TextAnswer::Score { value: 3.5 }, tokens: 3, windows: 1, cut: false, right: None };
        let (predictions, findings) = (vec![Some(prediction)], Vec::new());
        let answer = LabelAnswer::Predicted { run: 1, step: 40, classes: Vec::new(), predictions, figures: None, findings };
        state.labels.prediction.latest.as_mut().unwrap().answer = Rc::new(answer);
        let found = typed(&state).unwrap();
        assert!(found.meant == "It broke." && found.is_said("4") && !found.apart);
    }

    #[test]
    fn a_label_of_several_holds_the_class() {
        let (meant, apart) = (String::new(), false);
        let typed = |separator| Typed {
            text: "t".into(),
            meant: meant.clone(),
            apart,
            moment: (1, 1),
            class: "wind".into(),
            probability: 0.9,
            separator,
        };
        assert!(typed(None).is_said("wind") && !typed(None).is_said("rain; wind"));
        assert!(typed(Some(';')).is_said("rain; wind") && !typed(Some(';')).is_said("windmill; rain"));
    }
}
