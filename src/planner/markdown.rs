use crate::model::Plan;
pub fn markdown(_plan: &Plan) -> String {
    String::new()
}
