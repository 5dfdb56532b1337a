//! `greenroom diagram`: a drawing read, checked against a task, shown, and kept as a session.

mod coaching;
mod picture;
mod render;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::Context;
use crate::assets::FIRST_PACK;
use crate::cli::Format;
use crate::diagram::{self, Graph, Review, Reviewer};
use crate::error::{Exit, Failure};
use crate::interview::{Event, Plan, Record, SessionKind, Start, Why};
use crate::material::{DiagramTask, Pack};
use crate::store::Store;
use crate::text::{decode, sanitise};

/// Earlier attempts that are looked at for how far to help.
const ATTEMPTS: usize = 20;

/// Check a drawing: Mermaid, DOT, D2, Excalidraw, ASCII art, PNG or JPEG
///
/// Without FILE it is drawn in your editor, step by step with hints, or comes from standard input.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom diagram list\n  greenroom diagram                              draw in your editor, with hints\n  greenroom diagram ecommerce                    the same, for a task\n  greenroom diagram ecommerce shop.mmd --svg shop.svg\n  greenroom diagram social-feed - --format json < feed.d2"
)]
pub struct DiagramArgs {
    /// Task (`greenroom diagram list`), or a FILE that was drawn for none
    pub task: Option<String>,
    /// Drawing; `-` is standard input
    pub file: Option<PathBuf>,
    /// Write the drawing as SVG
    #[arg(long, value_name = "OUT")]
    pub svg: Option<PathBuf>,
    /// Pack the task is in
    #[arg(long, value_name = "NAME", default_value = FIRST_PACK)]
    pub pack: String,
}

/// A drawing as it came: its bytes, and where from.
struct Source {
    bytes: Vec<u8>,
    name: String,
}

/// Reads, checks, keeps and prints a drawing; one that is made in the editor may be mended there.
///
/// # Errors
///
/// [`Failure`] if there is no such task or file, or the file is no drawing.
pub fn run(context: &mut Context<'_>, args: &DiagramArgs) -> Result<Exit, Failure> {
    let pack = context.assets.pack(&args.pack)?;
    let is_attended = context.terminal.input && context.terminal.output;
    let (mut task, file) = match args.task.as_deref() {
        None if is_attended => (None, None),
        None | Some("list") => return render::tasks(context, &pack),
        Some(asked) => match (find(&pack, asked), &args.file) {
            (Some(task), file) => (Some(task), file.clone()),
            (None, None) if asked == "-" || Path::new(asked).exists() => (None, Some(PathBuf::from(asked))),
            (None, _) => return Err(unknown(&pack, asked)),
        },
    };
    if file.is_some() || !is_attended {
        let source = given(file.as_deref())?;
        check(context, args, &pack, task, &source, false)?;
        return Ok(Exit::Done);
    }
    let mut begun = None;
    loop {
        let Some(source) = edited(context, &pack, task, begun.as_deref())? else {
            context.note("Nothing was drawn.");
            return Ok(Exit::Done);
        };
        let text = decode(&source.bytes).text;
        let looked_at = coaching::named_task(&pack, &text).and_then(|named| {
            task = task.or(named);
            check(context, args, &pack, task, &source, true)
        });
        let hints = match (&looked_at, task) {
            (Ok(review), Some(task)) => coaching::hints(task, review),
            (Ok(_), None) => Vec::new(),
            // What was typed is not lost for a slip of the pen.
            (Err(failure), _) => {
                writeln!(context.err, "{failure}")?;
                Vec::new()
            }
        };
        if coaching::next(context, &hints)? == coaching::Next::Leave {
            return looked_at.map(|_| Exit::Done);
        }
        begun = Some(text);
    }
}

/// Reads a drawing, checks it, keeps it and prints what was found.
fn check(
    context: &mut Context<'_>,
    args: &DiagramArgs,
    pack: &Pack,
    task: Option<&DiagramTask>,
    source: &Source,
    is_coached: bool,
) -> Result<Review, Failure> {
    let (text, picture) = match picture::media_type(&source.bytes) {
        Some(media_type) => (
            picture::transcribe(context, media_type, source.bytes.clone())?,
            Some(media_type.trim_start_matches("image/")),
        ),
        None => (decode(&source.bytes).text, None),
    };
    let mut graph = diagram::read(&text).map_err(|error| {
        Failure::user(format!("{}: {}", source.name, sanitise(&error.to_string()))).hint(
            "greenroom reads Mermaid, Graphviz DOT, D2, Excalidraw scenes, and boxes and arrows of characters",
        )
    })?;
    let reviewer = Reviewer::new(&pack.lexicon, context.assets.diagram_rules()?);
    let review = reviewer
        .review(&mut graph, task)
        .map_err(|error| Failure::user("the task has a fault").because(&error))?;
    if let Some(path) = &args.svg {
        std::fs::write(path, diagram::svg(&graph)).map_err(|error| {
            Failure::user(format!("{} cannot be written", path.display())).because(&error)
        })?;
        context.note(&format!("Drawn to {}.", path.display()));
    }
    let mut store = context.store()?;
    let hint = task.filter(|_| !is_coached).and_then(|task| hint(&store, task, &review));
    let id = keep(context, &mut store, pack, task, &source.name, &text, &review)?;
    let shown = render::Shown { id: &id, graph: &graph, review: &review, task, hint, picture, is_coached };
    match context.format() {
        Format::Text => {
            let text = render::text(&shown);
            context.out.write_all(text.as_bytes())?;
        }
        Format::Md => {
            let text = render::markdown(&shown);
            context.out.write_all(text.as_bytes())?;
        }
        Format::Json => {
            let value = render::json(&shown);
            context.json(&value)?;
        }
        Format::Html => {
            return Err(Failure::user("a drawing has no HTML page").hint("use --svg OUT, or --format md"));
        }
    }
    Ok(review)
}

/// The task with this id or title.
fn find<'a>(pack: &'a Pack, asked: &str) -> Option<&'a DiagramTask> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    pack.diagrams.iter().find(|task| plain(&task.id) == plain(asked) || plain(&task.title) == plain(asked))
}

fn unknown(pack: &Pack, asked: &str) -> Failure {
    let failure = Failure::user(format!("there is no diagram task and no file `{asked}`"));
    let likeness = |task: &DiagramTask| strsim::jaro_winkler(&task.id, &asked.to_lowercase());
    let near = pack.diagrams.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match near.filter(|near| likeness(near) > 0.75) {
        Some(near) => failure.hint(format!("did you mean `{}`? `greenroom diagram list` shows all", near.id)),
        None => failure.hint("`greenroom diagram list` shows the tasks"),
    }
}

/// The drawing in a file, or on standard input.
fn given(file: Option<&Path>) -> Result<Source, Failure> {
    match file.filter(|path| path.as_os_str() != "-") {
        Some(path) => {
            let bytes = read_file(path)?;
            let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
            Ok(Source { bytes, name })
        }
        None => {
            let mut bytes = Vec::new();
            std::io::stdin().lock().take(picture::LARGEST as u64 + 1).read_to_end(&mut bytes)?;
            Ok(Source { bytes, name: String::from("standard input") })
        }
    }
}

fn read_file(path: &Path) -> Result<Vec<u8>, Failure> {
    let unreadable = |error: std::io::Error| {
        Failure::user(format!("{} cannot be read", path.display()))
            .because(&error)
            .hint("give the path of a drawing, or `-` for standard input")
    };
    let file = std::fs::File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    file.take(picture::LARGEST as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

/// Opens the editor on what was begun, on the last drawing of the task, or on a template; `None` if nothing was changed.
fn edited(
    context: &mut Context<'_>,
    pack: &Pack,
    task: Option<&DiagramTask>,
    begun: Option<&str>,
) -> Result<Option<Source>, Failure> {
    let editor = ["VISUAL", "EDITOR"].iter().find_map(|name| context.environment.variable(name));
    let Some(editor) = editor.map(str::to_owned) else {
        return Err(Failure::user("no editor is set")
            .hint("set VISUAL or EDITOR, or name a file: greenroom diagram TASK FILE"));
    };
    let store = context.store()?;
    let template = coaching::template(pack, task);
    let last = || task.and_then(|task| last_drawing(&store, task));
    let is_fresh = begun.is_none();
    let begun = begun.map(str::to_owned).or_else(last).unwrap_or_else(|| template.clone());
    let path = store.folder().join(format!("drawing-{}.mmd", std::process::id()));
    std::fs::write(&path, &begun)?;
    // `$EDITOR` may carry arguments; the shell splits them as the user wrote them.
    let status = std::process::Command::new("sh")
        .arg("-c")
        .arg(format!("{editor} \"$1\""))
        .arg("greenroom")
        .arg(&path)
        .status();
    let bytes = std::fs::read(&path);
    let _ = std::fs::remove_file(&path);
    match status {
        Ok(status) if status.success() => {}
        _ => {
            return Err(
                Failure::user(format!("the editor `{editor}` failed")).hint("check VISUAL and EDITOR")
            );
        }
    }
    let bytes = bytes?;
    // The last drawing may be looked at again; a template, or what was just looked at, says nothing new.
    let same = bytes == template.as_bytes() || (!is_fresh && bytes == begun.as_bytes());
    let unchanged = same || bytes.trim_ascii().is_empty();
    Ok((!unchanged).then(|| Source { bytes, name: String::from("your drawing") }))
}

fn attempts<'s>(store: &'s Store, task: &DiagramTask) -> impl Iterator<Item = Vec<Record>> + use<'s> {
    let listed = store.list().unwrap_or_default();
    let id = task.id.clone();
    let own = listed
        .into_iter()
        .filter(move |listed| listed.summary.kind == SessionKind::Diagram && listed.summary.problem == id);
    own.take(ATTEMPTS).filter_map(|listed| store.read(&listed.id).ok())
}

fn last_drawing(store: &Store, task: &DiagramTask) -> Option<String> {
    attempts(store, task).next()?.into_iter().find_map(|record| match record.event {
        Event::Drawn { source, .. } => Some(source),
        _ => None,
    })
}

/// A rung of the first missing item's ladder: the more often it was missing, the more it tells.
fn hint(store: &Store, task: &DiagramTask, review: &Review) -> Option<String> {
    let missing = review.include.iter().find(|item| !item.present)?;
    let item = task.items.iter().find(|item| item.id == missing.id)?;
    let lacked = |record: &Record| match &record.event {
        Event::DrawingReviewed { review } => {
            review.include.iter().any(|item| item.id == missing.id && !item.present)
        }
        _ => false,
    };
    let times = attempts(store, task).filter(|records| records.iter().any(lacked)).count();
    item.hints.get(times.min(item.hints.len() - 1)).cloned()
}

/// Stores the attempt as a session; returns its id.
fn keep(
    context: &Context<'_>,
    store: &mut Store,
    pack: &Pack,
    task: Option<&DiagramTask>,
    name: &str,
    source: &str,
    review: &Review,
) -> Result<String, Failure> {
    let id = uuid::Uuid::now_v7().to_string();
    let start = Start {
        kind: SessionKind::Diagram,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        title: task.map_or_else(|| format!("Drawing: {name}"), |task| format!("Drawing: {}", task.title)),
        pack: pack.manifest.id.clone(),
        pack_version: pack.manifest.version,
        problem_id: task.map(|task| task.id.clone()),
        problem: None,
        rubric: pack.manifest.rubric.clone(),
        digests: BTreeMap::new(),
        plan: Plan { phases: Vec::new() },
        level: context.settings.level.value,
        style: context.settings.style.value,
        time: context.settings.time.value,
        coach: crate::coach::embedded::name(),
        seed: 0,
        forked_from: None,
    };
    let at_ms = crate::clock::wall_ms();
    let events = [
        Event::Started(Box::new(start)),
        Event::Drawn { format: review.input_format.name().to_owned(), source: source.to_owned() },
        Event::DrawingReviewed { review: Box::new(review.clone()) },
        Event::Ended { why: Why::PlanDone },
    ];
    let records: Vec<Record> =
        events.into_iter().zip(0..).map(|(event, seq)| Record { seq, at_ms, active_ms: 0, event }).collect();
    store.append(&id, &records)?;
    Ok(id)
}

/// Ids and labels of the components at both ends of every edge, for programs.
fn ends(graph: &Graph) -> impl Iterator<Item = (&str, &str, &diagram::Edge)> {
    graph.edges.iter().filter_map(|edge| {
        let (from, to) = (graph.components.get(edge.from)?, graph.components.get(edge.to)?);
        Some((from.id.as_str(), to.id.as_str(), edge))
    })
}
