//! Files of a batch: in parts named `requests.<i>.<field>` or `requests[<i>].<field>`.

use crate::api::{ApiError, AppState, Incoming};
use crate::batch::{BatchError, BatchItem, Target};
use crate::db::ReadTx;
use crate::files::{Placement, Spooled, Uploads, name_in_body};
use crate::records::{self, Action, RecordError};

/// Files of one item.
pub(super) struct ItemFiles {
    /// Position of the item.
    index: usize,
    /// What it may come to.
    actions: &'static [Action],
    collection: String,
    record: String,
    files: Vec<Spooled>,
}

/// Gives the items their files, named in their bodies. Files that belong to no item, or to none of its fields, are let go.
pub(super) fn assign(state: &AppState, items: &mut [BatchItem], files: Vec<Spooled>) -> Vec<ItemFiles> {
    let catalog = state.catalog.load();
    let mut by_item: Vec<Vec<Spooled>> = items.iter().map(|_| Vec::new()).collect();
    for mut file in files {
        let Some((index, key)) = parse_key(&file.upload.key) else { continue };
        let key = key.to_owned();
        let plan = items.get(index).and_then(|item| item.target.as_ref()).map(Target::collection);
        let plan = plan.and_then(|collection| catalog.find(collection));
        if plan.is_some_and(|plan| records::max_upload_bytes(plan, &key).is_some()) {
            file.upload.key = key;
            by_item[index].push(file);
        }
    }
    let mut assigned = Vec::new();
    for (index, (item, files)) in items.iter_mut().zip(by_item).enumerate() {
        let Some(target) = item.target.as_ref().filter(|_| !files.is_empty()) else { continue };
        let Some(plan) = catalog.find(target.collection()) else { continue };
        let actions: &[Action] = match target {
            Target::Create { .. } => &[Action::Create],
            Target::Upsert { .. } => &[Action::Create, Action::Update],
            Target::Update { .. } | Target::Delete { .. } => &[Action::Update],
        };
        let record = match target {
            Target::Create { .. } | Target::Upsert { .. } => {
                records::settle_id(plan, &mut item.body, state.db.clock().unix_millis(), state.save_options())
            }
            Target::Update { id, .. } => Some(id.clone()),
            Target::Delete { .. } => None,
        };
        // Without an id the item fails, and says why.
        let Some(record) = record else { continue };
        let collection = plan.collection().id.clone();
        let uploads: Vec<_> = files.iter().map(|file| file.upload.clone()).collect();
        name_in_body(&mut item.body, &uploads);
        item.uploads = Uploads::new(collection.clone(), record.clone(), uploads);
        assigned.push(ItemFiles { index, actions, collection, record, files });
    }
    assigned
}

/// Stores the files, all before the first item runs. Nothing is stored for who may not write to one of the collections at
/// all; the rules of the others are asked when their turn comes, for they may depend on the items before.
pub(super) async fn place(
    state: &AppState,
    incoming: &Incoming,
    assigned: Vec<ItemFiles>,
) -> Result<Vec<Placement>, ApiError> {
    if assigned.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<_> = assigned.iter().map(|item| (item.index, item.actions, item.collection.clone())).collect();
    let (now, sent) = (state.db.clock().unix_millis(), incoming.clone());
    let admit = move |tx: &ReadTx<'_>| {
        let entered = sent.enter(tx, now)?;
        for (index, actions, collection) in &wanted {
            let admitted = actions.iter().map(|action| records::admit(entered.request(), *action, collection));
            let failed = |error: RecordError| BatchError::Item { index: *index, error: error.into() };
            admitted.reduce(Result::or).unwrap_or(Ok(())).map_err(failed)?;
        }
        Ok::<_, BatchError>(())
    };
    state.db.read(admit).await.map_err(super::failed)?;
    let mut placements = Vec::with_capacity(assigned.len());
    for ItemFiles { collection, record, files, .. } in assigned {
        placements.push(state.files.place(&collection, &record, files).await?);
    }
    Ok(placements)
}

/// The item and the field of a part's name.
fn parse_key(name: &str) -> Option<(usize, &str)> {
    let rest = name.strip_prefix("requests")?;
    let (index, key) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once("].")?,
        None => rest.strip_prefix('.')?.split_once('.')?,
    };
    // Only digits: `parse` takes a sign, too.
    let is_index = !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit());
    index.parse().ok().filter(|_| is_index && !key.is_empty()).map(|index| (index, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        for (name, want) in [
            ("requests.0.f", Some((0, "f"))),
            ("requests[12].f+", Some((12, "f+"))),
            ("requests.3.+f", Some((3, "+f"))),
            ("requests.0.a.b", Some((0, "a.b"))),
            ("requests..f", None),
            ("requests.0.", None),
            ("requests[0]f", None),
            ("requests[+1].f", None),
            ("requests[-1].f", None),
            ("requests.99999999999999999999999.f", None),
            ("request.0.f", None),
            ("requests", None),
            ("", None),
        ] {
            assert_eq!(parse_key(name), want, "{name}");
        }
    }
}
