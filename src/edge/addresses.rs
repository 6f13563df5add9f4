//! How many connections each address has open on one listener.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, PoisonError},
};

/// An IPv4 address, or the first 64 bits of an IPv6 address: what one subscriber gets.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Subscriber {
    V4([u8; 4]),
    V6([u16; 4]),
}

/// The table. It holds only addresses with open connections, so it is as bounded as they are.
#[derive(Debug, Default)]
pub(super) struct Addresses(Mutex<BTreeMap<Subscriber, u32>>);

/// One counted connection; gives its place back when dropped.
#[derive(Debug)]
pub(super) struct AddressPlace {
    addresses: Arc<Addresses>,
    subscriber: Subscriber,
}

impl Addresses {
    /// Counts a connection, or says that its address has `places_max` already.
    pub(super) fn enter(
        self: &Arc<Self>,
        address: IpAddr,
        places_max: u32,
    ) -> Option<AddressPlace> {
        let subscriber = subscriber(address);
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = table.entry(subscriber).or_insert(0);
        if *count >= places_max {
            return None;
        }
        *count += 1;
        Some(AddressPlace { addresses: Arc::clone(self), subscriber })
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        let mut table = self.addresses.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = table.get_mut(&self.subscriber) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                table.remove(&self.subscriber);
            }
        }
    }
}

fn subscriber(address: IpAddr) -> Subscriber {
    // An inherited dual-stack socket reports IPv4 clients as ::ffff:a.b.c.d.
    match address.to_canonical() {
        IpAddr::V4(v4) => Subscriber::V4(v4.octets()),
        IpAddr::V6(v6) => Subscriber::V6(prefix(v6)),
    }
}

fn prefix(address: Ipv6Addr) -> [u16; 4] {
    let [a, b, c, d, ..] = address.segments();
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_per_subscriber_and_given_back() {
        let addresses = Arc::new(Addresses::default());
        let enter = |text: &str| addresses.enter(text.parse().unwrap(), 2);
        let first = enter("192.0.2.1").unwrap();
        let _second = enter("::ffff:192.0.2.1").unwrap();
        assert!(enter("192.0.2.1").is_none());
        let _neighbour = enter("192.0.2.2").unwrap();
        drop(first);
        let _third = enter("192.0.2.1").unwrap();
        assert!(enter("192.0.2.1").is_none());

        let six = [enter("2001:db8::1").unwrap(), enter("2001:db8::ffff:2").unwrap()];
        assert!(enter("2001:db8:0:0:9::1").is_none(), "the same /64");
        assert!(enter("2001:db8:0:1::1").is_some(), "another /64");
        drop(six);
        assert_eq!(addresses.0.lock().unwrap().len(), 2);
    }
}
