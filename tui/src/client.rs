//! HTTP to a server's `/v1`: requests with token, language and idempotency key; problems as failures. Knows no noun.

use crate::failure::Failure;
use doorstep_domain::words::Lang;
use doorstep_wire::problem::Problem;
use doorstep_wire::{API, Page};
use reqwest::{Method, RequestBuilder, Response, header};
use serde::{Serialize, de::DeserializeOwned};
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

/// How long a connection may take to come about.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);
/// How often a request is sent where the connection broke before an answer came: only what may be sent twice.
const ATTEMPTS_MAX: u32 = 2;
/// More pages than this are not asked for; the answer then says that there is a next one.
const PAGES_MAX: usize = 10_000;
/// Names a request, so that the server carries it out once.
const KEY_HEADER: &str = "Idempotency-Key";

/// Names a request in the server's log.
const REQUEST_HEADER: &str = "X-Request-Id";

/// A connection to one server, with or without a session.
#[derive(Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    server: String,
    token: Option<String>,
    lang: Lang,
}

impl Client {
    /// A client of the server at `server`, an address such as `http://127.0.0.1:7450`.
    pub(crate) fn new(server: &str, token: Option<String>, lang: Lang) -> Result<Self, Failure> {
        let wrong = || Failure::Value {
            name: "--server",
            given: server.to_owned(),
            expected: (
                "an address like http://127.0.0.1:7450",
                "形如 http://127.0.0.1:7450 的地址",
            ),
        };
        let url = reqwest::Url::parse(server).map_err(|_| wrong())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(wrong());
        }
        // Another part of the process may have installed the provider before; it is the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIME_MAX)
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("doorstep/", env!("CARGO_PKG_VERSION")));
        if is_this_machine(&url) {
            http = http.no_proxy();
        }
        // Without TLS no certificate is asked for, and reading those of the machine is most of what a small command costs.
        if url.scheme() == "http" {
            http = http.tls_certs_only([]);
        }
        let http = http.build().map_err(|_| wrong())?;
        Ok(Self {
            http,
            server: server.trim_end_matches('/').to_owned(),
            token,
            lang,
        })
    }

    /// Whether passwords and names would cross a network in the clear.
    pub(crate) fn is_in_the_clear(server: &str) -> bool {
        reqwest::Url::parse(server).is_ok_and(|url| url.scheme() == "http" && !is_this_machine(&url))
    }

    /// Reads something.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str, query: &impl Serialize) -> Result<T, Failure> {
        let response = self.send(|| self.request(Method::GET, path).query(query)).await?;
        self.read(response).await
    }

    /// Reads all pages of a list as one.
    pub(crate) async fn pages<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
    ) -> Result<Page<T>, Failure> {
        let mut all: Page<T> = self.get(path, query).await?;
        for _ in 1..PAGES_MAX {
            let Some(cursor) = all.next.take() else { break };
            let request = || {
                self.request(Method::GET, path)
                    .query(query)
                    .query(&[("cursor", &cursor)])
            };
            let page: Page<T> = self.read(self.send(request).await?).await?;
            all.items.extend(page.items);
            all.next = page.next;
        }
        Ok(all)
    }

    /// Waits until a stream of wake-ups has an event that is not `seen`, at most for `most`. Returns its id; nothing where the
    /// time is over or the stream ended.
    pub(crate) async fn woken(
        &self,
        path: &str,
        seen: Option<&str>,
        most: std::time::Duration,
    ) -> Result<Option<String>, Failure> {
        let request = self.request(Method::GET, path);
        let request = match seen {
            Some(seen) => request.header("Last-Event-ID", seen),
            None => request,
        };
        let mut response = self.judge(request.send().await).await?;
        let mut text = String::new();
        let id = async {
            while let Ok(Some(chunk)) = response.chunk().await {
                text.push_str(&String::from_utf8_lossy(&chunk));
                // Only a whole line is an id.
                let whole = text.rfind('\n').map_or("", |end| &text[..end]);
                if let Some(id) = whole.lines().find_map(|line| line.strip_prefix("id:")) {
                    return Some(id.trim().to_owned());
                }
            }
            None
        };
        Ok(tokio::time::timeout(most, id).await.unwrap_or(None))
    }

    /// Fetches a file.
    pub(crate) async fn get_file(&self, path: &str, query: &impl Serialize) -> Result<Vec<u8>, Failure> {
        let response = self.send(|| self.request(Method::GET, path).query(query)).await?;
        let status = response.status().as_u16();
        Ok(response
            .bytes()
            .await
            .map_err(|error| self.broken(error, status))?
            .to_vec())
    }

    /// Begins to fetch what is read piece by piece.
    pub(crate) async fn open(&self, path: &str) -> Result<Response, Failure> {
        self.send(|| self.request(Method::GET, path)).await
    }

    /// The same with parameters.
    pub(crate) async fn open_with(&self, path: &str, query: &impl Serialize) -> Result<Response, Failure> {
        self.send(|| self.request(Method::GET, path).query(query)).await
    }

    /// Posts a document and begins to fetch what is read piece by piece.
    pub(crate) async fn post_open(&self, path: &str, body: &impl Serialize) -> Result<Response, Failure> {
        self.judge(self.request(Method::POST, path).json(body).send().await)
            .await
    }

    /// The failure where a stream of files broke after so many.
    pub(crate) fn broke(&self, files: u64, source: Option<reqwest::Error>) -> Failure {
        Failure::Broke {
            server: self.server.clone(),
            files,
            source,
        }
    }

    /// Posts a document and reads the answer.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        let response = self
            .judge(self.request(Method::POST, path).json(body).send().await)
            .await?;
        self.read(response).await
    }

    /// Changes a part of a thing and reads what it became.
    pub(crate) async fn patch<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Result<T, Failure> {
        let response = self
            .judge(self.request(Method::PATCH, path).json(body).send().await)
            .await?;
        self.read(response).await
    }

    /// The same under an idempotency key, which makes a second attempt harmless.
    pub(crate) async fn post_keyed<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let key = Uuid::new_v4().to_string();
        let request = || self.request(Method::POST, path).header(KEY_HEADER, &key).json(body);
        let response = self.send(request).await?;
        self.read(response).await
    }

    /// Posts what changes a thing of which the caller saw `version`.
    pub(crate) async fn post_version<T: DeserializeOwned>(&self, path: &str, version: i64) -> Result<T, Failure> {
        let request = self
            .request(Method::POST, path)
            .header(KEY_HEADER, Uuid::new_v4().to_string());
        let request = request.header(header::IF_MATCH, format!("\"{version}\""));
        let response = self.judge(request.send().await).await?;
        self.read(response).await
    }

    /// Posts a file as it lies on the disk, without holding it in memory.
    pub(crate) async fn post_file<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &impl Serialize,
        file: &Path,
    ) -> Result<T, Failure> {
        let failed = |source: std::io::Error| Failure::Read {
            path: file.to_owned(),
            source,
        };
        let opened = tokio::fs::File::open(file).await.map_err(failed)?;
        let about = opened.metadata().await.map_err(failed)?;
        if !about.is_file() {
            return Err(failed(std::io::ErrorKind::InvalidInput.into()));
        }
        let request = self
            .request(Method::POST, path)
            .query(query)
            .header(KEY_HEADER, Uuid::new_v4().to_string())
            .header(header::CONTENT_TYPE, "application/octet-stream")
            // The server can refuse what is too large before it comes.
            .header(header::CONTENT_LENGTH, about.len())
            .body(opened);
        let response = self.judge(request.send().await).await?;
        self.read(response).await
    }

    /// Sends a document from which no answer is expected.
    pub(crate) async fn put(&self, path: &str, body: &impl Serialize) -> Result<(), Failure> {
        self.send(|| self.request(Method::PUT, path).json(body)).await?;
        Ok(())
    }

    /// Sends what takes the place of a thing of which the caller saw `version`, and reads what it became.
    pub(crate) async fn put_version<T: DeserializeOwned>(
        &self,
        path: &str,
        version: i64,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        let request = self.request(Method::PUT, path).json(body);
        let request = request.header(header::IF_MATCH, format!("\"{version}\""));
        let response = self.judge(request.send().await).await?;
        self.read(response).await
    }

    /// Sends a piece of a file and reads the answer. Sent twice it is taken once.
    pub(crate) async fn put_piece<T: DeserializeOwned>(&self, path: &str, bytes: &[u8]) -> Result<T, Failure> {
        let request = || {
            self.request(Method::PUT, path)
                .header(header::CONTENT_TYPE, "application/octet-stream")
                .body(bytes.to_vec())
        };
        let response = self.send(request).await?;
        self.read(response).await
    }

    /// Removes a thing.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), Failure> {
        self.send(|| self.request(Method::DELETE, path)).await?;
        Ok(())
    }

    /// Asks for a change that needs no body; what comes back may be nothing.
    pub(crate) async fn post_empty(&self, path: &str, query: &impl Serialize) -> Result<serde_json::Value, Failure> {
        let response = self
            .judge(self.request(Method::POST, path).query(query).send().await)
            .await?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.map_err(|error| self.broken(error, status))?;
        Ok(serde_json::from_slice(&bytes).unwrap_or(serde_json::Value::Null))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}/{API}/{path}", self.server));
        let request = request.header(header::ACCEPT_LANGUAGE, self.lang.code());
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    async fn send(&self, request: impl Fn() -> RequestBuilder) -> Result<Response, Failure> {
        let mut attempt = 1;
        loop {
            match request().send().await {
                Err(error) if attempt < ATTEMPTS_MAX && error.is_request() && !error.is_connect() => attempt += 1,
                outcome => return self.judge(outcome).await,
            }
        }
    }

    async fn judge(&self, outcome: reqwest::Result<Response>) -> Result<Response, Failure> {
        let response = outcome.map_err(|source| Failure::Unreachable {
            server: self.server.clone(),
            source,
        })?;
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let request = response.headers().get(REQUEST_HEADER);
        let request = request.and_then(|id| id.to_str().ok()).map(str::to_owned);
        let bytes = response.bytes().await.unwrap_or_default();
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(mut problem) => {
                problem.request = request.filter(|_| status.is_server_error());
                Err(Failure::Problem(Box::new(problem)))
            }
            Err(_) => Err(self.not_ours(status.as_u16())),
        }
    }

    async fn read<T: DeserializeOwned>(&self, response: Response) -> Result<T, Failure> {
        let status = response.status().as_u16();
        let bytes = response.bytes().await.map_err(|error| self.broken(error, status))?;
        serde_json::from_slice(&bytes).map_err(|_| self.not_ours(status))
    }

    fn broken(&self, source: reqwest::Error, status: u16) -> Failure {
        if source.is_decode() {
            return self.not_ours(status);
        }
        Failure::Unreachable {
            server: self.server.clone(),
            source,
        }
    }

    /// What came is no answer of a server of ours.
    pub(crate) fn not_ours(&self, status: u16) -> Failure {
        Failure::BadAnswer {
            server: self.server.clone(),
            status,
        }
    }
}

/// Whether the address never leaves the machine.
fn is_this_machine(url: &reqwest::Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_judged_before_anything_is_sent() {
        for wrong in ["", "127.0.0.1:7450", "ftp://x", "http://", "/tmp"] {
            assert!(
                matches!(Client::new(wrong, None, Lang::En), Err(Failure::Value { .. })),
                "{wrong}"
            );
        }
        for (server, in_the_clear) in [
            ("http://127.0.0.1:7450", false),
            ("http://[::1]:7450", false),
            ("http://localhost", false),
            ("https://example.org", false),
            ("http://example.org", true),
            ("http://10.0.0.4:7450", true),
        ] {
            assert!(Client::new(server, None, Lang::En).is_ok(), "{server}");
            assert_eq!(Client::is_in_the_clear(server), in_the_clear, "{server}");
        }
    }
}
