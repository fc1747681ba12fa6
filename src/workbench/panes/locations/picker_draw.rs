//! Draws the picker of files.
//! Must not know: how a folder is read.

use super::picker::{Picker, PickerRow};
use super::scan::FileKind;
use crate::platforms::BundleLook;
use crate::wording;
use crate::workbench::canvas::{
    Canvas, ListId, Rect, Target, line_of, skip, span, split_bottom, split_left, split_top,
};
use crate::workbench::shell::popup_frame;
use crate::workbench::theme::Role;

const WIDTH: u16 = 74;

pub fn draw(picker: &Picker, canvas: &mut Canvas<'_>) {
    let height = canvas.area().height.saturating_sub(6);
    let area = popup_frame(canvas, "Open a file", WIDTH, height);
    let (top, rest) = split_top(area, 2);
    let folder = picker.folder.as_ref().map_or("reading …", |folder| &folder.name);
    canvas.text(line_of(top, 0), folder, Role::Strong);
    let label = if picker.is_path() { "go to" } else { "find" };
    let (prompt, input) = split_left(line_of(top, 1), 6);
    canvas.text(prompt, label, Role::Key);
    canvas.field(input, picker.field.shown(), true);
    let (list, below) = split_bottom(rest, 2);
    canvas.list(ListId::Popup, list);
    for (row, at) in (0u16..).zip(picker.cursor.window(picker.rows(), usize::from(list.height))) {
        let line = line_of(list, row);
        let is_cursor = at == picker.cursor.at && !picker.is_path();
        draw_row(picker, at, line, is_cursor, canvas);
        canvas.hit(line, Target::Row(ListId::Popup, at));
    }
    draw_below(picker, below, canvas);
}

fn draw_row(picker: &Picker, at: usize, line: Rect, is_cursor: bool, canvas: &mut Canvas<'_>) {
    if is_cursor {
        canvas.text(line, "▸", Role::Key);
    }
    let line_inside = skip(line, 2);
    match picker.row(at) {
        Some(PickerRow::Up) => drop(canvas.text(line_inside, "../", Role::Strong)),
        Some(PickerRow::File(name, kind)) => {
            let (mark, mark_role) = mark(kind);
            let rest = canvas.right(line_inside, &mark, mark_role);
            let rest = Rect { width: rest.width.saturating_sub(1), ..rest };
            let (end, role) = match kind {
                FileKind::Folder => ("/", Role::Strong),
                FileKind::Bundle(BundleLook { certain: true, .. }) => ("", Role::Text),
                FileKind::Bundle(_) | FileKind::Unknown => ("", Role::Text),
                FileKind::Other | FileKind::Plan => ("", Role::Dim),
            };
            canvas.line(rest, &[span(name, role), span(end, role)]);
        }
        None => {}
    }
    if is_cursor {
        canvas.mark_cursor(line, true);
    }
}

/// What a file is, at its right.
fn mark(kind: FileKind) -> (String, Role) {
    match kind {
        FileKind::Bundle(look) if look.certain => {
            let locked = if look.sealed { ", locked" } else { "" };
            (format!("{}{locked}", look.platform), Role::Good)
        }
        FileKind::Bundle(look) if look.sealed => ("locked, perhaps".to_owned(), Role::Dim),
        FileKind::Bundle(look) => (format!("{}, perhaps", look.platform), Role::Dim),
        FileKind::Plan => ("saved plan".to_owned(), Role::Dim),
        FileKind::Folder | FileKind::Unknown | FileKind::Other => (String::new(), Role::Dim),
    }
}

fn draw_below(picker: &Picker, below: Rect, canvas: &mut Canvas<'_>) {
    if let Some(error) = &picker.error {
        let hint = error.hint.as_deref().map(|hint| format!("; {hint}")).unwrap_or_default();
        canvas.paragraph(below, &format!("✗ {}{hint}", error.message), Role::Bad);
        return;
    }
    let text = match (picker.waiting, &picker.folder) {
        (Some(_), _) => "reading …".to_owned(),
        (None, _) if picker.is_path() => "⏎ goes there: a folder, a bundle, or PLATFORM:URL".to_owned(),
        (None, Some(folder)) if picker.finds_nothing() => {
            format!("nothing in {} fits; a path can be typed too, also with ~", folder.name)
        }
        (None, Some(folder)) => match picker.row(picker.cursor.at) {
            Some(PickerRow::File(_, FileKind::Bundle(look))) => about(&look),
            Some(PickerRow::File(_, FileKind::Plan)) => "a saved plan holds no content: L on 3 loads it".to_owned(),
            _ if folder.left_out > 0 => {
                format!("{} more are not shown; type the path of the file", wording::count(folder.left_out as u64))
            }
            _ => "type to filter, or a path; backspace goes up".to_owned(),
        },
        (None, None) => String::new(),
    };
    canvas.paragraph(below, &text, Role::Dim);
}

fn about(look: &BundleLook) -> String {
    let sealed = if look.sealed { ", encrypted" } else { "" };
    let size = if look.bytes > 0 { format!(", {}", wording::bytes(look.bytes)) } else { String::new() };
    let certain = if look.certain { "" } else { ", perhaps: opening it tells" };
    format!("{} {}{sealed}{size}{certain}", look.platform, look.form.as_str())
}
