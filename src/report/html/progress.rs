//! PURE. Where somebody stands, as a page: the same as the text, with charts, and each chart as a table.

use maud::{Markup, html};

use super::chart;
use super::document::{Section, document};
use super::text::Line;
use crate::report::progress::{
    ChecklistState, Coverage, DrillState, PastVerdict, PracticeTime, Progress, Track, change, duration,
    graders, noise, several,
};
use crate::report::words::{clock, verdict};
use crate::schedule::{TARGET, TickedBy};

/// Progress as a page.
pub fn progress_page(progress: &Progress) -> String {
    let sections: Vec<Section> = [
        next(progress),
        Some(practice(&progress.practice)),
        criteria(progress),
        topics(progress),
        verdicts(&progress.verdicts),
        Some(drill(&progress.drill)),
        Some(checklist(&progress.coverage, &progress.checklist)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let head = html! {
        p.kind { "Progress" }
        h1 { "Where you stand" }
        p.meta { span { "on " (progress.date) } }
    };
    let foot = html! { p { (noise()) " Grades of different graders are never compared." } };
    document("Where you stand", &head, &sections, &foot)
}

fn next(progress: &Progress) -> Option<Section> {
    if progress.next.is_empty() {
        return None;
    }
    let body = html! {
        ol.next { @for step in &progress.next { li { code { (Line(&step.command)) } br; (Line(&step.why)) } } }
    };
    Some(Section { id: "next", title: "What to do next", body })
}

fn practice(practice: &PracticeTime) -> Section {
    let counts = [
        (practice.interviews, "interview"),
        (practice.answers, "answer"),
        (practice.reviews, "review"),
        (practice.diagrams, "drawing"),
    ];
    let weeks: Vec<f64> = practice.weeks.iter().map(|week| week.used_s as f64).collect();
    let most = practice.weeks.iter().map(|week| week.used_s).max().unwrap_or(0);
    let body = html! {
        dl.figures {
            div { dt { "Streak" } dd { (several(practice.streak_days, "day")) } dd.aside { "longest " (practice.longest_streak_days) } }
            div { dt { "Last seven days" } dd { (duration(practice.last_week_s)) } dd.aside { "of " (duration(practice.used_s)) " in all" } }
            @for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
                div { dt { (what) "s" } dd { (count) } }
            }
        }
        @if most > 0 {
            figure {
                (chart::columns(&weeks))
                (ends(practice.weeks.first().map(|week| week.monday.to_string()), practice.weeks.last().map(|week| week.monday.to_string())))
                figcaption { "Practice by week; the highest column is " (duration(most)) "." }
                details {
                    summary { "As a table" }
                    table {
                        thead { tr { th scope="col" { "Week of" } th.number scope="col" { "Sessions" } th.number scope="col" { "Days" } th.number scope="col" { "Time" } } }
                        tbody {
                            @for week in &practice.weeks {
                                tr {
                                    th.day scope="row" { (week.monday) }
                                    td.number { (week.sessions) } td.number { (week.days) } td.number { (clock(week.used_s)) }
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    Section { id: "practice", title: "Practice", body }
}

/// What stands under the left and the right end of a chart.
fn ends(first: Option<String>, last: Option<String>) -> Markup {
    html! { p.ends aria-hidden="true" { span { (first.unwrap_or_default()) } span { (last.unwrap_or_default()) } } }
}

fn criteria(progress: &Progress) -> Option<Section> {
    let tracks = &progress.criteria;
    if tracks.iter().all(|track| track.grades == 0) {
        return None;
    }
    let body = html! {
        p { "Levels 1 to 4, " (Line(&graders(tracks))) ". " (noise()) }
        @for track in tracks { (one(track)) }
    };
    Some(Section { id: "criteria", title: "Criteria", body })
}

/// A criterion over time.
fn one(track: &Track) -> Markup {
    html! {
        article.trend {
            h3 {
                (Line(&track.title))
                @if let Some(now) = track.now { " " span.badge { (format!("{now:.1}")) } }
            }
            p.asks { (change(track)) }
            @if let [first, .., last] = &track.series[..] {
                figure {
                    (chart::over_time(track))
                    (ends(Some(first.from.to_string()), Some(last.to.to_string())))
                    details {
                        summary { "As a table" }
                        table {
                            thead { tr { th scope="col" { "Day" } th.number scope="col" { "Grades" } th.number scope="col" { "Mean" } th.number scope="col" { "Lowest" } th.number scope="col" { "Highest" } } }
                            tbody {
                                @for bucket in &track.series {
                                    tr {
                                        th scope="row" { (bucket.from) @if bucket.to != bucket.from { " to " (bucket.to) } }
                                        td.number { (bucket.grades) }
                                        td.number { (format!("{:.1}", bucket.mean)) }
                                        td.number { (format!("{:.1}", bucket.low)) }
                                        td.number { (format!("{:.1}", bucket.high)) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn topics(progress: &Progress) -> Option<Section> {
    let tracks = &progress.topics;
    if tracks.iter().all(|track| track.grades == 0) {
        return None;
    }
    let body = html! {
        p { "Shares of what was asked, 0 to 10, weakest first, " (Line(&graders(tracks))) "." }
        table.topics {
            caption.hidden { "Grade of each topic now, and how it changed" }
            thead { tr { th scope="col" { "Topic, first to latest" } th scope="col" { "Now" } } }
            tbody {
                @for track in tracks.iter().filter(|track| track.grades > 0) {
                    tr {
                        th scope="row" { (Line(&track.title)) span.below { (change(track)) } }
                        td {
                            @if let Some(now) = track.now {
                                div { (chart::share(now / track.highest)) span.figure { (format!("{now:.1}")) } }
                            }
                        }
                    }
                }
            }
        }
    };
    Some(Section { id: "topics", title: "Topics", body })
}

fn verdicts(verdicts: &[PastVerdict]) -> Option<Section> {
    if verdicts.is_empty() {
        return None;
    }
    let body = html! {
        table {
            caption.hidden { "Verdicts at senior, oldest first" }
            thead { tr { th scope="col" { "Day" } th scope="col" { "Problem" } th scope="col" { "At senior" } } }
            tbody {
                @for past in verdicts {
                    tr {
                        th.day scope="row" { (past.date) }
                        td { @match &past.problem { Some(problem) => (Line(problem)), None => "other" } }
                        td class={ "day verdict-" (super::summary::style(Some(past.senior))) } { (verdict(Some(past.senior))) }
                    }
                }
            }
        }
    };
    Some(Section { id: "verdicts", title: "Verdicts", body })
}

fn drill(drill: &DrillState) -> Section {
    let percent = |share: f64| format!("{:.0} %", 100.0 * share);
    let ahead: Vec<f64> = drill.ahead.iter().map(|count| *count as f64).collect();
    let body = html! {
        dl.figures {
            div { dt { "Due today" } dd { (drill.due) } dd.aside { "of " (several(drill.cards, "card")) } }
            div { dt { "Never asked" } dd { (drill.unseen) } dd.aside { "questions" } }
            @if let Some(retention) = drill.retention {
                div { dt { "Remembered" } dd { (percent(retention)) } dd.aside { "in 30 days; aim " (percent(TARGET)) } }
            }
            @if let Some(known) = drill.known { div { dt { "Known now" } dd { (percent(known)) } dd.aside { "of the cards, likely" } } }
        }
        @if ahead.iter().any(|count| *count > 0.0) {
            figure {
                (chart::columns(&ahead))
                (ends(Some("tomorrow".into()), Some("in a week".into())))
                figcaption {
                    "Cards that come due in the next seven days: "
                    (drill.ahead.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")) "."
                }
            }
        }
        @if !drill.weakest.is_empty() {
            h3 { "Most likely forgotten" }
            table.topics {
                thead { tr { th scope="col" { "Card" } th scope="col" { "Chance that you know it" } } }
                tbody {
                    @for card in &drill.weakest {
                        tr {
                            th scope="row" { (Line(&card.title)) span.below { "due " (card.due) } }
                            td { div { (chart::share(card.recall)) span.figure { (percent(card.recall)) } } }
                        }
                    }
                }
            }
        }
    };
    Section { id: "drill", title: "Drill", body }
}

fn checklist(coverage: &Coverage, items: &[ChecklistState]) -> Section {
    let parts = [
        ("Questions answered", coverage.questions),
        ("Problems held or reviewed", coverage.problems),
        ("Agenda points raised", coverage.points),
        ("Checklist", coverage.checklist),
    ];
    let body = html! {
        table.topics {
            caption.hidden { "How much of the packs was practised" }
            tbody {
                @for (title, part) in parts {
                    tr {
                        th scope="row" { (title) }
                        td {
                            div {
                                (chart::share(part.done as f64 / part.all.max(1) as f64))
                                span.figure { (part.done) " of " (part.all) }
                            }
                        }
                    }
                }
            }
        }
        @if !items.is_empty() {
            h3 { "What to master" }
            ul.points {
                @for item in items {
                    @let (style, sign, word) = match item.ticked_by {
                        Some(_) => ("covered", "\u{2713}", "mastered: "),
                        None => ("missed", "\u{2013}", "open: "),
                    };
                    li class={ "point " (style) } {
                        span class={ "mark " (style) } aria-hidden="true" { (sign) }
                        div {
                            p { span.hidden { (word) } (Line(&item.item)) }
                            @if item.ticked_by == Some(TickedBy::Hand) { p.aside { "Ticked by hand." } }
                        }
                    }
                }
            }
        }
    };
    Section { id: "coverage", title: "Coverage and checklist", body }
}
