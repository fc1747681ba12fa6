//! From the text of a location to the place that it means.
//! Must not know: what is done there.

use std::path::{Path, PathBuf};

use super::{Place, available_destinations, available_remotes, strapi};
use crate::model::text::{nearest, printable};
use crate::model::{Error, ErrorKind, LocationInfo, Platform, Result};

use crate::remotes::{Origin, Remote, RemoteName, Remotes, address_text, parse_address};

/// A location that was typed, and what it means.
#[derive(Clone, Debug)]
pub struct Located {
    pub place: Place,
    /// As plans and reports call it: as typed.
    pub shown: String,
    /// The user's remote, where it is one.
    pub remote: Option<Remote>,
}

impl Located {
    /// Refuses what is no remote; `hint` says what else to do with a bundle.
    pub fn must_be_remote(&self, doing: &str, hint: &str) -> Result<()> {
        match &self.place {
            Place::Remote { .. } => Ok(()),
            Place::Path(_) | Place::Stdio => {
                let what = if self.shown == "-" { "standard output" } else { &self.shown };
                Err(Error::new(ErrorKind::Usage, format!("{doing}, and {} is no remote", printable(what))).hint(hint))
            }
        }
    }

    /// Refuses a remote where a bundle is meant.
    pub fn must_be_bundle(&self, doing: &str, hint: &str) -> Result<()> {
        match &self.place {
            Place::Remote { .. } => {
                Err(Error::new(ErrorKind::Usage, format!("{doing}, and {} is a remote", printable(&self.shown)))
                    .hint(hint))
            }
            Place::Path(_) | Place::Stdio => Ok(()),
        }
    }
}

/// Understands the text of a location that is read, or of a remote.
pub fn locate(text: &str, remotes: &Remotes) -> Result<Located> {
    if text == "-" {
        return Ok(Located { place: Place::Stdio, shown: text.to_owned(), remote: None });
    }
    if let Some(path) = project_of_platform(text).filter(|_| remotes.find(text).is_ok_and(|found| found.is_none())) {
        return Ok(Located { place: Place::Path(path), shown: text.to_owned(), remote: None });
    }
    if let Some(located) = locate_remote(text, remotes)? {
        return Ok(located);
    }
    let path = Path::new(text);
    match path.symlink_metadata() {
        Ok(_) => Ok(Located { place: Place::Path(path.to_owned()), shown: text.to_owned(), remote: None }),
        Err(_) => Err(unknown(text, remotes)),
    }
}

/// The project of `PLATFORM:PATH`, where there is one.
fn project_of_platform(text: &str) -> Option<PathBuf> {
    let path = PathBuf::from(text.strip_prefix(Platform::Strapi.as_str())?.strip_prefix(':')?);
    strapi::is_project(&path).then_some(path)
}

/// A remote by name or `PLATFORM:URL`; a name wins over a file that is called the same.
pub fn locate_remote(text: &str, remotes: &Remotes) -> Result<Option<Located>> {
    if let Some(remote) = remotes.find(text)? {
        refuse_unavailable(remote.platform)?;
        let name = Some(remote.name.to_string());
        let place = Place::Remote { platform: remote.platform, url: remote.url.clone(), name };
        return Ok(Some(Located { place, shown: text.to_owned(), remote: Some(remote) }));
    }
    let Some(address) = parse_address(text) else { return Ok(None) };
    let (platform, url) = address?;
    refuse_unavailable(platform)?;
    let shown = format!("{platform}:{}", address_text(&url));
    Ok(Some(Located { place: Place::Remote { platform, url, name: None }, shown, remote: None }))
}

/// Platforms whose servers this version does not speak to yet.
pub fn refuse_unavailable(platform: Platform) -> Result<()> {
    let available = available_remotes();
    if available.contains(&platform) {
        return Ok(());
    }
    let names: Vec<_> = available.iter().map(|platform| platform.as_str()).collect();
    Err(Error::new(ErrorKind::UnknownLocation, format!("{platform} servers are not supported yet"))
        .hint(format!("this version speaks to servers of: {}", names.join(", "))))
}

/// What the text could have meant.
fn unknown(text: &str, remotes: &Remotes) -> Error {
    let shown = printable(text);
    if text.starts_with("http://") || text.starts_with("https://") {
        let platforms: Vec<_> = available_remotes().iter().map(|platform| platform.as_str()).collect();
        return Error::new(ErrorKind::UnknownLocation, format!("`{shown}` does not say which platform it is"))
            .hint(format!("write PLATFORM:URL, where PLATFORM is one of {}", platforms.join(", ")));
    }
    let looks_like_path = text.contains(['/', '\\', '.']);
    let error = match looks_like_path {
        true => Error::new(ErrorKind::UnknownLocation, format!("there is no {shown}")),
        false => Error::new(ErrorKind::UnknownLocation, format!("`{shown}` is neither a remote nor a file")),
    };
    let names: Vec<_> = remotes.list().unwrap_or_default().into_iter().map(|remote| remote.name).collect();
    let near_remote = nearest(text, names.iter().map(RemoteName::as_str)).map(str::to_owned);
    match near_remote.or_else(|| nearest_file(Path::new(text))).or_else(|| nearest_address(text)) {
        Some(near) => error.hint(format!("did you mean `{}`?", printable(&near))),
        None if looks_like_path => error.hint("check the path"),
        None if names.is_empty() => error.hint("there are no remotes yet: `haul remote add NAME PLATFORM:URL`"),
        None => {
            let names: Vec<_> = names.iter().map(RemoteName::as_str).collect();
            error.hint(format!("the remotes are: {}", names.join(", ")))
        }
    }
}

/// The file in the same folder whose name is nearest.
fn nearest_file(path: &Path) -> Option<String> {
    let folder = crate::files::folder_of(path);
    let typed = path.file_name()?.to_str()?;
    let names: Vec<String> = std::fs::read_dir(folder)
        .ok()?
        .take(10_000) // a suggestion is not worth reading a huge folder
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let near = nearest(typed, names.iter().map(String::as_str))?;
    let found: PathBuf = path.with_file_name(near);
    Some(found.display().to_string())
}

/// A slip in the platform of `PLATFORM:URL`.
fn nearest_address(text: &str) -> Option<String> {
    let (platform, url) = text.split_once(':')?;
    let known = available_remotes().iter().map(|platform| platform.as_str());
    nearest(platform, known).map(|near| format!("{near}:{url}"))
}

/// Refuses what cannot be written to, and says why: a bundle, a platform whose servers this version does not speak to
/// yet ([`ErrorKind::Usage`], [`ErrorKind::UnknownLocation`]), or a remote that is marked as read-only
/// ([`ErrorKind::Refused`]).
pub fn can_be_destination(located: &Located) -> Result<()> {
    if let Place::Path(path) = &located.place
        && strapi::is_project(path)
    {
        return Ok(());
    }
    located.must_be_remote("content is moved to a remote", "to write a bundle, use `haul export`")?;
    if let Place::Remote { platform, .. } = &located.place {
        refuse_unavailable(*platform)?;
        if !available_destinations().contains(platform) {
            let why =
                format!("{} is a server of {platform}, to which this version of haul writes nothing", located.shown);
            return Err(Error::new(ErrorKind::Usage, why).hint("`haul export` writes a bundle"));
        }
    }
    match &located.remote {
        Some(remote) if remote.read_only => {
            let (name, variable) = (&remote.name, format!("HAUL_REMOTE_{}_READ_ONLY", remote.name.in_variables()));
            let lift = match remote.origin {
                Origin::Config => format!(
                    "`haul remote edit {name} --read-only=false` lifts that; so does unsetting {variable}, where it is set"
                ),
                Origin::Environment => format!("unset {variable} to lift that"),
            };
            Err(Error::new(ErrorKind::Refused, format!("{name} is marked as read-only, and so cannot be written to"))
                .hint(lift))
        }
        _ => Ok(()),
    }
}

/// Understands the destination of a verb that writes: a remote that may be written to, or a local project.
pub fn locate_destination(text: &str, remotes: &Remotes, source: &str) -> Result<Located> {
    let hint = format!("to write a bundle, use `haul export {source} {text}`");
    if remotes.find(text).is_ok_and(|found| found.is_none()) {
        let path = Path::new(text);
        let project = project_of_platform(text).or_else(|| strapi::is_project(path).then(|| path.to_owned()));
        if let Some(path) = project {
            return Ok(Located { place: Place::Path(path), shown: text.to_owned(), remote: None });
        }
    }
    if let Some(located) = locate_remote(text, remotes)? {
        can_be_destination(&located)?;
        return Ok(located);
    }
    // A bundle that does not exist yet is as much of one as one that does.
    let looks_like_path = text == "-" || text.starts_with(['.', '/']) || Path::new(text).symlink_metadata().is_ok();
    match looks_like_path {
        true => {
            let place = if text == "-" { Place::Stdio } else { Place::Path(text.into()) };
            let located = Located { place, shown: text.to_owned(), remote: None };
            located.must_be_remote("content is moved to a remote", &hint)?;
            Ok(located)
        }
        false => Err(unknown(text, remotes)),
    }
}

/// The location that a saved plan or run was made for; a remote that now is another server is refused.
pub fn relocate(info: &LocationInfo, remotes: &Remotes) -> Result<Located> {
    let moved = |what: String| Error::new(ErrorKind::Stale, what).hint("nothing was changed; make a new plan");
    if info.location == "-" || info.location == "standard input" {
        return Err(moved("the plan was made from standard input, which cannot be read again".to_owned()));
    }
    if let Some(located) = locate_remote(&info.location, remotes)? {
        return match (&located.place, info.identity.as_deref()) {
            (Place::Remote { url, .. }, Some(identity)) if address_text(url) != identity.trim_end_matches('/') => {
                Err(moved(format!(
                    "{} was {identity} when the plan was made, and now is {}",
                    info.location,
                    address_text(url)
                )))
            }
            _ => Ok(located),
        };
    }
    if let Some(url) = info.identity.as_deref().filter(|identity| identity.starts_with("http"))
        && let Some(located) = locate_remote(&format!("{}:{url}", info.platform), remotes)?
    {
        // Given as PLATFORM:URL then; a name that is gone since is told below.
        if info.location.starts_with("http") {
            return Ok(located);
        }
    }
    // The plan may be applied in another folder than it was made in.
    let path = info.identity.as_deref().map(PathBuf::from).filter(|path| path.exists());
    match path {
        Some(path) => Ok(Located { place: Place::Path(path), shown: info.location.clone(), remote: None }),
        None => locate(&info.location, remotes),
    }
}

/// Standard input can be read once.
pub fn refuse_stdin_twice(left: &Located, right: &Located) -> Result<()> {
    match (&left.place, &right.place) {
        (Place::Stdio, Place::Stdio) => Err(Error::new(ErrorKind::Usage, "standard input can be read only once")),
        _ => Ok(()),
    }
}
