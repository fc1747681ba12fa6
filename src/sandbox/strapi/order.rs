//! The order in which relations are connected that say where they want to stand: `before`, `after`, `start`, `end`.
//! Must not know: rows, tables.

use serde_json::Value;

use super::failure::Failure;

/// One relation and its wish.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    id: String,
    place: Place,
    /// As it came, for messages.
    position: Value,
}

#[derive(Clone, Debug, PartialEq)]
enum Place {
    Start,
    End,
    Before(String),
    After(String),
}

impl Wish {
    pub fn new(id: String, whole: &Value, encode: impl Fn(String) -> String) -> Self {
        let position = whole["position"].clone();
        let neighbour = |key: &str| {
            let id = &position[key];
            id.as_u64().map(|id| id.to_string()).or_else(|| id.as_str().map(str::to_owned)).map(&encode)
        };
        let place = match (neighbour("before"), neighbour("after")) {
            (Some(id), _) => Place::Before(id),
            (None, Some(id)) => Place::After(id),
            _ if position["start"] == true => Place::Start,
            _ => Place::End,
        };
        Self { id, place, position }
    }

    fn neighbour(&self) -> Option<&str> {
        match &self.place {
            Place::Before(id) | Place::After(id) => Some(id),
            Place::Start | Place::End => None,
        }
    }
}

/// The ids in their order. Each may come once, and a neighbour has to be among them.
pub(super) fn placed(wishes: &[Wish]) -> Result<Vec<String>, Failure> {
    for (at, wish) in wishes.iter().enumerate() {
        if wishes[..at].iter().any(|other| other.id == wish.id) {
            let id = &wish.id;
            return Err(refused(format!(
                "The relation with id {id} is already connected. You cannot connect the same relation twice."
            )));
        }
    }
    let mut list = Vec::new();
    for wish in wishes {
        place(wish, wishes, &mut list, wishes.len())?;
    }
    Ok(list)
}

fn place(wish: &Wish, all: &[Wish], list: &mut Vec<String>, depth: usize) -> Result<(), Failure> {
    if list.contains(&wish.id) {
        return Ok(());
    }
    if let Some(neighbour) = wish.neighbour().filter(|id| !list.iter().any(|known| known == id)) {
        let Some(first) = all.iter().find(|other| other.id == neighbour) else {
            let (id, position) = (&wish.id, &wish.position);
            return Err(refused(format!(
                "There was a problem connecting relation with id {id} at position {position}. The relation with id \
                 {neighbour} needs to be connected first."
            )));
        };
        if depth == 0 {
            return Err(refused("A circular reference was found in the connect array.".to_owned()));
        }
        place(first, all, list, depth - 1)?;
    }
    let at = |id: &str| list.iter().position(|known| known == id).unwrap_or(list.len());
    let at = match &wish.place {
        Place::Start => 0,
        Place::End => list.len(),
        Place::Before(id) => at(id),
        Place::After(id) => at(id) + 1,
    };
    list.insert(at.min(list.len()), wish.id.clone());
    Ok(())
}

fn refused(message: String) -> Failure {
    Failure::named("InvalidRelationFormat", message)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn order(wishes: &Value) -> Result<Vec<String>, Failure> {
        let list = wishes.as_array().unwrap().iter();
        placed(&list.map(|wish| Wish::new(wish["id"].to_string(), wish, |id| id)).collect::<Vec<_>>())
    }

    #[rstest]
    #[case(json!([{ "id": 1 }, { "id": 2, "position": { "start": true } }]), &["2", "1"])]
    #[case(json!([{ "id": 5, "position": { "before": 1 } }, { "id": 1, "position": { "before": 2 } }, { "id": 2 }]), &["5", "1", "2"])]
    #[case(json!([{ "id": 1 }, { "id": 2 }, { "id": 3, "position": { "after": 1 } }]), &["1", "3", "2"])]
    fn wishes_are_granted(#[case] wishes: Value, #[case] expected: &[&str]) {
        assert_eq!(order(&wishes).unwrap(), expected);
    }

    #[rstest]
    #[case(json!([{ "id": 1 }, { "id": 1, "position": { "start": true } }]))]
    #[case(json!([{ "id": 1, "position": { "before": 7 } }]))]
    #[case(json!([{ "id": 1, "position": { "before": 2 } }, { "id": 2, "position": { "before": 1 } }]))]
    fn what_cannot_be_placed_is_refused(#[case] wishes: Value) {
        assert!(matches!(order(&wishes), Err(Failure::Error { code: "InvalidRelationFormat", .. })));
    }
}
