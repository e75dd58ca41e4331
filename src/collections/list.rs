//! Finding and listing collections.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::sync::{Arc, LazyLock};

use rusqlite::{Connection, params_from_iter};

use super::error::CollectionError;
use super::store;
use crate::db::DbError;
use crate::query::{Catalog, Plan, select_ids};
use crate::schema::fields::TextOptions;
use crate::schema::{Collection, CollectionKind, Field, FieldOptions, Rules, Schema, ids};

/// Most collections of a page.
pub const MAX_PER_PAGE: usize = 1000;
/// Collections of a page unless asked otherwise.
pub const DEFAULT_PER_PAGE: usize = 30;

/// What a client asks of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListParams {
    /// From 1; smaller numbers mean the first page.
    pub page: i64,
    /// 1 to [`MAX_PER_PAGE`]; smaller numbers mean [`DEFAULT_PER_PAGE`].
    pub per_page: i64,
    /// Leave the totals out.
    pub skip_total: bool,
    /// `-name,created`; empty for the stored order.
    pub sort: String,
    /// Filter expression; empty for none.
    pub filter: String,
}

/// A page of collections.
#[derive(Debug, Clone, PartialEq)]
pub struct CollectionPage {
    /// The collections.
    pub items: Vec<Arc<Collection>>,
    /// From 1.
    pub page: usize,
    /// Most items of a page.
    pub per_page: usize,
    /// `None` if left out.
    pub total_items: Option<usize>,
}

impl CollectionPage {
    /// Number of pages, if the total is known.
    pub fn total_pages(&self) -> Option<usize> {
        self.total_items.map(|total| total.div_ceil(self.per_page))
    }
}

/// The collection of this id (exact) or name (any case).
///
/// # Errors
/// SQLite's.
pub fn find(conn: &Connection, id_or_name: &str) -> Result<Option<Collection>, DbError> {
    store::find(conn, id_or_name)
}

/// As [`find`].
///
/// # Errors
/// [`CollectionError::NotFound`], or SQLite's.
pub fn get(conn: &Connection, id_or_name: &str) -> Result<Collection, CollectionError> {
    find(conn, id_or_name)?.ok_or(CollectionError::NotFound)
}

/// One page of the collections that satisfy the filter. `now_ms` is Unix time in milliseconds.
///
/// # Errors
/// [`CollectionError::List`] if the filter or the sort makes no sense, or SQLite's.
pub fn list(
    conn: &Connection,
    catalog: &Catalog,
    params: &ListParams,
    now_ms: i64,
) -> Result<CollectionPage, CollectionError> {
    if params.filter.is_empty() {
        return page_of(catalog.schema(), params, None);
    }
    let refused = |reason: String| CollectionError::List(reason);
    let statement = select_ids(catalog, &TABLE, &params.filter, now_ms).map_err(|error| refused(error.to_string()))?;
    let mut query = conn.prepare(&statement.sql).map_err(|error| refused(error.to_string()))?;
    let ids = query.query_map(params_from_iter(statement.values), |row| row.get(0))?.collect::<Result<_, _>>()?;
    page_of(catalog.schema(), params, Some(&ids))
}

/// The table of collections as filters see it.
static TABLE: LazyLock<Arc<Plan>> = LazyLock::new(|| {
    let text = || FieldOptions::Text(TextOptions::default());
    let fields = [("id", text()), ("name", text()), ("type", text()), ("created", text()), ("updated", text())];
    let mut fields: Vec<Field> = fields.into_iter().map(|(name, options)| Field::new(name, options)).collect();
    fields.push(Field::new("system", FieldOptions::Bool));
    Arc::new(Plan::new(Arc::new(Collection {
        id: String::new(),
        name: "_collections".to_owned(),
        system: true,
        rules: Rules::default(),
        fields,
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        search: None,
        kind: CollectionKind::Base,
    })))
});

fn page_of(
    schema: &Schema,
    params: &ListParams,
    ids: Option<&HashSet<String>>,
) -> Result<CollectionPage, CollectionError> {
    let mut collections: Vec<(usize, Arc<Collection>)> = schema.all().iter().cloned().enumerate().collect();
    collections.retain(|(_, collection)| ids.is_none_or(|ids| ids.contains(&collection.id)));
    let keys = parse_sort(&params.sort)?;
    if keys.iter().any(|(key, _)| *key == Key::Random) {
        collections.sort_by_cached_key(|_| ids::random_string(10, ids::ALPHANUMERIC));
    }
    collections.sort_by(|a, b| {
        let orders = keys.iter().map(|(key, direction)| direction.apply(key.compare(a, b)));
        orders.fold(Ordering::Equal, Ordering::then)
    });
    let page = usize::try_from(params.page).unwrap_or_default().max(1);
    let per_page = match usize::try_from(params.per_page) {
        Ok(per_page) if per_page > 0 => per_page.min(MAX_PER_PAGE),
        _ => DEFAULT_PER_PAGE,
    };
    let total_items = (!params.skip_total).then_some(collections.len());
    let skipped = per_page.saturating_mul(page - 1);
    let items = collections.into_iter().skip(skipped).take(per_page).map(|(_, collection)| collection).collect();
    Ok(CollectionPage { items, page, per_page, total_items })
}

/// What can be sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Id,
    Created,
    Updated,
    Name,
    System,
    Type,
    Stored,
    Random,
}

impl Key {
    fn compare(self, a: &(usize, Arc<Collection>), b: &(usize, Arc<Collection>)) -> Ordering {
        match self {
            Self::Id => a.1.id.cmp(&b.1.id),
            Self::Created => a.1.created.cmp(&b.1.created),
            Self::Updated => a.1.updated.cmp(&b.1.updated),
            Self::Name => a.1.name.cmp(&b.1.name),
            Self::System => a.1.system.cmp(&b.1.system),
            Self::Type => a.1.type_name().cmp(b.1.type_name()),
            Self::Stored => a.0.cmp(&b.0),
            Self::Random => Ordering::Equal,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    fn apply(self, order: Ordering) -> Ordering {
        match self {
            Self::Ascending => order,
            Self::Descending => order.reverse(),
        }
    }
}

fn parse_sort(sort: &str) -> Result<Vec<(Key, Direction)>, CollectionError> {
    if sort.is_empty() {
        return Ok(Vec::new());
    }
    let parse_one = |part: &str| {
        let part = part.trim();
        let (direction, name) = match (part.strip_prefix('-'), part.strip_prefix('+')) {
            (Some(name), _) => (Direction::Descending, name),
            (None, Some(name)) => (Direction::Ascending, name),
            (None, None) => (Direction::Ascending, part),
        };
        let key = match name {
            "id" => Key::Id,
            "created" => Key::Created,
            "updated" => Key::Updated,
            "name" => Key::Name,
            "system" => Key::System,
            "type" => Key::Type,
            "@rowid" => Key::Stored,
            "@random" => Key::Random,
            _ => return Err(CollectionError::List("unknown sort key".to_owned())),
        };
        Ok((key, direction))
    };
    sort.split(',').map(parse_one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collections::scaffold::scaffold_of;

    fn schema() -> Schema {
        let make = |(id, name, kind, system): (&str, &str, &str, bool)| Collection {
            id: id.to_owned(),
            name: name.to_owned(),
            system,
            ..scaffold_of(kind).unwrap()
        };
        Schema::new([("3", "b", "auth", true), ("1", "c", "base", false), ("2", "a", "view", false)].map(make).to_vec())
    }

    fn names(params: &ListParams) -> Vec<String> {
        page_of(&schema(), params, None).unwrap().items.iter().map(|collection| collection.name.clone()).collect()
    }

    #[test]
    fn pages_are_sorted_and_cut() {
        for (sort, page, per_page, want) in [
            ("", 0, 0, "b c a"),
            ("name", 1, 10, "a b c"),
            ("-name", 1, 10, "c b a"),
            ("id", 1, 10, "c a b"),
            ("system, +id", 1, 10, "c a b"),
            ("type", 1, 10, "b c a"),
            ("-@rowid", 1, 10, "a c b"),
            ("name", 2, 2, "c"),
            ("name", 3, 2, ""),
            ("name", i64::MAX, i64::MAX, ""),
            ("name", i64::MIN, i64::MIN, "a b c"),
        ] {
            let params = ListParams { sort: sort.to_owned(), page, per_page, ..ListParams::default() };
            assert_eq!(names(&params).join(" "), want, "{params:?}");
        }
        let params = ListParams { sort: "@random".to_owned(), ..ListParams::default() };
        assert_eq!(names(&params).len(), 3);
    }

    #[test]
    fn totals_can_be_skipped() {
        let params = ListParams { per_page: 2, ..ListParams::default() };
        let page = page_of(&schema(), &params, None).unwrap();
        assert_eq!((page.total_items, page.total_pages()), (Some(3), Some(2)));
        let page = page_of(&schema(), &ListParams { skip_total: true, ..params }, None).unwrap();
        assert_eq!((page.total_items, page.total_pages()), (None, None));
    }

    #[test]
    fn unknown_sort_keys_are_refused() {
        for sort in ["fields", ",", "name,", "--name"] {
            let params = ListParams { sort: sort.to_owned(), ..ListParams::default() };
            assert!(matches!(page_of(&schema(), &params, None), Err(CollectionError::List(_))), "{params:?}");
        }
    }
}
