//! `greenroom doctor`: checks a model's server step by step, looks for local ones, says what to type next.

use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::json;

use super::Context;
use crate::cli::Format;
use crate::config::{ModelChoice, Profile, Source};
use crate::error::{Exit, Failure};
use crate::model::{
    Cancel, ChatModel, ChatRequest, Delivery, ListedModel, Message, ModelError, OpenAi, Rung, Schema, Timing,
    complete_json,
};
use crate::text::sanitise;

/// Where local servers usually listen.
const LOCAL: [(&str, &str); 5] = [
    ("ollama", "http://127.0.0.1:11434/v1"),
    ("lmstudio", "http://127.0.0.1:1234/v1"),
    ("llamacpp", "http://127.0.0.1:8080/v1"),
    ("vllm", "http://127.0.0.1:8000/v1"),
    ("litellm", "http://127.0.0.1:4000/v1"),
];

/// Check the model's server, or find a local one
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  greenroom doctor\n  greenroom doctor --profile local\n  greenroom doctor --find"
)]
pub struct DoctorArgs {
    /// Profile to check; the default one without it
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Look for Ollama, LM Studio, llama.cpp, vLLM and LiteLLM on this machine
    #[arg(long)]
    pub find: bool,
    /// Look at this address too
    #[arg(long, value_name = "URL", requires = "find")]
    pub at: Vec<String>,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Ok,
    Warning,
    Failed,
}

/// One check.
#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    outcome: Outcome,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// Runs `greenroom doctor`.
///
/// # Errors
///
/// [`Failure`] if no profile can be checked.
pub fn run(context: &mut Context<'_>, args: &DoctorArgs) -> Result<Exit, Failure> {
    if args.find {
        return find(context, &args.at);
    }
    let choice = match &args.profile {
        Some(name) => {
            let profile = context.settings.profile(name)?.clone();
            ModelChoice { profile_name: name.clone(), model: profile.model.clone(), profile }
        }
        None => context.settings.model_choice()?,
    };
    let host = choice.profile.host().to_owned();
    let is_text = context.format() == Format::Text;
    if is_text {
        writeln!(
            context.out,
            "profile {}: {} ({})",
            choice.profile_name, choice.profile.base_url, choice.profile.source
        )?;
    }
    let client = OpenAi::new(choice, context.environment);
    let cancel = Cancel::new();
    super::llm::stop_on_interrupt(&cancel, super::llm::Idle::Exit);
    let mut checks = Vec::new();
    let prompts = [context.assets.prompt("doctor")?, context.assets.prompt("doctor-json")?];
    examine(&client, &prompts, &cancel, &mut |check| {
        if is_text && !cancel.is_cancelled() {
            // A reader that has gone away is found at the next result.
            let _ = writeln!(context.out, "{}", line(&check));
            let _ = context.out.flush();
        }
        checks.push(check);
    });
    if cancel.is_cancelled() {
        return Err(Failure::user("stopped").exit(Exit::Interrupted));
    }
    let failed = checks.iter().any(|check| check.outcome == Outcome::Failed);
    if !is_text {
        let profile = &client.choice().profile_name;
        context.json(&json!({"profile": profile, "host": host, "ok": !failed, "checks": checks}))?;
    } else if failed {
        writeln!(context.out, "\nNot ready. Mend what failed and run `greenroom doctor` again.")?;
    } else {
        writeln!(context.out, "\nReady. Start with `greenroom interview --coach llm`.")?;
    }
    Ok(if failed { Exit::Provider } else { Exit::Done })
}

fn line(check: &Check) -> String {
    let mark = match check.outcome {
        Outcome::Ok => "ok     ",
        Outcome::Warning => "warning",
        Outcome::Failed => "FAILED ",
    };
    let hint =
        check.hint.as_ref().map_or(String::new(), |hint| format!("\n         hint: {}", sanitise(hint)));
    format!("{mark}  {:18} {}{hint}", check.check, sanitise(&check.detail))
}

/// Checks in order; a failure ends them, since what follows would fail for the same reason.
fn examine(client: &OpenAi, prompts: &[String; 2], cancel: &Cancel, tell: &mut dyn FnMut(Check)) {
    let profile = &client.choice().profile;
    let check = |check, outcome, detail: String, hint: Option<&str>| Check {
        check,
        outcome,
        detail,
        hint: hint.map(ToOwned::to_owned),
    };
    let failed = |name, error: &ModelError| Check {
        check: name,
        outcome: Outcome::Failed,
        detail: error.to_string(),
        hint: Some(error.hint()),
    };
    let listed = match client.list_models(cancel) {
        Ok(listed) => listed,
        Err(ModelError::Key(error)) => {
            return tell(check("key", Outcome::Failed, error.to_string(), Some(&error.hint())));
        }
        Err(
            error
            @ (ModelError::Unreachable { .. } | ModelError::Silent { .. } | ModelError::NotAnApi { .. }),
        ) => {
            return tell(failed("reachable", &error));
        }
        Err(error) if error.is_cancelled() => return,
        Err(error) if error.kind() == "bad_key" => return tell(failed("key", &error)),
        // Some gateways list nothing; what counts is that they answer.
        Err(error) => {
            tell(check("models", Outcome::Warning, format!("the server lists no models ({error})"), None));
            Vec::new()
        }
    };
    tell(check("reachable", Outcome::Ok, profile.host().to_owned(), None));
    tell(check(
        "key",
        Outcome::Ok,
        if profile.has_key() { format!("from {}", profile.key) } else { "none is sent".to_owned() },
        None,
    ));
    tell(model_check(client, &listed));
    if !stream_check(client, &prompts[0], cancel, tell) {
        return;
    }
    match json_check(client, &prompts[1], cancel) {
        Ok(detail) => {
            let outcome = if client.rung() == Rung::Schema { Outcome::Ok } else { Outcome::Warning };
            tell(check("structured output", outcome, detail, None));
        }
        Err(error) => {
            let hint = "grades may fail with this model; a larger one obeys better";
            tell(check("structured output", Outcome::Warning, error.to_string(), Some(hint)));
        }
    }
    tell(window_check(client, cancel));
    cache_check(client, prompts, cancel, tell);
}

fn model_check(client: &OpenAi, listed: &[ListedModel]) -> Check {
    let names: Vec<&str> = listed.iter().map(|model| model.id.as_str()).take(8).collect();
    let all = names.join(", ");
    let more = listed.len().saturating_sub(names.len());
    let all = if more > 0 { format!("{all} and {more} more") } else { all };
    let (outcome, detail) = match &client.choice().model {
        Some(model) if listed.is_empty() || listed.iter().any(|known| known.id == *model) => {
            (Outcome::Ok, model.clone())
        }
        Some(model) => (Outcome::Warning, format!("{model} is not in the server's list: {all}")),
        None if listed.is_empty() => {
            (Outcome::Failed, "none is chosen, and the server lists none".to_owned())
        }
        None => (Outcome::Ok, format!("{} (the server's first of: {all})", listed[0].id)),
    };
    let hint = (outcome != Outcome::Ok).then(|| {
        format!("choose one: greenroom config set profile.{}.model NAME", client.choice().profile_name)
    });
    Check { check: "model", outcome, detail, hint }
}

/// True if the server answered; the rest needs that.
#[allow(clippy::disallowed_methods, reason = "measures the server for the user; nothing is recorded")]
fn stream_check(client: &OpenAi, prompt: &str, cancel: &Cancel, tell: &mut dyn FnMut(Check)) -> bool {
    let request = ChatRequest {
        messages: vec![Message::user(prompt)],
        temperature: Some(0.0),
        max_output_tokens: Some(64),
        ..ChatRequest::default()
    };
    let began = Instant::now();
    let (mut first, mut pieces) = (None, 0);
    let result = client.complete(&request, cancel, &mut |_| {
        first.get_or_insert_with(|| began.elapsed());
        pieces += 1;
    });
    let (outcome, detail, hint) = match &result {
        Ok(reply) => {
            let tokens = reply.usage.map_or("counts no tokens".to_owned(), |usage| {
                let speed = usage.completion as f64 / began.elapsed().as_secs_f64().max(0.001);
                format!("{speed:.0} tokens a second")
            });
            let wait = first.unwrap_or_default().as_secs_f64();
            let whole = if pieces > 1 { "" } else { ", all at once" };
            let outcome = if pieces > 1 { Outcome::Ok } else { Outcome::Warning };
            (outcome, format!("first words after {wait:.1} s, {tokens}{whole}"), None)
        }
        Err(error) => (Outcome::Failed, error.to_string(), Some(error.hint())),
    };
    tell(Check { check: "streaming", outcome, detail, hint });
    result.is_ok()
}

fn json_check(client: &OpenAi, prompt: &str, cancel: &Cancel) -> Result<String, ModelError> {
    let schema = json!({
        "type": "object",
        "properties": {"answer": {"type": "string", "enum": ["yes", "no"]}, "certainty": {"type": "integer"}},
        "required": ["answer", "certainty"],
        "additionalProperties": false,
    });
    let request = ChatRequest {
        messages: vec![Message::user(prompt)],
        temperature: Some(0.0),
        max_output_tokens: Some(256),
        schema: Some(Schema { name: "doctor", schema }),
        delivery: Delivery::Whole,
        ..ChatRequest::default()
    };
    let judged = complete_json(client, &request, cancel, &|value| match (
        value["answer"].as_str(),
        value["certainty"].as_i64(),
    ) {
        (Some("yes" | "no"), Some(_)) => Ok(()),
        _ => Err(vec!["answer must be yes or no, certainty a whole number".to_owned()]),
    })?;
    let how = match client.rung() {
        Rung::Schema => "the server enforces schemas",
        Rung::Object => "the server makes JSON, the schema is asked for in words",
        Rung::Words => "asked for in words only",
    };
    Ok(if judged.replies > 1 { format!("{how}; it took a repair") } else { how.to_owned() })
}

fn window_check(client: &OpenAi, cancel: &Cancel) -> Check {
    let profile = &client.choice().profile;
    let name = &client.choice().profile_name;
    let told = client.discover_window(cancel).unwrap_or_default();
    let set = format!("greenroom config set profile.{name}.context_window TOKENS");
    let (outcome, detail, hint) = match (profile.context_window, told) {
        (Some(own), Some(told)) if own > told => {
            (Outcome::Warning, format!("the profile says {own} tokens, the server {told}"), Some(set))
        }
        (Some(own), _) => (Outcome::Ok, format!("{own} tokens (profile)"), None),
        (None, Some(told)) => (Outcome::Ok, format!("{told} tokens (server)"), None),
        (None, None) => {
            let assumed = client.context_window();
            (Outcome::Warning, format!("the server does not say; {assumed} tokens are assumed"), Some(set))
        }
    };
    Check { check: "context", outcome, detail, hint }
}

/// Sends one long beginning twice and looks whether the server had kept it.
fn cache_check(client: &OpenAi, prompts: &[String; 2], cancel: &Cancel, tell: &mut dyn FnMut(Check)) {
    let words = (client.context_window() as usize / 4).min(1400);
    let long: Vec<String> = (0..words).map(|number| format!("item{number}")).collect();
    let request = ChatRequest {
        messages: vec![Message::system(long.join(" ")), Message::user(prompts[0].clone())],
        temperature: Some(0.0),
        max_output_tokens: Some(16),
        ..ChatRequest::default()
    };
    let ask = || client.complete(&request, cancel, &mut |_| ()).map(|reply| reply.usage);
    let (outcome, detail) = match ask().and_then(|_| ask()) {
        Ok(Some(usage)) if usage.cached > 0 => (
            Outcome::Ok,
            format!("{} of {} tokens of a repeated prompt were read from it", usage.cached, usage.prompt),
        ),
        Ok(_) => (
            Outcome::Warning,
            "the server does not say that it keeps prompts; turns may be slow or dear".to_owned(),
        ),
        Err(error) => (Outcome::Warning, error.to_string()),
    };
    tell(Check { check: "prompt cache", outcome, detail, hint: None });
}

fn find(context: &mut Context<'_>, more: &[String]) -> Result<Exit, Failure> {
    let ollama =
        context.environment.variable("OLLAMA_HOST").map(|host| ("ollama".to_owned(), ollama_url(host)));
    let mut places: Vec<(String, String)> =
        LOCAL.iter().map(|&(name, url)| (name.to_owned(), url.to_owned())).collect();
    places.extend(ollama);
    places.extend(more.iter().enumerate().map(|(n, url)| (format!("local{}", n + 1), url.clone())));
    places.dedup_by(|a, b| a.1 == b.1);
    let cancel = Cancel::new();
    super::llm::stop_on_interrupt(&cancel, super::llm::Idle::Exit);
    let found: Vec<(String, Profile, Vec<ListedModel>)> = std::thread::scope(|scope| {
        let (environment, cancel) = (context.environment, &cancel);
        let looking: Vec<_> = places
            .into_iter()
            .map(|(name, url)| {
                scope.spawn(move || {
                    let profile = Profile::new(&url, Source::Default);
                    let model = profile.model.clone();
                    let choice = ModelChoice { profile_name: name.clone(), model, profile: profile.clone() };
                    let wait = Duration::from_millis(700);
                    let timing = Timing { connect: wait, first_byte: wait, retries: 0, ..Timing::default() };
                    let client = OpenAi::new(choice, environment).with_timing(timing);
                    let listed = client.list_models(cancel).ok()?;
                    Some((name, profile, listed))
                })
            })
            .collect();
        looking.into_iter().filter_map(|thread| thread.join().ok().flatten()).collect()
    });
    if cancel.is_cancelled() {
        return Err(Failure::user("stopped").exit(Exit::Interrupted));
    }
    if context.format() == Format::Json {
        let rows: Vec<_> = found
            .iter()
            .map(|(name, profile, listed)| {
                let models: Vec<&str> = listed.iter().map(|model| model.id.as_str()).collect();
                json!({"id": name, "title": name, "base_url": profile.base_url, "models": models})
            })
            .collect();
        context.json(&rows)?;
        return Ok(if found.is_empty() { Exit::User } else { Exit::Done });
    }
    if found.is_empty() {
        return Err(Failure::user("no model server answers on this machine").hint(
            "start one (`ollama serve`, LM Studio, `llama-server -m MODEL`), or set OPENAI_API_KEY for a hosted one",
        ));
    }
    for (name, profile, listed) in &found {
        let models: Vec<&str> = listed.iter().map(|model| model.id.as_str()).take(6).collect();
        writeln!(context.out, "found {} at {}: {}", name, profile.base_url, sanitise(&models.join(", ")))?;
        writeln!(context.out, "  greenroom config set profile.{name}.base_url {}", profile.base_url)?;
        if let Some(model) = models.first() {
            writeln!(
                context.out,
                "  greenroom config set profile.{name}.model {}",
                quoted(&sanitise(model))
            )?;
        }
        writeln!(context.out, "  greenroom config set default_profile {name}")?;
        writeln!(context.out, "  greenroom doctor")?;
    }
    Ok(Exit::Done)
}

/// `OLLAMA_HOST` may be a host, `host:port`, an address to listen on, or a URL.
fn ollama_url(host: &str) -> String {
    let (scheme, rest) = host.split_once("://").unwrap_or(("http", host));
    let rest = rest.trim_end_matches('/').replace("0.0.0.0", "127.0.0.1");
    let has_port = rest.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok());
    if has_port { format!("{scheme}://{rest}/v1") } else { format!("{scheme}://{rest}:11434/v1") }
}

/// A word that a shell takes as one.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '/' | '@' | '+');
    if word.chars().all(plain) { word.to_owned() } else { format!("'{}'", word.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ollamas_variable_is_read_in_all_its_forms() {
        let rows = [
            ("127.0.0.1", "http://127.0.0.1:11434/v1"),
            ("0.0.0.0:9000", "http://127.0.0.1:9000/v1"),
            ("https://box.example:443/", "https://box.example:443/v1"),
        ];
        for (host, want) in rows {
            assert_eq!(ollama_url(host), want, "{host}");
        }
    }

    #[test]
    fn what_is_offered_to_be_typed_is_one_word_for_a_shell() {
        assert_eq!(quoted("llama3:8b"), "llama3:8b");
        assert_eq!(quoted("a b'; rm -rf ~"), "'a b'\\''; rm -rf ~'");
    }
}
