//! Places that were used lately and have no name: bundles, and addresses that were typed.
//! Must not know: what was done there.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::config::lock_folder;
use super::{Paths, address_text, parse_address};
use crate::files::{self, Readers};
use crate::model::{Error, ErrorKind, Result};

/// As many as a person looks through.
const MOST: usize = 20;
const SCHEMA: u32 = 1;

/// The places, newest first, each once: absolute paths of bundles, and `PLATFORM:URL`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recent {
    pub places: Vec<String>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    schema: u32,
    places: Vec<String>,
}

impl Recent {
    /// Reads `recent.json` of the state folder. A file that is missing, damaged or of a later version counts as empty:
    /// nothing rests on it.
    pub fn read(paths: &Paths) -> Self {
        let bytes = std::fs::read(file(paths)).unwrap_or_default();
        match serde_json::from_slice::<Kept>(&bytes) {
            Ok(Kept { schema: SCHEMA, mut places }) => {
                places.truncate(MOST);
                Recent { places }
            }
            _ => Recent::default(),
        }
    }

    /// Puts a place first: `PLATFORM:URL`, or the path of a bundle, which is made absolute. Standard input is no place.
    /// Errors are those of files, and [`ErrorKind::Usage`] for a URL that is none.
    pub fn add(paths: &Paths, place: &str) -> Result<()> {
        if place == "-" {
            return Ok(());
        }
        let place = match parse_address(place) {
            Some(address) => address.map(|(platform, url)| format!("{platform}:{}", address_text(&url)))?,
            None => std::path::absolute(place)
                .map_err(|error| Error::io(format_args!("cannot find {place}"), error))?
                .display()
                .to_string(),
        };
        let _lock = lock_folder(paths.state_dir())?;
        let mut places = Recent::read(paths).places;
        places.retain(|other| *other != place);
        places.insert(0, place);
        places.truncate(MOST);
        let bytes = serde_json::to_vec_pretty(&Kept { schema: SCHEMA, places })
            .map_err(|error| Error::new(ErrorKind::Internal, "cannot write recent places").caused_by(error))?;
        files::write_whole(&file(paths), &bytes, Readers::Owner)
    }
}

fn file(paths: &Paths) -> PathBuf {
    paths.state_dir().join("recent.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_place_comes_first_and_each_comes_once() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::at(folder.path(), folder.path().join("state"));
        assert!(Recent::read(&paths).places.is_empty());
        for place in ["/a", "ziggy:https://z.example/", "/b", "/a", "-", "relative"] {
            Recent::add(&paths, place).unwrap();
        }
        let places = Recent::read(&paths).places;
        assert!(std::path::Path::new(&places[0]).is_absolute() && places[0].ends_with("relative"), "{places:?}");
        assert_eq!(places[1..], ["/a", "/b", "ziggy:https://z.example"]);
        for n in 0..30 {
            Recent::add(&paths, &format!("/{n}")).unwrap();
        }
        assert_eq!((Recent::read(&paths).places.len(), &*Recent::read(&paths).places[0]), (MOST, "/29"));
        assert!(!files::others_may_read(&std::fs::File::open(file(&paths)).unwrap()).unwrap());
    }

    #[test]
    fn a_damaged_file_counts_as_empty_and_a_credential_never_enters_it() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::at(folder.path(), folder.path());
        for text in ["{", "[]", "{\"schema\": 2, \"places\": [\"/a\"]}"] {
            std::fs::write(file(&paths), text).unwrap();
            assert!(Recent::read(&paths).places.is_empty(), "{text}");
        }
        assert!(Recent::add(&paths, "ziggy:https://anna:canary@z.example").is_err());
        Recent::add(&paths, "/a").unwrap();
        assert_eq!(Recent::read(&paths).places, ["/a"]);
    }
}
