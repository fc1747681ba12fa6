//! A picture, small enough for a screen: decoded, scaled down, and given in cells of half blocks.
//! Must not know: where its bytes come from, or how it is drawn.

use std::io::Cursor;

use image::{ImageReader, Limits};

/// Bytes of a file beyond which nobody waits for its picture.
pub const MOST_BYTES: u64 = 16 * 1024 * 1024;
/// Pixels of an edge that are decoded.
const EDGE: u32 = 16_384;
/// What decoding may take of memory.
const MEMORY: u64 = 256 * 1024 * 1024;
/// Pixels that are kept: more than a screen has cells and their halves.
const KEPT: (u32, u32) = (160, 96);
/// What shows through a picture: the terminal's own background is not known.
const BEHIND: u8 = 128;

/// Red, green and blue.
pub type Colour = [u8; 3];

/// A picture in pixels, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: usize,
    pixels: Vec<Colour>,
}

/// Whether a file of this type can be shown.
pub fn is_shown(mime: Option<&str>) -> bool {
    matches!(mime, Some("image/png" | "image/jpeg" | "image/gif" | "image/webp"))
}

/// `None` for what is no picture, or one too large to be looked at. Takes a while.
pub fn decoded(bytes: &[u8]) -> Option<Picture> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(EDGE), Some(EDGE));
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let whole = reader.decode().ok()?;
    let fits = whole.width() <= KEPT.0 && whole.height() <= KEPT.1;
    let small = if fits { whole } else { whole.thumbnail(KEPT.0, KEPT.1) };
    let small = small.to_rgba8();
    let over = |channel: u8, alpha: u8| {
        let (channel, alpha, behind) = (u16::from(channel), u16::from(alpha), u16::from(BEHIND));
        ((channel * alpha + behind * (255 - alpha)) / 255) as u8
    };
    let pixels = small.pixels().map(|pixel| {
        let [red, green, blue, alpha] = pixel.0;
        [red, green, blue].map(|channel| over(channel, alpha))
    });
    Some(Picture { width: small.width() as usize, pixels: pixels.collect() }).filter(|picture| picture.height() > 0)
}

impl Picture {
    fn height(&self) -> usize {
        self.pixels.len().checked_div(self.width).unwrap_or(0)
    }

    /// Columns and rows that it takes of so many at most. A cell is two pixels high; nothing is made larger than it is.
    pub fn size(&self, columns: usize, rows: usize) -> (usize, usize) {
        let (width, height) = (self.width as f64, self.height() as f64);
        let scale = (columns as f64 / width).min(2.0 * rows as f64 / height).min(1.0);
        let cells = |pixels: f64, per_cell: f64| (pixels * scale / per_cell).round().max(1.0) as usize;
        match columns.min(rows) {
            0 => (0, 0),
            _ => (cells(width, 1.0).min(columns), cells(height, 2.0).min(rows)),
        }
    }

    /// The cells of a size, row by row: the colours of their upper and their lower halves.
    pub fn cells(&self, (columns, rows): (usize, usize)) -> Vec<(Colour, Colour)> {
        let halves = 2 * rows;
        let at = |column: usize, half: usize| {
            self.mean(span(column, columns, self.width), span(half, halves, self.height()))
        };
        let cells = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        cells.map(|(row, column)| (at(column, 2 * row), at(column, 2 * row + 1))).collect()
    }

    /// The mean of a part of it.
    fn mean(&self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> Colour {
        let count = (columns.len() * rows.len()).max(1) as u32;
        let mut sums = [0u32; 3];
        for row in rows {
            for pixel in self.pixels.iter().skip(row * self.width + columns.start).take(columns.len()) {
                sums.iter_mut().zip(pixel).for_each(|(sum, channel)| *sum += u32::from(*channel));
            }
        }
        sums.map(|sum| (sum / count) as u8)
    }
}

/// What the nth of so many equal parts of a length covers; never nothing.
fn span(nth: usize, parts: usize, length: usize) -> std::ops::Range<usize> {
    let from = (nth * length / parts.max(1)).min(length.saturating_sub(1));
    let to = ((nth + 1) * length / parts.max(1)).clamp(from + 1, length.max(from + 1));
    from..to
}

#[cfg(test)]
mod tests {
    use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

    use super::*;

    fn png(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 4]) -> Vec<u8> {
        let picture = RgbaImage::from_fn(width, height, |x, y| Rgba(colour(x, y)));
        let mut bytes = Vec::new();
        let written = DynamicImage::from(picture).write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png);
        written.expect("written");
        bytes
    }

    #[test]
    fn a_cell_holds_two_pixels_above_each_other() {
        let flag = png(2, 4, |_, y| if y < 2 { [255, 255, 255, 255] } else { [255, 0, 0, 255] });
        let picture = decoded(&flag).expect("a picture");
        assert_eq!(picture.size(80, 20), (2, 2), "nothing is made larger");
        let (white, red) = ([255, 255, 255], [255, 0, 0]);
        assert_eq!(picture.cells((2, 2)), [(white, white), (white, white), (red, red), (red, red)]);
        assert_eq!(picture.cells((1, 1)), [(white, red)]);
    }

    #[test]
    fn what_is_too_large_for_its_place_keeps_its_proportions() {
        let picture = decoded(&png(640, 320, |x, _| [(x % 256) as u8, 0, 0, 255])).expect("a picture");
        assert_eq!(picture.size(40, 20), (40, 10));
        assert_eq!(picture.size(80, 5), (20, 5));
        assert_eq!(picture.size(0, 5), (0, 0));
        assert_eq!(picture.cells(picture.size(40, 20)).len(), 400);
    }

    #[test]
    fn what_is_seen_through_is_neither_black_nor_white() {
        let picture = decoded(&png(1, 2, |_, _| [255, 0, 0, 0])).expect("a picture");
        assert_eq!(picture.cells((1, 1)), [([BEHIND; 3], [BEHIND; 3])]);
    }

    #[test]
    fn what_is_no_picture_or_far_too_large_is_none() {
        assert_eq!(decoded(b"%PDF-1.4"), None);
        let mut bomb = png(1, 1, |_, _| [0, 0, 0, 255]);
        // The width that the header says.
        bomb[16..20].copy_from_slice(&(EDGE + 1).to_be_bytes());
        assert_eq!(decoded(&bomb), None);
        assert!(is_shown(Some("image/webp")) && !is_shown(Some("image/svg+xml")) && !is_shown(None));
    }
}
