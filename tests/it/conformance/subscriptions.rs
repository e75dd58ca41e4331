//! Cases about who hears of a change: `SUBSCRIBE topic options {...} then METHOD target body`, where a superuser makes the
//! change.

use serde_json::json;

use super::run::{Stage, build, long, record_path, text};
use super::table::{Case, Request, Want};
use crate::realtime::stream::Stream;
use crate::realtime::with_options;
use crate::server::Client;

/// Another topic, open to everybody: what is heard on it came after everything before.
const MARKER: &str = "clubs/*";

impl Stage {
    pub(super) async fn run_subscription(&mut self, case: &Case, client: &Client, problems: &mut Vec<String>) {
        let topic = match case.request.target.split_once('/') {
            Some((collection, id)) if id != "*" => format!("{collection}/{}", long(id)),
            _ => case.request.target.clone(),
        };
        let topic = match text(&case.request, "options") {
            Some(options) => with_options(&topic, &serde_json::from_str(options).unwrap()),
            None => topic,
        };
        let mut stream = Stream::of(client, &[&topic, MARKER]).await;
        let change = change(&case.request);
        let before = self.root.get(&record_path(&change).unwrap()).await.expect(200);
        let answer = self.root.send(build(&self.root, &change)).await;
        if !answer.status.is_success() {
            return problems.push(format!("the change was not made: {}", answer.text));
        }
        let clubs = "/api/collections/clubs/records";
        let club = self.root.post(clubs, json!({"name": "marker"})).await.expect(200);
        let events = stream.until(|event| event.topic == MARKER && event.record()["id"] == club["id"]).await;
        drop(stream);
        self.root.delete(&format!("{clubs}/{}", club["id"].as_str().unwrap())).await;
        self.undo(&change, &before, &answer, problems).await;
        let action = if change.method == "DELETE" { "delete" } else { "update" };
        let messages = events.iter().filter(|event| event.topic == topic && event.action() == action).count();
        for want in &case.want {
            let Want::Messages(count) = want else { panic!("{want} of a subscription") };
            if count.parse() != Ok(messages) || events.len() != messages {
                problems.push(format!("want {want}\n     got {events:?}"));
            }
        }
    }
}

/// What follows `then`.
fn change(request: &Request) -> Request {
    let mut words = text(request, "then").unwrap().splitn(3, ' ');
    let (method, target) = (words.next().unwrap(), words.next().unwrap().to_owned());
    let values = words.next().map(|body| vec![("body".to_owned(), body.to_owned())]);
    Request { method: method.parse().unwrap(), target, values: values.unwrap_or_default() }
}
