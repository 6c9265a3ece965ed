//! The networks of proxies whose word on where a request comes from is believed.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A network of IP addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

/// It is no network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a network such as `10.0.0.0/8` or `2001:db8::/32`, or one address")]
pub struct NoNetwork;

impl Network {
    /// Whether an address lies in it. An address of IPv4 within one of IPv6 is that of IPv4.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        let first = |ip: IpAddr| masked(ip.to_canonical(), self.bits);
        address.to_canonical().is_ipv4() == self.first.is_ipv4() && first(address) == first(self.first)
    }
}

const fn width(ip: IpAddr) -> u8 {
    if ip.is_ipv4() { 32 } else { 128 }
}

/// The first bits of an address, as a number.
fn masked(ip: IpAddr, bits: u8) -> u128 {
    let number = match ip {
        IpAddr::V4(ip) => u128::from(ip.to_bits()),
        IpAddr::V6(ip) => ip.to_bits(),
    };
    number.checked_shr(u32::from(width(ip) - bits)).unwrap_or(0)
}

impl FromStr for Network {
    type Err = NoNetwork;

    fn from_str(text: &str) -> Result<Self, NoNetwork> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| NoNetwork)?;
        let bits = bits.map_or(Ok(width(first)), str::parse).map_err(|_| NoNetwork)?;
        // Bits after the prefix would say that somebody meant another network.
        let is_first =
            bits <= width(first) && masked(first, width(first)).trailing_zeros() >= u32::from(width(first) - bits);
        if is_first && first == first.to_canonical() {
            Ok(Self { first, bits })
        } else {
            Err(NoNetwork)
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

impl Serialize for Network {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_addresses_and_no_other() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
            ("192.0.2.7", "192.0.2.7", "192.0.2.8"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
            ("2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"),
            ("::1", "::1", "127.0.0.1"),
            ("192.0.2.0/25", "::ffff:192.0.2.127", "::ffff:192.0.2.128"),
        ] {
            let known: Network = network.parse().unwrap();
            assert!(known.holds(inside.parse().unwrap()), "{network} {inside}");
            assert!(!known.holds(outside.parse().unwrap()), "{network} {outside}");
            assert_eq!(known.to_string().parse::<Network>().unwrap(), known);
        }
        for wrong in [
            "10.0.0.1/8",
            "10.0.0.0/33",
            "10.0.0.0/",
            "proxy",
            "",
            "::ffff:10.0.0.0/104",
            "1.2.3.4/-1",
        ] {
            assert_eq!(wrong.parse::<Network>(), Err(NoNetwork), "{wrong}");
        }
    }
}
