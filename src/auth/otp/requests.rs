//! Which ids were answered to whom of late, for accounts and for addresses without one alike: so neither what is sent again
//! nor what is refused tells them apart. In memory only.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use sha2::{Digest, Sha256};

use crate::limits::Client;

/// Codes that one client may ask for an address while they are valid; then the newest is answered again.
const PER_CLIENT: usize = 10;

/// Codes of one address that are valid at the same time, from wherever they were asked for. Beyond it every client gets
/// one all the same: the owner comes from an address of their own.
const PER_MAILBOX: usize = 30;

/// Codes of one address beyond which nothing more is sent, whoever asks.
const MOST: usize = 200;

/// Addresses, and codes, that are known at the same time; beyond it the older half is forgotten.
const MAX_MAILBOXES: usize = 10_000;
const MAX_CODES: usize = 50_000;

/// Codes asked for of late.
#[derive(Debug, Default)]
pub struct OtpRequests(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    codes: HashMap<String, Vec<Asked>>,
    /// By id.
    mailboxes: HashMap<String, String>,
}

#[derive(Debug)]
struct Asked {
    at_ms: i64,
    id: String,
    client: Client,
}

/// Somebody asks for a code.
#[derive(Debug, Clone, Copy)]
pub struct OtpRequest<'a> {
    /// Id of the collection.
    pub collection: &'a str,
    /// The address, as sent.
    pub email: &'a str,
    /// The client's address.
    pub address: IpAddr,
    /// Id of the code that would be made.
    pub id: &'a str,
    /// How long codes are valid, in seconds.
    pub lifetime: i64,
}

impl OtpRequests {
    /// Notes that a code is asked for. If no other is to be made, the id to answer with instead.
    pub fn note(&self, asked: OtpRequest<'_>, now_ms: i64) -> Option<String> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { codes, mailboxes } = &mut *known;
        if codes.len() >= MAX_MAILBOXES || mailboxes.len() >= MAX_CODES {
            make_room(codes, mailboxes);
        }
        let mailbox = mailbox(asked.collection, asked.email);
        let client = Client::from(asked.address);
        let list = codes.entry(mailbox.clone()).or_default();
        list.retain(|code| {
            let is_valid = now_ms - code.at_ms < asked.lifetime.saturating_mul(1000);
            if !is_valid {
                mailboxes.remove(&code.id);
            }
            is_valid
        });
        let own = list.iter().filter(|code| code.client == client).count();
        if own >= PER_CLIENT || list.len() >= MOST || (list.len() >= PER_MAILBOX && own > 0) {
            let newest = list.iter().rfind(|code| code.client == client);
            return Some(newest.map_or_else(|| asked.id.to_owned(), |code| code.id.clone()));
        }
        list.push(Asked { at_ms: now_ms, id: asked.id.to_owned(), client });
        mailboxes.insert(asked.id.to_owned(), mailbox);
        None
    }

    /// What an id was answered for.
    pub fn mailbox(&self, id: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).mailboxes.get(id).cloned()
    }

    /// A code is gone: it was guessed at too often. Another may be asked for.
    pub fn forget(&self, id: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mailbox) = known.mailboxes.remove(id)
            && let Some(list) = known.codes.get_mut(&mailbox)
        {
            list.retain(|code| code.id != id);
        }
    }

    /// All codes of an address are gone: one was used, or its owner has a new password.
    pub fn clear(&self, collection: &str, email: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for code in known.codes.remove(&mailbox(collection, email)).unwrap_or_default() {
            known.mailboxes.remove(&code.id);
        }
    }
}

/// Stands for an address, in a fixed length. Spellings that may be the same account are one.
fn mailbox(collection: &str, email: &str) -> String {
    let hash = Sha256::digest(format!("{collection} {}", email.to_lowercase()).as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(&hash[..16])
}

fn make_room(codes: &mut HashMap<String, Vec<Asked>>, mailboxes: &mut HashMap<String, String>) {
    let newest = |list: &Vec<Asked>| list.last().map_or(0, |code| code.at_ms);
    let mut times: Vec<i64> = codes.values().map(newest).collect();
    let middle = times.len() / 2;
    let median = *times.select_nth_unstable(middle).1;
    codes.retain(|_, list| {
        let stays = newest(list) > median;
        if !stays {
            for code in list.iter() {
                mailboxes.remove(&code.id);
            }
        }
        stays
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(requests: &OtpRequests, email: &str, from: u32, id: &str, now_ms: i64) -> Option<String> {
        let address = IpAddr::from(from.to_be_bytes());
        requests.note(OtpRequest { collection: "users", email, address, id, lifetime: 180 }, now_ms)
    }

    #[test]
    fn a_mailbox_is_not_flooded() {
        let requests = OtpRequests::default();
        let answers: Vec<_> = (0..12).map(|n| ask(&requests, "a@x.test", 1, &format!("id{n}"), 1000)).collect();
        assert!(answers[..10].iter().all(Option::is_none));
        assert_eq!(answers[10..], [Some("id9".to_owned()), Some("id9".to_owned())]);
        // Another spelling is the same mailbox, another client has codes of its own.
        assert_eq!(ask(&requests, "A@X.test", 1, "other", 1000), Some("id9".to_owned()));
        assert_eq!(ask(&requests, "a@x.test", 2, "mine", 1000), None);
        assert_eq!(ask(&requests, "a@x.test", 1, "later", 181_000), None);
    }

    #[test]
    fn nobody_can_use_up_the_codes_of_somebody_else() {
        let requests = OtpRequests::default();
        let sent = (0..2000).filter(|n| ask(&requests, "a@x.test", n / 10, &format!("id{n}"), 0).is_none()).count();
        assert!((30..=200).contains(&sent), "{sent}");
        let requests = OtpRequests::default();
        (0..1000).for_each(|n| drop(ask(&requests, "a@x.test", n / 100, &format!("id{n}"), 0)));
        assert_eq!(ask(&requests, "a@x.test", 5000, "mine", 0), None, "the owner gets a code");
        assert_ne!(ask(&requests, "a@x.test", 1, "x", 0), Some("mine".to_owned()), "of which nobody learns the id");
    }

    #[test]
    fn what_is_gone_makes_room() {
        let requests = OtpRequests::default();
        (0..10).for_each(|n| drop(ask(&requests, "a@x.test", 1, &format!("id{n}"), 0)));
        requests.forget("id3");
        assert_eq!(requests.mailbox("id3"), None);
        assert_eq!(requests.mailbox("id4"), requests.mailbox("id5"));
        assert!(requests.mailbox("id4").is_some());
        assert_eq!(ask(&requests, "a@x.test", 1, "new", 0), None);
        requests.clear("users", "A@x.test");
        assert_eq!(requests.mailbox("id4"), None);
        assert_eq!(ask(&requests, "a@x.test", 1, "newer", 0), None);
    }

    #[test]
    fn memory_is_bounded() {
        let requests = OtpRequests::default();
        for n in 0..30_000_u32 {
            ask(&requests, &format!("{n}@x.test"), n, &format!("id{n}"), i64::from(n));
        }
        let known = requests.0.lock().unwrap();
        assert!(known.codes.len() <= MAX_MAILBOXES);
        assert_eq!(known.codes.len(), known.mailboxes.len());
    }
}
