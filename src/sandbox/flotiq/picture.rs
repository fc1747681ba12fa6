//! Small files that are what they say: pictures and documents that every viewer opens, each with other bytes.
//! Must not know: media and spaces.

use std::io::Write as _;

use flate2::{Compression, Crc, write::ZlibEncoder};

/// A square PNG of one colour, with a lighter diagonal so that one sees which way is up.
pub(super) fn png(size: u32, [red, green, blue]: [u8; 3]) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..size {
        rows.push(0); // no filter
        for x in 0..size {
            let lighter = if x == y { 64 } else { 0 };
            rows.extend([red, green, blue].map(|part| part.saturating_add(lighter)));
        }
    }
    let mut header = Vec::new();
    header.extend(size.to_be_bytes());
    header.extend(size.to_be_bytes());
    header.extend([8, 2, 0, 0, 0]); // eight bits for each of red, green and blue
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut file, b"IHDR", &header);
    chunk(&mut file, b"IDAT", &packed(&rows));
    chunk(&mut file, b"IEND", b"");
    file
}

fn chunk(file: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    let mut crc = Crc::new();
    crc.update(name);
    crc.update(data);
    // A chunk of this file is far below four gigabytes.
    file.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    file.extend(name);
    file.extend(data);
    file.extend(crc.sum().to_be_bytes());
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// A grey JPEG, `blocks` times eight pixels wide and high: a baseline picture whose blocks hold a brightness alone.
pub(super) fn jpeg(blocks: u16, brightness: u8) -> Vec<u8> {
    let pixels = (blocks * 8).to_be_bytes();
    let mut file = vec![0xff, 0xd8];
    file.extend([0xff, 0xe0, 0, 16]);
    file.extend(b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0");
    file.extend([0xff, 0xdb, 0, 67, 0]);
    file.extend([8; 64]); // the steps of brightness: with 8, a difference of 1 is one shade of grey
    file.extend([0xff, 0xc0, 0, 11, 8, pixels[0], pixels[1], pixels[0], pixels[1], 1, 1, 0x11, 0]);
    // Lengths of differences: twelve codes of four bits, of which a difference of n bits takes the nth.
    file.extend([0xff, 0xc4, 0, 31, 0, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend(0..12);
    // Of the other frequencies there is only the end of a block, a code of one bit.
    file.extend([0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    file.extend([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0]);
    file.extend(scan(u32::from(blocks) * u32::from(blocks), i32::from(brightness) - 128));
    file.extend([0xff, 0xd9]);
    file
}

/// The first block differs from medium grey by `level`, every further one from the one before by nothing.
fn scan(blocks: u32, level: i32) -> Vec<u8> {
    let length = 32 - level.unsigned_abs().leading_zeros();
    let mut bits: Vec<bool> = Vec::new();
    let mut push = |value: u32, count: u32| bits.extend((0..count).rev().map(|bit| value >> bit & 1 == 1));
    push(length, 4);
    let offset = if level < 0 { (1i32 << length) - 1 } else { 0 };
    push((level + offset).unsigned_abs(), length);
    push(0, 1);
    for _ in 1..blocks {
        push(0, 5);
    }
    bits.resize(bits.len().next_multiple_of(8), true);
    let mut bytes = Vec::new();
    for eight in bits.chunks(8) {
        let byte = eight.iter().fold(0u8, |byte, bit| byte << 1 | u8::from(*bit));
        bytes.push(byte);
        if byte == 0xff {
            bytes.push(0); // else it would begin a marker
        }
    }
    bytes
}

/// A document of one page with one line of text.
pub(super) fn pdf(line: &str) -> Vec<u8> {
    let shown = format!("BT /F1 18 Tf 20 50 Td ({line}) Tj ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{shown}\nendstream", shown.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", places.len() + 1).bytes());
    for place in &places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let end = format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", places.len() + 1);
    file.extend(end.bytes());
    file
}

/// Width and height of a PNG, JPEG or GIF by its first bytes; nothing for other files.
pub(super) fn measure(bytes: &[u8]) -> Option<(u32, u32)> {
    let number = |at: usize, count: usize| -> Option<u32> {
        Some(bytes.get(at..at + count)?.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
    };
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((number(16, 4)?, number(20, 4)?));
    }
    if bytes.starts_with(b"GIF8") {
        let small = |at: usize| Some(u32::from(u16::from_le_bytes([*bytes.get(at)?, *bytes.get(at + 1)?])));
        return Some((small(6)?, small(8)?));
    }
    if !bytes.starts_with(b"\xff\xd8") {
        return None;
    }
    let mut at = 2;
    loop {
        let (marker, length) = (number(at + 1, 1)?, number(at + 2, 2)?);
        if matches!(marker, 0xc0..=0xc3) {
            return Some((number(at + 7, 2)?, number(at + 5, 2)?));
        }
        at += 2 + length as usize;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_the_size_that_was_asked_for() {
        assert_eq!(measure(&png(24, [200, 30, 30])), Some((24, 24)));
        assert_eq!(measure(&jpeg(3, 200)), Some((24, 24)));
        assert_eq!(measure(&pdf("nothing")), None);
    }

    #[test]
    fn other_colours_are_other_bytes() {
        assert_ne!(png(8, [1, 2, 3]), png(8, [1, 2, 4]));
        assert_ne!(jpeg(1, 7), jpeg(1, 8));
    }

    #[test]
    fn every_shade_of_a_jpeg_can_be_written() {
        for brightness in 0..=255 {
            let file = jpeg(2, brightness);
            assert!(file.ends_with(&[0xff, 0xd9]) && measure(&file) == Some((16, 16)), "{brightness}");
        }
    }
}
