//! Where a caller comes from, for throttling. What headers say of it is believed only as far as proxies that the operator
//! trusts wrote it: from the right, up to the first hop that is none of theirs.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::state::State;
use crate::config::Network;

/// The most hops of one request that are looked at.
const HOPS_MAX: usize = 16;

/// What stands for the caller where requests are counted.
pub(crate) struct Client(pub(crate) String);

impl FromRequestParts<State> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map(|info| info.0.ip());
        let trusted = &state.config().trusted_proxies;
        let client = peer.map(|peer| subscriber(caller(peer, &parts.headers, trusted)));
        Ok(Self(client.unwrap_or_else(|| "unknown".to_owned())))
    }
}

/// The address that the last trusted proxy saw, or that of the connection.
fn caller(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|network| network.holds(ip));
    let mut seen = peer;
    for hop in hops(headers) {
        if !is_trusted(seen) {
            break;
        }
        // What is no address is nobody's own: those behind that proxy count together then.
        let Some(hop) = hop else { break };
        seen = hop;
    }
    seen
}

/// The hops that headers tell of, the last first. Of two kinds of header one is the caller's own, so neither is believed.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = |name: &str| -> Vec<&str> {
        let lines = headers.get_all(name).iter().rev();
        lines
            .flat_map(|line| line.to_str().unwrap_or_default().rsplit(','))
            .take(HOPS_MAX)
            .collect()
    };
    let (listed, forwarded) = (lines("x-forwarded-for"), lines("forwarded"));
    match (listed.is_empty(), forwarded.is_empty()) {
        (false, true) => listed.into_iter().map(address).collect(),
        (true, false) => forwarded.into_iter().map(of_forwarded).collect(),
        _ => Vec::new(),
    }
}

/// Whom an element of `Forwarded` (RFC 7239) stands for.
fn of_forwarded(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.split_once('='));
    let (_, of) = pairs.find(|(name, _)| name.trim().eq_ignore_ascii_case("for"))?;
    address(of.trim().trim_matches('"'))
}

/// An address as proxies write it: alone, in brackets, or with a port.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let alone = bare.unwrap_or(text).parse().ok();
    alone.or_else(|| text.parse::<SocketAddr>().ok().map(|with_port| with_port.ip()))
}

/// What one subscriber has: an address of IPv4, 64 bits of IPv6, so that the addresses of one network count together.
fn subscriber(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let [a, b, c, d, ..] = ip.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}")
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn seen(peer: &str, headers: &[(&str, &str)], trusted: &[&str]) -> String {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        let trusted: Vec<Network> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        caller(peer.parse().unwrap(), &map, &trusted).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_says_who_called() {
        let told = [("x-forwarded-for", "198.51.100.7")];
        assert_eq!(seen("192.0.2.1", &told, &[]), "192.0.2.1");
        assert_eq!(seen("192.0.2.1", &told, &["10.0.0.0/8"]), "192.0.2.1");
        assert_eq!(seen("10.0.0.2", &told, &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(seen("::ffff:10.0.0.2", &told, &["10.0.0.0/8"]), "198.51.100.7");
        assert_eq!(seen("10.0.0.2", &[], &["10.0.0.0/8"]), "10.0.0.2");
    }

    #[test]
    fn the_rightmost_hop_that_is_not_trusted_counts() {
        let trusted = ["10.0.0.0/8", "2001:db8:1::/48"];
        for (header, value, client) in [
            ("x-forwarded-for", "203.0.113.5, 198.51.100.7", "198.51.100.7"),
            ("x-forwarded-for", "203.0.113.5, 198.51.100.7, 10.1.1.1", "198.51.100.7"),
            ("x-forwarded-for", "10.9.9.9,10.1.1.1", "10.9.9.9"),
            ("x-forwarded-for", "198.51.100.7, unknown", "10.0.0.2"),
            ("x-forwarded-for", "198.51.100.7, unknown, 10.1.1.1", "10.1.1.1"),
            ("x-forwarded-for", "198.51.100.7:4711", "198.51.100.7"),
            (
                "forwarded",
                "for=203.0.113.5, for=198.51.100.7;proto=https",
                "198.51.100.7",
            ),
            ("forwarded", "For=\"[2001:db8:cafe::17]:4711\"", "2001:db8:cafe::17"),
            ("forwarded", "proto=https;for=_hidden", "10.0.0.2"),
            // An open quotation of the caller's reaches nothing that the proxy wrote.
            (
                "forwarded",
                "for=\"203.0.113.5, for=198.51.100.7, for=\"[2001:db8:1::9]\"",
                "198.51.100.7",
            ),
        ] {
            assert_eq!(
                seen("10.0.0.2", &[(header, value)], &trusted),
                client,
                "{header}: {value}"
            );
        }
        let lines = [("x-forwarded-for", "203.0.113.5"), ("x-forwarded-for", "198.51.100.7")];
        assert_eq!(seen("10.0.0.2", &lines, &trusted), "198.51.100.7");
        let both = [("x-forwarded-for", "203.0.113.5"), ("forwarded", "for=198.51.100.7")];
        assert_eq!(
            seen("10.0.0.2", &both, &trusted),
            "10.0.0.2",
            "one of them is the caller's own"
        );
    }

    #[test]
    fn the_addresses_of_one_subscriber_count_together() {
        for (address, client) in [
            ("198.51.100.7", "198.51.100.7"),
            ("::ffff:198.51.100.7", "198.51.100.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2"),
        ] {
            assert_eq!(subscriber(address.parse().unwrap()), client);
        }
    }
}
