//! Lists of IP addresses and networks, as settings and the configuration name them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Addresses and networks, parsed once. An IPv4 address written as IPv6 (`::ffff:1.2.3.4`) is the IPv4 address, in the
/// list and in what is asked for; apart from that the two kinds do not contain each other.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks {
    /// First and last addresses, in order and apart from each other.
    v4: Vec<(Ipv4Addr, Ipv4Addr)>,
    v6: Vec<(Ipv6Addr, Ipv6Addr)>,
}

impl Networks {
    /// The networks of a list that was checked; an entry that is none ([`is_network`]) stands for nothing.
    pub fn of(texts: &[impl AsRef<str>]) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for network in texts.iter().filter_map(|text| parse(text.as_ref())) {
            match network {
                IpNet::V4(network) => v4.push(network),
                IpNet::V6(network) => v6.push(network),
            }
        }
        Self {
            v4: Ipv4Net::aggregate(&v4).iter().map(|network| (network.network(), network.broadcast())).collect(),
            v6: Ipv6Net::aggregate(&v6).iter().map(|network| (network.network(), network.broadcast())).collect(),
        }
    }

    /// Whether the address is in the list.
    pub fn contains(&self, address: IpAddr) -> bool {
        match address.to_canonical() {
            IpAddr::V4(address) => holds(&self.v4, address),
            IpAddr::V6(address) => holds(&self.v6, address),
        }
    }

    /// Whether the list is empty.
    pub fn is_empty(&self) -> bool {
        self.v4.is_empty() && self.v6.is_empty()
    }
}

fn holds<A: Ord + Copy>(ranges: &[(A, A)], address: A) -> bool {
    let after = ranges.partition_point(|(first, _)| *first <= address);
    after > 0 && address <= ranges[after - 1].1
}

/// Whether the text is an IP address or a network in CIDR notation.
pub fn is_network(text: &str) -> bool {
    parse(text).is_some()
}

/// Stricter than the library's parser: a prefix length is plain decimal.
fn parse(text: &str) -> Option<IpNet> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().ok()?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let length = match prefix {
        None => longest,
        Some(digits) => {
            let is_plain = digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
            digits.parse().ok().filter(|length| is_plain && *length <= longest)?
        }
    };
    let (address, length) = match address {
        IpAddr::V6(mapped) if length >= 96 => match mapped.to_ipv4_mapped() {
            Some(address) => (IpAddr::V4(address), length - 96),
            None => (IpAddr::V6(mapped), length),
        },
        other => (other, length),
    };
    Some(IpNet::new(address, length).ok()?.trunc())
}

/// An address as text, IPv6 in full: `2001:0db8:0000:…:0001`.
pub fn full_text(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.segments().map(|segment| format!("{segment:04x}")).join(":"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_network() {
        for text in ["::1", "1.2.3.0/24", "::/0", "0.0.0.0/0", "::ffff:1.2.3.4", "1.2.3.4/32"] {
            assert!(is_network(text), "{text}");
        }
        for text in [
            "",
            "x",
            "1.2.3.4/33",
            "300.1.1.1",
            " 1.2.3.4 ",
            "1.2.3.0/024",
            "01.2.3.4",
            "1.2.3.4/",
            "1.2.3.4/+8",
            "fe80::1%eth0",
            "[::1]",
            "1.2.3.4:80",
            "1.2.3.4/8/8",
            "::1/129",
        ] {
            assert!(!is_network(text), "{text}");
        }
    }

    #[test]
    fn what_a_list_contains() {
        let list = ["10.0.0.0/8", "10.1.0.0/16", "192.168.7.9", "2001:db8::/32", "::ffff:172.16.0.0/108", "junk"];
        let networks = Networks::of(&list);
        for (address, want) in [
            ("10.0.0.0", true),
            ("10.255.255.255", true),
            ("9.255.255.255", false),
            ("11.0.0.0", false),
            ("192.168.7.9", true),
            ("192.168.7.8", false),
            ("::ffff:10.1.2.3", true),
            ("172.31.255.255", true),
            ("172.32.0.0", false),
            ("2001:db8:ffff::1", true),
            ("2001:db9::", false),
            ("::10.1.2.3", false),
        ] {
            assert_eq!(networks.contains(address.parse().unwrap()), want, "{address}");
        }
        assert!(!Networks::of(&["::/0"]).contains("1.2.3.4".parse().unwrap()));
        assert!(!Networks::default().contains("::1".parse().unwrap()) && Networks::of(&["junk"]).is_empty());
        assert!(Networks::of(&["10.1.2.3/8"]).contains("10.9.9.9".parse().unwrap()), "host bits do not count");
    }

    proptest::proptest! {
        /// The merged ranges hold what any of the networks holds.
        #[test]
        fn merging_changes_nothing(nets in proptest::collection::vec((0u32..=u32::MAX, 0u8..=32), 0..8), asked: u32) {
            let texts: Vec<String> = nets.iter().map(|(a, p)| format!("{}/{p}", Ipv4Addr::from(*a))).collect();
            let address = Ipv4Addr::from(asked);
            let any = texts.iter().any(|text| text.parse::<Ipv4Net>().unwrap().contains(&address));
            proptest::prop_assert_eq!(Networks::of(&texts).contains(address.into()), any);
        }
    }
}
