//! `larder superuser …`: works beside a running server, which notices the change.

use clap::{Args, Subcommand};

use crate::app;
use crate::auth::{self, NewOtp, SuperuserChange};
use crate::clock::Clock;
use crate::config::Config;
use crate::identity::hash_password;
use crate::settings;

#[derive(Debug, Subcommand)]
pub(super) enum SuperuserCommand {
    #[command(flatten)]
    Account(AccountCommand),
    /// Make a one-time code to sign in with, as second factor where it is on
    Otp {
        /// E-mail address
        email: String,
    },
    /// Let superusers come from these addresses and networks only; without any, from everywhere
    Ips {
        /// IP addresses, or networks such as 10.0.0.0/8
        #[arg(value_name = "IP/CIDR")]
        list: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum AccountCommand {
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
    match command {
        SuperuserCommand::Account(command) => change_account(config, command),
        SuperuserCommand::Otp { email } => make_otp(config, email),
        SuperuserCommand::Ips { list } => set_ips(config, list),
    }
}

fn change_account(config: &Config, command: &AccountCommand) -> anyhow::Result<()> {
    let app::OpenFolder { db, catalog, .. } = app::open(config, Clock::system())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let done = runtime.block_on(async {
        let catalog = catalog.load_full();
        match command {
            AccountCommand::Delete { email } => {
                let email = email.clone();
                db.write(move |tx| auth::delete_superuser(tx, &catalog, &email)).await
            }
            AccountCommand::Create(account) | AccountCommand::Update(account) | AccountCommand::Upsert(account) => {
                let change = match command {
                    AccountCommand::Create(_) => auth::create_superuser,
                    AccountCommand::Update(_) => auth::update_superuser,
                    _ => auth::upsert_superuser,
                };
                let (email, password) = (account.email.clone(), account.password.clone());
                let hash = hash_password(&password);
                db.write(move |tx| change(tx, &catalog, &email, &password, hash)).await
            }
        }
    });
    db.close();
    let email = command.email();
    match (done?, command) {
        (SuperuserChange::Missing, _) => println!("superuser \"{email}\" is missing or already deleted"),
        (SuperuserChange::Deleted, _) => println!("Successfully deleted superuser \"{email}\"!"),
        (_, AccountCommand::Upsert(_)) => println!("Successfully saved superuser \"{email}\"!"),
        (SuperuserChange::Created, _) => println!("Successfully created new superuser \"{email}\"!"),
        (SuperuserChange::Updated, _) => println!("Successfully changed superuser \"{email}\" password!"),
    }
    Ok(())
}

impl AccountCommand {
    fn email(&self) -> &str {
        match self {
            Self::Delete { email } => email,
            Self::Create(account) | Self::Update(account) | Self::Upsert(account) => &account.email,
        }
    }
}

/// Prints a code that signs in without a mail.
fn make_otp(config: &Config, email: &str) -> anyhow::Result<()> {
    let app::OpenFolder { db, catalog, .. } = app::open(config, Clock::system())?;
    let catalog = catalog.load_full();
    let otp = NewOtp::generate(auth::superuser_otp_length(&catalog)?);
    let (stored, hash, address) = (otp.clone(), hash_password(&otp.password), email.to_owned());
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let write = db.write(move |tx| auth::create_superuser_otp(tx, &catalog, &address, &stored, hash));
    let made = runtime.block_on(write);
    db.close();
    let seconds = made?;
    println!("Successfully created OTP for superuser \"{email}\":");
    println!("├─ Id:    {}", otp.id);
    println!("├─ Pass:  {}", otp.password);
    println!("└─ Valid: {seconds}s");
    Ok(())
}

fn set_ips(config: &Config, list: &[String]) -> anyhow::Result<()> {
    let app::OpenFolder { db, .. } = app::open(config, Clock::system())?;
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let entries = list.to_vec();
    let done = runtime.block_on(db.write(move |tx| settings::set_superuser_ips(tx, entries)));
    db.close();
    done?;
    let Some((bottom, others)) = list.split_last() else {
        println!("Successfully cleared SuperuserIPs setting!");
        return Ok(());
    };
    println!("Successfully updated SuperuserIPs setting:");
    for entry in others {
        println!("├─ {entry}");
    }
    println!("└─ {bottom}");
    Ok(())
}
