//! Runs cases against a server and says which came out otherwise.

use std::collections::{BTreeMap, HashMap};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Map, Value as Json, json};

use super::fixture::{Fixture, PASSWORD};
use super::table::{Case, Request, Rule, Want};
use super::tester;
use crate::server::{Answer, Client};

/// A server with the fixture in it.
pub(crate) struct Stage {
    pub(super) root: Client,
    guest: Client,
    /// Those who signed in so far.
    people: HashMap<String, Client>,
    /// Rules that are not as in the fixture, by collection and name.
    changed: BTreeMap<(String, String), Json>,
    fixture: Fixture,
    /// How often the server's rule tester was asked, which has to agree with every answer; `None` if it has none.
    pub(crate) tests: Option<usize>,
}

/// `i1` as an id: `i10000000000000`.
pub(crate) fn long(short: &str) -> String {
    format!("{short:0<15}")
}

fn short(id: &Json) -> String {
    id.as_str().unwrap_or("?").trim_end_matches('0').to_owned()
}

impl Stage {
    pub(crate) async fn set(root: Client, guest: Client, fixture: Fixture) -> Self {
        fixture.make(&root).await;
        Self { root, guest, people: HashMap::new(), changed: BTreeMap::new(), fixture, tests: None }
    }

    /// One message for each case that failed.
    pub(crate) async fn run(&mut self, cases: &[Case]) -> Vec<String> {
        let mut failures = Vec::new();
        for case in cases {
            let mut problems = Vec::new();
            self.run_case(case, &mut problems).await;
            if !problems.is_empty() {
                failures.push(format!("{}: {}\n    {}", case.number, case.text, problems.join("\n    ")));
            }
        }
        self.set_rules(&[], &mut failures).await;
        failures
    }

    async fn run_case(&mut self, case: &Case, problems: &mut Vec<String>) {
        self.set_rules(&case.rules, problems).await;
        let client = match self.client(&case.who).await {
            Ok(client) => client,
            Err(problem) => return problems.push(problem),
        };
        if case.request.method.as_str() == "SUBSCRIBE" {
            return self.run_subscription(case, &client, problems).await;
        }
        let record = record_path(&case.request);
        let before = match &record {
            Some(path) if case.request.method != Method::GET => self.root.get(path).await.body,
            _ => Json::Null,
        };
        let verdict = match case.who.as_str() {
            who if self.tests.is_some() && who != "su" => tester::ask(&self.root, who, &client, &case.request).await,
            _ => None,
        };
        let answer = client.send(build(&client, &case.request)).await;
        if let Some(verdict) = verdict {
            self.tests = self.tests.map(|count| count + 1);
            problems.extend(tester::differs(&verdict, &case.request, &answer));
        }
        for want in &case.want {
            if let Some(got) = self.differs(want, case, &client, &answer).await {
                let got: String = got.chars().take(600).collect();
                problems.push(format!("want {want}\n     got {got}"));
            }
        }
        // Totals make another statement of a list, which must find the same.
        let is_list = case.want.iter().any(|want| matches!(want, Want::Items(_) | Want::Order(_)));
        if is_list && case.request.method == Method::GET && !case.text.contains("skipTotal") {
            let mut request = build(&client, &case.request).build().unwrap();
            request.url_mut().query_pairs_mut().append_pair("skipTotal", "1");
            let other = client.execute(request).await;
            let (mut got, mut want) = (listed(&other), listed(&answer));
            if !case.text.contains("sort") {
                got.sort();
                want.sort();
            }
            let total = answer.body["totalItems"].as_u64();
            if got != want || (answer.body["page"] == 1 && want.len() < 30 && total != Some(want.len() as u64)) {
                problems.push(format!("with totals {want:?} of {total:?}, without {got:?}"));
            }
        }
        if answer.status.is_success() && case.request.method != Method::GET {
            self.undo(&case.request, &before, &answer, problems).await;
        }
    }

    /// Makes the rules those of the fixture but for `rules`. What the case before changed alike stays: every change is a
    /// costly write.
    async fn set_rules(&mut self, rules: &[Rule], problems: &mut Vec<String>) {
        let mut wanted: BTreeMap<_, _> =
            rules.iter().map(|r| ((r.collection.clone(), r.name.clone()), r.value.clone())).collect();
        for (collection, name) in self.changed.keys() {
            let usual = self.fixture.rule(collection, name);
            wanted.entry((collection.clone(), name.clone())).or_insert(usual);
        }
        for ((collection, name), value) in wanted {
            let usual = self.fixture.rule(&collection, &name);
            if self.changed.get(&(collection.clone(), name.clone())).unwrap_or(&usual) == &value {
                continue;
            }
            let body = json!({&name: value});
            let answer = self.root.patch(&format!("/api/collections/{collection}"), body.clone()).await;
            if answer.status != 200 {
                problems.push(format!("the rule {body} of {collection} was not taken: {}", answer.text));
                continue;
            }
            if name == "authRule" {
                // It makes every token of the collection invalid.
                self.people.clear();
            }
            if value == usual {
                self.changed.remove(&(collection, name));
            } else {
                self.changed.insert((collection, name), value);
            }
        }
    }

    async fn client(&mut self, who: &str) -> Result<Client, String> {
        match who {
            "su" => return Ok(self.root.clone()),
            "guest" => return Ok(self.guest.clone()),
            _ => {}
        }
        if !self.people.contains_key(who) {
            let path = "/api/collections/people/auth-with-password";
            let body = json!({"identity": format!("{who}@t.io"), "password": PASSWORD});
            let auth = self.guest.post(path, body).await;
            if auth.status != 200 {
                return Err(format!("{who} could not sign in: {}", auth.text));
            }
            self.people.insert(who.to_owned(), self.guest.signed_in(&auth.body));
        }
        Ok(self.people[who].clone())
    }

    /// Puts back what a successful write changed.
    pub(super) async fn undo(&mut self, request: &Request, before: &Json, answer: &Answer, problems: &mut Vec<String>) {
        let records = request.target.split('/').next().unwrap_or_default();
        let undone = match record_path(request) {
            Some(path) if request.method == Method::PATCH => {
                let mut body = before.clone();
                if text(request, "body").is_some_and(|b| b.contains("password")) {
                    body["password"] = json!(PASSWORD);
                    body["passwordConfirm"] = json!(PASSWORD);
                }
                if records == "people" {
                    self.people.clear();
                }
                self.root.patch(&path, body).await
            }
            Some(_) => self.root.post(&format!("/api/collections/{records}/records"), before.clone()).await,
            None if request.target == "/api/collections" => {
                self.root.delete(&format!("/api/collections/{}", answer.body["name"].as_str().unwrap_or("?"))).await
            }
            None if request.method == Method::PATCH => {
                let body: Map<String, Json> = serde_json::from_str(text(request, "body").unwrap_or("{}")).unwrap();
                let name = request.target.rsplit('/').next().unwrap_or_default();
                let rules = body.keys().map(|rule| (rule.clone(), self.fixture.rule(name, rule)));
                let rules: Map<String, Json> = rules.filter(|(rule, _)| rule.ends_with("Rule")).collect();
                if rules.contains_key("authRule") {
                    self.people.clear();
                }
                self.root.patch(&request.target, Json::Object(rules)).await
            }
            // Signing in and the like.
            None if request.target.starts_with('/') => return,
            None => {
                let id = answer.body["id"].as_str().unwrap_or("?");
                self.root.delete(&format!("/api/collections/{records}/records/{id}")).await
            }
        };
        if !undone.status.is_success() {
            problems.push(format!("could not be undone: {}", undone.text));
        }
    }

    /// What was got, if it is not what is wanted.
    async fn differs(&self, want: &Want, case: &Case, client: &Client, answer: &Answer) -> Option<String> {
        let differs = |equal: bool, got: String| (!equal).then_some(got);
        match want {
            Want::Status(status) => {
                differs(answer.status.as_u16() == *status, format!("{} {}", answer.status.as_u16(), answer.text))
            }
            Want::Items(ids) => {
                let mut got = listed(answer);
                got.sort();
                // A repeated record would be seen: nothing is removed here.
                differs(answer.body["items"].is_array() && got == *ids, format!("{got:?}"))
            }
            Want::Order(ids) => differs(listed(answer) == *ids, format!("{:?}", listed(answer))),
            Want::Codes(codes) => differs(answer.codes() == *codes, answer.codes().to_string()),
            Want::Body(body) => differs(answer.body == *body, answer.text.clone()),
            Want::Has(part) => differs(contains(&answer.body, part), answer.text.clone()),
            Want::Empty => differs(answer.text.is_empty(), answer.text.clone()),
            Want::Expand(shape) => {
                let got = expanded(&answer.body);
                differs(got == *shape, got.to_string())
            }
            Want::Stored(part) => {
                let made = || {
                    let collection = case.request.target.split('/').next().unwrap_or_default();
                    format!("/api/collections/{collection}/records/{}", answer.body["id"].as_str().unwrap_or("?"))
                };
                let stored = self.root.get(&record_path(&case.request).unwrap_or_else(made)).await;
                differs(contains(&stored.body, part), stored.text)
            }
            Want::SignedOut => {
                let refreshed = client.post("/api/collections/people/auth-refresh", json!({})).await;
                differs(refreshed.status == 401, format!("{} on a refresh", refreshed.status))
            }
            Want::Messages(_) => Some("an answer to a request".to_owned()),
        }
    }
}

pub(crate) fn text<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.values.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
}

/// Where the record of a request to one is, however the case spells it.
pub(super) fn record_path(request: &Request) -> Option<String> {
    let (collection, id) = request.target.split_once('/').filter(|(collection, _)| !collection.is_empty())?;
    Some(format!("/api/collections/{collection}/records/{}", long(id)))
}

pub(super) fn build(client: &Client, request: &Request) -> reqwest::RequestBuilder {
    let mut path = match record_path(request) {
        Some(path) => path,
        None if request.target.starts_with('/') => request.target.clone(),
        None => format!("/api/collections/{}/records", request.target),
    };
    let mut add = |name: &str, value: &str| {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.extend([name, "="]);
        path.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
    };
    for (name, value) in &request.values {
        match name.as_str() {
            "filter" | "sort" | "expand" | "fields" => add(name, value),
            "query" => pairs(value).iter().for_each(|(name, value)| add(name, value)),
            _ => {}
        }
    }
    let mut built = client.request(request.method.clone(), &path);
    if let Some(headers) = text(request, "header") {
        for (name, value) in pairs(headers) {
            built = built.header(name, value);
        }
    }
    if let Some(form) = text(request, "form") {
        return built.header("Content-Type", "application/x-www-form-urlencoded").body(form.to_owned());
    }
    let body = text(request, "body");
    match text(request, "files") {
        Some(files) => {
            let texts = pairs(body.unwrap_or("{}")).into_iter().fold(Form::new(), |form, (n, v)| form.text(n, v));
            let part = |name: String| Part::bytes(name.clone().into_bytes()).file_name(name);
            built.multipart(pairs(files).into_iter().fold(texts, |form, (field, name)| form.part(field, part(name))))
        }
        None => match body {
            Some(body) => built.header("Content-Type", "application/json").body(body.to_owned()),
            None => built,
        },
    }
}

/// `{"a": ["1", "2"], "b": "3"}` as (a, 1), (a, 2), (b, 3).
pub(crate) fn pairs(object: &str) -> Vec<(String, String)> {
    let object: Map<String, Json> = serde_json::from_str(object).unwrap();
    let mut pairs = Vec::new();
    for (name, value) in object {
        let values = if let Json::Array(values) = value { values } else { vec![value] };
        pairs.extend(values.iter().map(|v| (name.clone(), v.as_str().map_or(v.to_string(), str::to_owned))));
    }
    pairs
}

fn listed(answer: &Answer) -> Vec<String> {
    answer.body["items"].as_array().into_iter().flatten().map(|item| short(&item["id"])).collect()
}

/// The id of a record, or `{id: {relation: ...}}` where it has `expand`.
fn expanded(value: &Json) -> Json {
    match value {
        Json::Array(records) => records.iter().map(expanded).collect(),
        _ => match value["expand"].as_object() {
            Some(expand) => {
                let inner: Map<String, Json> = expand.iter().map(|(k, v)| (k.clone(), expanded(v))).collect();
                json!({short(&value["id"]): inner})
            }
            None => json!(short(&value["id"])),
        },
    }
}

/// Whether `part` is in `whole`: objects may have more keys, everything else is equal.
fn contains(whole: &Json, part: &Json) -> bool {
    match (whole, part) {
        (Json::Object(whole), Json::Object(part)) => {
            part.iter().all(|(key, value)| whole.get(key).is_some_and(|w| contains(w, value)))
        }
        _ => whole == part,
    }
}
