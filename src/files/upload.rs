//! Uploads as records and their rules know them.

use serde_json::{Map, Value as Json, json};

use crate::schema::cast;

/// An uploaded file that waits for its record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Upload {
    /// Where the body has it: `field`, `field+` or `+field`.
    pub key: String,
    /// As the client named it.
    pub original_name: String,
    /// As it is going to be stored.
    pub name: String,
    /// Bytes that were sent.
    pub size: u64,
    /// What its first bytes say it is.
    pub content_type: String,
}

/// The files that come with the body of one record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Uploads {
    collection: String,
    record: String,
    files: Vec<Upload>,
}

impl Uploads {
    /// No files.
    pub const NONE: &'static Self = &Self { collection: String::new(), record: String::new(), files: Vec::new() };

    /// Files, and the ids of the collection and the record below which they are stored.
    pub fn new(collection: String, record: String, files: Vec<Upload>) -> Self {
        Self { collection, record, files }
    }

    /// The id that a record has to be created with; `None` if any will do.
    pub fn record_id(&self) -> Option<&str> {
        (!self.record.is_empty()).then_some(self.record.as_str())
    }

    /// Whether the files are where those of this record belong. They are not if the collection, of which only a name was
    /// given, has become another one meanwhile.
    pub fn fit(&self, collection: &str, record: &str) -> bool {
        self.files.is_empty() || (self.collection == collection && self.record == record)
    }

    /// All of them, in the order of the body.
    pub fn all(&self) -> &[Upload] {
        &self.files
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// What rules see of the file of this name: an upload with its name and size, any other by its name.
    pub fn describe(&self, name: &str) -> Json {
        self.find(name).map_or_else(
            || Json::String(name.to_owned()),
            |upload| json!({"name": upload.name, "originalName": upload.original_name, "size": upload.size}),
        )
    }

    /// The upload that is going to be stored under this name.
    pub fn find(&self, name: &str) -> Option<&Upload> {
        self.files.iter().find(|upload| upload.name == name)
    }
}

/// Puts the uploads' names into the body they came with, behind what it has under the same keys: there they are what any
/// other value is, for modifiers and for rules.
pub fn name_in_body<'a>(body: &mut Map<String, Json>, uploads: impl IntoIterator<Item = &'a Upload>) {
    let mut grown: Vec<(&str, Vec<Json>)> = Vec::new();
    for upload in uploads {
        let name = Json::String(upload.name.clone());
        if let Some((_, names)) = grown.iter_mut().find(|(key, _)| *key == upload.key) {
            names.push(name);
            continue;
        }
        let kept = body.get(&upload.key).map(cast::list).unwrap_or_default();
        let names = kept.into_iter().map(Json::String).chain([name]).collect();
        grown.push((&upload.key, names));
    }
    body.extend(grown.into_iter().map(|(key, names)| (key.to_owned(), Json::Array(names))));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_join_what_the_body_has() {
        let upload = |key: &str, name: &str| Upload {
            key: key.to_owned(),
            original_name: String::new(),
            name: name.to_owned(),
            size: 0,
            content_type: String::new(),
        };
        let mut body = json!({"a": "old", "b": "[\"x\",\"y\"]", "c": ""}).as_object().unwrap().clone();
        let uploads = [upload("a", "1"), upload("b", "2"), upload("a", "3"), upload("c", "4"), upload("d+", "5")];
        name_in_body(&mut body, &uploads);
        let want = json!({"a": ["old", "1", "3"], "b": ["x", "y", "2"], "c": ["4"], "d+": ["5"]});
        assert_eq!(Json::Object(body), want);
    }
}
