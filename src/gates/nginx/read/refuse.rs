//! What keeps nginx from starting, in its own words.
//!
//! Only directives that we model are judged, and only in files that nginx will read as they
//! are: in a template, what stands there is not what nginx sees.

use bstr::ByteSlice;

use super::Reader;
use crate::gates::nginx::address;
use crate::gates::nginx::directives::{Contexts, Key, MAIN, Spec, spec};
use crate::gates::nginx::model::{Kind, LevelId, Pattern};
use crate::gates::nginx::remark::RemarkKind;
use crate::source::Span;
use crate::syntax::nginx::Directive;

/// Headers from which an address is commonly taken, as proxies and CDNs document them.
const REAL_IP_HEADERS: &[&str] = &[
    "X-Forwarded-For",
    "X-Real-IP",
    "X-Client-IP",
    "X-Original-Forwarded-For",
    "X-Envoy-External-Address",
    "X-Cluster-Client-IP",
    "X-Azure-ClientIP",
    "X-Appengine-User-IP",
    "CF-Connecting-IP",
    "CF-Connecting-IPv6",
    "True-Client-IP",
    "Fastly-Client-IP",
    "Fly-Client-IP",
    "DO-Connecting-IP",
    "CloudFront-Viewer-Address",
    "Ali-CDN-Real-IP",
    "Incap-Client-IP",
    "Forwarded",
    "proxy_protocol",
];

impl<'p> Reader<'p> {
    pub(super) fn refuse(&mut self, d: Directive<'p>, message: String) {
        self.refuse_at(d.head_span(), message);
    }

    fn refuse_at(&mut self, span: Span, message: String) {
        let in_template = self.open.last().is_some_and(|tree| tree.is_template);
        if !in_template {
            self.remark(span, RemarkKind::Refused(message));
        }
    }

    /// Whether it may stand here, with that many parameters (ngx_conf_handler).
    pub(super) fn check_place(&mut self, d: Directive<'p>, context: Contexts) {
        let Some(spec) = spec(&d.name()) else { return };
        let name = spec.name;
        // A file that is only a part of a configuration may stand in a level we did not guess.
        let guessed = self.config.fragment && self.open.len() == 1 && context == MAIN;
        if spec.contexts & context == 0 && !guessed {
            self.refuse(d, format!("\"{name}\" directive is not allowed here"));
            return;
        }
        if spec.block != d.is_block() {
            let message = if spec.block {
                format!("directive \"{name}\" has no opening \"{{\"")
            } else {
                format!("directive \"{name}\" is not terminated by \";\"")
            };
            self.refuse(d, message);
            return;
        }
        let count = d.args().len();
        if count < spec.min_args || count > spec.max_args {
            self.refuse(
                d,
                format!("invalid number of arguments in \"{name}\" directive"),
            );
        } else if spec.flag {
            self.check_flag(d, name);
        }
    }

    fn check_flag(&mut self, d: Directive<'p>, name: &str) {
        let Some(arg) = d.arg(0) else { return };
        let value = arg.value();
        if !value.eq_ignore_ascii_case(b"on")
            && !value.eq_ignore_ascii_case(b"off")
            && !arg.is_template()
        {
            self.refuse(
                d,
                format!(
                    "invalid value \"{}\" in \"{name}\" directive, it must be \"on\" or \"off\"",
                    value.as_bstr()
                ),
            );
        }
    }

    /// What a module itself refuses about a setting, and what is worth a remark.
    pub(super) fn check_setting(
        &mut self,
        level: LevelId,
        key: Key,
        d: Directive<'p>,
        spec: &Spec,
    ) {
        if spec.once && d.branch() == 0 {
            let duplicate = self
                .config
                .level(level)
                .settings
                .iter()
                .any(|other| other.key == key && other.name == spec.name && other.branch == 0);
            if duplicate {
                self.refuse(d, format!("\"{}\" directive is duplicate", spec.name));
            }
        }
        match key {
            Key::SetRealIpFrom => self.check_real_ip_from(d),
            Key::RealIpHeader => self.check_real_ip_header(d),
            Key::Satisfy => self.check_one_of(d, &["all", "any"]),
            Key::AddHeader => self.check_add_header(d),
            _ => {}
        }
    }

    fn check_add_header(&mut self, d: Directive<'p>) {
        if let Some(third) = d.arg(2)
            && *third.value() != *b"always"
            && !third.is_template()
        {
            let text = third.value().as_bstr().to_string();
            self.refuse(d, format!("invalid parameter \"{text}\""));
        }
    }

    fn check_one_of(&mut self, d: Directive<'p>, allowed: &[&str]) {
        let Some(arg) = d.arg(0) else { return };
        let value = arg.value();
        if !arg.is_template() && !allowed.iter().any(|one| one.as_bytes() == &*value) {
            self.refuse(d, format!("invalid value \"{}\"", value.as_bstr()));
        }
    }

    fn check_real_ip_from(&mut self, d: Directive<'p>) {
        let Some(arg) = d.arg(0) else { return };
        let value = arg.value();
        let Ok(text) = value.to_str() else { return };
        match address::network(text) {
            Some(address::Network::Net { net, low_bits }) => {
                if net.prefix_len() == 0 {
                    self.remark(d.span(), RemarkKind::TrustsEveryone);
                } else if low_bits {
                    self.remark(
                        arg.span(),
                        RemarkKind::LowBits {
                            written: text.into(),
                            meant: net.to_string(),
                        },
                    );
                }
            }
            None if text.contains('/') && !arg.is_template() && !text.contains('$') => {
                self.refuse(d, format!("invalid parameter \"{text}\""));
            }
            _ => {}
        }
    }

    fn check_real_ip_header(&mut self, d: Directive<'p>) {
        let Some(arg) = d.arg(0) else { return };
        let value = arg.value();
        let Ok(text) = value.to_str() else { return };
        if arg.is_template() || text.contains('$') {
            return;
        }
        let known = REAL_IP_HEADERS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(text));
        if known {
            return;
        }
        // A header of the user's own is fine; one that is almost a common one is a slip.
        let nearest = REAL_IP_HEADERS
            .iter()
            .map(|known| {
                (
                    distance(&known.to_ascii_lowercase(), &text.to_ascii_lowercase()),
                    *known,
                )
            })
            .min()
            .filter(|(distance, _)| *distance <= 3);
        if let Some((_, nearest)) = nearest {
            self.remark(
                d.span(),
                RemarkKind::UnknownRealIpHeader {
                    written: text.into(),
                    nearest,
                },
            );
        }
    }

    /// What nginx refuses of a location in its surroundings (ngx_http_core_location).
    pub(super) fn check_location(&mut self, parent: LevelId, id: LevelId) {
        let config = &self.config;
        let (Kind::Location(outer), Kind::Location(inner)) =
            (&config.level(parent).kind, &config.level(id).kind)
        else {
            return;
        };
        let message = match (outer, inner) {
            (Pattern::Exact(outer), _) => format!(
                "location \"{}\" cannot be inside the exact location \"{outer}\"",
                inner_text(inner)
            ),
            (Pattern::Named(outer), _) => format!(
                "location \"{}\" cannot be inside the named location \"{outer}\"",
                inner_text(inner)
            ),
            (_, Pattern::Named(inner)) => {
                format!("named location \"{inner}\" can be on the server level only")
            }
            (
                Pattern::Prefix(outer) | Pattern::PrefixNoRegex(outer),
                Pattern::Prefix(text) | Pattern::PrefixNoRegex(text) | Pattern::Exact(text),
            ) if !text.starts_with(outer) => {
                format!("location \"{text}\" is outside location \"{outer}\"")
            }
            _ => return,
        };
        let span = config.level(id).span;
        self.refuse_at(span, message);
    }
}

fn inner_text(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Exact(text)
        | Pattern::Prefix(text)
        | Pattern::PrefixNoRegex(text)
        | Pattern::Named(text) => text.to_string(),
        Pattern::Regex(regex) => regex.pattern.to_string(),
    }
}

/// How many insertions, removals and changes of a byte turn one word into the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
