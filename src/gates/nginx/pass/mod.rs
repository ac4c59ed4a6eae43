//! What nginx does to a request, phase by phase.
//!
//! The phases and their order are those of ngx_http_core_module.c; each room beside this one is
//! one of them. What the configuration does not say (whether a file exists, what an
//! authentication service answers) is asked of an [`Oracle`]: the run takes one
//! answer, and the other one becomes a course of its own.

mod accept;
mod access;
mod cgi;
mod content;
mod destination;
mod headers;
mod redirect;
mod referer;
mod rewrite;
mod select;
mod sender;
mod server;
mod tables;
mod upstream;
mod variables;

use std::collections::HashMap;
use std::net::IpAddr;

use bstr::{BString, ByteSlice};

use super::directives::{Key, Phase};
use super::matcher::Captures;
use super::model::*;
use crate::gate::{Check, Course, Effect, End, Step, Unsure};
use crate::gates::oracle::{self, Oracle};
use crate::request::{Header, Known, Reason, Request};
use crate::source::Span;

pub use headers::add_header_settings;

/// One more than a request may change its path (NGX_HTTP_MAX_URI_CHANGES).
const MAX_URI_CHANGES: u8 = 11;
/// How deep subrequests may nest here; nginx allows 50 and no configuration needs more than two.
const MAX_SUBREQUESTS: u8 = 4;

pub(super) use server::knows;

/// All courses that a request can take, the likeliest first.
pub fn pass(config: &Config, request: &Request) -> impl Iterator<Item = Course> {
    oracle::explore(move |oracle| {
        let mut run = Run::new(config, request, oracle);
        let end = run.run();
        (run.steps, end)
    })
}

/// All courses of a request that its upstream sends to another path with X-Accel-Redirect.
pub fn redirected(
    config: &Config,
    request: &Request,
    to: BString,
    by: Span,
) -> impl Iterator<Item = Course> {
    oracle::explore(move |oracle| {
        let mut run = Run::new(config, request, oracle);
        let end = run.redirected(&to, by);
        (run.steps, end)
    })
}

struct Run<'c> {
    config: &'c Config,
    request: &'c Request,
    oracle: &'c mut Oracle,
    steps: Vec<Step>,
    /// Variables that were set, and those that nginx keeps after their first use. Subrequests
    /// share them with the main request.
    variables: HashMap<BString, Known<BString>>,
    tables: tables::Tables,
    /// The upstream that the request was handed to last.
    upstream: String,
    state: State,
}

/// What belongs to one request and not to its subrequests.
#[derive(Clone)]
struct State {
    /// The headers that nginx kept.
    headers: Vec<Header>,
    host: BString,
    port: u16,
    tls: bool,
    /// The socket shows IPv4 clients as IPv6 ones.
    dual: bool,
    server: usize,
    /// The location or `if` that governs now.
    level: LevelId,
    /// Where the directive stands that makes the answer, if one does: an `if` without one of its
    /// own leaves it as it was.
    handler: Option<LevelId>,
    path: BString,
    args: BString,
    /// The path and arguments as the client sent them; empty where they could not be read.
    unparsed: BString,
    method: String,
    /// How many subrequests deep; 0 for the client's own request.
    depth: u8,
    /// It came by a redirect or a rewrite, so it may enter `internal` locations.
    internal: bool,
    /// The path is still the one that the client sent.
    valid_unparsed: bool,
    /// The path still starts with the location's prefix.
    valid_location: bool,
    quoted: bool,
    captures: Captures,
    address: Known<IpAddr>,
    /// A check of `satisfy any` has refused, and by which line. It counts for whatever location the
    /// request is in when all checks were asked.
    access_code: Option<(u16, Span)>,
    /// There is no body to send on any more, whatever the Content-Length header says.
    body_discarded: bool,
    uri_changes: u8,
    /// An error page was taken already.
    error_page: bool,
    /// The status that an error page imposes on the answer.
    error_status: Option<u16>,
    /// The WWW-Authenticate headers that were put on the answer so far.
    challenges: Vec<Known<BString>>,
}

/// Where the request goes from a phase.
enum Flow {
    Next,
    /// The path changed: choose a location again.
    Rematch,
    /// An internal redirect to a path.
    Internal {
        path: BString,
        args: BString,
    },
    /// A jump into a named location.
    Named {
        name: BString,
    },
    /// An error or redirect status, which `error_page` may catch.
    Finalize {
        status: u16,
        location: Option<Known<BString>>,
        by: Span,
    },
    /// An answer that `error_page` does not see.
    Answer {
        status: u16,
        by: Span,
    },
    End(End),
}

enum Stage {
    ServerRewrite,
    FindLocation,
    LocationRewrite,
}

impl<'c> Run<'c> {
    fn new(config: &'c Config, request: &'c Request, oracle: &'c mut Oracle) -> Self {
        Run {
            config,
            request,
            oracle,
            steps: Vec::with_capacity(8),
            variables: HashMap::new(),
            tables: tables::Tables::default(),
            upstream: String::new(),
            state: State {
                headers: Vec::new(),
                host: BString::default(),
                port: request.port,
                tls: false,
                dual: false,
                server: 0,
                level: LevelId(0),
                handler: None,
                path: BString::default(),
                args: BString::default(),
                unparsed: BString::default(),
                method: request.method.clone(),
                depth: 0,
                internal: false,
                valid_unparsed: true,
                valid_location: true,
                quoted: false,
                captures: Captures::default(),
                address: request.from.clone(),
                access_code: None,
                body_discarded: false,
                uri_changes: MAX_URI_CHANGES,
                error_page: false,
                error_status: None,
                challenges: Vec::new(),
            },
        }
    }

    fn run(&mut self) -> End {
        if let Err(end) = self.accept() {
            return end;
        }
        self.take_address(self.server_level());
        self.serve(Stage::ServerRewrite)
    }

    fn redirected(&mut self, to: &BString, by: Span) -> End {
        if let Err(end) = self.accept() {
            return end;
        }
        self.take_address(self.server_level());
        let jump = Effect::Jumps {
            to: to.clone(),
            because: "the upstream answers with X-Accel-Redirect".into(),
        };
        self.step(by, jump);
        let (path, args) = super::uri::split_args(to);
        match self.internal_redirect(path, args) {
            Ok(stage) => self.serve(stage),
            Err(end) => end,
        }
    }

    fn server_level(&self) -> LevelId {
        self.config.servers[self.state.server].level
    }

    /// Runs the phases until the request has an end, through all internal redirects.
    fn serve(&mut self, mut stage: Stage) -> End {
        loop {
            let flow = self.phases(stage);
            let flow = match flow {
                Flow::Finalize {
                    status,
                    location,
                    by,
                } => self.finalize(status, location, by),
                flow => flow,
            };
            stage = match flow {
                Flow::End(end) => return end,
                Flow::Answer { status, by } => return self.answered(status, None, by),
                Flow::Internal { path, args } => match self.internal_redirect(path, args) {
                    Ok(stage) => stage,
                    Err(end) => return end,
                },
                Flow::Named { name } => match self.named_location(&name) {
                    Ok(stage) => stage,
                    Err(end) => return end,
                },
                // `finalize` gave what it does not redirect as an end.
                Flow::Next | Flow::Rematch | Flow::Finalize { .. } => {
                    return self.unknown(Reason::new("the request has no handler"), None);
                }
            };
        }
    }

    /// One round of the phases, from a stage to whatever leaves them.
    fn phases(&mut self, mut stage: Stage) -> Flow {
        loop {
            if let Stage::ServerRewrite = stage {
                self.state.level = self.server_level();
                match self.rewrite_phase() {
                    Flow::Next | Flow::Rematch => {}
                    flow => return flow,
                }
                stage = Stage::FindLocation;
            }
            if let Stage::FindLocation = stage {
                match self.find_location() {
                    Flow::Next => {}
                    flow => return flow,
                }
            }
            // A server's own rewrites do not run again where no location matched.
            if self.state.level != self.server_level() {
                match self.rewrite_phase() {
                    Flow::Next => {}
                    Flow::Rematch => {
                        if self.spend_uri_change() {
                            stage = Stage::FindLocation;
                            continue;
                        }
                        return Flow::End(self.cycle());
                    }
                    flow => return flow,
                }
            }
            return self.after_rewrite();
        }
    }

    /// Preaccess, access, precontent and content.
    fn after_rewrite(&mut self) -> Flow {
        self.take_address(self.state.level);
        self.assume_holes();
        for phase in [Run::limits, Run::access_phase, Run::try_files, Run::content] {
            match phase(self) {
                Flow::Next => {}
                flow => return flow,
            }
        }
        Flow::End(self.unknown(Reason::new("the request has no handler"), None))
    }

    /// Counts a change of the path; false once there were too many.
    fn spend_uri_change(&mut self) -> bool {
        self.state.uri_changes = self.state.uri_changes.saturating_sub(1);
        self.state.uri_changes > 0
    }

    /// nginx's answer to a request that is sent round in a circle.
    fn cycle(&mut self) -> End {
        let by = self.config.level(self.state.level).span;
        self.step(
            by,
            Effect::Refuses {
                check: Check::Form,
                status: 500,
                detail: "rewrite or internal redirection cycle".into(),
            },
        );
        self.state.error_status = None;
        self.answered(500, None, by)
    }

    /// What a missing include would have set is taken to be nothing, and said so.
    fn assume_holes(&mut self) {
        let config = self.config;
        for level in config.enclosing(self.state.level) {
            for hole in &config.level(level).holes {
                self.oracle.assume(&hole.reason, hole.span);
            }
        }
    }

    /// A rate or connection limit refuses whoever comes too often.
    fn limits(&mut self) -> Flow {
        let config = self.config;
        let level = self.state.level;
        let kinds = [
            (
                Key::LimitReq,
                Key::LimitReqStatus,
                Key::LimitReqDryRun,
                "zone=",
            ),
            (
                Key::LimitConn,
                Key::LimitConnStatus,
                Key::LimitConnDryRun,
                "",
            ),
        ];
        for (key, status_key, dry_run, prefix) in kinds {
            if config.flag(level, dry_run, false) || self.state.depth > 0 {
                continue;
            }
            let status = config
                .setting(level, status_key)
                .and_then(|setting| setting.args[0].raw.to_str().ok()?.parse().ok())
                .unwrap_or(503);
            for setting in config.settings(level, key) {
                let zone = setting
                    .args
                    .iter()
                    .find_map(|arg| arg.raw.strip_prefix(prefix.as_bytes()))
                    .unwrap_or_default()
                    .as_bstr()
                    .to_string();
                let reached = Unsure::LimitReached { zone: zone.clone() };
                if self.oracle.decide(reached, Some(setting.span), false) {
                    return self.refuse(
                        setting.span,
                        Check::Limit,
                        status,
                        format!("the limit of zone {zone} is used up"),
                    );
                }
            }
        }
        Flow::Next
    }

    /// A module that we do not model has its say in this phase.
    fn opaque(&mut self, phase: Phase) -> Option<Flow> {
        let config = self.config;
        let setting = config
            .settings(self.state.level, Key::Opaque(phase))
            .iter()
            .find(|setting| setting.name == "on")?;
        let reason = format!("{} decides, and it is not modelled", setting.args[0].raw);
        Some(Flow::End(
            self.unknown(Reason::new(reason), Some(setting.span)),
        ))
    }

    fn step(&mut self, span: Span, effect: Effect) {
        self.steps.push(Step { span, effect });
    }

    fn tell_refusal(&mut self, by: Span, check: Check, status: u16, detail: String) {
        self.step(
            by,
            Effect::Refuses {
                check,
                status,
                detail,
            },
        );
    }

    fn refuse(&mut self, by: Span, check: Check, status: u16, detail: String) -> Flow {
        self.tell_refusal(by, check, status, detail);
        Flow::Finalize {
            status,
            location: None,
            by,
        }
    }

    fn unknown(&self, because: Reason, span: Option<Span>) -> End {
        End::Unknown { because, span }
    }

    /// All values of a request header, in order.
    fn header_values<'a>(&'a self, name: &'a [u8]) -> impl Iterator<Item = &'a Known<BString>> {
        self.state
            .headers
            .iter()
            .filter(move |header| header.name.eq_ignore_ascii_case(name))
            .map(|header| &header.value)
    }
}
