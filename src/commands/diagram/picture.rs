//! A photographed or exported drawing: a model that sees writes it down as Mermaid.

use super::Context;
use crate::coach::llm::{LlmError, Prompts};
use crate::config::CoachKind;
use crate::error::Failure;
use crate::model::{Cancel, ChatModel, ChatRequest, Delivery, Image};

/// Largest picture that is sent, in bytes; servers refuse larger ones.
pub(super) const LARGEST: usize = 20 << 20;

/// The media type of a picture, by its first bytes.
pub(super) fn media_type(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some("image/png")
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some("image/jpeg")
    } else {
        None
    }
}

/// What the picture shows, as Mermaid.
///
/// # Errors
///
/// [`Failure`] if no model is configured, or its provider fails.
pub(super) fn transcribe(
    context: &mut Context<'_>,
    media_type: &'static str,
    bytes: Vec<u8>,
) -> Result<String, Failure> {
    if bytes.len() > LARGEST {
        return Err(
            Failure::user("the picture is larger than 20 MB").hint("scale it down, or draw it as text")
        );
    }
    if context.settings.coach.value != CoachKind::Llm {
        return Err(Failure::user("a picture needs a model that sees: the embedded coach reads text only")
            .hint("connect one (`greenroom doctor --find`), or write the drawing as Mermaid, DOT, D2 or ASCII art"));
    }
    let (model, choice) = crate::commands::llm::meter(context, None)?;
    context.note(&format!("The picture is sent to {} ({}).", choice.profile.host(), choice.name()));
    let cancel = Cancel::new();
    crate::commands::llm::stop_on_interrupt(&cancel, crate::commands::llm::Idle::Exit);
    let prompts = Prompts::load(&context.assets).map_err(LlmError::from)?;
    let mut messages = prompts.render("diagram", &()).map_err(LlmError::from)?;
    if let Some(last) = messages.last_mut() {
        last.images.push(Image { media_type, bytes });
    }
    let request = ChatRequest {
        messages,
        temperature: Some(0.0),
        max_output_tokens: Some(4_000),
        delivery: Delivery::Whole,
        ..ChatRequest::default()
    };
    let reply = model.complete(&request, &cancel, &mut |_| {}).map_err(LlmError::from)?;
    Ok(reply.text)
}
