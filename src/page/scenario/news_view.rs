//! The news' moods: what the model says of the whole stream or of one topic, week by week, with an alert where bad news surge.
//!
//! In: the scenario's table, fetched; a model that has learned. Out: `Predict` of all its texts, when asked for. Test ids: `news-read`, `news-status`,
//! `news-topic` (value: the topic, empty for all), `news-chart`, `news-dates`, `news-alert` (one each, with `data-week`, `data-p`), `news-quiet`,
//! `news-labels`, `news-week` (rows of the table, with `data-week`, `data-model`, `data-labels`), `news-open-<week>` (its button), `news-texts` (the texts
//! of the week that was pressed, each with `data-model`, `data-label`).

use super::dates::{Date, date_of, monday};
use super::fetched::Fetched;
use super::typed::has_learned;
use super::weeks::{Count, Item, Read, Topic, Week, items, negatives, topics, weeks};
use crate::page::chart::draw::{Chart, Curve, Ink};
use crate::page::chart::palette::Palette;
use crate::page::chart::size::{Size, follow_size};
use crate::page::state::{Part, Store};
use crate::page::strings::scenario::words;
use crate::protocol::labels::{LabelAnswer, LabelCommand};
use leptos::html::Div;
use leptos::prelude::*;

const HEIGHT: f64 = 150.0;
/// Pixels that a date below the chart needs.
const DATE_WIDTH: f64 = 92.0;

/// What was read.
#[derive(Debug, Clone, PartialEq)]
struct Reading {
    topics: Vec<Topic>,
    /// The one that is looked at; empty for all together.
    topic: String,
    /// How many there are to choose from, where one was chosen; else 1.
    streams: usize,
    weeks: Vec<Week>,
    /// What was read of the topic: Monday, text, negative by the model, by the label.
    read: Vec<(i64, String, bool, bool)>,
    /// Texts that the model could read, of all topics.
    texts: usize,
    step: u32,
}

fn reading(items: &[Item], answer: &LabelAnswer, topic: String) -> Option<Reading> {
    let LabelAnswer::Predicted { step, .. } = answer else { return None };
    let mut read: Vec<Read> = items.iter().zip(negatives(answer)?).filter_map(|(item, said)| Some((item, said?))).collect();
    let (topics, texts) = (topics(&read), read.len());
    let mut streams = 1;
    if !topic.is_empty() {
        read.retain(|(item, _)| item.topic == topic);
        streams = topics.len() - 1;
    }
    let weeks = weeks(&read, streams);
    let read = read.into_iter().map(|(item, said)| (monday(item.day), item.text.clone(), said, item.negative)).collect();
    Some(Reading { topics, topic, streams, weeks, read, texts, step: *step })
}

/// Weeks that are held against weeks before them: all but the first.
fn tested(weeks: &[Week]) -> usize {
    weeks.iter().filter(|week| week.model.test.is_some()).count()
}

/// Dates below the chart and where they stand: the first week, the last, and as many between as there is room for.
fn dates(weeks: &[Week], width: f64) -> Vec<(f64, Date)> {
    let Some(last) = weeks.len().checked_sub(1) else { return Vec::new() };
    let x = chart(weeks, width).x();
    let place = |at: usize| x.place((at + 1) as f64);
    let apart = ((DATE_WIDTH / (place(1) - place(0)).max(1.0)).ceil() as usize).max(1);
    let between = (0..last).step_by(apart).filter(|&at| at == 0 || at + apart <= last);
    between.chain([last]).map(|at| (place(at), date_of(weeks[at].monday))).collect()
}

/// Shares in per cent by the model and by the labels; the first week that the model flags is marked.
fn chart(weeks: &[Week], width: f64) -> Chart {
    let share = |count: &Count, week: &Week| 100.0 * count.negative as f64 / week.texts.max(1) as f64;
    let curve = |ink, label: &str, read: fn(&Week) -> &Count| Curve {
        label: label.to_owned(),
        ink,
        points: weeks.iter().enumerate().map(|(at, week)| ((at + 1) as f64, share(read(week), week))).collect(),
    };
    let mark = weeks.iter().position(|week| flagged(&week.model)).map(|at| (at + 1) as f64);
    Chart {
        width,
        height: HEIGHT,
        curves: vec![curve(Ink::Train, "", |week| &week.model), curve(Ink::Valid, "", |week| &week.labels)],
        log: false,
        steps: weeks.len() as f64,
        steps_word: words().news.axis.to_owned(),
        mark,
        axes: true,
        label_letters: 0,
    }
}

fn flagged(count: &Count) -> bool {
    count.test.is_some_and(|test| test.flagged)
}

/// Button, chart, alert.
#[component]
pub fn NewsMood(store: Store, file: String) -> impl IntoView {
    let own = &words().news;
    let stream: Fetched<Vec<Item>> = Fetched::fetch(file, items);
    let learned = Memo::new(move |_| {
        store.follow(Part::Plan);
        store.follow(Part::Step);
        store.with(Part::Phase, has_learned)
    });
    let waits = store.memo(Part::Asides, |state| state.labels.asides.get("stream").is_some_and(|aside| aside.waits));
    let failed = store.memo(Part::Asides, |state| state.labels.asides.get("stream").is_some_and(|aside| aside.fault.is_some()));
    let read = move |_| {
        if let Some(items) = stream.peek() {
            let texts = items.iter().map(|item| item.text.clone()).collect();
            store.ask_aside("stream", LabelCommand::Predict { texts, seconds: Vec::new(), labels: Vec::new() });
        }
    };
    let answer = move || store.with(Part::Asides, |state| state.labels.asides.get("stream").and_then(|aside| aside.latest.clone()));
    let topic = RwSignal::new(String::new());
    let found = Memo::new(move |_| reading(stream.get()?.as_slice(), answer()?.as_ref(), topic.get()));
    let topics = Memo::new(move |_| found.with(|found| found.as_ref().map(|found| found.topics.clone())));
    let unknown = move || answer().is_some() && stream.get().is_some() && found.with(Option::is_none);
    let status = move || {
        if waits.get() {
            Some((own.reading)(stream.get().map_or(0, |items| items.len())))
        } else if failed.get() {
            Some(own.failed.to_owned())
        } else if !learned.get() && found.with(Option::is_none) {
            Some(own.waits_run.to_owned())
        } else {
            unknown().then(|| own.no_negative.to_owned())
        }
    };
    let (frame_ref, size) = (NodeRef::<Div>::new(), RwSignal::<Size>::new((0.0, 0.0)));
    frame_ref.on_load(move |frame| follow_size(&frame, size));
    let markup = move || {
        let width = size.get().0;
        found.with(|found| found.as_ref().filter(|_| width > 0.0).map(|found| chart(&found.weeks, width).markup(&Palette::live())))
    };
    let alerts = move || {
        let found = found.get()?;
        let one = |week: &Week| {
            let test = week.model.test.filter(|test| test.flagged)?;
            let monday = date_of(week.monday);
            let said = (own.alert)(monday, &found.topic, week.model.negative, week.texts, &test);
            let foremost = week.foremost.as_ref().filter(|_| found.topic.is_empty());
            let foremost = foremost.map(|topic| (own.foremost)(&topic.name, topic.negative, week.model.negative));
            Some(view! {
                <p class="say warn" role="alert" data-testid="news-alert" data-week=iso(monday) data-p=format!("{:e}", test.p)>
                    {said} " " {foremost}
                </p>
            })
        };
        let alerts: Vec<_> = found.weeks.iter().filter_map(one).collect();
        let quiet = alerts
            .is_empty()
            .then(|| view! { <p class="say" data-testid="news-quiet">{(own.quiet)(tested(&found.weeks), &found.topic)}</p> });
        Some(view! { {alerts} {quiet} })
    };
    let beside = move || {
        let found = found.get()?;
        let mondays: Vec<Date> = found.weeks.iter().filter(|week| flagged(&week.labels)).map(|week| date_of(week.monday)).collect();
        let labels = if mondays.is_empty() { own.labels_quiet.to_owned() } else { (own.labels_alert)(&mondays) };
        let learned = store.with(Part::Table, |state| state.labels.facts.latest.as_ref().map_or(0, |facts| facts.split.training));
        Some(view! {
            <p data-testid="news-labels">{labels}</p>
            <p class="small">{(own.learned)(learned, found.texts, store.peek(|state| state.labels.step_of_model(found.step)))}</p>
            <p class="mild">{(own.test)(tested(&found.weeks), found.streams)}</p>
        })
    };
    let below = move || {
        let width = size.get().0;
        let found = found.get().filter(|_| width > 0.0)?;
        let one = |(at, date): (f64, Date)| view! { <span style=format!("right:{:.0}px", (width - at - DATE_WIDTH / 2.0).max(0.0))>{(own.week)(date)}</span> };
        Some(dates(&found.weeks, width).into_iter().map(one).collect_view())
    };
    // The Monday of the week whose texts are on show.
    let open = RwSignal::new(None::<i64>);
    let rows = move || {
        let one = |week: Week| {
            let (at, monday) = (week.monday, date_of(week.monday));
            let press = move |_| open.update(|open| *open = (*open != Some(at)).then_some(at));
            let pressed = move || (open.get() == Some(at)).to_string();
            view! {
                <tr
                    class:flagged=flagged(&week.model)
                    data-testid="news-week"
                    data-week=iso(monday)
                    data-model=week.model.negative.to_string()
                    data-labels=week.labels.negative.to_string()
                >
                    <th scope="row">
                        <button type="button" class="figure" data-testid=format!("news-open-{}", iso(monday)) aria-pressed=pressed on:click=press>{(own.week)(monday)}</button>
                    </th>
                    <td class="num">{week.texts}</td>
                    <td class="num">{week.model.negative}</td>
                    <td class="num">{week.labels.negative}</td>
                    <td class="num">{week.model.test.map(|test| (own.chance)(test.p))}</td>
                </tr>
            }
        };
        found.get().map(|found| found.weeks.into_iter().map(one).collect_view())
    };
    let texts = move || {
        let (monday, found) = (open.get()?, found.get()?);
        let one = |(_, text, model, label): (i64, String, bool, bool)| {
            view! { <li data-model=model.to_string() data-label=label.to_string()>{text} " " <span class="small">{(own.said)(model, label)}</span></li> }
        };
        let texts = found.read.into_iter().filter(|text| text.0 == monday).map(one).collect_view();
        Some(view! { <h4>{(own.texts)(date_of(monday))}</h4><ul class="news-texts" data-testid="news-texts">{texts}</ul> })
    };
    // Each names its negatives: that is the breakdown at a glance.
    let options = move || {
        let chosen = topic.get_untracked();
        let one = |topic: Topic| {
            let said = (own.topic_of)(&topic.name, topic.negative, topic.texts);
            view! { <option selected={topic.name == chosen} value=topic.name>{said}</option> }
        };
        topics.get().map(|topics| topics.into_iter().map(one).collect_view())
    };
    let choose = move |event: web_sys::Event| topic.set(event_target_value(&event));
    view! {
        {stream.complaint()}
        <p>
            <button type="button" class="button" data-testid="news-read" disabled=move || !learned.get() || waits.get() || stream.get().is_none() on:click=read>
                {own.read}
            </button>
        </p>
        <p class="small" role="status" data-testid="news-status" hidden=move || status().is_none()>{status}</p>
        <div class="news-found" hidden=move || found.with(Option::is_none)>
            <label class="reader-pick">
                <span>{own.topic}</span>
                <select class="field" data-testid="news-topic" on:change=choose>{options}</select>
            </label>
            {alerts}
            <figure class="news-figure">
                <figcaption class="small">
                    {own.chart} " " <span class="key-model">{own.model}</span> " " <span class="key-labels">{own.labels}</span>
                </figcaption>
                <div node_ref=frame_ref data-testid="news-chart" style=format!("height:{HEIGHT}px")>
                    <svg width="100%" height=HEIGHT.to_string() aria-hidden="true" inner_html=markup></svg>
                </div>
                <p class="news-dates small" aria-hidden="true" data-testid="news-dates">{below}</p>
            </figure>
            {beside}
            <details class="fold">
                <summary>{own.table}</summary>
                <table class="scenario-table">
                    <thead><tr>{own.columns.map(|column| view! { <th scope="col">{column}</th> }).collect_view()}</tr></thead>
                    <tbody>{rows}</tbody>
                </table>
                <p class="mild">{own.press}</p>
                {texts}
            </details>
        </div>
    }
}

fn iso(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

#[cfg(test)]
mod tests {
    use super::super::typed::tests::predicted;
    use super::*;

    /// Four weeks of forty texts, half of them about the harbour; in the third the model calls thirty negative, the labels ten. The very last
    /// could not be read.
    fn surge(topic: &str) -> Reading {
        let topic_of = |at: i64| if at % 2 == 0 { "harbour" } else { "sport" }.to_owned();
        let item = |at: i64| Item { day: 20_150 + at / 40 * 7, text: String::new(), topic: topic_of(at), negative: at % 40 < 10 };
        let items: Vec<Item> = (0..160).map(item).collect();
        let chance = |at: i64| if at % 40 < if at / 40 == 2 { 30 } else { 8 } { 0.9 } else { 0.1 };
        let said: Vec<Option<f32>> = (0..160).map(|at| (at < 159).then(|| chance(at))).collect();
        reading(&items, &predicted(["positive", "negative"], &said), topic.to_owned()).unwrap()
    }

    #[test]
    fn a_surge_by_the_model_is_marked_on_both_curves() {
        let found = surge("");
        assert_eq!((found.texts, found.step, found.weeks.len(), found.streams), (159, 40, 4, 1));
        assert_eq!(found.weeks[3].texts, 39);
        let chart = chart(&found.weeks, 300.0);
        assert_eq!(chart.mark, Some(3.0));
        assert_eq!(chart.curves[0].points[2], (3.0, 75.0));
        assert_eq!(chart.curves[1].points[2], (3.0, 25.0));
        assert_eq!(chart.markup(&Palette::live()).matches("<circle").count(), 2);
    }

    #[test]
    fn the_first_week_is_not_tested_and_does_not_count_as_quiet() {
        assert_eq!(tested(&surge("").weeks), 3);
        assert_eq!(tested(&[]), 0);
    }

    #[test]
    fn dates_below_the_chart_begin_with_the_first_week_and_end_with_the_last() {
        let weeks = surge("").weeks;
        let said = |width| dates(&weeks, width).into_iter().map(|(_, date)| date.day).collect::<Vec<_>>();
        assert_eq!((said(600.0), said(200.0)), (vec![3, 10, 17, 24], vec![3, 24]));
        assert!(dates(&weeks, 600.0).windows(2).all(|pair| pair[1].0 - pair[0].0 >= DATE_WIDTH));
        assert!(dates(&[], 600.0).is_empty());
    }

    #[test]
    fn the_texts_of_a_week_are_at_hand_with_both_moods() {
        let found = surge("sport");
        let week: Vec<_> = found.read.iter().filter(|text| text.0 == found.weeks[2].monday).collect();
        assert_eq!((week.len(), week.iter().filter(|text| text.2).count(), week.iter().filter(|text| text.3).count()), (20, 15, 5));
    }

    #[test]
    fn a_topic_has_weeks_of_its_own_and_all_topics_stay_to_choose_from() {
        let (all, found) = (surge(""), surge("sport"));
        assert_eq!((found.texts, found.streams, &found.topics), (159, 2, &all.topics));
        assert_eq!((found.weeks[2].texts, found.weeks[2].model.negative, found.weeks[2].labels.negative), (20, 15, 5));
    }
}
