//! What a server offers: its models, and how much they hold.

use std::time::Duration;

use serde_json::Value;

use super::OpenAi;
use super::failure::ServerError;
use crate::model::{Cancel, ModelError};

/// Longest wait for a list.
const LIST: Duration = Duration::from_secs(10);

/// A model as a server lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedModel {
    /// The name to ask for it by.
    pub id: String,
    /// Tokens that fit into its context, if the server says so.
    pub context_window: Option<u32>,
}

impl OpenAi {
    /// Asks the server for its models.
    ///
    /// # Errors
    ///
    /// [`ModelError`].
    pub fn list_models(&self, cancel: &Cancel) -> Result<Vec<ListedModel>, ModelError> {
        let _call = cancel.enter();
        self.key()?;
        self.on_lane(async |client: &reqwest::Client| self.list(client, cancel).await)
    }

    async fn list(&self, client: &reqwest::Client, cancel: &Cancel) -> Result<Vec<ListedModel>, ModelError> {
        let request = self.request(client, reqwest::Method::GET, &self.url("models"))?;
        let work = async {
            let mut response = request.send().await.map_err(|error| self.unreachable(&error).error)?;
            if !response.status().is_success() {
                return Err(self.refused(response, cancel).await.error);
            }
            let mut body = Vec::new();
            while let Ok(Some(bytes)) = response.chunk().await {
                if body.len() + bytes.len() > 8 << 20 {
                    break;
                }
                body.extend_from_slice(&bytes);
            }
            read_models(&body).ok_or_else(|| ModelError::NotAnApi {
                host: self.host().to_owned(),
                reason: ServerError::read(&body).message,
            })
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(ModelError::Cancelled { partial: String::new() }),
            listed = work => listed,
            () = tokio::time::sleep(LIST) => Err(ModelError::Silent {
                host: self.host().to_owned(),
                seconds: LIST.as_secs(),
                partial: String::new(),
            }),
        }
    }

    /// The model's name: as chosen, else the first that the server lists.
    pub(super) async fn model_name(
        &self,
        client: &reqwest::Client,
        cancel: &Cancel,
    ) -> Result<String, ModelError> {
        if let Some(name) = self.model.get() {
            return Ok(name.clone());
        }
        let listed = self.list(client, cancel).await?;
        let Some(first) = listed.into_iter().next() else {
            return Err(ModelError::Refused {
                host: self.host().to_owned(),
                status: 200,
                refusal: crate::model::Refusal::Model,
                reason: "it lists none".to_owned(),
            });
        };
        if let Some(window) = first.context_window {
            self.told(Some(window));
        }
        Ok(self.model.get_or_init(|| first.id).clone())
    }

    /// Tokens that fit into the chosen model's context, as the server says; asked once.
    ///
    /// # Errors
    ///
    /// [`ModelError::Cancelled`].
    pub fn discover_window(&self, cancel: &Cancel) -> Result<Option<u32>, ModelError> {
        let known = *super::locked(&self.window);
        if known.was_asked {
            return Ok(known.told);
        }
        let listed = match self.list_models(cancel) {
            Err(error) if error.is_cancelled() => return Err(error),
            // It may be there for the next request.
            Err(ModelError::Unreachable { .. }) => return Ok(None),
            listed => listed.unwrap_or_default(),
        };
        let chosen = self.model.get();
        let window = listed
            .iter()
            .find(|listed| chosen.is_none_or(|name| *name == listed.id))
            .and_then(|listed| listed.context_window);
        self.told(window);
        Ok(window)
    }

    fn told(&self, told: Option<u32>) {
        let mut window = super::locked(&self.window);
        (window.was_asked, window.told) = (true, told);
    }
}

/// Reads a list of models; servers hide the context window in different places.
fn read_models(body: &[u8]) -> Option<Vec<ListedModel>> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let items = value.get("data").or_else(|| value.get("models")).unwrap_or(&value).as_array()?;
    let window = |item: &Value| {
        let meta = item.get("meta");
        [item.get("max_model_len"), item.get("context_length"), item.get("loaded_context_length")]
            .into_iter()
            .chain([meta.and_then(|meta| meta.get("n_ctx"))])
            .flatten()
            .find_map(Value::as_u64)
            .and_then(|window| u32::try_from(window).ok())
            .filter(|window| *window >= 256)
    };
    Some(
        items
            .iter()
            .filter_map(|item| {
                let id = item.get("id").or_else(|| item.get("name"))?.as_str()?;
                Some(ListedModel { id: crate::text::sanitise(id), context_window: window(item) })
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_and_their_windows_are_read_as_servers_list_them() {
        let model = |id: &str, context_window| ListedModel { id: id.to_owned(), context_window };
        let rows = [
            (
                "OpenAI",
                r#"{"object":"list","data":[{"id":"a"},{"id":"b"}]}"#,
                Some(vec![model("a", None), model("b", None)]),
            ),
            (
                "llama.cpp",
                r#"{"models":[{"name":"a"}],"data":[{"id":"a","meta":{"n_ctx":4096,"n_ctx_train":8192}}]}"#,
                Some(vec![model("a", Some(4096))]),
            ),
            ("vLLM", r#"{"data":[{"id":"a","max_model_len":32768}]}"#, Some(vec![model("a", Some(32768))])),
            (
                "OpenRouter",
                r#"{"data":[{"id":"a","context_length":200000}]}"#,
                Some(vec![model("a", Some(200_000))]),
            ),
            ("none", r#"{"data":[]}"#, Some(vec![])),
            ("a page", "<html>", None),
        ];
        for (name, body, want) in rows {
            assert_eq!(read_models(body.as_bytes()), want, "{name}");
        }
    }
}
