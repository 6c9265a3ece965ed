//! A gateway for notices on the machine itself: plain HTTP, one request a connection, and what it got.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// What came with one request.
#[derive(Debug, Clone)]
pub(crate) struct Posted {
    pub(crate) key: String,
    pub(crate) authorization: String,
    pub(crate) body: Value,
}

/// The gateway.
#[derive(Clone)]
pub(crate) struct Gateway {
    pub(crate) url: String,
    got: Arc<Mutex<Vec<Posted>>>,
    willing: Arc<AtomicBool>,
}

impl Gateway {
    /// Listens on a free port until the test process ends; takes nothing before it is told to.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let gateway = Self {
            url: format!("http://{}/notices", listener.local_addr().unwrap()),
            got: Arc::default(),
            willing: Arc::default(),
        };
        let serving = gateway.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serving.answer(stream);
            }
        });
        gateway
    }

    /// Takes what comes from now on.
    pub(crate) fn be_willing(&self) {
        self.willing.store(true, Ordering::SeqCst);
    }

    /// Everything that came.
    pub(crate) fn got(&self) -> Vec<Posted> {
        self.got.lock().unwrap().clone()
    }

    fn answer(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream);
        let (mut key, mut authorization, mut length) = (String::new(), String::new(), 0);
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
                break;
            }
            let Some((name, value)) = line.trim().split_once(": ") else {
                continue;
            };
            match name.to_ascii_lowercase().as_str() {
                "idempotency-key" => value.clone_into(&mut key),
                "authorization" => value.clone_into(&mut authorization),
                "content-length" => length = value.parse().unwrap(),
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let body = serde_json::from_slice(&body).unwrap();
        let status = if self.willing.load(Ordering::SeqCst) {
            "202 Accepted"
        } else {
            "503 Service Unavailable"
        };
        self.got.lock().unwrap().push(Posted {
            key,
            authorization,
            body,
        });
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let _ = reader.into_inner().write_all(answer.as_bytes());
    }
}
