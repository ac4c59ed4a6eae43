//! What a module refuses about the parameters of a directive of its own.

use bstr::ByteSlice;

use super::super::Reader;
use crate::gates::nginx::directives::{Key, Module, Spec};
use crate::gates::nginx::model::{Kind, LevelId, Pattern};
use crate::gates::nginx::value::Value;
use crate::syntax::nginx::{Directive, Token};

/// Methods that `limit_except` knows (ngx_methods_names).
const METHODS: &[&str] = &[
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "MKCOL",
    "COPY",
    "MOVE",
    "OPTIONS",
    "PROPFIND",
    "PROPPATCH",
    "LOCK",
    "UNLOCK",
    "PATCH",
];

impl<'p> Reader<'p> {
    /// What a module itself refuses about a setting, and what is worth a remark.
    pub(in super::super) fn check_setting(
        &mut self,
        level: LevelId,
        key: Key,
        d: Directive<'p>,
        spec: &Spec,
    ) {
        self.check_duplicate(level, key, d, spec);
        match key {
            Key::SetRealIpFrom => self.check_real_ip_from(d),
            Key::RealIpHeader => self.check_real_ip_header(d),
            Key::Satisfy => self.check_one_of(d, &["all", "any"]),
            Key::AddHeader => self.check_add_header(d),
            Key::Pass(Module::Proxy) => self.check_proxy_pass(level, d),
            Key::ErrorPage => self.check_error_page(d),
            Key::Root => self.check_other(level, d, Key::Alias, "alias"),
            Key::Alias => self.check_alias(level, d),
            _ => {}
        }
    }

    /// Parameters of what is not a setting of a level.
    pub(super) fn check_parameters(&mut self, d: Directive<'p>) {
        match &*d.name() {
            b"set" | b"auth_request_set" => self.check_variable(d, d.arg(0)),
            b"map" => self.check_variable(d, d.arg(1)),
            b"geo" => self.check_variable(d, d.args().last()),
            b"limit_except" => {
                let unknown = d.args().find(|arg| {
                    let value = arg.value();
                    !arg.is_template()
                        && !METHODS
                            .iter()
                            .any(|method| value.eq_ignore_ascii_case(method.as_bytes()))
                });
                if let Some(arg) = unknown {
                    self.refuse(d, format!("invalid method \"{}\"", arg.value().as_bstr()));
                }
            }
            _ => {}
        }
    }

    fn check_variable(&mut self, d: Directive<'p>, arg: Option<Token<'p>>) {
        if let Some(arg) = arg
            && !arg.value().starts_with(b"$")
        {
            let text = arg.value().as_bstr().to_string();
            self.refuse(d, format!("invalid variable name \"{text}\""));
        }
    }

    fn check_duplicate(&mut self, level: LevelId, key: Key, d: Directive<'p>, spec: &Spec) {
        // Two limits of one level may not count in the same zone.
        let zone = match key {
            Key::LimitReq => d.args().find(|arg| arg.value().starts_with(b"zone=")),
            Key::LimitConn => d.arg(0),
            _ if spec.once => None,
            _ => return,
        };
        let zone = zone.map(|zone| zone.value());
        let mut earlier = self.config.level(level).settings.iter();
        let duplicate = earlier.any(|other| {
            other.key == key
                && other.name == spec.name
                && other.branch == 0
                && zone
                    .as_deref()
                    .is_none_or(|zone| other.args.iter().any(|arg| arg.raw == zone))
        });
        if duplicate && d.branch() == 0 {
            self.refuse(d, format!("\"{}\" directive is duplicate", spec.name));
        }
    }

    /// ngx_http_proxy_pass. What holds variables is read when a request comes.
    fn check_proxy_pass(&mut self, level: LevelId, d: Directive<'p>) {
        let Some(value) = d.arg(0).map(Value::read) else {
            return;
        };
        if value.literal().is_none() {
            return;
        }
        let Some((_, rest)) = [&b"http://"[..], b"https://"].iter().find_map(|scheme| {
            let (head, rest) = value.raw.split_at_checked(scheme.len())?;
            head.eq_ignore_ascii_case(scheme).then_some((head, rest))
        }) else {
            self.refuse(d, "invalid URL prefix".into());
            return;
        };
        let has_uri = match rest.strip_prefix(b"unix:") {
            Some(path) => path.contains(&b':'),
            None => rest.contains(&b'/') || rest.contains(&b'?'),
        };
        let no_prefix = matches!(
            self.config.level(level).kind,
            Kind::If(_) | Kind::LimitExcept | Kind::Location(Pattern::Regex(_) | Pattern::Named(_))
        );
        if has_uri && no_prefix {
            self.refuse(
                d,
                "\"proxy_pass\" cannot have URI part in location given by regular expression, \
                 or inside named location, or inside \"if\" statement, or inside \
                 \"limit_except\" block"
                    .into(),
            );
        }
    }

    /// ngx_http_core_error_page: all but the page, and a `=code` before it, are statuses.
    fn check_error_page(&mut self, d: Directive<'p>) {
        let args: Vec<Token<'p>> = d.args().collect();
        let Some((_, mut statuses)) = args.split_last() else {
            return;
        };
        if let Some((last, rest)) = statuses.split_last()
            && last.value().starts_with(b"=")
        {
            statuses = rest;
            let replacement = last.value();
            if !last.is_template() && !replacement[1..].iter().all(u8::is_ascii_digit) {
                let text = replacement.as_bstr().to_string();
                self.refuse(d, format!("invalid value \"{text}\""));
                return;
            }
        }
        for status in statuses {
            let text = status.value().as_bstr().to_string();
            let message = match text.parse::<u32>() {
                Ok(300..=498 | 500..=599) => continue,
                Ok(number) if number != 499 => {
                    format!("value \"{text}\" must be between 300 and 599")
                }
                _ => format!("invalid value \"{text}\""),
            };
            if !status.is_template() {
                self.refuse(d, message);
            }
            return;
        }
    }

    fn check_alias(&mut self, level: LevelId, d: Directive<'p>) {
        let named = matches!(
            self.config.level(level).kind,
            Kind::Location(Pattern::Named(_))
        );
        if named {
            self.refuse(
                d,
                "the \"alias\" directive cannot be used inside the named location".into(),
            );
        } else {
            self.check_other(level, d, Key::Root, "root");
        }
    }

    /// `root` and `alias` are one setting with two names.
    fn check_other(&mut self, level: LevelId, d: Directive<'p>, other: Key, name: &str) {
        let taken = self
            .config
            .level(level)
            .settings
            .iter()
            .any(|setting| setting.key == other && setting.branch == 0);
        if taken && d.branch() == 0 {
            let this = d.name().as_bstr().to_string();
            self.refuse(
                d,
                format!(
                    "\"{this}\" directive is duplicate, \"{name}\" directive was specified earlier"
                ),
            );
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
        let known = allowed
            .iter()
            .any(|one| value.eq_ignore_ascii_case(one.as_bytes()));
        if !arg.is_template() && !known {
            self.refuse(d, format!("invalid value \"{}\"", value.as_bstr()));
        }
    }

    /// What nginx says of a condition that it does not take (ngx_http_rewrite_if_condition).
    pub(in super::super) fn refuse_condition(&mut self, d: Directive<'p>) {
        let mut words: Vec<Vec<u8>> = d.args().map(|arg| arg.value().into_owned()).collect();
        let invalid = |word: &[u8]| format!("invalid condition \"{}\"", word.as_bstr());
        let message = 'message: {
            let Some(first) = words.first_mut() else {
                return;
            };
            if !first.starts_with(b"(") {
                break 'message invalid(first);
            }
            first.remove(0);
            let Some(last) = words.last_mut() else { return };
            if !last.ends_with(b")") {
                break 'message invalid(last);
            }
            last.pop();
            if words.first().is_some_and(Vec::is_empty) {
                words.remove(0);
            }
            if words.last().is_some_and(Vec::is_empty) {
                words.pop();
            }
            match words.as_slice() {
                [variable, operator, _] if variable.len() > 1 && variable.starts_with(b"$") => {
                    format!("unexpected \"{}\" in condition", operator.as_bstr())
                }
                [word, ..] => invalid(word),
                [] => invalid(b""),
            }
        };
        self.refuse(d, message);
    }
}
