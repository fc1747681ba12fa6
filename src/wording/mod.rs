//! What the program says, whoever shows it: amounts, times, the sentences of plans, runs and reports.
//! Must not know: terminals, colours, where a sentence ends up. Everything here is a function of values. Text of a
//! location is made printable here only where it becomes part of a sentence.

mod amounts;
mod command;
mod event;
mod finding;
mod plan;
mod report;
mod time;
mod told;

pub use amounts::{bytes, count, plural, seconds};
pub use command::{export_command, transfer_command};
pub use event::{event_detail, event_sentence, reading_sentence, stage_title};
pub use finding::{FindingGroup, finding_groups, finding_sentence};
pub use plan::{
    consent_question, effect_counts, effect_sentence, effect_subject, mode_sentence, plan_name, plan_reason,
    rehearsal_question,
};
pub use report::{counts, next_steps};
pub use time::ago;
pub use told::{file_sentence, version_sign, versions_sentence};
