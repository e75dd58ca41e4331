//! Collections as JSON: the API's form (no secrets, fixed key order) and the stored row (reference part 1, 2.1 and 12.3).

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

use super::auth_options::{AuthOptions, EmailTemplate, MappedFields, OAuth2Options, OAuth2Provider};
use super::{ApiSearchOptions, Collection, CollectionKind, Field, Rules, SearchOptions};

/// A row of `_collections`; JSON columns are text.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are the columns'")]
pub struct StoredCollection {
    pub id: String,
    pub system: bool,
    pub kind: String,
    pub name: String,
    pub fields: String,
    pub indexes: String,
    pub rules: Rules,
    pub options: String,
    pub created: String,
    pub updated: String,
}

/// Why a stored row is no collection this version understands.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages say it")]
pub enum StoredCollectionError {
    #[error("collection `{collection}` has the unknown type `{kind}`")]
    UnknownType { collection: String, kind: String },
    #[error("collection `{collection}`: cannot read its stored {column}: {reason}")]
    Unreadable { collection: String, column: &'static str, reason: String },
}

impl Collection {
    /// The type as the API names it: `base`, `auth` or `view`.
    pub fn type_name(&self) -> &'static str {
        match self.kind {
            CollectionKind::Base => "base",
            CollectionKind::Auth(_) => "auth",
            CollectionKind::View { .. } => "view",
        }
    }

    /// Options of an auth collection.
    pub fn auth_options(&self) -> Option<&AuthOptions> {
        match &self.kind {
            CollectionKind::Auth(options) => Some(options),
            CollectionKind::Base | CollectionKind::View { .. } => None,
        }
    }

    /// Whether records can sign in.
    pub fn is_auth(&self) -> bool {
        self.auth_options().is_some()
    }

    /// Whether records are rows of a query.
    pub fn is_view(&self) -> bool {
        matches!(self.kind, CollectionKind::View { .. })
    }

    /// The field of that name, exact case.
    pub fn find_field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The API's JSON: keys in the order of section 2.1, secrets left out.
    pub fn to_api_json(&self) -> String {
        to_text(&ApiCollection(self))
    }

    /// The row to store.
    pub fn to_stored(&self) -> StoredCollection {
        StoredCollection {
            id: self.id.clone(),
            system: self.system,
            kind: self.type_name().to_owned(),
            name: self.name.clone(),
            fields: to_text(&self.fields.iter().map(Field::to_json).collect::<Vec<_>>()),
            indexes: to_text(&self.indexes),
            rules: self.rules.clone(),
            options: self.stored_options(),
            created: self.created.clone(),
            updated: self.updated.clone(),
        }
    }
}

impl Collection {
    /// The `options` column. Other products ignore the key `search`, which is there only if records are searched.
    fn stored_options(&self) -> String {
        /// Options of a type, and those of all types.
        #[derive(Serialize)]
        struct Stored<'a, T> {
            #[serde(flatten)]
            of_type: T,
            #[serde(skip_serializing_if = "Option::is_none")]
            search: Option<&'a SearchOptions>,
        }
        let search = self.search.as_ref();
        match &self.kind {
            CollectionKind::Base => to_text(&Stored { of_type: serde_json::Map::new(), search }),
            CollectionKind::Auth(options) => to_text(&Stored { of_type: options.as_ref(), search }),
            CollectionKind::View { query } => to_text(&serde_json::json!({ "viewQuery": query })),
        }
    }
}

impl StoredCollection {
    /// Reads the row; missing keys and `null` lists become defaults, unknown keys are ignored (section 12.6).
    ///
    /// # Errors
    /// If the type or a field's type is unknown, or a column does not hold what it should: going on without a field
    /// would let the next save drop its column.
    pub fn into_collection(self) -> Result<Collection, StoredCollectionError> {
        let unreadable = |column, reason: String| StoredCollectionError::Unreadable {
            collection: self.name.clone(),
            column,
            reason,
        };
        let fields: Option<Vec<serde_json::Map<String, Json>>> =
            serde_json::from_str(&self.fields).map_err(|e| unreadable("fields", e.to_string()))?;
        let fields = fields.unwrap_or_default().iter().map(Field::from_stored_json).collect::<Result<_, _>>();
        let indexes: Option<Vec<String>> =
            serde_json::from_str(&self.indexes).map_err(|e| unreadable("indexes", e.to_string()))?;
        let mut options: Json =
            serde_json::from_str(&self.options).map_err(|e| unreadable("options", e.to_string()))?;
        let search = read_search(&options);
        let kind = match self.kind.as_str() {
            "base" => CollectionKind::Base,
            "auth" => {
                remove_nulls(&mut options);
                let mut read: AuthOptions =
                    serde_json::from_value(options).map_err(|e| unreadable("options", e.to_string()))?;
                read.fill_missing();
                CollectionKind::Auth(Box::new(read))
            }
            "view" => CollectionKind::View { query: options["viewQuery"].as_str().unwrap_or_default().to_owned() },
            kind => {
                return Err(StoredCollectionError::UnknownType { collection: self.name, kind: kind.to_owned() });
            }
        };
        Ok(Collection {
            fields: fields.map_err(|e| unreadable("fields", e.to_string()))?,
            id: self.id,
            name: self.name,
            system: self.system,
            rules: self.rules,
            indexes: indexes.unwrap_or_default(),
            created: self.created,
            updated: self.updated,
            search: search.filter(|_| !matches!(kind, CollectionKind::View { .. })),
            kind,
        })
    }
}

/// The stored `search`. What cannot be read is as good as none: an index can always be asked for again.
fn read_search(options: &Json) -> Option<SearchOptions> {
    let search: SearchOptions = serde_json::from_value(options.get("search")?.clone()).ok()?;
    (!search.fields.is_empty()).then_some(search)
}

/// Drops `null` members: serde takes an absent list as empty, but not a `null` one.
fn remove_nulls(options: &mut Json) {
    let Json::Object(map) = options else { return };
    map.retain(|_, value| !value.is_null());
    map.values_mut().for_each(remove_nulls);
}

fn to_text<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("keys are strings and every value serializes")
}

/// A collection in the form the API shows.
#[derive(Debug)]
pub struct ApiCollection<'a>(pub &'a Collection);

impl Serialize for ApiCollection<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let collection = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", &collection.id)?;
        map.serialize_entry("listRule", &collection.rules.list)?;
        map.serialize_entry("viewRule", &collection.rules.view)?;
        map.serialize_entry("createRule", &collection.rules.create)?;
        map.serialize_entry("updateRule", &collection.rules.update)?;
        map.serialize_entry("deleteRule", &collection.rules.delete)?;
        map.serialize_entry("name", &collection.name)?;
        map.serialize_entry("type", collection.type_name())?;
        map.serialize_entry("fields", &collection.fields.iter().map(Field::to_json).collect::<Vec<_>>())?;
        map.serialize_entry("indexes", &collection.indexes)?;
        map.serialize_entry("created", &collection.created)?;
        map.serialize_entry("updated", &collection.updated)?;
        map.serialize_entry("system", &collection.system)?;
        match &collection.kind {
            CollectionKind::Base => {}
            CollectionKind::View { query } => map.serialize_entry("viewQuery", query)?,
            CollectionKind::Auth(options) => serialize_auth_options(options, &mut map)?,
        }
        if let Some(search) = &collection.search {
            map.serialize_entry("search", &ApiSearchOptions(search))?;
        }
        map.end()
    }
}

fn serialize_auth_options<M: SerializeMap>(options: &AuthOptions, map: &mut M) -> Result<(), M::Error> {
    map.serialize_entry("authRule", &options.auth_rule)?;
    map.serialize_entry("manageRule", &options.manage_rule)?;
    map.serialize_entry("authAlert", &options.auth_alert)?;
    map.serialize_entry("oauth2", &ApiOAuth2::of(&options.oauth2))?;
    map.serialize_entry("passwordAuth", &options.password_auth)?;
    map.serialize_entry("mfa", &options.mfa)?;
    map.serialize_entry("otp", &options.otp)?;
    for (key, token) in options.tokens() {
        map.serialize_entry(key, &ApiToken { duration: token.duration })?;
    }
    let template = |map: &mut M, key: &str, template: &EmailTemplate| map.serialize_entry(key, template);
    template(map, "verificationTemplate", &options.verification_template)?;
    template(map, "resetPasswordTemplate", &options.reset_password_template)?;
    template(map, "confirmEmailChangeTemplate", &options.confirm_email_change_template)
}

/// A token's options without its secret.
#[derive(Serialize)]
struct ApiToken {
    duration: i64,
}

/// OAuth2 options without client secrets; `providers` is always a list.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiOAuth2<'a> {
    providers: Vec<ApiProvider<'a>>,
    mapped_fields: &'a MappedFields,
    enabled: bool,
}

impl<'a> ApiOAuth2<'a> {
    fn of(options: &'a OAuth2Options) -> Self {
        Self {
            providers: options.providers.iter().flatten().map(ApiProvider::of).collect(),
            mapped_fields: &options.mapped_fields,
            enabled: options.enabled,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ApiProvider<'a> {
    pkce: Option<bool>,
    name: &'a str,
    client_id: &'a str,
    #[serde(rename = "authURL")]
    auth_url: &'a str,
    #[serde(rename = "tokenURL")]
    token_url: &'a str,
    #[serde(rename = "userInfoURL")]
    user_info_url: &'a str,
    display_name: &'a str,
    extra: &'a Option<serde_json::Map<String, Json>>,
}

impl<'a> ApiProvider<'a> {
    fn of(provider: &'a OAuth2Provider) -> Self {
        Self {
            pkce: provider.pkce,
            name: &provider.name,
            client_id: &provider.client_id,
            auth_url: &provider.auth_url,
            token_url: &provider.token_url,
            user_info_url: &provider.user_info_url,
            display_name: &provider.display_name,
            extra: &provider.extra,
        }
    }
}
