//! A caller of the interface: requests with a session, answers that are either what was asked for or a problem.

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

/// Somebody who talks to the server, signed in or not.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    server: String,
    token: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) body: Vec<u8>,
    asked: String,
}

impl Client {
    /// Somebody without a session.
    pub(crate) fn anonymous(server: &str) -> Self {
        // Another test may have installed the provider before; it is the same one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            server: server.to_owned(),
            token: None,
        }
    }

    /// The same caller with another session.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// Opens a session.
    pub(crate) async fn sign_in(&self, login: &str, password: &str) -> Self {
        let body = serde_json::json!({"login": login, "password": password});
        let session = self.post("/v1/sessions", &body).await.done();
        self.with_token(session["token"].as_str().unwrap())
    }

    /// Signs in with a password that an administrator set, and chooses another.
    pub(crate) async fn first_sign_in(&self, login: &str, first: &str, chosen: &str) -> Self {
        let body = serde_json::json!({"login": login, "password": first, "new_password": chosen});
        let session = self.post("/v1/sessions", &body).await.done();
        self.with_token(session["token"].as_str().unwrap())
    }

    /// The session, for a story that speaks HTTP itself.
    pub(crate) fn token(&self) -> &str {
        self.token.as_deref().unwrap()
    }

    /// A request to be completed by the story.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.server));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Sends a request.
    pub(crate) async fn send(&self, request: RequestBuilder) -> Answered {
        let request = request.build().unwrap();
        let asked = format!("{} {}", request.method(), request.url());
        let response = self
            .http
            .execute(request)
            .await
            .unwrap_or_else(|error| panic!("{asked}: {error:?}"));
        Answered {
            status: response.status().as_u16(),
            etag: response
                .headers()
                .get("etag")
                .map(|value| value.to_str().unwrap().to_owned()),
            body: response.bytes().await.unwrap().to_vec(),
            asked,
        }
    }

    /// Sends a request whose answer may never end: only the status is read, and the code where it is a problem.
    pub(crate) async fn status(&self, request: RequestBuilder) -> (u16, Option<String>) {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        if status < 400 {
            return (status, None);
        }
        let problem: Value = serde_json::from_slice(&response.bytes().await.unwrap()).unwrap();
        (status, problem["code"].as_str().map(str::to_owned))
    }

    /// Reads something.
    pub(crate) async fn get(&self, path: &str) -> Answered {
        self.send(self.request(Method::GET, path)).await
    }

    /// Sends a document.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answered {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    /// Sends a file.
    pub(crate) async fn upload(&self, path: &str, file: impl Into<reqwest::Body>) -> Answered {
        self.send(self.request(Method::POST, path).body(file)).await
    }

    /// Imports a case file that must be taken.
    pub(crate) async fn import(&self, file: impl Into<reqwest::Body>) -> Value {
        self.upload("/v1/imports", file).await.done()
    }

    /// All items of a list.
    pub(crate) async fn items(&self, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let mut items = Vec::new();
        let mut next = path.to_owned();
        loop {
            let page = self.get(&next).await.done();
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(cursor) => next = format!("{path}{joint}cursor={cursor}"),
                None => return items,
            }
        }
    }

    /// The case with this number, as the list shows it.
    pub(crate) async fn case(&self, number: &str) -> Value {
        let found = self.items(&format!("/v1/cases?case_no={number}")).await;
        assert_eq!(found.len(), 1, "case {number}: {found:?}");
        found.into_iter().next().unwrap()
    }
}

impl Answered {
    /// The document of an answer that must be a success.
    pub(crate) fn done(&self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {} {}",
            self.asked,
            self.status,
            self.text()
        );
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The bytes of an answer that must be a success.
    pub(crate) fn file(self) -> Vec<u8> {
        assert!(
            (200..300).contains(&self.status),
            "{}: {} {}",
            self.asked,
            self.status,
            self.text()
        );
        self.body
    }

    /// The problem that the answer must be, with this code.
    pub(crate) fn problem(&self, code: &str) -> Value {
        assert!(
            self.status >= 400,
            "{}: {} instead of {code}: {}",
            self.asked,
            self.status,
            self.text()
        );
        let problem: Value =
            serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}: {}", self.asked, self.text()));
        assert_eq!(problem["code"], code, "{}: {problem}", self.asked);
        assert_eq!(problem["type"], format!("urn:doorstep:problem:{code}"));
        assert_eq!(problem["status"], self.status);
        assert!(
            problem["detail"].as_str().is_some_and(|detail| detail.len() > 10),
            "{problem}"
        );
        problem
    }

    /// The code of the problem that this is; nothing where it is none.
    pub(crate) fn code(&self) -> Option<String> {
        let problem: Value = serde_json::from_slice(&self.body).ok()?;
        Some(problem["code"].as_str()?.to_owned())
    }

    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
