//! Why a model did not answer: one clear sentence, a hint, and the text that came before.

use crate::config::KeyError;

/// Why a server refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The key is missing, wrong or not allowed.
    Key,
    /// No such model.
    Model,
    /// No such path: the base URL is wrong.
    Path,
    /// The account is out of credit; waiting does not help.
    Quota,
    /// Too many requests; waiting helps.
    RateLimit,
    /// Overloaded, loading or broken; waiting may help.
    Busy,
    /// The request as it stands.
    Request,
    /// A redirect, which is not followed.
    Redirect,
}

/// Why a model did not answer. The messages are what the user reads; they hold no key.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// No key, so nothing was sent.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// No connection.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// Scheme and host.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// The server answered with an error.
    #[error("{host} {}: {reason}", Self::refused(*refusal, *status))]
    Refused {
        /// Scheme and host.
        host: String,
        /// HTTP status; 200 if the error came inside a reply.
        status: u16,
        /// Which kind.
        refusal: Refusal,
        /// The server's words.
        reason: String,
    },
    /// The conversation does not fit into the model's context.
    #[error("the conversation is too long for the model: {reason}")]
    ContextOverflow {
        /// The server's words.
        reason: String,
        /// Tokens that fit, if the server said so.
        context_window: Option<u32>,
    },
    /// Nothing came for too long.
    #[error("{host} sent nothing for {seconds} s")]
    Silent {
        /// Scheme and host.
        host: String,
        /// How long was waited.
        seconds: u64,
        /// Text that came before.
        partial: String,
    },
    /// The reply ended before it was complete.
    #[error("the reply broke off: {reason}")]
    BrokeOff {
        /// How.
        reason: String,
        /// Text that came before.
        partial: String,
    },
    /// The answer is none of a chat API.
    #[error("{host} does not answer like an OpenAI-compatible server: {reason}")]
    NotAnApi {
        /// Scheme and host.
        host: String,
        /// What came instead.
        reason: String,
    },
    /// The provider's filter, or the model, declined.
    #[error("the provider declined to answer: {reason}")]
    Declined {
        /// What was said.
        reason: String,
        /// Text that came before.
        partial: String,
    },
    /// A request that could cost more than is left was not sent.
    #[error("the next request could pass the limit of ${limit:.2} (spent so far: ${spent:.4})")]
    OverBudget {
        /// US dollars that may be spent.
        limit: f64,
        /// US dollars that were spent.
        spent: f64,
    },
    /// Ended by the user.
    #[error("interrupted")]
    Cancelled {
        /// Text that came before.
        partial: String,
    },
    /// JSON was asked for; what came is none or breaks the rules, also after a repair.
    #[error("the model's answer could not be read: {}", faults.join("; "))]
    Unreadable {
        /// What is wrong with it.
        faults: Vec<String>,
        /// The answer.
        partial: String,
    },
}

impl ModelError {
    fn refused(refusal: Refusal, status: u16) -> String {
        match refusal {
            Refusal::Key => "did not accept the API key".to_owned(),
            Refusal::Model => "does not have the model".to_owned(),
            Refusal::Path => format!("has nothing at this address (HTTP {status})"),
            Refusal::Quota => "says that the account has no credit left".to_owned(),
            Refusal::RateLimit => "allows no more requests for now".to_owned(),
            Refusal::Busy => format!("is not able to answer now (HTTP {status})"),
            Refusal::Request => format!("refused the request (HTTP {status})"),
            Refusal::Redirect => format!("sends requests elsewhere (HTTP {status})"),
        }
    }

    /// What to try next; printed on its own line, after `hint:`.
    pub fn hint(&self) -> String {
        let hint = match self {
            Self::Key(error) => return error.hint(),
            Self::Unreachable { .. } => {
                "is the server running, and is the base_url right? `greenroom doctor` checks it"
            }
            Self::Refused { refusal, .. } => match refusal {
                Refusal::Key => "check the key and where it comes from: `greenroom config show`",
                Refusal::Model => {
                    "`greenroom doctor` lists the server's models; choose one with --model NAME"
                }
                Refusal::Path => "check the base_url; for most servers it ends in /v1",
                Refusal::Quota => "add credit at the provider, or choose another model with --model",
                Refusal::RateLimit | Refusal::Busy => "wait a little and try again",
                Refusal::Request => "`greenroom doctor` checks what the server can do",
                Refusal::Redirect => {
                    "put the address it names into base_url; a key is not sent to another host unasked"
                }
            },
            Self::ContextOverflow { .. } => {
                "set context_window in the profile to what the server allows, or give the server more context"
            }
            Self::Silent { .. } => {
                "try again, or raise first_byte_timeout_s or idle_timeout_s in the profile"
            }
            Self::BrokeOff { .. } => "try again; what came so far is kept",
            Self::NotAnApi { .. } => {
                "check the base_url, and whether a login page or proxy stands in between"
            }
            Self::Declined { .. } => "say it in other words, or choose another model with --model",
            Self::OverBudget { .. } => "raise --max-cost, or go on with --coach embedded",
            Self::Cancelled { .. } => "nothing is lost",
            Self::Unreadable { .. } => "try again, or choose a more capable model with --model",
        };
        hint.to_owned()
    }

    /// The text that came before the error.
    pub fn partial(&self) -> &str {
        match self {
            Self::Silent { partial, .. }
            | Self::BrokeOff { partial, .. }
            | Self::Declined { partial, .. }
            | Self::Cancelled { partial }
            | Self::Unreadable { partial, .. } => partial,
            _ => "",
        }
    }

    /// True if the user ended it.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled { .. })
    }

    /// A short name for error lines and tables.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Key(_) => "no_key",
            Self::Unreachable { .. } => "unreachable",
            Self::Refused { refusal: Refusal::Key, .. } => "bad_key",
            Self::Refused { refusal: Refusal::Model, .. } => "no_such_model",
            Self::Refused { refusal: Refusal::Path, .. } => "not_found",
            Self::Refused { refusal: Refusal::Quota, .. } => "quota",
            Self::Refused { refusal: Refusal::RateLimit, .. } => "rate_limit",
            Self::Refused { refusal: Refusal::Busy, .. } => "server_error",
            Self::Refused { refusal: Refusal::Request, .. } => "refused",
            Self::Refused { refusal: Refusal::Redirect, .. } => "redirect",
            Self::ContextOverflow { .. } => "context_overflow",
            Self::Silent { .. } => "timeout",
            Self::BrokeOff { .. } => "broke_off",
            Self::NotAnApi { .. } => "not_an_api",
            Self::Declined { .. } => "declined",
            Self::OverBudget { .. } => "max_cost",
            Self::Cancelled { .. } => "interrupted",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}
