//! The access phase: addresses, passwords, authentication services, and `satisfy`.

use std::net::IpAddr;

use bstr::{BString, ByteSlice};

use super::{Flow, Run, Stage};
use crate::gate::{Check, Effect, End, Unsure};
use crate::gates::nginx::address::{self, Network};
use crate::gates::nginx::directives::{Key, Phase};
use crate::gates::nginx::model::Setting;
use crate::request::{Known, Reason};
use crate::source::Span;

/// What one check says.
enum Verdict {
    /// Nothing: it does not apply.
    Declined,
    Ok,
    Refused {
        status: u16,
        by: Span,
    },
    /// Neither allowed nor refused: the request ends here.
    Ends(Flow),
}

impl<'c> Run<'c> {
    /// ngx_http_core_access_phase; subrequests skip it.
    pub(super) fn access_phase(&mut self) -> Flow {
        if self.state.depth > 0 {
            return Flow::Next;
        }
        let any = self
            .config
            .setting(self.state.level, Key::Satisfy)
            .is_some_and(|setting| setting.args[0].raw == "any");
        for check in [Run::addresses, Run::auth_basic, Run::auth_request] {
            match check(self) {
                Verdict::Declined => {}
                Verdict::Ok if any => {
                    self.state.access_code = None;
                    self.state.challenges.pop();
                    return self.after_access();
                }
                Verdict::Ok => {}
                Verdict::Refused { status, by } if any => {
                    // A 401 outweighs a 403: the client may come back with a password.
                    let earlier = self.state.access_code;
                    if earlier.is_none_or(|(earlier, _)| earlier != 401) {
                        self.state.access_code = Some((status, by));
                    }
                }
                Verdict::Refused { status, by } => {
                    return Flow::Finalize {
                        status,
                        location: None,
                        by,
                    };
                }
                Verdict::Ends(flow) => return flow,
            }
        }
        match self.state.access_code.take() {
            Some((status, by)) => Flow::Finalize {
                status,
                location: None,
                by,
            },
            None => self.after_access(),
        }
    }

    fn after_access(&mut self) -> Flow {
        self.opaque(Phase::Access).unwrap_or(Flow::Next)
    }

    fn refused(&mut self, by: Span, check: Check, status: u16, detail: String) -> Verdict {
        self.tell_refusal(by, check, status, detail);
        Verdict::Refused { status, by }
    }

    /// ngx_http_access_module: the first rule that names the address decides.
    fn addresses(&mut self) -> Verdict {
        let config = self.config;
        let rules = config.access(self.state.level);
        if rules.is_empty() {
            return Verdict::Declined;
        }
        // An IPv4 client of a dual-stack socket falls under the IPv6 rules where there is no
        // IPv4 rule at all.
        let has_v4 = rules.iter().any(|rule| {
            matches!(
                rule.network,
                Known::Is(Network::All)
                    | Known::Is(Network::Net {
                        net: ipnet::IpNet::V4(_),
                        ..
                    })
            )
        });
        for rule in rules {
            let matches = match (&rule.network, self.state.address.clone()) {
                (Known::Is(network), Known::Is(from)) => {
                    in_network(network, from, !has_v4 && self.state.dual)
                }
                (Known::Is(Network::All), Known::Unknown(_)) => true,
                (Known::Is(_), Known::Unknown(_)) => self.oracle.decide(
                    Unsure::AddressIn(rule.text.to_string()),
                    Some(rule.span),
                    false,
                ),
                (Known::Unknown(_), _) => self.oracle.decide(
                    Unsure::AddressIn(rule.text.to_string()),
                    Some(rule.span),
                    rule.allow,
                ),
            };
            if !matches {
                continue;
            }
            let who = match &self.state.address {
                Known::Is(address) => address.to_string(),
                Known::Unknown(_) => "the caller".into(),
            };
            if rule.allow {
                self.step(
                    rule.span,
                    Effect::Admits {
                        check: Check::Address,
                        detail: format!("admits {who}"),
                    },
                );
                return Verdict::Ok;
            }
            return self.refused(rule.span, Check::Address, 403, format!("refuses {who}"));
        }
        Verdict::Declined
    }

    /// ngx_http_auth_basic_module.
    fn auth_basic(&mut self) -> Verdict {
        let config = self.config;
        let level = self.state.level;
        let (Some(realm), Some(users)) = (
            config.setting(level, Key::AuthBasic),
            config.setting(level, Key::AuthBasicUserFile),
        ) else {
            return Verdict::Declined;
        };
        let span = realm.span;
        let realm = self.eval(&realm.args[0]);
        match &realm {
            Known::Is(text) if text == "off" => return Verdict::Declined,
            Known::Unknown(because) => {
                let asked = Unsure::Test {
                    text: "that auth_basic is off".into(),
                    because: because.clone(),
                };
                if self.oracle.decide(asked, Some(span), false) {
                    return Verdict::Declined;
                }
            }
            Known::Is(_) => {}
        }
        let credential = self.header_values(b"Authorization").next().cloned();
        let detail = match credential {
            None => "no Authorization header".to_owned(),
            Some(Known::Unknown(_)) => return self.password(span, realm, users),
            Some(Known::Is(text)) => match user_of(&text) {
                Some(_) => return self.password(span, realm, users),
                None => "the Authorization header holds no Basic credential".to_owned(),
            },
        };
        self.challenge(realm);
        self.refused(span, Check::BasicAuth, 401, detail)
    }

    fn password(&mut self, span: Span, realm: Known<BString>, users: &Setting) -> Verdict {
        let file = self.text_of(&users.args[0]);
        let file = self.under_prefix(file);
        if !self.is_file(&file, users.span) {
            let detail = format!("the password file {file} is missing");
            return self.refused(users.span, Check::BasicAuth, 403, detail);
        }
        if self.oracle.decide(Unsure::PasswordRight, Some(span), true) {
            self.step(
                span,
                Effect::Admits {
                    check: Check::BasicAuth,
                    detail: "takes the password".into(),
                },
            );
            return Verdict::Ok;
        }
        self.challenge(realm);
        self.refused(span, Check::BasicAuth, 401, "the password is wrong".into())
    }

    fn challenge(&mut self, realm: Known<BString>) {
        let quoted = |realm: BString| [b"Basic realm=\"", realm.as_slice(), b"\""].concat().into();
        let challenge = realm.map(quoted);
        self.state.challenges.push(challenge);
    }

    /// ngx_http_auth_request_module: 2xx admits, 401 and 403 refuse, all else is a 500.
    fn auth_request(&mut self) -> Verdict {
        let config = self.config;
        let Some(setting) = config.setting(self.state.level, Key::AuthRequest) else {
            return Verdict::Declined;
        };
        let target = &setting.args[0];
        if target.raw == "off" {
            return Verdict::Declined;
        }
        let Some(path) = target.literal() else {
            return Verdict::Ends(Flow::End(
                self.unknown(target.unknown(), Some(setting.span)),
            ));
        };
        let span = setting.span;
        let (end, challenge) = self.subrequest(path.into());
        let status = match self.answer_of(end, span) {
            Ok(status) => status,
            Err(flow) => return Verdict::Ends(flow),
        };
        self.set_from_auth_request();
        match status {
            200..=299 => {
                self.step(
                    span,
                    Effect::Admits {
                        check: Check::AuthRequest,
                        detail: format!("{path} answers {status}"),
                    },
                );
                Verdict::Ok
            }
            401 | 403 => {
                if status == 401 {
                    self.state.challenges.extend(challenge);
                }
                self.refused(
                    span,
                    Check::AuthRequest,
                    status,
                    format!("{path} answers {status}"),
                )
            }
            _ => {
                let detail = format!("{path} answers {status}, which is neither yes nor no");
                Verdict::Ends(self.refuse(span, Check::AuthRequest, 500, detail))
            }
        }
    }

    /// The status that the authentication service answers; asked of the oracle where a program
    /// answers.
    fn answer_of(&mut self, end: End, span: Span) -> Result<u16, Flow> {
        match end {
            End::Answered {
                status: Known::Is(status),
                ..
            } => Ok(status),
            // nginx has no program of its own that answers.
            End::Handled { .. } => Ok(200),
            End::Forwarded { to, response, .. } => {
                if let Some(status) = response.status {
                    return Ok(status);
                }
                let to = match to.address {
                    Known::Is(address) => address,
                    Known::Unknown(_) => "the authentication service".into(),
                };
                for (status, likely) in [(200, true), (401, true), (403, true)] {
                    let asked = Unsure::AuthServiceAnswers {
                        to: to.clone(),
                        status,
                    };
                    if self.oracle.decide(asked, Some(span), likely) {
                        return Ok(status);
                    }
                }
                Ok(500)
            }
            End::Answered {
                status: Known::Unknown(because),
                ..
            }
            | End::Unknown { because, .. } => Err(Flow::End(self.unknown(because, Some(span)))),
            End::Dropped { .. } => Ok(500),
        }
    }

    /// Runs a subrequest through the same configuration: a GET with the client's headers.
    fn subrequest(&mut self, path: BString) -> (End, Option<Known<BString>>) {
        if self.state.depth >= super::MAX_SUBREQUESTS {
            let end = self.unknown(Reason::new("subrequests nest too deep"), None);
            return (end, None);
        }
        let outer = self.state.clone();
        let first_step = self.steps.len();
        self.state.depth += 1;
        self.state.path = path;
        self.state.args = BString::default();
        self.state.method = "GET".into();
        self.state.internal = true;
        self.state.valid_unparsed = false;
        self.state.captures = Default::default();
        self.state.access_code = None;
        self.state.error_page = false;
        self.state.error_status = None;
        self.state.challenges.clear();
        let end = self.serve(Stage::ServerRewrite);
        let challenge = self.state.challenges.pop();
        self.state = outer;
        self.mute(first_step);
        (end, challenge)
    }

    /// What happened inside a subrequest did not happen to the request: it is told, not counted.
    fn mute(&mut self, from: usize) {
        for step in &mut self.steps[from..] {
            step.effect = match &step.effect {
                Effect::Enters { name, .. } => Effect::Note(format!("subrequest enters {name}")),
                Effect::Refuses { status, detail, .. } => {
                    Effect::Note(format!("subrequest is answered {status}: {detail}"))
                }
                Effect::Answers { status } => {
                    Effect::Note(format!("subrequest is answered {status}"))
                }
                Effect::Forwards { to } => Effect::Note(format!("subrequest goes to {to}")),
                Effect::SetsHeader { name, .. } => {
                    Effect::Note(format!("subrequest carries its own {name}"))
                }
                Effect::RemovesHeader { name } => {
                    Effect::Note(format!("subrequest goes without {name}"))
                }
                other => other.clone(),
            };
        }
    }

    /// `auth_request_set`: variables from the answer, which we do not see.
    fn set_from_auth_request(&mut self) {
        let config = self.config;
        for setting in config.settings(self.state.level, Key::AuthRequestSet) {
            let Some(variable) = setting.args[0].sole_variable() else {
                continue;
            };
            let variable = BString::from(variable);
            let value = self.eval(&setting.args[1]);
            self.step(
                setting.span,
                Effect::Sets {
                    variable: variable.to_string(),
                    value: value.clone(),
                },
            );
            self.assign(&variable, value);
        }
    }
}

fn in_network(network: &Network, from: IpAddr, mapped: bool) -> bool {
    match network {
        Network::All => true,
        Network::Unix => false,
        Network::Net { net, .. } => match (net, address::unmapped(from)) {
            (ipnet::IpNet::V4(net), IpAddr::V4(v4)) => net.contains(&v4),
            (ipnet::IpNet::V6(net), IpAddr::V6(v6)) => net.contains(&v6),
            (ipnet::IpNet::V6(net), v4) if mapped => address::contains_mapped(net, v4),
            _ => false,
        },
    }
}

/// The user of a Basic credential (RFC 7617 §2), if it is one.
pub(super) fn user_of(text: &[u8]) -> Option<BString> {
    let encoded = text
        .get(..6)
        .filter(|scheme| scheme.eq_ignore_ascii_case(b"basic "))
        .map(|_| text[6..].trim_start_with(|c| c == ' '))?;
    let decoded = base64(encoded)?;
    let at = decoded.find_byte(b':')?;
    (at > 0).then(|| decoded[..at].into())
}

/// Decodes base64 as ngx_decode_base64 does: up to the padding, any tail ignored.
fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for &byte in text.iter().take_while(|byte| **byte != b'=') {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(digit)) & 0xff_ffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Some(out)
}
