//! The collections of a new folder.

use super::*;
use crate::collections::{ensure_system_collections, scaffolds, store};

#[test]
fn a_new_folder_has_the_system_collections_and_users() {
    let conn = database();
    let all = store::load_all(&conn).unwrap();
    let list: Vec<String> = all
        .iter()
        .map(|c| format!("{} {} {} {}", c.id, c.name, c.type_name(), if c.system { "system" } else { "own" }))
        .collect();
    let want = [
        "pbc_2279338944 _mfas base system",
        "pbc_1638494021 _otps base system",
        "pbc_2281828961 _externalAuths base system",
        "pbc_4275539003 _authOrigins base system",
        "pbc_3142635823 _superusers auth system",
        "_pb_users_auth_ users auth own",
    ];
    assert_eq!(list, want);
    let fields: Vec<String> = all.iter().map(field_list).collect();
    let auth = "id:text password:password tokenKey:text email:email emailVisibility:bool verified:bool";
    assert_eq!(
        fields,
        [
            "id:text collectionRef:text recordRef:text method:text created:autodate updated:autodate".to_owned(),
            "id:text collectionRef:text recordRef:text password:password sentTo:text created:autodate updated:autodate"
                .to_owned(),
            "id:text collectionRef:text recordRef:text provider:text providerId:text created:autodate updated:autodate"
                .to_owned(),
            "id:text collectionRef:text recordRef:text fingerprint:text created:autodate updated:autodate".to_owned(),
            format!("{auth} created:autodate updated:autodate"),
            format!("{auth} name:text avatar:file created:autodate updated:autodate"),
        ]
    );
    for collection in &all {
        let own = collection.fields.iter().filter(|field| !field.system).map(|field| field.name.as_str());
        let want: &[&str] = if collection.system { &[] } else { &["name", "avatar", "created", "updated"] };
        assert_eq!(own.collect::<Vec<_>>(), want, "{}", collection.name);
    }
    assert_eq!(text(&conn, "SELECT count(*) || '' FROM _migrations WHERE applied = 1767323045678000"), "8");
}

#[test]
fn field_ids_of_system_collections_are_the_derived_ones() {
    let conn = database();
    let users = store::find(&conn, "users").unwrap().unwrap();
    let ids: Vec<&str> = users.fields.iter().map(|field| field.id.as_str()).collect();
    let want = [
        "text3208210256",
        "password901924565",
        "text2504183744",
        "email3885137012",
        "bool1547992806",
        "bool256245529",
        "text1579384326",
        "file376926767",
        "autodate2990389176",
        "autodate3332085495",
    ];
    assert_eq!(ids, want);
}

#[test]
fn tables_and_indexes_are_made_as_in_the_reference() {
    let conn = database();
    assert_eq!(
        catalogue(&conn, "_authOrigins"),
        [
            "CREATE TABLE `_authOrigins` (`collectionRef` TEXT DEFAULT '' NOT NULL, `created` TEXT DEFAULT '' NOT NULL, \
             `fingerprint` TEXT DEFAULT '' NOT NULL, `id` TEXT PRIMARY KEY DEFAULT ('r'||lower(hex(randomblob(7)))) NOT \
             NULL, `recordRef` TEXT DEFAULT '' NOT NULL, `updated` TEXT DEFAULT '' NOT NULL)",
            "CREATE UNIQUE INDEX `idx_authOrigins_unique_pairs` ON `_authOrigins` (\n  `collectionRef`,\n  \
             `recordRef`,\n  `fingerprint`\n)",
        ]
    );
    assert_eq!(
        catalogue(&conn, "users"),
        [
            "CREATE TABLE `users` (`avatar` TEXT DEFAULT '' NOT NULL, `created` TEXT DEFAULT '' NOT NULL, `email` TEXT \
             DEFAULT '' NOT NULL, `emailVisibility` BOOLEAN DEFAULT FALSE NOT NULL, `id` TEXT PRIMARY KEY DEFAULT \
             ('r'||lower(hex(randomblob(7)))) NOT NULL, `name` TEXT DEFAULT '' NOT NULL, `password` TEXT DEFAULT '' NOT \
             NULL, `tokenKey` TEXT DEFAULT '' NOT NULL, `updated` TEXT DEFAULT '' NOT NULL, `verified` BOOLEAN DEFAULT \
             FALSE NOT NULL)",
            "CREATE UNIQUE INDEX `idx_tokenKey__pb_users_auth_` ON `users` (`tokenKey`)",
            "CREATE UNIQUE INDEX `idx_email__pb_users_auth_` ON `users` (`email`) WHERE `email` != ''",
        ]
    );
}

#[test]
fn auth_collections_get_secrets_of_their_own() {
    let conn = database();
    let all = store::load_all(&conn).unwrap();
    let mut secrets: Vec<&str> = all
        .iter()
        .filter_map(Collection::auth_options)
        .flat_map(|options| options.tokens().map(|(_, token)| token.secret.as_str()))
        .collect();
    assert!(secrets.iter().all(|secret| secret.len() == 50));
    secrets.sort_unstable();
    secrets.dedup();
    assert_eq!(secrets.len(), 10);
    let superusers = all.iter().find(|collection| collection.name == "_superusers").unwrap();
    assert_eq!(auth_options(superusers).auth_token.duration, 86_400);
    for secret in secrets {
        assert!(all.iter().all(|collection| !collection.to_api_json().contains(secret)));
    }
}

#[test]
fn a_stored_collection_reads_back_the_same() {
    let conn = database();
    for collection in store::load_all(&conn).unwrap() {
        assert_eq!(collection.to_stored().into_collection().unwrap(), collection);
    }
}

#[test]
fn bootstrap_leaves_a_filled_folder_alone() {
    let conn = database();
    let before = store::load_all(&conn).unwrap();
    crate::collections::bootstrap(&conn, LATER).unwrap();
    assert_eq!(store::load_all(&conn).unwrap(), before);
}

#[test]
fn missing_system_collections_are_added() {
    let conn = database();
    conn.execute_batch("DELETE FROM _collections WHERE name = '_authOrigins'; DROP TABLE _authOrigins").unwrap();
    assert_eq!(ensure_system_collections(&conn, LATER).unwrap(), ["_authOrigins"]);
    assert_eq!(ensure_system_collections(&conn, LATER).unwrap(), Vec::<String>::new());
}

#[test]
fn rows_of_older_folders_are_readable() {
    let conn = database();
    conn.execute_batch(
        r#"INSERT INTO _collections (id, type, name, fields, indexes, options) VALUES
           ('old', 'auth', 'old', '[{"id":"x","name":"id","type":"text","unknown":1}]', 'null',
            '{"oauth2":{"providers":null},"passwordAuth":{"identityFields":null},"future":{}}')"#,
    )
    .unwrap();
    let old = store::find(&conn, "OLD").unwrap().unwrap();
    assert_eq!((field_list(&old).as_str(), old.indexes.len()), ("id:text", 0));
    assert_eq!(auth_options(&old).auth_rule, None);
    assert_eq!(auth_options(&old).otp.duration, 180);
    conn.execute_batch("UPDATE _collections SET type = 'graph' WHERE id = 'old'").unwrap();
    assert!(store::load_all(&conn).unwrap_err().to_string().contains("`old`"));
}

#[test]
fn the_json_has_the_keys_of_its_type_in_order() {
    let keys = |collection: &Collection| {
        let json = collection.to_api_json();
        let mut depth = 0;
        let mut keys = Vec::new();
        let parsed: Map<String, Json> = serde_json::from_str(&json).unwrap();
        let mut found: Vec<(usize, &String)> = parsed
            .keys()
            .map(|key| {
                let needle = format!("\"{key}\":");
                let at = json.match_indices(&needle).find(|(at, _)| {
                    depth = json[..*at].chars().fold(0, |depth, c| match c {
                        '{' => depth + 1,
                        '}' => depth - 1,
                        _ => depth,
                    });
                    depth == 1
                });
                (at.unwrap().0, key)
            })
            .collect();
        found.sort_unstable();
        keys.extend(found.into_iter().map(|(_, key)| key.clone()));
        keys.join(" ")
    };
    let common =
        "id listRule viewRule createRule updateRule deleteRule name type fields indexes created updated system";
    let scaffolds = scaffolds();
    assert_eq!(keys(&scaffolds.base), common);
    assert_eq!(keys(&scaffolds.view), format!("{common} viewQuery"));
    let auth = "authRule manageRule authAlert oauth2 passwordAuth mfa otp authToken passwordResetToken emailChangeToken \
                verificationToken fileToken verificationTemplate resetPasswordTemplate confirmEmailChangeTemplate";
    // The braces of mail placeholders balance, so counting them as nesting is harmless.
    assert_eq!(keys(&scaffolds.auth), format!("{common} {auth}"));
}
