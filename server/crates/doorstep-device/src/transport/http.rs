//! The way over HTTP: TLS with the ring provider, plain HTTP to this machine only.
//!
//! Redirects are not followed, because they would carry the session elsewhere. Knows no retry: whoever calls knows
//! whether to ask again.

use std::net::IpAddr;
use std::sync::Once;
use std::time::Duration;

use reqwest::header::ACCEPT;
use reqwest::{Client, Response, Url};

use super::{Answer, BoxFuture, Method, Request, Transport, TransportError, Waited};
use crate::error::DeviceError;

/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 32 * 1024 * 1024;
/// How long a connection may take.
const CONNECT_MAX: Duration = Duration::from_secs(10);
/// How long a request may take from first to last byte.
const REQUEST_MAX: Duration = Duration::from_mins(1);

static PROVIDER: Once = Once::new();

/// A server over HTTP.
#[derive(Clone)]
pub struct HttpTransport {
    client: Client,
    base: Url,
}

impl HttpTransport {
    /// A way to the server at `url`: `https://…`, or `http://…` where the host is this machine.
    pub fn new(url: &str) -> Result<Self, DeviceError> {
        let refused = || DeviceError::ServerUrl { url: url.to_owned() };
        let base = Url::parse(url).map_err(|_| refused())?;
        let local = is_this_machine(&base);
        match base.scheme() {
            "https" => {}
            "http" if local => {}
            _ => return Err(refused()),
        }
        PROVIDER.call_once(|| {
            // Fails only where the program has chosen a provider before, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let mut builder = Client::builder()
            .connect_timeout(CONNECT_MAX)
            .redirect(reqwest::redirect::Policy::none());
        if local {
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|_| refused())?;
        Ok(Self { client, base })
    }

    async fn open(&self, request: Request, accept: &'static str) -> Result<Response, TransportError> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}{}", self.base.path().trim_end_matches('/'), request.path));
        let mut builder = match request.method {
            Method::Get => self.client.get(url),
            Method::Post => self.client.post(url),
            Method::Delete => self.client.delete(url),
        };
        builder = builder.header(ACCEPT, accept).query(&request.query);
        if let Some(token) = &request.token {
            builder = builder.bearer_auth(token);
        }
        if let Some(lang) = request.language {
            builder = builder.header(reqwest::header::ACCEPT_LANGUAGE, lang.code());
        }
        if let Some(last) = &request.last_event {
            builder = builder.header("last-event-id", last);
        }
        if let Some(body) = request.body {
            builder = builder
                .header(reqwest::header::CONTENT_TYPE, "application/json")
                .body(body);
        }
        builder.send().await.map_err(unreachable)
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Answer, TransportError>> {
        Box::pin(async move {
            let whole = async { read(self.open(request, "application/json").await?).await };
            within(REQUEST_MAX, whole).await
        })
    }

    fn wait(&self, request: Request, wait_max: Duration) -> BoxFuture<'_, Result<Waited, TransportError>> {
        Box::pin(async move {
            let first = async {
                let response = self.open(request, "text/event-stream").await?;
                if response.status().is_success() {
                    first_event(response).await.map(Waited::Event)
                } else {
                    read(response).await.map(Waited::Refused)
                }
            };
            within(wait_max, first).await
        })
    }
}

async fn within<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, TransportError>>,
) -> Result<T, TransportError> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(TransportError::TimedOut))
}

async fn read(mut response: Response) -> Result<Answer, TransportError> {
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(TransportError::TooLarge { max: ANSWER_BYTES_MAX });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body })
}

/// Reads until a whole event was seen and returns its id; comments, which keep the connection open, do not count.
async fn first_event(mut response: Response) -> Result<Option<String>, TransportError> {
    let mut line = Vec::new();
    let mut has_data = false;
    let mut id = None;
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        for byte in chunk.iter().copied().filter(|byte| *byte != b'\r') {
            if byte != b'\n' {
                line.push(byte);
                if line.len() > ANSWER_BYTES_MAX {
                    return Err(TransportError::TooLarge { max: ANSWER_BYTES_MAX });
                }
                continue;
            }
            if line.is_empty() && has_data {
                return Ok(id);
            }
            has_data = has_data || line.starts_with(b"data") || line.starts_with(b"event");
            if let Some(value) = line.strip_prefix(b"id:") {
                id = String::from_utf8(value.trim_ascii().to_vec()).ok();
            }
            line.clear();
        }
    }
    Err(TransportError::Unreachable(None))
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn unreachable(cause: reqwest::Error) -> TransportError {
    if cause.is_timeout() {
        TransportError::TimedOut
    } else {
        // The address is not repeated: its query may hold a cursor.
        TransportError::Unreachable(Some(Box::new(cause.without_url())))
    }
}
