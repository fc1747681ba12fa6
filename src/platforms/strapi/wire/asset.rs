//! The items that a piece of the files' stage holds: a file begins, goes on, ends. Bytes come as base64, or from servers
//! before 5.43 as a list of numbers.
//! Must not know: where bytes go.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::envelope::odd;
use crate::model::Result;

/// What happens to a file.
#[derive(Debug)]
pub(in crate::platforms::strapi) enum AssetItem<'a> {
    Begins {
        id: Cow<'a, str>,
        /// Its row, or what its row says of this rendition; an archive keeps it as it is.
        metadata: &'a RawValue,
        name: Cow<'a, str>,
        size: u64,
    },
    Goes {
        id: Cow<'a, str>,
        bytes: Bytes<'a>,
    },
    Ends {
        id: Cow<'a, str>,
        /// SHA-256 in hexadecimal digits, where it was asked for and the server knows how.
        checksum: Option<Cow<'a, str>>,
    },
}

/// Bytes as they came. Those of files that nobody wants are never unpacked.
#[derive(Debug)]
pub(in crate::platforms::strapi) struct Bytes<'a> {
    raw: &'a RawValue,
    base64: bool,
}

#[derive(Deserialize)]
struct Item<'a> {
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow, rename = "assetID")]
    id: Cow<'a, str>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
    #[serde(borrow, default)]
    encoding: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    checksum: Option<Checksum<'a>>,
}

#[derive(Deserialize)]
struct Checksum<'a> {
    #[serde(borrow)]
    algorithm: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Start<'a> {
    #[serde(borrow)]
    metadata: &'a RawValue,
    #[serde(borrow)]
    filename: Cow<'a, str>,
    #[serde(default)]
    stats: Stats,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Stats {
    size: u64,
}

/// Calls `each` with every item of a piece, which holds a list of lists.
pub(in crate::platforms::strapi) fn each_item<'a>(
    data: &'a str,
    mut each: impl FnMut(AssetItem<'a>) -> Result<()>,
) -> Result<()> {
    let batches: Vec<Vec<Item<'a>>> =
        serde_json::from_str(data).map_err(|error| odd(format!("a piece that is no list of files ({error})")))?;
    for item in batches.into_iter().flatten() {
        each(item.meant()?)?;
    }
    Ok(())
}

impl<'a> Item<'a> {
    fn meant(self) -> Result<AssetItem<'a>> {
        let data = || self.data.ok_or_else(|| odd(format!("a file's `{}` without data", self.action)));
        match &*self.action {
            "start" => {
                let start: Start<'a> = serde_json::from_str(data()?.get())
                    .map_err(|error| odd(format!("a file without what is known of it ({error})")))?;
                let Start { metadata, filename, stats } = start;
                Ok(AssetItem::Begins { id: self.id, metadata, name: filename, size: stats.size })
            }
            "stream" => {
                let base64 = self.encoding.as_deref() == Some("base64");
                Ok(AssetItem::Goes { bytes: Bytes { raw: data()?, base64 }, id: self.id })
            }
            "end" => {
                let checksum = self.checksum.filter(|checksum| checksum.algorithm == "sha256");
                Ok(AssetItem::Ends { id: self.id, checksum: checksum.map(|checksum| checksum.value) })
            }
            other => Err(odd(format!("a file's `{other}`, which is none of start, stream and end"))),
        }
    }
}

#[derive(Deserialize)]
struct Buffer {
    data: Vec<u8>,
}

impl Bytes<'_> {
    /// Replaces what `into` holds.
    pub fn unpack(&self, into: &mut Vec<u8>) -> Result<()> {
        into.clear();
        let text: Cow<'_, str> = match (self.base64, self.raw.get().as_bytes()) {
            (true, [b'"', inner @ .., b'"']) if !inner.contains(&b'\\') => {
                Cow::Borrowed(&self.raw.get()[1..=inner.len()])
            }
            (true, _) => serde_json::from_str::<String>(self.raw.get())
                .map_err(|error| odd(format!("bytes of a file that are no text ({error})")))?
                .into(),
            (false, _) => {
                let buffer: Buffer = serde_json::from_str(self.raw.get())
                    .map_err(|error| odd(format!("bytes of a file that are no list of numbers ({error})")))?;
                *into = buffer.data;
                return Ok(());
            }
        };
        STANDARD
            .decode_vec(text.as_bytes(), into)
            .map_err(|error| odd(format!("bytes of a file that are no base64 ({error})")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ErrorKind;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    /// What a server makes of a file, cut into chunks as it likes.
    fn frame(bytes: &[u8], chunk: usize, base64: bool) -> String {
        let mut items = vec![json!({
            "action": "start", "assetID": "a",
            "data": {"metadata": {"id": 7}, "filepath": "/srv/x", "filename": "x.png", "stats": {"size": bytes.len()}},
        })];
        items.extend(bytes.chunks(chunk).map(|chunk| match base64 {
            true => json!({"action": "stream", "assetID": "a", "encoding": "base64", "data": STANDARD.encode(chunk)}),
            false => json!({"action": "stream", "assetID": "a", "data": {"type": "Buffer", "data": chunk}}),
        }));
        items.push(json!({"action": "end", "assetID": "a", "checksum": {"algorithm": "sha256", "value": "00"}}));
        json!([items]).to_string()
    }

    fn unpacked(frame: &str) -> (Vec<u8>, usize) {
        let (mut all, mut scratch, mut ends) = (Vec::new(), Vec::new(), 0);
        each_item(frame, |item| {
            match item {
                AssetItem::Begins { metadata, name, size, .. } => {
                    assert_eq!((metadata.get(), &*name, size), (r#"{"id":7}"#, "x.png", size));
                }
                AssetItem::Goes { bytes, .. } => {
                    bytes.unpack(&mut scratch)?;
                    all.extend_from_slice(&scratch);
                }
                AssetItem::Ends { checksum, .. } => ends += usize::from(checksum.as_deref() == Some("00")),
            }
            Ok(())
        })
        .expect("a frame of the protocol");
        (all, ends)
    }

    proptest! {
        #[test]
        fn bytes_arrive_however_they_are_cut_and_written(bytes: Vec<u8>, chunk in 1usize..300, base64: bool) {
            prop_assert_eq!(unpacked(&frame(&bytes, chunk, base64)), (bytes, 1));
        }
    }

    #[test]
    fn base64_with_an_escaped_slash_is_read_too() {
        let frame = r#"[[{"action":"stream","assetID":"a","encoding":"base64","data":"\/\/8="}]]"#;
        let mut bytes = Vec::new();
        each_item(frame, |item| match item {
            AssetItem::Goes { bytes: packed, .. } => packed.unpack(&mut bytes),
            _ => Ok(()),
        })
        .expect("a frame");
        assert_eq!(bytes, [0xff, 0xff]);
    }

    #[rstest]
    #[case::no_list("{}")]
    #[case::not_nested(r#"[{"action":"end","assetID":"a"}]"#)]
    #[case::an_unknown_action(r#"[[{"action":"explode","assetID":"a"}]]"#)]
    #[case::no_file(r#"[[{"action":"start","assetID":"a"}]]"#)]
    #[case::a_number_that_is_no_byte(r#"[[{"action":"stream","assetID":"a","data":{"type":"Buffer","data":[256]}}]]"#)]
    #[case::no_base64(r#"[[{"action":"stream","assetID":"a","encoding":"base64","data":"*"}]]"#)]
    #[case::no_text(r#"[[{"action":"stream","assetID":"a","encoding":"base64","data":7}]]"#)]
    fn what_is_no_file_is_an_error(#[case] frame: &str) {
        let read = each_item(frame, |item| match item {
            AssetItem::Goes { bytes, .. } => bytes.unpack(&mut Vec::new()),
            _ => Ok(()),
        });
        assert_eq!(read.expect_err(frame).kind(), ErrorKind::Protocol);
    }
}
