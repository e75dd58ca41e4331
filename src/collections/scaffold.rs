//! What a new collection of each type starts from (reference part 1, section 2.2).

use super::complete::auth_index;
use crate::schema::auth_options::AuthOptions;
use crate::schema::defaults::system_fields;
use crate::schema::{Collection, CollectionKind, Rules, ids};

/// Characters of the random part in a scaffold's index names.
const INDEX_SUFFIX_LENGTH: usize = 10;

/// The three scaffolds as the API shows them.
#[derive(Debug)]
pub struct Scaffolds {
    /// Auth collection; its indexes have no table name yet.
    pub auth: Collection,
    /// Base collection.
    pub base: Collection,
    /// View collection.
    pub view: Collection,
}

/// Fresh definitions without name and id.
pub fn scaffolds() -> Scaffolds {
    let mut auth = scaffold(CollectionKind::Auth(Box::new(AuthOptions::fresh())));
    let suffix = ids::random_string(INDEX_SUFFIX_LENGTH, ids::LOWER_ALPHANUMERIC);
    auth.indexes = vec![
        auth_index(&format!("idx_tokenKey_{suffix}"), "", "tokenKey", ""),
        auth_index(&format!("idx_email_{suffix}"), "", "email", "`email` != ''"),
    ];
    Scaffolds {
        auth,
        base: scaffold(CollectionKind::Base),
        view: scaffold(CollectionKind::View { query: String::new() }),
    }
}

/// A collection of this kind with its system fields, and nothing else.
pub(super) fn scaffold(kind: CollectionKind) -> Collection {
    Collection {
        id: String::new(),
        name: String::new(),
        system: false,
        rules: Rules::default(),
        fields: system_fields(&kind),
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        search: None,
        kind,
    }
}

/// The scaffold of a type named by a client, with random secrets; `None` for an unknown type.
pub(super) fn scaffold_of(type_name: &str) -> Option<Collection> {
    let kind = match type_name {
        "" | "base" => CollectionKind::Base,
        "view" => CollectionKind::View { query: String::new() },
        "auth" => {
            let mut options = AuthOptions::fresh();
            options.fill_secrets();
            CollectionKind::Auth(Box::new(options))
        }
        _ => return None,
    };
    Some(scaffold(kind))
}
