//! `larder superuser …`: works beside a running server, which notices the change.

use clap::{Args, Subcommand};

use crate::app;
use crate::auth::{self, AuthError, SuperuserChange};
use crate::clock::Clock;
use crate::config::Config;
use crate::identity::hash_password;

#[derive(Debug, Subcommand)]
pub(super) enum SuperuserCommand {
    /// Make a superuser
    Create(Account),
    /// Give a superuser a new password
    Update(Account),
    /// Make a superuser, or give the existing one a new password
    Upsert(Account),
    /// Remove a superuser
    Delete {
        /// E-mail address
        email: String,
    },
}

#[derive(Debug, Args)]
pub(super) struct Account {
    /// E-mail address
    email: String,
    /// Password, at least 8 characters
    password: String,
}

pub(super) fn run(config: &Config, command: &SuperuserCommand) -> anyhow::Result<()> {
    let app::OpenFolder { db, catalog, .. } = app::open(config, Clock::system())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let done = runtime.block_on(async {
        let catalog = catalog.load_full();
        match command {
            SuperuserCommand::Delete { email } => {
                let email = email.clone();
                db.write(move |tx| auth::delete_superuser(tx, &catalog, &email)).await
            }
            SuperuserCommand::Create(account)
            | SuperuserCommand::Update(account)
            | SuperuserCommand::Upsert(account) => {
                let change = match command {
                    SuperuserCommand::Create(_) => auth::create_superuser,
                    SuperuserCommand::Update(_) => auth::update_superuser,
                    _ => auth::upsert_superuser,
                };
                let (email, password) = (account.email.clone(), account.password.clone());
                let hash = hash_password(&password);
                db.write(move |tx| change(tx, &catalog, &email, &password, hash)).await
            }
        }
    });
    db.close();
    let (done, email) = (done.map_err(explain)?, command.email());
    match (done, command) {
        (SuperuserChange::Missing, _) => println!("superuser \"{email}\" is missing or already deleted"),
        (SuperuserChange::Deleted, _) => println!("Successfully deleted superuser \"{email}\"!"),
        (_, SuperuserCommand::Upsert(_)) => println!("Successfully saved superuser \"{email}\"!"),
        (SuperuserChange::Created, _) => println!("Successfully created new superuser \"{email}\"!"),
        (SuperuserChange::Updated, _) => println!("Successfully changed superuser \"{email}\" password!"),
    }
    Ok(())
}

impl SuperuserCommand {
    fn email(&self) -> &str {
        match self {
            Self::Delete { email } => email,
            Self::Create(account) | Self::Update(account) | Self::Upsert(account) => &account.email,
        }
    }
}

/// One line without the layers an error passed through.
fn explain(error: AuthError) -> anyhow::Error {
    anyhow::Error::new(error)
}
