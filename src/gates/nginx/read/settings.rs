//! Directives that set something at a level.

use bstr::{BString, ByteSlice};

use super::Reader;
use crate::gates::nginx::address;
use crate::gates::nginx::directives::{self, Contexts, Key, Phase, Role};
use crate::gates::nginx::model::*;
use crate::gates::nginx::remark::RemarkKind;
use crate::gates::nginx::value::Value;
use crate::request::{Known as Knowledge, Reason};
use crate::syntax::nginx::Directive;

impl<'p> Reader<'p> {
    pub(super) fn setting(&mut self, level: LevelId, context: Contexts, d: Directive<'p>) {
        let name = d.name();
        if let Some(phase) = directives::opaque(&name) {
            self.opaque_setting(level, phase, d);
            return;
        }
        let Some(spec) = directives::spec(&name) else {
            self.opaque_variable(d);
            return;
        };
        self.check_place(d, context);
        match spec.role {
            Role::AccessRule => self.access_rule(level, d),
            Role::Set(key) => {
                let args: Vec<_> = d.args().map(Value::read).collect();
                if args.len() < spec.min_args {
                    return;
                }
                self.check_setting(level, key, d, spec);
                self.declare_setting(key, &args, d);
                let level = self.level_mut(level);
                if matches!(key, Key::Pass(_) | Key::EmptyGif | Key::StubStatus) {
                    level.handler = Some(key);
                }
                level.settings.push(Setting {
                    key,
                    name: spec.name,
                    args,
                    span: d.span(),
                    branch: d.branch(),
                });
            }
            Role::Code | Role::Level | Role::Special => {}
        }
    }

    /// A directive of a module that we do not model and that may decide. The ones that can be
    /// switched off count only when they are on.
    pub(super) fn opaque_setting(&mut self, level: LevelId, phase: Phase, d: Directive<'p>) {
        let off = d
            .arg(0)
            .is_some_and(|arg| matches!(&*arg.value(), b"off" | b"DetectionOnly"));
        self.level_mut(level).settings.push(Setting {
            key: Key::Opaque(phase),
            name: if off { "off" } else { "on" },
            args: vec![Value::builtin(&d.name().as_bstr().to_string())],
            span: d.head_span(),
            branch: d.branch(),
        });
    }

    /// A directive that we do not know and that names a variable sets it, if it is called so:
    /// `js_set $x`, `auth_jwt_claim_set $x`. Others ask for it: `limit_conn_zone $server_name …`,
    /// `proxy_cache_bypass $http_upgrade`.
    pub(super) fn opaque_variable(&mut self, d: Directive<'p>) {
        let name = d.name();
        let sets = |word: &[u8]| matches!(word, b"set" | b"var" | b"keyval" | b"eval");
        if !name.split_str("_").any(sets) {
            return;
        }
        for arg in d.args().take(2) {
            let value = Value::read(arg);
            if let Some(variable) = value.sole_variable() {
                self.config
                    .opaque_variables
                    .entry(variable.into())
                    .or_insert_with(|| {
                        Reason::new(format!("${variable} is set by {}", name.as_bstr()))
                    });
            }
        }
    }

    pub(super) fn access_rule(&mut self, level: LevelId, d: Directive<'p>) {
        let Some(arg) = d.arg(0) else { return };
        let text: BString = arg.value().into_owned().into();
        let parsed = text.to_str().ok().and_then(address::network);
        if let Some(address::Network::Net {
            net,
            low_bits: true,
        }) = parsed
        {
            self.remark(
                arg.span(),
                RemarkKind::LowBits {
                    written: text.to_string(),
                    meant: net.to_string(),
                },
            );
        }
        let network = match parsed {
            Some(network) => Knowledge::Is(network),
            None if arg.is_template() || text.contains(&b'$') => {
                Knowledge::Unknown(Reason::new(format!("{text} is filled in by a template")))
            }
            None => {
                self.refuse(d, format!("invalid parameter \"{text}\""));
                return;
            }
        };
        self.level_mut(level).access.push(AccessRule {
            allow: *d.name() == *b"allow",
            network,
            text,
            span: d.span(),
            branch: d.branch(),
        });
    }

    pub(super) fn declare_setting(&mut self, key: Key, args: &[Value], d: Directive<'p>) {
        if key == Key::AuthRequestSet
            && let Some(variable) = args.first().and_then(Value::sole_variable)
        {
            self.config
                .declared
                .entry(variable.into())
                .or_insert(d.span());
        }
    }
}
