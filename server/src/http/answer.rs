//! Answers of a special shape: files, and nouns that carry their version.

use axum::Json;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use doorstep_app::FileAnswer;
use serde::Serialize;
use std::fmt::Write as _;

/// A file as an answer, to be saved under its name.
pub(crate) struct Download(pub(crate) FileAnswer);

impl IntoResponse for Download {
    fn into_response(self) -> Response {
        let Self(file) = self;
        let kind = HeaderValue::from_str(&file.content_type);
        let kind = kind.unwrap_or(HeaderValue::from_static("application/octet-stream"));
        let mut response = file.bytes.into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if let Ok(value) = HeaderValue::from_str(&disposition(&file.name)) {
            response.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        }
        response
    }
}

/// A noun with its version as `ETag`.
pub(crate) struct Versioned<T>(pub(crate) i64, pub(crate) T);

impl<T: Serialize> IntoResponse for Versioned<T> {
    fn into_response(self) -> Response {
        let Self(version, noun) = self;
        let mut response = Json(noun).into_response();
        if let Ok(value) = HeaderValue::from_str(&format!("\"{version}\"")) {
            response.headers_mut().insert(header::ETAG, value);
        }
        response
    }
}

/// The header that names the file (RFC 6266); all but plain letters are escaped, so that no name can break out of it.
fn disposition(name: &str) -> String {
    let mut text = "attachment; filename*=UTF-8''".to_owned();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_break_out_of_its_header() {
        assert_eq!(disposition("a-1.csv"), "attachment; filename*=UTF-8''a-1.csv");
        assert_eq!(
            disposition("表\"\r\n.csv"),
            "attachment; filename*=UTF-8''%E8%A1%A8%22%0D%0A.csv"
        );
    }
}
