//! `POST /api/collections/{collection}/auth-with-oauth2`, `/api/oauth2-redirect`

use std::sync::Arc;

use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::Value as Json;

use super::call::Call;
use super::form::{Form, MALFORMED};
use crate::api::{ApiError, AppState};
use crate::auth::{self, AuthError, OAuth2Form, OAuth2Plan, OAuth2SignIn};
use crate::db::{ReadTx, WriteTx};
use crate::oauth2::{Grant, OAuth2Client, OAuth2Error, OAuth2User};
use crate::query::Context;

/// Signs in with a code that a service gave the client.
pub(super) async fn sign_in(call: Call) -> Result<HttpResponse, ApiError> {
    let call = Call { incoming: call.incoming.within(Context::OAuth2), ..call };
    let (state, incoming) = (&call.state, &call.incoming);
    let sent = read_form(&call.form)?;
    let user = ask_service(state, &call.collection, &sent).await?;
    let asked: Arc<Asked> = Arc::new((call.collection.clone(), sent, user));
    let now = state.db.clock().unix_millis();
    let (given, shared) = (incoming.clone(), Arc::clone(&asked));
    let plan = move |tx: &ReadTx<'_>| {
        let entered = given.enter_read(tx, now, &shared.1.create_data)?;
        auth::plan_oauth2(tx, entered.request(), &what(&shared))
    };
    let OAuth2Plan { passwords, needs_random } = state.db.read(plan).await?;
    let passwords = passwords.run(&state.hasher, incoming.guesser(state)).await?;
    let random = if needs_random { Some(state.hasher.hash_random().await?) } else { None };
    let (given, shared, options) = (incoming.clone(), Arc::clone(&asked), state.save_options());
    let write = move |tx: &mut WriteTx<'_>| {
        let entered = given.enter_with(tx, tx.now_millis(), &shared.1.create_data)?;
        auth::sign_in_with_oauth2(tx, entered.request(), &what(&shared), passwords, random, options)
    };
    let (proof, is_new) = state.db.write(write).await?;
    call.complete(proof, Some(auth::oauth2_meta(&asked.2, is_new))).await
}

type Asked = (String, OAuth2Form, OAuth2User);

fn what(asked: &Asked) -> OAuth2SignIn<'_> {
    let (collection, form, user) = asked;
    OAuth2SignIn { collection, provider: &form.provider, user, create_data: &form.create_data }
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
    let grant = Grant {
        code: &form.code,
        code_verifier: &form.code_verifier,
        redirect_url: &form.redirect_url,
        apple_name: "",
        now_ms: state.db.clock().unix_millis(),
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

/// Where services send the browser in the flow over realtime. Nobody can be waiting yet: the flow needs the realtime API.
pub(super) async fn redirect(request: HttpRequest) -> HttpResponse {
    let mut response = if request.method() == actix_web::http::Method::POST {
        HttpResponse::SeeOther()
    } else {
        HttpResponse::TemporaryRedirect()
    };
    response.insert_header((LOCATION, "../_/#/auth/oauth2-redirect-failure")).finish()
}
