//! The way over HTTP against a listener that answers from a script.

use std::time::Duration;

use doorstep_domain::words::Lang;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::{HttpTransport, Method, Request, Transport, TransportError, Waited};

/// Answers one connection with `answer` and gives the request back; with `open` the connection stays until then.
async fn one_answer(listener: TcpListener, answer: &'static str) -> String {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    let is_whole = |request: &[u8]| {
        let text = String::from_utf8_lossy(request);
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            return false;
        };
        let length = head
            .lines()
            .find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
        body.len() >= length.map_or(0, |length| length.parse().unwrap())
    };
    while !is_whole(&request) {
        let read = stream.read(&mut buffer).await.unwrap();
        assert!(read > 0, "the request was cut");
        request.extend_from_slice(&buffer[..read]);
    }
    stream.write_all(answer.as_bytes()).await.unwrap();
    // The client has read all it wants when it hangs up or the stream ends.
    drop(stream);
    String::from_utf8(request).unwrap()
}

async fn scene() -> (TcpListener, HttpTransport) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/base/", listener.local_addr().unwrap());
    (listener, HttpTransport::new(&url).unwrap())
}

fn request(method: Method) -> Request {
    Request {
        method,
        path: "/v1/sync/pull".into(),
        query: vec![("cursor", "a b&c".to_owned())],
        token: Some("secret".to_owned()),
        body: (method == Method::Post).then(|| b"{}".to_vec()),
        last_event: None,
        language: Some(Lang::Zh),
    }
}

#[tokio::test]
async fn a_request_carries_session_query_and_body() {
    let (listener, transport) = scene().await;
    let answer = "HTTP/1.1 426 Upgrade Required\r\ncontent-length: 2\r\n\r\nhi";
    let (seen, answer) = tokio::join!(one_answer(listener, answer), transport.send(request(Method::Post)));
    let answer = answer.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (426, b"hi".as_slice()));
    assert!(
        seen.starts_with("POST /base/v1/sync/pull?cursor=a+b%26c HTTP/1.1\r\n"),
        "{seen}"
    );
    assert!(seen.contains("authorization: Bearer secret\r\n"), "{seen}");
    assert!(seen.contains("accept-language: zh"), "{seen}");
    assert!(seen.ends_with("{}"), "{seen}");
}

#[tokio::test]
async fn an_event_of_the_stream_wakes_and_comments_do_not() {
    let wait_max = Duration::from_mins(1);
    let (listener, transport) = scene().await;
    let answer =
        "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: hello\n\nevent: wake\nid: r-5\ndata: {}\n\n";
    let asked = Request {
        last_event: Some("r-4".to_owned()),
        ..request(Method::Get)
    };
    let (seen, woken) = tokio::join!(one_answer(listener, answer), transport.wait(asked, wait_max));
    assert_eq!(woken.unwrap(), Waited::Event(Some("r-5".to_owned())));
    assert!(seen.contains("last-event-id: r-4\r\n"), "{seen}");
    let (listener, transport) = scene().await;
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n: hello\n\n: still here\n\n";
    let (_, ended) = tokio::join!(
        one_answer(listener, answer),
        transport.wait(request(Method::Get), wait_max)
    );
    assert!(matches!(ended, Err(TransportError::Unreachable(_))));
}

#[tokio::test]
async fn nobody_there_is_said_without_the_cursor() {
    let (listener, transport) = scene().await;
    drop(listener);
    let error = transport.send(request(Method::Get)).await.unwrap_err();
    assert!(!format!("{error:?}").contains("cursor"), "{error:?}");
    assert!(matches!(error, TransportError::Unreachable(Some(_))));
}

#[test]
fn plain_http_is_for_this_machine_only() {
    for url in [
        "http://127.0.0.1:8080",
        "http://localhost",
        "http://[::1]:1",
        "https://example.org",
    ] {
        assert!(HttpTransport::new(url).is_ok(), "{url}");
    }
    for url in [
        "http://example.org",
        "ftp://localhost",
        "example.org",
        "http://127.0.0.1.example.org",
        "",
    ] {
        assert_eq!(HttpTransport::new(url).err().unwrap().code(), "server-url", "{url}");
    }
}
