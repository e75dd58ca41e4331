//! Indexes that are gone, damaged or of another time are made anew, and the server starts all the same.

use std::path::Path;

use serde_json::json;

use super::{add, caught_up, check, find, id_of, posts, status};
use crate::server::{TestServer, config, database};

/// The files of an index, but for the descriptions.
fn segment_files(index: &Path) -> Vec<std::path::PathBuf> {
    let files = std::fs::read_dir(index).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.extension().is_some_and(|e| e == "idx" || e == "term")).collect();
    files.sort_unstable();
    files
}

/// What happens to the folder of all indexes.
type Damage = fn(&Path);

#[tokio::test]
async fn damaged_indexes_are_made_anew() {
    let mut server = TestServer::start();
    let root = server.superuser().await;
    let id = posts(&root).await;
    for n in 0..10 {
        add(&root, "posts", json!({"title": format!("soup {n}")})).await;
    }
    caught_up(&server, &root, &id).await;
    let damages: [(&str, bool, Damage); 8] = [
        ("nothing", true, |_| {}),
        ("all gone", false, |search| std::fs::remove_dir_all(search).unwrap()),
        ("the index gone", false, |search| {
            std::fs::remove_dir_all(std::fs::read_dir(search).unwrap().next().unwrap().unwrap().path()).unwrap();
        }),
        ("a file instead", false, |search| {
            let path = std::fs::read_dir(search).unwrap().next().unwrap().unwrap().path();
            std::fs::remove_dir_all(&path).unwrap();
            std::fs::write(path, "x").unwrap();
        }),
        ("meta.json is garbage", false, |search| {
            let path = std::fs::read_dir(search).unwrap().next().unwrap().unwrap().path();
            std::fs::write(path.join("meta.json"), "{").unwrap();
        }),
        ("the recipe is garbage", false, |search| {
            let path = std::fs::read_dir(search).unwrap().next().unwrap().unwrap().path();
            std::fs::write(path.join("larder-recipe.json"), "{").unwrap();
        }),
        ("a byte of a segment is another", false, |search| {
            let path = std::fs::read_dir(search).unwrap().next().unwrap().unwrap().path();
            for file in segment_files(&path) {
                let mut bytes = std::fs::read(&file).unwrap();
                bytes[0] ^= 0xff;
                std::fs::write(file, bytes).unwrap();
            }
        }),
        ("leftovers of a build and a removal", true, |search| {
            std::fs::create_dir(search.join("pbc_1.building")).unwrap();
            std::fs::create_dir(search.join("pbc_1.removed")).unwrap();
            std::fs::create_dir(search.join("pbc_unknown")).unwrap();
        }),
    ];
    for (what, is_right, damage) in damages {
        let folder = server.stop();
        damage(&folder.path().join("data/search"));
        assert_eq!(check(&folder.path().join("data")).0, is_right, "{what}");
        let config = config(&folder);
        server = TestServer::with(folder, config);
        let root = server.superuser().await;
        caught_up(&server, &root, &id).await;
        assert_eq!(find(&server, &id, "soup").len(), 10, "{what}");
        let left: Vec<_> = std::fs::read_dir(server.folder.path().join("data/search")).unwrap().collect();
        assert_eq!(left.len(), 1, "{what}: {left:?}");
    }
}

#[tokio::test]
async fn a_feed_that_does_not_go_on_where_the_index_ends_makes_it_anew() {
    let mut server = TestServer::start();
    let root = server.superuser().await;
    let id = posts(&root).await;
    add(&root, "posts", json!({"id": "aaaaaaaaaaaaaaa", "title": "soup"})).await;
    caught_up(&server, &root, &id).await;
    for (what, want, sql) in [
        (
            "changes that nobody was told of",
            2,
            "INSERT INTO posts (id, title) VALUES ('bbbbbbbbbbbbbbb', 'soup');
             INSERT INTO _larder_changes (seq, at, collection, record, action) SELECT MAX(seq) + 10, '', '', '', 'create' FROM _larder_changes;
             DELETE FROM _larder_changes WHERE seq < (SELECT MAX(seq) FROM _larder_changes);",
        ),
        (
            "a database of before",
            3,
            "INSERT INTO posts (id, title) VALUES ('ccccccccccccccc', 'soup');
             DELETE FROM _larder_changes; UPDATE sqlite_sequence SET seq = 1 WHERE name = '_larder_changes';",
        ),
        (
            "a database with other changes of the same numbers",
            4,
            "INSERT INTO posts (id, title) VALUES ('ddddddddddddddd', 'soup');
             UPDATE _larder_changes SET record = 'xxxxxxxxxxxxxxx' WHERE seq = (SELECT MAX(seq) FROM _larder_changes);
             INSERT INTO _larder_changes (at, collection, record, action) SELECT at, collection, 'yyyyyyyyyyyyyyy', 'create'
                FROM _larder_changes ORDER BY seq DESC LIMIT 1;",
        ),
    ] {
        let folder = server.stop();
        database(&folder).execute_batch(sql).unwrap();
        let (is_right, text) = check(&folder.path().join("data"));
        assert!(!is_right && text.contains("does not go on"), "{what}: {text}");
        let config = config(&folder);
        server = TestServer::with(folder, config);
        let root = server.superuser().await;
        caught_up(&server, &root, &id).await;
        assert_eq!(find(&server, &id, "soup").len(), want, "{what}");
        // So that there is a change whose number can be another's.
        add(&root, "posts", json!({"title": "pie"})).await;
        caught_up(&server, &root, &id).await;
    }
}

#[tokio::test]
async fn a_table_that_cannot_be_read_holds_up_no_other_index() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let broken = posts(&root).await;
    add(&root, "posts", json!({"title": "soup"})).await;
    let notes = id_of(&root.open_collection("notes", json!([{"name": "text", "type": "text"}])).await);
    root.patch("/api/collections/notes", json!({"search": {"fields": ["text"]}})).await.expect(200);
    caught_up(&server, &root, &broken).await;
    let folder = server.stop();
    let sql = "ALTER TABLE posts RENAME COLUMN body TO lost;
        INSERT INTO _larder_changes (at, collection, record, action)
            SELECT at, collection, record, 'update' FROM _larder_changes ORDER BY seq DESC LIMIT 1;";
    database(&folder).execute_batch(sql).unwrap();
    let config = config(&folder);
    let server = TestServer::with(folder, config);
    let root = server.superuser().await;
    add(&root, "notes", json!({"text": "pie"})).await;
    caught_up(&server, &root, &notes).await;
    assert_eq!(find(&server, &notes, "pie").len(), 1);
    // What was found before is still found.
    assert_eq!(find(&server, &broken, "soup").len(), 1);
    let status = status(&root, "posts").await;
    assert!(status["state"] == "failed" && status["error"].as_str().unwrap().contains("body"), "{status}");
}

#[tokio::test]
async fn commands_look_after_indexes() {
    let server = TestServer::start();
    let root = server.superuser().await;
    let id = posts(&root).await;
    add(&root, "posts", json!({"title": "soup"})).await;
    caught_up(&server, &root, &id).await;
    let data = server.folder.path().join("data");
    let run = |args: &[&str]| {
        let args: Vec<&str> = args.iter().copied().chain(["--dir", data.to_str().unwrap()]).collect();
        let output = crate::startup::larder(&args);
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().unwrap(), text)
    };
    for command in ["status", "check", "rebuild"] {
        let (code, text) = run(&["search", command]);
        assert!(code != 0 && text.contains("already served") && text.contains("stop the server"), "{command}: {text}");
    }
    let folder = server.stop();
    let (code, text) = run(&["search", "status"]);
    assert!(code == 0 && text.contains("posts: 1 records") && text.contains("up to date"), "{text}");
    // A record that nobody was told of.
    database(&folder).execute_batch("INSERT INTO posts (id, title) VALUES ('bbbbbbbbbbbbbbb', 'soup')").unwrap();
    let (code, text) = run(&["search", "check"]);
    assert!(code == 1 && text.contains("1 not in the index: bbbbbbbbbbbbbbb"), "{text}");
    let (code, text) = run(&["search", "rebuild", "posts"]);
    assert!(code == 0 && text.contains("posts: 2 records"), "{text}");
    assert_eq!(run(&["search", "check", "posts"]).0, 0);
    database(&folder).execute_batch("DELETE FROM posts WHERE id = 'bbbbbbbbbbbbbbb'").unwrap();
    let (code, text) = run(&["search", "check"]);
    assert!(code == 1 && text.contains("1 in the index, but gone: bbbbbbbbbbbbbbb"), "{text}");
    database(&folder).execute_batch("UPDATE posts SET title = 'pie'").unwrap();
    let (code, text) = run(&["search", "check"]);
    assert!(code == 1 && text.contains("1 not in the index as they are: "), "{text}");
    for (name, want) in [("nope", "there is no collection"), ("users", "not switched on")] {
        let (code, text) = run(&["search", "rebuild", name]);
        assert!(code != 0 && text.contains(want), "{name}: {text}");
    }
}
