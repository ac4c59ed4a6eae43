//! An outcome with everything that a format has to cope with, built by hand: several files, bytes
//! that are not UTF-8, accents before a column, a dump, escape sequences, hostile text.

use std::sync::Arc;

use why403::check::{Outcome, Statistics, SuppressedBy, Suppression, Unprobed};
use why403::estate::Problem;
use why403::finding::{Confidence, Finding, Intent, Label, Severity, Witness};
use why403::gate::{Check, Condition, Course, Effect, End, Step, Unsure};
use why403::request::{Header, Headers, Known, Reason, Request, Scheme};
use why403::source::{Container, SourceId, SourceMap, Span};

const NGINX: &[u8] = "\
server {
  server_name b\u{fc}cher.test; include \"caf\u{e9}/a b#1.conf\"; deny all;
  add_header Access-Control-Allow-Origin *;
}
"
.as_bytes();

/// Latin-1: no byte above 0x7F here begins a UTF-8 sequence.
const LATIN1: &[u8] =
    b"# caf\xe9 \xfc\r\n\tauth_basic \"\xe9\"; deny all; # why403: ignore[call-refused] wanted\r\n";

const SECTION: &[u8] = b"location ~ ^/[0-9]{3} {\n  deny all;\n}\n";

/// What a repository could put into its file names and values to lead a reader astray.
pub const HOSTILE: &str =
    "100%\r\n::error::own\x1b[2J,a:b \u{9b}31m\u{202e} [x](http://evil.test) {0}";

pub struct Example {
    pub outcome: Outcome,
    pub sources: SourceMap,
}

struct Builder {
    sources: SourceMap,
    nginx: SourceId,
    latin1: SourceId,
    section: SourceId,
    hostile: SourceId,
}

pub fn example() -> Example {
    let mut sources = SourceMap::default();
    let mut add = |name: &str, text: &[u8]| sources.add(name, Arc::from(text)).unwrap();
    let nginx = add("deploy/nginx.conf", NGINX);
    let latin1 = add("caf\u{e9}/a b#1.conf", LATIN1);
    let hostile = add("evil\n::error::x,y%.conf", b"return 403;");
    let dump = Container {
        name: "<stdin>".into(),
        lines_before: 40,
    };
    let section = sources
        .add_section("/etc/nginx/conf.d/x.conf", Arc::from(SECTION), dump)
        .unwrap();
    let builder = Builder {
        sources,
        nginx,
        latin1,
        section,
        hostile,
    };
    Example {
        outcome: builder.outcome(),
        sources: builder.sources,
    }
}

impl Builder {
    fn outcome(&self) -> Outcome {
        Outcome {
            findings: vec![self.preflight(), self.in_dump(), self.hostile_file()],
            suppressed: vec![
                (
                    self.plain("call-refused", self.span(self.latin1, b"deny all;")),
                    Suppression {
                        reason: "wanted".into(),
                        by: SuppressedBy::Comment(self.span(self.latin1, b"# why403")),
                    },
                ),
                (
                    self.plain("call-refused", self.span(self.nginx, b"deny all;")),
                    Suppression {
                        reason: "known before".into(),
                        by: SuppressedBy::Baseline,
                    },
                ),
            ],
            problems: self.problems(),
            statistics: Statistics {
                untried_servers: Vec::new(),
                sources: 4,
                bytes: 300,
                gates: 1,
                doors: 2,
                rules: 2,
                unprobed: vec![Unprobed {
                    door: "location ~ ^/[0-9]{3}".into(),
                    span: self.span(self.section, b"location"),
                    because: Reason::new("no path was found that matches"),
                }],
                hidden_notes: 1,
            },
        }
    }

    fn problems(&self) -> Vec<Problem> {
        vec![
            Problem {
                fatal: true,
                span: Some(self.span(self.nginx, b"include")),
                message: "no file matches `/etc/x`".into(),
                help: Some("map it under `paths:`".into()),
            },
            Problem {
                fatal: false,
                span: None,
                message: format!("not read: {HOSTILE}"),
                help: None,
            },
        ]
    }

    /// Two files, a fork, an intent, a secret.
    fn preflight(&self) -> Finding {
        let deny = self.span(self.latin1, b"deny all;");
        let step = |id, text: &[u8], effect| Step {
            span: self.span(id, text),
            effect,
        };
        let course = Course {
            conditions: vec![Condition {
                what: Unsure::AddressIn("10.0.0.0/8".into()),
                holds: false,
                span: None,
            }],
            steps: vec![
                step(
                    self.nginx,
                    b"server {",
                    Effect::Enters {
                        door: 0,
                        name: "server b\u{fc}cher.test".into(),
                    },
                ),
                step(self.latin1, b"auth_basic", Effect::Note("asks".into())),
                Step {
                    span: deny,
                    effect: Effect::Refuses {
                        check: Check::Address,
                        status: 403,
                        detail: String::new(),
                    },
                },
            ],
            end: End::Answered {
                status: Known::Is(403),
                headers: vec![],
                by: deny,
            },
        };
        Finding {
            severity: Severity::Error,
            message: "the preflight of POST /api is refused".into(),
            related: vec![Label {
                span: self.span(self.nginx, b"add_header"),
                text: "CORS is meant here".into(),
            }],
            witness: Some(Witness {
                request: request(),
                course,
            }),
            intent: Some(Intent {
                text: "the server sends CORS headers".into(),
                span: Some(self.span(self.nginx, b"add_header Access-Control-Allow-Origin *;")),
            }),
            ..self.plain("preflight-denied", deny)
        }
    }

    /// A span of several lines, after an accent, in a section of the standard input.
    fn in_dump(&self) -> Finding {
        Finding {
            severity: Severity::Warning,
            confidence: Confidence::Medium,
            intent: Some(Intent {
                text: "why403.yaml says so".into(),
                span: None,
            }),
            ..self.plain("call-refused", self.span(self.section, b"{\n  deny all;"))
        }
    }

    fn hostile_file(&self) -> Finding {
        Finding {
            severity: Severity::Note,
            confidence: Confidence::Low,
            message: format!("refused: {HOSTILE}"),
            help: String::new(),
            ..self.plain("call-refused", self.span(self.hostile, b"return 403;"))
        }
    }

    fn plain(&self, rule: &'static str, span: Span) -> Finding {
        Finding {
            rule,
            severity: Severity::Error,
            confidence: Confidence::High,
            message: "GET / is refused.".into(),
            primary: Label {
                span,
                text: "refuses every address".into(),
            },
            related: vec![],
            witness: None,
            intent: None,
            help: "allow the address above this line".into(),
        }
    }

    /// The first place where these bytes stand in a source.
    fn span(&self, id: SourceId, text: &[u8]) -> Span {
        let source = self.sources.get(id);
        let at = source
            .text
            .windows(text.len())
            .position(|window| window == text)
            .expect("the text stands in the source");
        let start = source.base + at as u32;
        Span::new(start, start + text.len() as u32)
    }
}

fn request() -> Request {
    let mut headers = Headers::default();
    headers.push("Origin", "https://app.test");
    headers.push("Authorization", "Bearer s3cr3t-token");
    headers.push("Cookie", "session=s3cr3t");
    headers.0.push(Header {
        name: "X-Trace".into(),
        value: Known::Unknown(Reason::new("set by Lua")),
    });
    Request {
        method: "OPTIONS".into(),
        scheme: Scheme::Https,
        host: "b\u{fc}cher.test".into(),
        port: 443,
        target: "/api?x=1".into(),
        headers,
        from: Known::Unknown(Reason::new("nobody said")),
        body: 0,
        sent_at: None,
        signed_by: None,
        vpc_endpoint: None,
    }
}
