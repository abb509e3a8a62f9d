//! What a Transformer must beat, trained on the training part and asked about the measured one.
//!
//! One class: the majority class, and TF-IDF with a logistic regression. Several: the classes that most rows have, and one such regression for each
//! class. Numbers: the mean, and TF-IDF with a ridge regression.

use super::super::super::breath::Breath;
use super::super::prepare::LabelPrepared;
use crate::baseline::{
    Analyzer, BaselineError, LogisticFit, LogisticSetting, MajorityClass, RidgeFit, RidgeSetting, SparseRow, Tfidf, TfidfBuilder,
    most_terms,
};
use crate::protocol::SplitPart;
use crate::protocol::labels::{BaselineKind, TextAnswer};
use crate::train::{Classify, Score, Several, Target};

/// Texts counted or predicted between two breaths.
const TEXTS_AT_ONCE: usize = 256;

/// Each baseline's answers for the measured part.
pub type BaselineAnswers = Vec<(BaselineKind, Vec<TextAnswer>)>;

/// What a baseline works with.
struct Bench<'a> {
    prepared: &'a LabelPrepared,
    training: Vec<usize>,
    targets: Vec<Target>,
    numbers: &'a [usize],
    breath: &'a Breath,
}

/// Trains the baselines and has them answer. One that finds nothing to learn from is left out.
pub async fn baselines(prepared: &LabelPrepared, numbers: &[usize], breath: &Breath) -> BaselineAnswers {
    let training = prepared.part(SplitPart::Training);
    let targets: Vec<Target> = training.iter().map(|&number| prepared.target(number).clone()).collect();
    let bench = Bench { prepared, training, targets, numbers, breath };
    match bench.targets.first() {
        Some(Target::Class(_)) => bench.one_class().await,
        Some(Target::Set(_)) => bench.several_classes().await,
        Some(Target::Number(_)) => bench.number().await,
        None => Vec::new(),
    }
}

fn class(class: usize) -> TextAnswer {
    TextAnswer::Class { class: class as u32, probabilities: Vec::new() }
}

impl Bench<'_> {
    fn classes(&self) -> usize {
        self.prepared.plan.classes.len()
    }

    async fn number(&self) -> BaselineAnswers {
        let numbers: Vec<f64> = self.targets.iter().map(Score::number).collect();
        let value = Score::standardised_by(&numbers).mean;
        let mut list = vec![(BaselineKind::Mean, vec![TextAnswer::Score { value }; self.numbers.len()])];
        list.extend(self.ridge(&numbers).await.ok().map(|answers| (BaselineKind::TfidfRidge, answers)));
        list
    }

    async fn ridge(&self, numbers: &[f64]) -> Result<Vec<TextAnswer>, BaselineError> {
        let (tfidf, rows) = self.tfidf().await?;
        let mut fit = RidgeFit::new(&rows, numbers, tfidf.features(), RidgeSetting::default())?;
        while fit.step() {
            self.breath.take().await;
        }
        let model = fit.into_model();
        Ok(self.asked(&tfidf, |row| TextAnswer::Score { value: model.predict(row) }).await)
    }

    async fn one_class(&self) -> BaselineAnswers {
        let labels: Vec<usize> = self.targets.iter().map(Classify::class).collect();
        let mut list = Vec::new();
        if let Ok(majority) = MajorityClass::fit(&labels, self.classes()) {
            list.push((BaselineKind::MajorityClass, vec![class(majority.class); self.numbers.len()]));
        }
        let tfidf = async {
            let (tfidf, rows) = self.tfidf().await?;
            let said = self.logistic(&tfidf, &rows, &labels, self.classes()).await?;
            Ok::<_, BaselineError>(said.into_iter().map(class).collect())
        };
        list.extend(tfidf.await.ok().map(|answers| (BaselineKind::TfidfLogistic, answers)));
        list
    }

    async fn several_classes(&self) -> BaselineAnswers {
        let sets: Vec<&[u32]> = self.targets.iter().map(Several::set).collect();
        let having = |class: u32| sets.iter().filter(|set| set.contains(&class)).count();
        let all = 0..self.classes() as u32;
        let most: Vec<u32> = all.clone().filter(|&class| 2 * having(class) >= sets.len()).collect();
        let answer = |classes: Vec<u32>| TextAnswer::Classes { classes, probabilities: Vec::new() };
        let mut list = vec![(BaselineKind::FrequentLabels, vec![answer(most.clone()); self.numbers.len()])];
        let tfidf = async {
            let (tfidf, rows) = self.tfidf().await?;
            let mut said = vec![Vec::new(); self.numbers.len()];
            for class in all {
                let labels: Vec<usize> = sets.iter().map(|set| usize::from(set.contains(&class))).collect();
                // A class that all rows have, or none, needs no regression and allows none.
                let constant = labels.iter().all(|&label| label == labels[0]);
                let has = if constant { vec![labels[0]; self.numbers.len()] } else { self.logistic(&tfidf, &rows, &labels, 2).await? };
                said.iter_mut().zip(has).filter(|(_, has)| *has == 1).for_each(|(said, _)| said.push(class));
            }
            Ok::<_, BaselineError>(said.into_iter().map(answer).collect())
        };
        list.extend(tfidf.await.ok().map(|answers| (BaselineKind::TfidfLogistic, answers)));
        list
    }

    fn text(&self, number: usize) -> String {
        self.prepared.chosen.text(&self.prepared.table.table, number)
    }

    async fn tfidf(&self) -> Result<(Tfidf, Vec<SparseRow>), BaselineError> {
        let examples = &self.prepared.chosen.examples;
        let first: Vec<_> = self.training.iter().map(|&number| examples.text(&self.prepared.table.table, number)).collect();
        let mut builder = TfidfBuilder::new(Analyzer::suiting(first.iter().map(|text| &**text)));
        for chunk in self.training.chunks(TEXTS_AT_ONCE) {
            self.breath.take().await;
            chunk.iter().for_each(|&number| builder.add(&self.text(number)));
        }
        builder.finish(most_terms(self.classes()))
    }

    /// The classes of the measured part.
    async fn logistic(&self, tfidf: &Tfidf, rows: &[SparseRow], labels: &[usize], classes: usize) -> Result<Vec<usize>, BaselineError> {
        let mut fit = LogisticFit::new(rows, labels, classes, tfidf.features(), LogisticSetting::default())?;
        while fit.step() {
            self.breath.take().await;
        }
        let model = fit.into_model();
        Ok(self.asked(tfidf, |row| model.predict(row)).await)
    }

    /// What is said of each row of the measured part.
    async fn asked<T>(&self, tfidf: &Tfidf, predict: impl Fn(&SparseRow) -> T) -> Vec<T> {
        let mut said = Vec::with_capacity(self.numbers.len());
        for chunk in self.numbers.chunks(TEXTS_AT_ONCE) {
            self.breath.take().await;
            said.extend(chunk.iter().map(|&number| predict(&tfidf.row(&self.text(number)))));
        }
        said
    }
}
