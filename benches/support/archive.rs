//! Makes archives of any size that look like those of a real site, for benches: half rows and links, half media.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use haul::codec::{Packing, Sealing, TarWriter};

const SCHEMAS: &str = concat!(
    r#"{"uid":"plugin::upload.file","attributes":{"name":{"type":"string"}},"modelType":"contentType"}"#,
    "\n",
    r#"{"uid":"api::author.author","attributes":{"name":{"type":"string"}},"modelType":"contentType"}"#,
    "\n",
    r#"{"uid":"api::article.article","attributes":{"title":{"type":"string"},"blocks":{"type":"dynamiczone"},"#,
    r#""seo":{"type":"component","component":"shared.seo"},"author":{"type":"relation"}},"modelType":"contentType"}"#,
    "\n",
    r#"{"uid":"shared.seo","attributes":{"metaTitle":{"type":"string"},"shareImage":{"type":"media"}},"modelType":"component"}"#,
    "\n",
    r#"{"uid":"shared.rich-text","attributes":{"body":{"type":"richtext"}},"modelType":"component"}"#
);
const METADATA: &str = r#"{"createdAt":"2026-11-21T02:06:27.858Z","strapi":{"version":"5.54.0"}}"#;
const BODY: &str = "Lorem markdownum negat, Argo *saxa* videnda cornuaque hunc qui tanta spes teneas: obliquis est \
                    dicenti est salutat ille tamen iuvenum nostrae dolore. Colores nocituraque comitata eripiunt. ";
const MEDIA: usize = 400 * 1024;
const AUTHORS: u64 = 1000;

/// Bytes that do not compress, as media do not.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn id(&mut self) -> String {
        (0..24).map(|_| char::from(b'a' + (self.next() % 26) as u8)).collect()
    }
}

/// Writes an archive of about `bytes` bytes (before compression) and returns how many items it has.
pub fn generate(path: &Path, bytes: u64, packing: &Packing) -> io::Result<u64> {
    let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
    let files = (bytes / 2 / MEDIA as u64).max(1);
    // A row of 1.4 kB and three links of 0.2 kB.
    let articles = (bytes / 2 / 2000).max(1);
    let writer = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let mut tar = TarWriter::new(Sealing::new(writer, packing), 0);
    tar.member("schemas/schemas_00001.jsonl", SCHEMAS.as_bytes())?;
    stage(&mut tar, "entities", files + AUTHORS + articles, |n, line| {
        let document = noise.id();
        row(line, n, files, &document);
    })?;
    let mut noise = Noise(1);
    let mut media = vec![0; MEDIA];
    for file in 1..=files {
        media.chunks_exact_mut(8).for_each(|chunk| chunk.copy_from_slice(&noise.next().to_le_bytes()));
        let sidecar = format!(
            r#"{{"id":{file},"name":"f","hash":"file_{file}","ext":".jpeg","mime":"image/jpeg","size":409.6,"url":"/u"}}"#
        );
        tar.member(&format!("assets/metadata/file_{file}.jpeg.json"), sidecar.as_bytes())?;
        tar.member(&format!("assets/uploads/file_{file}.jpeg"), &media)?;
    }
    stage(&mut tar, "links", articles * 3, |n, line| link(line, n, files))?;
    tar.member("metadata.json", METADATA.as_bytes())?;
    tar.finish()?.finish()?.flush()?;
    Ok(5 + files + AUTHORS + articles)
}

fn row(line: &mut String, n: u64, files: u64, document: &str) {
    let times = r#""createdAt":"2026-11-21T02:03:12.321Z","updatedAt":"2026-11-21T02:03:12.321Z","publishedAt":null,"locale":"en""#;
    let _ = match n {
        n if n < files => {
            let id = n + 1;
            write!(
                line,
                r#"{{"type":"plugin::upload.file","id":{id},"data":{{"documentId":"{document}","name":"file {id}","hash":"file_{id}","ext":".jpeg","provider":"local","formats":null,{times}}}}}"#
            )
        }
        n if n < files + AUTHORS => {
            let id = n - files + 1;
            write!(
                line,
                r#"{{"type":"api::author.author","id":{id},"data":{{"documentId":"{document}","name":"Author {id}",{times}}}}}"#
            )
        }
        n => {
            let id = n - files - AUTHORS + 1;
            write!(
                line,
                r#"{{"type":"api::article.article","id":{id},"data":{{"documentId":"{document}","title":"Article number {id:>18} of many","slug":"article-{id}",{times},"seo":{{"id":{id},"metaTitle":"m"}},"blocks":[{{"id":{id},"body":"{BODY}{BODY}{BODY}\n","__component":"shared.rich-text"}},{{"id":{id},"body":"\"{BODY}{BODY}\"","__component":"shared.rich-text"}}]}}}}"#
            )
        }
    };
}

fn link(line: &mut String, n: u64, files: u64) {
    let article = n / 3 + 1;
    let (author, file) = (article % AUTHORS + 1, article % files + 1);
    let _ = match n % 3 {
        0 => write!(
            line,
            r#"{{"kind":"relation.basic","relation":"manyToOne","left":{{"type":"api::article.article","field":"author","ref":{article}}},"right":{{"type":"api::author.author","field":"articles","ref":{author},"pos":{article}}}}}"#
        ),
        1 => write!(
            line,
            r#"{{"kind":"relation.morph","relation":"morphToMany","left":{{"type":"plugin::upload.file","field":"related","ref":{file}}},"right":{{"ref":{article},"pos":1,"type":"shared.seo","field":"shareImage"}}}}"#
        ),
        _ => write!(
            line,
            r#"{{"kind":"relation.circular","relation":"oneToMany","left":{{"type":"api::article.article","ref":{article},"field":"localizations"}},"right":{{"type":"api::article.article","ref":"aaaaaaaaaaaaaaaaaaaaaaaa"}}}}"#
        ),
    };
}

/// One JSONL member of some lines. A tar says sizes first, so the lines are made twice.
fn stage<W: Write>(
    tar: &mut TarWriter<W>,
    name: &str,
    lines: u64,
    mut make: impl FnMut(u64, &mut String),
) -> io::Result<()> {
    // Ids have one length, so that a first round with other ids has the same size.
    let mut line = String::new();
    let mut size = 0;
    for n in 0..lines {
        line.clear();
        make(n, &mut line);
        size += line.len() as u64 + u64::from(n > 0);
    }
    tar.begin(&format!("{name}/{name}_00001.jsonl"), size)?;
    for n in 0..lines {
        line.clear();
        make(n, &mut line);
        if n > 0 {
            tar.write_all(b"\n")?;
        }
        tar.write_all(line.as_bytes())?;
    }
    tar.end()
}
