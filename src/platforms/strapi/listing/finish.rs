//! What can be said only when the whole archive was read: files without rows, records without files, missing ends.
//! Must not know: lines.

use super::file_count::FileCount;
use super::{Extent, Index, Listing, Pass};
use crate::model::{Error, ErrorKind, Result, Severity, code};
use crate::platforms::strapi::assets::Half;
use crate::platforms::strapi::schema::FILE_TYPE;

impl Pass {
    pub(super) fn finish(mut self) -> Result<Listing> {
        self.rows.sort();
        for (sidecar, upload) in std::mem::take(&mut self.waiting) {
            match self.file_owner(&sidecar) {
                Some(_) => self.file(sidecar, upload),
                None => {
                    let sentence = "a file without a row, which strapi import would stop at; Haul never writes it";
                    self.notes.warning(code::UNEXPECTED_MEMBER, sentence, || format!("row {}", sidecar.row));
                }
            }
        }
        self.pairing.park();
        self.remark_on_halves();
        if self.extent == Extent::Whole {
            self.remark_on_missing_files();
        }
        self.remark_on_repeated_rows();
        if self.metadata_bytes.is_none() {
            self.without_metadata()?;
        }
        std::mem::take(&mut self.folders).settle(&mut self.inventory);
        let relations = std::mem::take(&mut self.relations);
        relations.settle(&mut self.inventory);
        std::mem::take(&mut self.told).settle(&mut self.inventory);
        self.inventory.shrink();
        self.rows.shrink();
        self.inventory.findings = self.notes.findings();
        let created = self.metadata.as_ref().and_then(|metadata| metadata.created.as_deref());
        let created = created.and_then(|time| time.parse::<jiff::Timestamp>().ok());
        let index = Index {
            items: self.inventory.len(),
            types: self.types,
            rows: self.rows,
            pairing: self.pairing,
            order: self.order,
            metadata: self.metadata_bytes,
            version: self.metadata.and_then(|metadata| metadata.strapi.version),
            created: created.map(jiff::Timestamp::as_second),
            unsafe_name: self.unsafe_name,
            damage: self.damage,
        };
        Ok(Listing { inventory: self.inventory, index, tally: self.tally })
    }

    /// `metadata.json` is the end mark of an archive, and what makes a tar one.
    fn without_metadata(&mut self) -> Result<()> {
        if self.order.is_empty() && self.damage.is_none() {
            let wrapped =
                self.foreign.as_deref().filter(|name| name.ends_with("metadata.json") || name.contains("/schemas/"));
            let error = Error::new(ErrorKind::NotABundle, "it holds no metadata.json: this is no Strapi archive");
            return Err(match wrapped {
                Some(name) => {
                    error.hint(format!("its members lie in a folder of their own ({name}); pack them without it"))
                }
                None => error,
            });
        }
        self.damaged("metadata.json is missing, which Strapi writes last: the archive was cut, or never finished");
        Ok(())
    }

    fn remark_on_halves(&mut self) {
        let Pass { pairing, notes, .. } = self;
        for (file, half) in pairing.halves() {
            match half {
                Half::Upload(_) => notes.warning(
                    code::UNEXPECTED_MEMBER,
                    "a file without a sound record, which strapi import would refuse; Haul never writes it",
                    || file.to_owned(),
                ),
                // The importer ignores it, and the row is spoken of as one without its file.
                Half::Sidecar(_) | Half::Both(_) => {}
            }
        }
    }

    fn remark_on_missing_files(&mut self) {
        let Some(type_) = self.types.find(FILE_TYPE) else { return };
        let any = self.tally.binaries > 0;
        let Pass { rows, notes, inventory, .. } = self;
        for (_, owner) in rows.of_type(type_) {
            let count = FileCount(owner.place);
            let item = inventory.item(owner.item);
            if count.has_main() {
                if count.seen() < count.expected() {
                    let sentence = "renditions of files are missing";
                    notes.add_on(Severity::Info, code::MISSING_FILE, sentence, &item.key(), item.name().into());
                }
            } else if count.elsewhere() {
                let sentence = "files held by another provider are not part of the archive";
                notes.warning(code::FILES_ELSEWHERE, sentence, || item.name().to_owned());
            } else if any {
                let sentence = "the file of this record is missing";
                notes.add_on(Severity::Warning, code::MISSING_FILE, sentence, &item.key(), item.name().into());
            } else {
                let sentence =
                    "records of files without their files, as `--only content` and `--exclude files` make them";
                notes.warning(code::FILES_LEFT_OUT, sentence, || item.name().to_owned());
            }
        }
    }

    fn remark_on_repeated_rows(&mut self) {
        let Pass { rows, notes, types, .. } = self;
        for (type_, id) in rows.repeated() {
            let sentence = format!("rows of {} with the same id", types.get(type_).uid);
            notes.warning(code::DUPLICATE_ID, &sentence, || format!("row {id}"));
        }
    }
}
