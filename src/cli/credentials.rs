//! Which credential a remote is opened with, in the order that the guide documents.
//! Must not know: how a platform logs in. A credential is never shown, and a warning never repeats one.

use super::args::{FromArgs, ToArgs};
use super::context::Context;
use crate::model::{Error, ErrorKind, Result};
use crate::platforms::{self, Located, Place};
use crate::remotes::Login;

/// The end of a verb that a credential is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    From,
    To,
}

impl Side {
    pub fn option(self, what: &str) -> String {
        match self {
            Side::From => format!("--from-{what}"),
            Side::To => format!("--to-{what}"),
        }
    }

    pub fn variable(self, what: &str) -> String {
        match self {
            Side::From => format!("HAUL_FROM_{what}"),
            Side::To => format!("HAUL_TO_{what}"),
        }
    }
}

/// What was typed for one end.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    pub side: Side,
    pub token: Option<&'a str>,
    pub user: Option<&'a str>,
}

impl FromArgs {
    pub fn typed(&self) -> Typed<'_> {
        Typed { side: Side::From, token: self.from_token.as_deref(), user: self.from_user.as_deref() }
    }
}

impl ToArgs {
    pub fn typed(&self) -> Typed<'_> {
        Typed { side: Side::To, token: self.to_token.as_deref(), user: self.to_user.as_deref() }
    }
}

/// The credential for a location; `None` for one that needs none.
pub async fn login(context: &Context, located: &Located, typed: Typed<'_>) -> Result<Option<Login>> {
    let Place::Remote { platform, .. } = &located.place else {
        return refuse_credentials(located, typed).map(|()| None);
    };
    let takes_passwords = platforms::rules(*platform).features.password_login;
    if typed.user.is_some() && !takes_passwords {
        let message =
            format!("{} does not apply to {platform}, which is opened with a token", typed.side.option("user"));
        return Err(Error::new(ErrorKind::Usage, message));
    }
    if let Some(login) = given(context, typed)? {
        return Ok(Some(login));
    }
    if let Some(user) = typed.user {
        return password_for(context, located, typed.side, user.to_owned()).map(Some);
    }
    let own = match &located.remote {
        Some(remote) => context.remotes()?.login(remote).await?,
        None => None,
    };
    match own {
        // A password belongs to somebody; without a name it can only be a token.
        Some(login) => Ok(Some(login)),
        None => ask(context, located, typed.side, takes_passwords).await.map(Some),
    }
}

/// A token of the command line or the environment, or a user with the password of the environment.
fn given(context: &Context, typed: Typed<'_>) -> Result<Option<Login>> {
    if let Some(token) = typed.token {
        if typed.user.is_some() {
            let (token, user) = (typed.side.option("token"), typed.side.option("user"));
            return Err(Error::new(ErrorKind::Usage, format!("{token} and {user} contradict each other"))
                .hint("give one of them"));
        }
        let (option, variable) = (typed.side.option("token"), typed.side.variable("TOKEN"));
        context.output.warn(&format!("{option} is visible to other processes; {variable} is not"));
        return Ok(Some(Login::token(token)));
    }
    if let Some(token) = context.environment.get(&typed.side.variable("TOKEN")).filter(|_| typed.user.is_none()) {
        return Ok(Some(Login::token(token)));
    }
    let password = context.environment.get(&typed.side.variable("PASSWORD"));
    Ok(typed.user.zip(password).map(|(user, password)| Login::password(user, password)))
}

fn password_for(context: &Context, located: &Located, side: Side, user: String) -> Result<Login> {
    if !context.prompter.can_ask() {
        let variable = side.variable("PASSWORD");
        return Err(Error::new(ErrorKind::NoCredential, format!("no password for {user} at {}", located.shown))
            .hint(format!("set {variable}")));
    }
    let secret = context.prompter.hidden(&format!("password of {user} at {}", located.shown))?;
    Ok(Login { user: Some(user), secret })
}

async fn ask(context: &Context, located: &Located, side: Side, takes_passwords: bool) -> Result<Login> {
    // The remote may know its user although nobody knows its password.
    let known_user = located.remote.as_ref().and_then(|remote| {
        let variable = format!("HAUL_REMOTE_{}_USER", remote.name.in_variables());
        context.environment.get(&variable).map(str::to_owned).or_else(|| remote.user.clone())
    });
    if let (Some(user), Some(password)) =
        (&known_user, context.environment.get(&side.variable("PASSWORD")).filter(|_| takes_passwords))
    {
        return Ok(Login::password(user, password));
    }
    if !context.prompter.can_ask() {
        return Err(nothing_given(located, side, takes_passwords));
    }
    if !takes_passwords {
        return Ok(Login { user: None, secret: context.prompter.hidden(&format!("token for {}", located.shown))? });
    }
    let user = match known_user {
        Some(user) => user,
        None => context.prompter.line(&format!("user at {}", located.shown)).await?,
    };
    password_for(context, located, side, user)
}

/// Every way in which a credential can be given.
fn nothing_given(located: &Located, side: Side, takes_passwords: bool) -> Error {
    let mut ways = vec![format!("set {}", side.variable("TOKEN"))];
    if takes_passwords {
        ways.push(format!("pass {} and set {}", side.option("user"), side.variable("PASSWORD")));
    }
    if let Some(remote) = &located.remote {
        let name = remote.name.in_variables();
        ways.push(match takes_passwords {
            true => format!("set HAUL_REMOTE_{name}_USER and HAUL_REMOTE_{name}_PASSWORD"),
            false => format!("set HAUL_REMOTE_{name}_TOKEN"),
        });
    } else {
        ways.push("add it with `haul remote add … --credential-stdin`".to_owned());
    }
    Error::new(ErrorKind::NoCredential, format!("no credential for {}", located.shown)).hint(ways.join("; or "))
}

/// A credential for a bundle would be ignored, and so is a mistake.
fn refuse_credentials(located: &Located, typed: Typed<'_>) -> Result<()> {
    let given = [("token", typed.token), ("user", typed.user)];
    match given.into_iter().find(|(_, value)| value.is_some()) {
        Some((what, _)) => Err(Error::new(
            ErrorKind::Usage,
            format!("{} is for a remote, and {} is a bundle", typed.side.option(what), located.shown),
        )),
        None => Ok(()),
    }
}
