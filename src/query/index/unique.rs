//! Which columns are unique on their own.

use super::IndexDefinition;
use crate::schema::Collection;

/// A unique index of one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UniqueIndex {
    /// Whether values that differ in case only count as the same (`COLLATE NOCASE`).
    pub ignores_case: bool,
    /// Whether it covers only some rows (`WHERE`), so that several rows may share a value after all.
    pub is_partial: bool,
}

/// The unique index of this column alone among the collection's definitions; one of all rows rather than a partial one.
pub fn single_column_unique_index(collection: &Collection, column: &str) -> Option<UniqueIndex> {
    let indexes = collection.indexes.iter().filter_map(|sql| IndexDefinition::parse(sql));
    let index = indexes
        .filter(|index| index.unique_column().is_some_and(|name| name.eq_ignore_ascii_case(column)))
        .max_by_key(|index| (!ignores_case(index), index.condition.is_empty()))?;
    Some(UniqueIndex { ignores_case: ignores_case(&index), is_partial: !index.condition.is_empty() })
}

fn ignores_case(index: &IndexDefinition) -> bool {
    index.columns.iter().any(|column| column.collate.eq_ignore_ascii_case("nocase"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Collection, CollectionKind, Rules};

    #[test]
    fn only_unique_indexes_of_one_column_count() {
        for (indexes, want) in [
            (&["create unique index i on t (nick)"][..], Some(false)),
            (&["create unique index i on t (NICK collate NoCase desc) where nick != ''"], Some(true)),
            (&["create unique index i on t (nick collate nocase)", "create unique index j on t (nick)"], Some(false)),
            (&["create index i on t (nick)"], None),
            (&["create unique index i on t (nick, id)"], None),
            (&["create unique index i on t (lower(nick))"], None),
            (&[], None),
        ] {
            let collection = Collection {
                id: "t".into(),
                name: "t".into(),
                system: false,
                rules: Rules::default(),
                fields: Vec::new(),
                indexes: indexes.iter().map(ToString::to_string).collect(),
                created: String::new(),
                updated: String::new(),
                search: None,
                kind: CollectionKind::Base,
            };
            let got = single_column_unique_index(&collection, "nick").map(|index| index.ignores_case);
            assert_eq!(got, want, "{indexes:?}");
        }
    }
}
