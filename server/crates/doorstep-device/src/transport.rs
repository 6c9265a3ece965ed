//! How a device reaches its server: one request and one answer, or waiting for a wake-up.
//!
//! A small trait, so that tests can lose requests and answers as they like. Knows no sync.

use std::borrow::Cow;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use doorstep_domain::words::Lang;

mod http;

pub use http::HttpTransport;

/// A future on the heap, so that [`Transport`] can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What a request does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Sends a body.
    Post,
    /// Takes something away.
    Delete,
}

/// A request to the server.
#[derive(Clone)]
pub struct Request {
    /// What it does.
    pub method: Method,
    /// The path, from `/v1`.
    pub path: Cow<'static, str>,
    /// Query parameters, not yet encoded.
    pub query: Vec<(&'static str, String)>,
    /// The session, sent as a bearer token.
    pub token: Option<String>,
    /// A JSON body.
    pub body: Option<Vec<u8>>,
    /// The last event of the stream that was seen, where the answer is a stream.
    pub last_event: Option<String>,
    /// The language of what people read, where the answer has such.
    pub language: Option<Lang>,
}

impl std::fmt::Debug for Request {
    /// Leaves out the token and the body.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Request({:?} {})", self.method, self.path)
    }
}

/// An answer of the server, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

/// What came of waiting for an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Waited {
    /// One came, with its id where it has one.
    Event(Option<String>),
    /// The server refused the stream.
    Refused(Answer),
}

/// Why there is no answer. The request may have been carried out all the same.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// No connection, or it broke.
    #[error("no connection to the server, or it broke")]
    Unreachable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The answer did not come in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The answer is larger than any this program expects.
    #[error("the answer is larger than {max} bytes")]
    TooLarge {
        /// The limit.
        max: usize,
    },
}

/// A way to the server.
pub trait Transport: Send + Sync {
    /// Sends a request and waits for its answer.
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Answer, TransportError>>;

    /// Opens a stream of events and waits for the first one. [`TransportError::TimedOut`] when none came within `wait_max`.
    fn wait(&self, request: Request, wait_max: Duration) -> BoxFuture<'_, Result<Waited, TransportError>>;
}
