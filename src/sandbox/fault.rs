//! The faults that a server can be told to have: parsed from `NAME[=VALUE]`, listed with a line of help each.
//! Must not know: how a fault is brought about (see `weather` and the handlers).

use std::time::Duration;

use super::{strapi::Version, trigger::Trigger};

/// A fault of one server, or of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Only the server of this name; without it, all of them.
    pub server: Option<String>,
    effect: Effect,
}

/// A line of the list that help and documentation show.
#[derive(Clone, Copy, Debug)]
pub struct FaultHelp {
    pub name: &'static str,
    /// The form of the value; empty where there is none.
    pub value: &'static str,
    pub help: &'static str,
}

const fn row(name: &'static str, value: &'static str, help: &'static str) -> FaultHelp {
    FaultHelp { name, value, help }
}

#[derive(Clone, Debug, PartialEq)]
enum Effect {
    ExpireAfter(u64),
    Latency(Duration),
    FailRate(f64),
    TooMany(TooMany),
    OnRequest(Trigger, Mishap),
    Export(ExportFault, u64),
    FailItems(Vec<String>),
    IgnoreItems(Vec<String>),
    OddReply(OddReply),
    BackupFails,
    MaxUpload(u64),
    LoginRefused,
    Unhealthy,
    OnFrame(Trigger, FrameMishap),
    WrongChecksum(u64),
    LostRows(u64),
    Missing(Vec<String>),
    Unreadable(Vec<String>),
    RefuseRight(String),
    TransferDisabled,
    TokenExpired,
    NoSalt,
    UploadsMounted,
    Version(Version),
    Quota(u64),
    RateLimit(u64),
    TooManyRate(f64, u64),
    LoseRate(f64),
    Files(FileFault, u64),
    WebhookRefuses(Vec<String>),
}

/// What happens to a frame of a transfer that a trigger strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FrameMishap {
    /// The socket is cut before the frame is handled, or sent.
    Cut,
    /// The frame is handled, or sent, then the socket is cut.
    CutAfter,
    /// Nothing is handled any more; pings are answered.
    Stall,
    /// Not even pings are answered.
    Freeze,
    Slow(Duration),
    /// The frame is handled, and answered with an error.
    Fail,
    /// The process dies.
    Crash,
}

/// What happens to a request that a trigger strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mishap {
    CutBefore,
    CutAfter,
    Stall,
    /// The request is handled and no byte ever comes.
    StallAfter,
    StallBody,
    /// Half of the reply comes, then the connection is cut.
    CutBody,
    SlowBody(Duration),
    Status(u16),
    StatusAfter(u16),
}

/// Every `every`th request is refused with 429.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooMany {
    pub every: u64,
    pub retry_after: RetryAfter,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RetryAfter {
    Seconds(u64),
    /// A date of RFC 9110, one second ahead.
    Date,
    None,
}

/// What can be wrong with the export file, which all clients of a server share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum ExportFault {
    Truncated,
    Stale,
    Foreign,
}

/// What can be wrong with a file that is handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum FileFault {
    /// Its second half is missing, and the length says so.
    Truncated,
    /// As long as it should be, with other bytes.
    Corrupted,
}

/// How the reply of an import differs from what was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OddReply {
    Missing,
    Extra,
    Match,
}

impl Fault {
    pub const ALL_HELP: &'static [FaultHelp] = &[
        row("expire-after", "N", "a token is good for N requests, then 401 until the next login"),
        row("latency", "MS", "every request waits MS milliseconds"),
        row("fail-rate", "R", "the part R (0 to 1) of all requests is answered with 500, 502 or 503 and not handled"),
        row(
            "too-many",
            "N[,SECONDS|date|none]",
            "every Nth request is refused with 429; Retry-After is 1 second, SECONDS, a date, or absent",
        ),
        row(
            "too-many-rate",
            "R[,SECONDS]",
            "the part R of all requests is refused with 429; Retry-After is by turns SECONDS (1), a date, and absent",
        ),
        row("rate-limit", "N", "more than N requests within one second are refused with 429 and Retry-After: 1"),
        row("lose-rate", "R", "the part R of all requests is handled, then the connection is cut"),
        row("cut-before", "TRIGGER", "the connection is cut before the request is handled"),
        row("cut-after", "TRIGGER", "the request is handled, then the connection is cut: the reply is lost"),
        row("stall", "TRIGGER", "the request is not handled and no byte ever comes"),
        row("stall-after", "TRIGGER", "the request is handled, then no byte ever comes"),
        row("stall-body", "TRIGGER", "the request is handled, half of the reply comes, then nothing"),
        row("cut-body", "TRIGGER", "the request is handled, half of the reply comes, then the connection is cut"),
        row("slow-body", "MS,TRIGGER", "the reply comes in ten pieces with MS milliseconds between them"),
        row("status", "CODE,TRIGGER", "the request is not handled but answered with CODE"),
        row("status-after", "CODE,TRIGGER", "the request is handled, then answered with CODE"),
        row("truncated-export", "once|always|N", "the export file is cut off in the middle"),
        row("stale-export", "once|always|N", "an export leaves the file of the export before it"),
        row("foreign-export", "once|always|N", "someone else exports another flow between the export and the download"),
        row("fail-import", "UUID[,UUID…]", "an import reports these items as not processed, with an error"),
        row("ignore-import", "UUID[,UUID…]", "an import reports these items as processed but does not touch them"),
        row(
            "odd-reply",
            "missing|extra|match",
            "the reply of an import lacks an item, has a stranger, or names another match",
        ),
        row(
            "backup-fails",
            "",
            "a backup replies 201 with status failed; an import that wants one is refused with 500",
        ),
        row("max-upload", "BYTES", "a larger import file is refused with 413; with Flotiq a larger upload, with 400"),
        row("login-refused", "", "every login is refused, whatever the password"),
        row("unhealthy", "", "the health routes reply 503"),
        row("frame-cut", "TRIGGER", "the socket is cut before the frame is handled, or sent"),
        row("frame-cut-after", "TRIGGER", "the frame is handled, or sent, then the socket is cut"),
        row("frame-stall", "TRIGGER", "nothing is handled from this frame on; pings are answered"),
        row("frame-freeze", "TRIGGER", "nothing is handled from this frame on, nor are pings answered"),
        row("frame-slow", "MS,TRIGGER", "the frame waits MS milliseconds"),
        row("frame-fail", "TRIGGER", "the frame is handled, then answered with an error"),
        row("frame-crash", "TRIGGER", "the server dies before the frame is handled, or sent"),
        row("wrong-checksum", "once|always|N", "a file that is pulled has a checksum that does not fit"),
        row(
            "lost-row",
            "once|always|N",
            "a row that is pushed is not written, and the end of its stage counts one less",
        ),
        row("missing-file", "NAME[,NAME…]", "these files are not on the disk of the server"),
        row("unreadable-file", "NAME[,NAME…]", "the server dies when these files are pulled"),
        row("refuse-right", "pull|push", "the token lacks this right: 403"),
        row("transfer-disabled", "", "remote transfer is switched off: 404"),
        row("token-expired", "", "no token is valid any more: 401"),
        row("no-salt", "", "the server has no salt for tokens: 500"),
        row("uploads-mounted", "", "the folder of uploads cannot be renamed, so a restore of files fails"),
        row("version", "VERSION", "behave as this version, such as 5.48.0 or 4.26.2"),
        row("quota", "N", "after N calls of Flotiq every further one is refused with 403"),
        row(
            "truncated-file",
            "once|always|N",
            "a file of Flotiq that is downloaded ends in the middle, and its length says so",
        ),
        row(
            "corrupted-file",
            "once|always|N",
            "a file of Flotiq that is downloaded has the right length and other bytes",
        ),
        row("webhook-refuses", "TYPE[,TYPE…]", "a synchronous webhook of Flotiq refuses every write of these types"),
    ];

    /// Reads `NAME[=VALUE]` or `SERVER/NAME[=VALUE]`, such as `prod/expire-after=20`.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let (server, name) = match name.split_once('/') {
            Some((server, name)) => (Some(server.to_owned()), name),
            None => (None, name),
        };
        let help = Self::ALL_HELP.iter().find(|help| help.name == name).ok_or_else(|| unknown(name))?;
        let effect = effect(name, value).map_err(|why| format!("fault {}={}: {why}", help.name, help.value))?;
        Ok(Self { server, effect })
    }
}

fn unknown(name: &str) -> String {
    let names: Vec<&str> = Fault::ALL_HELP.iter().map(|help| help.name).collect();
    format!("there is no fault {name:?}: choose one of {}", names.join(", "))
}

fn effect(name: &str, value: &str) -> Result<Effect, String> {
    let trigger = |mishap| Ok(Effect::OnRequest(Trigger::parse(value)?, mishap));
    match name {
        "expire-after" => Ok(Effect::ExpireAfter(number(value)?)),
        "latency" => Ok(Effect::Latency(Duration::from_millis(number(value)?))),
        "fail-rate" => Ok(Effect::FailRate(rate(value)?)),
        "too-many" => Ok(Effect::TooMany(too_many(value)?)),
        "cut-before" => trigger(Mishap::CutBefore),
        "too-many-rate" => too_many_rate(value),
        "rate-limit" => Ok(Effect::RateLimit(number(value)?)),
        "lose-rate" => Ok(Effect::LoseRate(rate(value)?)),
        "cut-after" => trigger(Mishap::CutAfter),
        "stall" => trigger(Mishap::Stall),
        "stall-after" => trigger(Mishap::StallAfter),
        "stall-body" => trigger(Mishap::StallBody),
        "cut-body" => trigger(Mishap::CutBody),
        "slow-body" => numbered(value, |ms| Ok(Mishap::SlowBody(Duration::from_millis(ms)))),
        "status" => numbered(value, |code| Ok(Mishap::Status(status(code)?))),
        "status-after" => numbered(value, |code| Ok(Mishap::StatusAfter(status(code)?))),
        "truncated-export" => Ok(Effect::Export(ExportFault::Truncated, times(value)?)),
        "stale-export" => Ok(Effect::Export(ExportFault::Stale, times(value)?)),
        "foreign-export" => Ok(Effect::Export(ExportFault::Foreign, times(value)?)),
        "fail-import" => Ok(Effect::FailItems(listed(value, "uuid")?)),
        "ignore-import" => Ok(Effect::IgnoreItems(listed(value, "uuid")?)),
        "odd-reply" => Ok(Effect::OddReply(odd_reply(value)?)),
        "max-upload" => Ok(Effect::MaxUpload(number(value)?)),
        "frame-slow" => {
            let (ms, trigger) = counted(value)?;
            Ok(Effect::OnFrame(trigger, FrameMishap::Slow(Duration::from_millis(ms))))
        }
        "wrong-checksum" => Ok(Effect::WrongChecksum(times(value)?)),
        "lost-row" => Ok(Effect::LostRows(times(value)?)),
        "missing-file" => Ok(Effect::Missing(listed(value, "file")?)),
        "unreadable-file" => Ok(Effect::Unreadable(listed(value, "file")?)),
        "refuse-right" if matches!(value, "pull" | "push") => Ok(Effect::RefuseRight(value.to_owned())),
        "refuse-right" => Err(format!("{value:?} is not pull or push")),
        "version" => Ok(Effect::Version(Version::parse(value)?)),
        "quota" => Ok(Effect::Quota(number(value)?)),
        "truncated-file" => Ok(Effect::Files(FileFault::Truncated, times(value)?)),
        "corrupted-file" => Ok(Effect::Files(FileFault::Corrupted, times(value)?)),
        "webhook-refuses" => Ok(Effect::WebhookRefuses(listed(value, "type")?)),
        name if frame_mishap(name).is_some() => {
            let mishap = frame_mishap(name).ok_or("it cannot be brought about")?;
            Ok(Effect::OnFrame(Trigger::parse(value)?, mishap))
        }
        _ if !value.is_empty() => Err("it takes no value".to_owned()),
        "transfer-disabled" => Ok(Effect::TransferDisabled),
        "token-expired" => Ok(Effect::TokenExpired),
        "no-salt" => Ok(Effect::NoSalt),
        "uploads-mounted" => Ok(Effect::UploadsMounted),
        "backup-fails" => Ok(Effect::BackupFails),
        "login-refused" => Ok(Effect::LoginRefused),
        "unhealthy" => Ok(Effect::Unhealthy),
        _ => Err("it cannot be brought about".to_owned()),
    }
}

fn frame_mishap(name: &str) -> Option<FrameMishap> {
    Some(match name {
        "frame-cut" => FrameMishap::Cut,
        "frame-cut-after" => FrameMishap::CutAfter,
        "frame-stall" => FrameMishap::Stall,
        "frame-freeze" => FrameMishap::Freeze,
        "frame-fail" => FrameMishap::Fail,
        "frame-crash" => FrameMishap::Crash,
        _ => return None,
    })
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text:?} is not a whole number"))
}

pub(super) fn rate(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(rate) if (0.0..=1.0).contains(&rate) => Ok(rate),
        _ => Err(format!("{text:?} is not a number between 0 and 1")),
    }
}

fn too_many(text: &str) -> Result<TooMany, String> {
    let (every, after) = text.split_once(',').unwrap_or((text, "1"));
    let retry_after = match after {
        "date" => RetryAfter::Date,
        "none" => RetryAfter::None,
        seconds => RetryAfter::Seconds(number(seconds)?),
    };
    match number(every)? {
        0 => Err("every 0th request is none".to_owned()),
        every => Ok(TooMany { every, retry_after }),
    }
}

fn too_many_rate(text: &str) -> Result<Effect, String> {
    let (part, seconds) = text.split_once(',').unwrap_or((text, "1"));
    Ok(Effect::TooManyRate(rate(part)?, number(seconds)?))
}

fn numbered(text: &str, mishap: impl Fn(u64) -> Result<Mishap, String>) -> Result<Effect, String> {
    let (first, trigger) = counted(text)?;
    Ok(Effect::OnRequest(trigger, mishap(first)?))
}

fn counted(text: &str) -> Result<(u64, Trigger), String> {
    let (first, trigger) = text.split_once(',').ok_or("a number, a comma and a trigger are needed")?;
    Ok((number(first)?, Trigger::parse(trigger)?))
}

fn status(code: u64) -> Result<u16, String> {
    match u16::try_from(code) {
        Ok(code) if (400..600).contains(&code) => Ok(code),
        _ => Err(format!("{code} is no status of a failure")),
    }
}

fn times(text: &str) -> Result<u64, String> {
    match text {
        "once" => Ok(1),
        "always" => Ok(u64::MAX),
        count => number(count),
    }
}

fn listed(text: &str, what: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Err(format!("no {what} is named"));
    }
    Ok(text.split(',').map(|name| name.trim().to_owned()).collect())
}

fn odd_reply(text: &str) -> Result<OddReply, String> {
    match text {
        "missing" => Ok(OddReply::Missing),
        "extra" => Ok(OddReply::Extra),
        "match" => Ok(OddReply::Match),
        other => Err(format!("{other:?} is not missing, extra or match")),
    }
}

/// All faults of one server at a time. The default is a server in good health.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    pub(super) expire_after: Option<u64>,
    pub(super) latency: Duration,
    pub(super) fail_rate: f64,
    pub(super) too_many: Option<TooMany>,
    pub(super) on_request: Vec<(Trigger, Mishap)>,
    pub(super) exports: Vec<(ExportFault, u64)>,
    pub(super) fail_items: Vec<String>,
    pub(super) ignore_items: Vec<String>,
    pub(super) odd_reply: Option<OddReply>,
    pub(super) backup_fails: bool,
    pub(super) max_upload: Option<u64>,
    pub(super) login_refused: bool,
    pub(super) unhealthy: bool,
    pub(super) on_frame: Vec<(Trigger, FrameMishap)>,
    pub(super) wrong_checksums: u64,
    pub(super) lost_rows: u64,
    pub(super) missing_files: Vec<String>,
    pub(super) unreadable_files: Vec<String>,
    pub(super) refuse_right: Option<String>,
    pub(super) transfer_disabled: bool,
    pub(super) token_expired: bool,
    pub(super) no_salt: bool,
    pub(super) uploads_mounted: bool,
    pub(super) version: Option<Version>,
    pub(super) quota: Option<u64>,
    pub(super) rate_limit: Option<u64>,
    pub(super) too_many_rate: Option<(f64, u64)>,
    pub(super) lose_rate: f64,
    pub(super) files: Vec<(FileFault, u64)>,
    pub(super) webhook_refuses: Vec<String>,
}

impl Faults {
    /// Reads many faults; those that name a server other than `server` are left out.
    pub fn parse<T: AsRef<str>>(texts: &[T], server: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for text in texts {
            let fault = Fault::parse(text.as_ref())?;
            if fault.server.as_deref().is_none_or(|name| name == server) {
                faults.add(fault);
            }
        }
        Ok(faults)
    }

    pub fn add(&mut self, fault: Fault) {
        match fault.effect {
            Effect::ExpireAfter(requests) => self.expire_after = Some(requests),
            Effect::Latency(latency) => self.latency = latency,
            Effect::FailRate(rate) => self.fail_rate = rate,
            Effect::TooMany(too_many) => self.too_many = Some(too_many),
            Effect::OnRequest(trigger, mishap) => self.on_request.push((trigger, mishap)),
            Effect::Export(fault, times) => self.exports.push((fault, times)),
            Effect::FailItems(uuids) => self.fail_items.extend(uuids),
            Effect::IgnoreItems(uuids) => self.ignore_items.extend(uuids),
            Effect::OddReply(reply) => self.odd_reply = Some(reply),
            Effect::BackupFails => self.backup_fails = true,
            Effect::MaxUpload(bytes) => self.max_upload = Some(bytes),
            Effect::LoginRefused => self.login_refused = true,
            Effect::Unhealthy => self.unhealthy = true,
            Effect::OnFrame(trigger, mishap) => self.on_frame.push((trigger, mishap)),
            Effect::WrongChecksum(times) => self.wrong_checksums = times,
            Effect::LostRows(times) => self.lost_rows = times,
            Effect::Missing(names) => self.missing_files.extend(names),
            Effect::Unreadable(names) => self.unreadable_files.extend(names),
            Effect::RefuseRight(right) => self.refuse_right = Some(right),
            Effect::TransferDisabled => self.transfer_disabled = true,
            Effect::TokenExpired => self.token_expired = true,
            Effect::NoSalt => self.no_salt = true,
            Effect::UploadsMounted => self.uploads_mounted = true,
            Effect::Version(version) => self.version = Some(version),
            Effect::Quota(calls) => self.quota = Some(calls),
            Effect::RateLimit(requests) => self.rate_limit = Some(requests),
            Effect::TooManyRate(rate, seconds) => self.too_many_rate = Some((rate, seconds)),
            Effect::LoseRate(rate) => self.lose_rate = rate,
            Effect::Files(fault, times) => self.files.push((fault, times)),
            Effect::WebhookRefuses(types) => self.webhook_refuses.extend(types),
        }
    }

    pub(super) fn is_missing(&self, file: &str) -> bool {
        self.missing_files.iter().any(|name| name == file)
    }

    pub(super) fn is_unreadable(&self, file: &str) -> bool {
        self.unreadable_files.iter().any(|name| name == file)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("expire-after=20")]
    #[case("prod/latency=5")]
    #[case("fail-rate=0.25")]
    #[case("too-many=3")]
    #[case("too-many=3,date")]
    #[case("too-many=3,none")]
    #[case("too-many-rate=0.3,2")]
    #[case("cut-after=2:POST /flow/import")]
    #[case("slow-body=10,/flow/export-tagged")]
    #[case("status=503,%2:*")]
    #[case("foreign-export=always")]
    #[case("backup-fails")]
    #[case("dev/version=4.26.2")]
    #[case("frame-cut=3:PUSH /entities/stream")]
    #[case("prod/frame-slow=20,%2:PULL /assets/data")]
    fn a_fault_is_read(#[case] text: &str) {
        assert!(Fault::parse(text).is_ok(), "{:?}", Fault::parse(text));
    }

    #[rstest]
    #[case("expire=20", "there is no fault")]
    #[case("expire-after=soon", "whole number")]
    #[case("fail-rate=2", "between 0 and 1")]
    #[case("too-many=0", "none")]
    #[case("status=200,/flow", "no status of a failure")]
    #[case("slow-body=/flow", "a number, a comma and a trigger")]
    #[case("backup-fails=yes", "takes no value")]
    #[case("odd-reply=other", "missing, extra or match")]
    #[case("version=3.6.8", "no version of Strapi")]
    #[case("refuse-right=both", "pull or push")]
    #[case("frame-cut=entities", "names no path")]
    fn nonsense_is_refused_with_its_reason(#[case] text: &str, #[case] reason: &str) {
        let error = Fault::parse(text).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }

    #[test]
    fn every_fault_of_the_list_can_be_brought_about() {
        for help in Fault::ALL_HELP {
            let value = match help.value {
                "N" | "MS" | "BYTES" | "once|always|N" | "N[,SECONDS|date|none]" => "=3",
                "R" | "R[,SECONDS]" => "=0.5",
                "TRIGGER" => "=/flow",
                "MS,TRIGGER" => "=5,/flow",
                "CODE,TRIGGER" => "=500,/flow",
                "UUID[,UUID…]" => "=a,b",
                "missing|extra|match" => "=extra",
                "pull|push" => "=push",
                "NAME[,NAME…]" => "=a.png",
                "TYPE[,TYPE…]" => "=page",
                "VERSION" => "=5.48.0",
                _ => "",
            };
            let text = format!("{}{value}", help.name);
            assert!(Fault::parse(&text).is_ok(), "{text}: {:?}", Fault::parse(&text));
        }
    }

    #[test]
    fn a_fault_of_another_server_is_left_out() {
        let faults = Faults::parse(&["prod/expire-after=2", "dev/backup-fails"], "dev").unwrap();
        assert_eq!((faults.expire_after, faults.backup_fails), (None, true));
    }
}
