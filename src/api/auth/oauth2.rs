//! `POST /api/collections/{collection}/auth-with-oauth2`, `/api/oauth2-redirect`

use std::sync::Arc;

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, web};
use serde_json::{Value as Json, json};

use super::call::Call;
use super::form::{Form, MALFORMED};
use super::picture;
use crate::api::{ApiError, AppState, ClientIp, QueryParameters, body};
use crate::auth::{self, AuthError, OAuth2Form, OAuth2Plan, OAuth2SignIn};
use crate::db::{ReadTx, WriteTx};
use crate::files::Uploads;
use crate::oauth2::{Grant, OAuth2Client, OAuth2Error, OAuth2User};
use crate::query::Context;

/// Largest form a service has the browser send, in bytes.
const MAX_REDIRECT_BYTES: usize = 64 * 1024;

/// Signs in with a code that a service gave the client.
pub(super) async fn sign_in(call: Call) -> Result<HttpResponse, ApiError> {
    let call = Call { incoming: call.incoming.within(Context::OAuth2), ..call };
    let (state, incoming) = (&call.state, &call.incoming);
    let sent = read_form(&call.form)?;
    let user = ask_service(state, &call.collection, &sent).await?;
    let asked: Arc<Asked> = Arc::new((call.collection.clone(), sent, user));
    let now = state.db.clock().unix_millis();
    let (given, shared) = (incoming.clone(), Arc::clone(&asked));
    let options = state.save_options();
    let plan = move |tx: &ReadTx<'_>| {
        let entered = given.enter_read(tx, now, &shared.1.create_data)?;
        auth::plan_oauth2(tx, entered.request(), &what(&shared, Uploads::NONE), now, options)
    };
    let OAuth2Plan { passwords, needs_random, picture } = state.db.read(plan).await?;
    let (uploads, placement) = match picture {
        Some(wanted) => picture::fetch(state, wanted).await,
        None => (Uploads::default(), None),
    };
    let passwords = passwords.run(&state.hasher, incoming.guesser(state)).await?;
    let random = if needs_random { Some(state.hasher.hash_random().await?) } else { None };
    let (given, shared) = (incoming.clone(), Arc::clone(&asked));
    let write = move |tx: &mut WriteTx<'_>| {
        let entered = given.enter_with(tx, tx.now_millis(), &shared.1.create_data)?;
        let what = what(&shared, &uploads);
        let (proof, is_new) = auth::sign_in_with_oauth2(tx, entered.request(), &what, passwords, random, options)?;
        // Of somebody who got a record meanwhile nothing has changed: the picture is none of its.
        if let Some(placement) = placement.filter(|_| is_new) {
            placement.keep_with(tx)?;
        }
        Ok::<_, ApiError>((proof, is_new))
    };
    let (proof, is_new) = state.db.write(write).await?;
    call.complete(proof, Some(auth::oauth2_meta(&asked.2, is_new))).await
}

type Asked = (String, OAuth2Form, OAuth2User);

fn what<'a>(asked: &'a Asked, uploads: &'a Uploads) -> OAuth2SignIn<'a> {
    let (collection, form, user) = asked;
    OAuth2SignIn { collection, provider: &form.provider, user, create_data: &form.create_data, uploads }
}

fn read_form(form: &Form) -> Result<OAuth2Form, ApiError> {
    let mut redirect_url = form.text("redirectURL")?;
    if redirect_url.is_empty() {
        // Its older name, which in JSON is the same key.
        redirect_url = form.text("redirectUrl")?;
    }
    let create_data = match form.find("createData") {
        None | Some(Json::Null) => serde_json::Map::new(),
        Some(Json::Object(data)) => data.clone(),
        Some(_) => return Err(ApiError::bad_request(MALFORMED)),
    };
    Ok(OAuth2Form {
        provider: form.text("provider")?,
        code: form.text("code")?,
        code_verifier: form.text("codeVerifier")?,
        redirect_url,
        create_data,
    })
}

/// Exchanges the code and asks the service who its user is; in no transaction.
async fn ask_service(state: &AppState, collection: &str, form: &OAuth2Form) -> Result<OAuth2User, ApiError> {
    let provider = auth::find_provider(&state.catalog.load(), collection, form)?;
    let client = OAuth2Client::configured(&provider).ok_or(AuthError::OAuth2AuthDisabled)?;
    let now_ms = state.db.clock().unix_millis();
    let apple_name = state.apple_names.take(&form.code, now_ms);
    let grant = Grant {
        code: &form.code,
        code_verifier: &form.code_verifier,
        redirect_url: &form.redirect_url,
        apple_name: &apple_name,
        now_ms,
    };
    // Anybody can make the server ask: not more than so many times at once.
    let _permit = state.oauth2_calls.try_acquire().map_err(|_| ApiError::overloaded())?;
    client.fetch(&state.oauth2, &grant).await.map_err(|error| {
        tracing::warn!(provider = form.provider, %error, "a sign-in through another service failed");
        ApiError::bad_request(match error {
            OAuth2Error::Token(_) => "The OAuth2 provider did not accept the code.",
            OAuth2Error::User(_) => "The OAuth2 provider did not say who the user is.",
        })
    })
}

/// What a service says to the browser.
#[derive(Debug, Default)]
struct Redirected {
    /// The client that waits, which it gave the service as state.
    state: String,
    code: String,
    error: String,
    /// Apple's JSON about the user.
    user: String,
}

/// `GET /api/oauth2-redirect`: where services send the browser in the flow over realtime.
pub(super) async fn redirect(
    state: web::Data<AppState>,
    request: HttpRequest,
    query: QueryParameters,
    client: ClientIp,
) -> HttpResponse {
    let text = |name: &str| query.get(name).to_owned();
    let said = Redirected { state: text("state"), code: text("code"), error: text("error"), user: String::new() };
    let is_get = request.method() == actix_web::http::Method::GET;
    let mut response = if is_get { HttpResponse::TemporaryRedirect() } else { HttpResponse::SeeOther() };
    response.insert_header((LOCATION, deliver(&state, client, &said))).finish()
}

/// `POST /api/oauth2-redirect`: as Apple does it.
pub(super) async fn redirect_form(
    state: web::Data<AppState>,
    request: HttpRequest,
    client: ClientIp,
    payload: web::Payload,
) -> HttpResponse {
    let body = body::read_object(&request, payload, MAX_REDIRECT_BYTES).await.unwrap_or_default();
    let text = |name: &str| match body.get(name) {
        Some(Json::String(text)) => text.clone(),
        // A form's values that look like JSON are read as such.
        Some(value @ (Json::Object(_) | Json::Number(_))) => value.to_string(),
        _ => String::new(),
    };
    let said = Redirected { state: text("state"), code: text("code"), error: text("error"), user: text("user") };
    HttpResponse::SeeOther().insert_header((LOCATION, deliver(&state, client, &said))).finish()
}

/// Gives the client what it waits for; yields where the browser goes.
fn deliver(state: &AppState, client: ClientIp, said: &Redirected) -> &'static str {
    const FAILURE: &str = "../_/#/auth/oauth2-redirect-failure";
    let mut message = json!({"state": said.state, "code": said.code});
    if !said.error.is_empty() {
        message["error"] = said.error.as_str().into();
    }
    // Before the client has the code: it may be back with it at once.
    let now_ms = state.db.clock().unix_millis();
    state.apple_names.note(&said.code, &said.user, now_ms);
    let is_delivered = state.realtime.deliver_code(&said.state, client.0, &message);
    if !is_delivered || said.code.is_empty() || !said.error.is_empty() {
        state.apple_names.take(&said.code, now_ms);
        return FAILURE;
    }
    "../_/#/auth/oauth2-redirect-success"
}
