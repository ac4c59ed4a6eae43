//! Functions that change the request before it is sent on, read by their text: what is done to a
//! header, line by line.

use super::{Change, Edit, Made};
use crate::gates::express::value::Value;
use crate::request::Reason;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::{
    self, Argument, Body, Dialect, Expr, ExprKind, Function, Pattern, Property, Stmt, StmtKind,
    Unary,
};

/// What the function is given first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Node.js's request: `proxyReq.setHeader(name, value)`.
    ProxyReq,
    /// Options for one: `options.headers[name] = value`. The function gives them back.
    Options,
}

/// How deep statements may stand in one another.
const DEEPEST: usize = 16;

pub fn edits(function: &Spanned<Value>, of: Of) -> Vec<Edit> {
    let unknown = |reason: Reason| {
        vec![Edit {
            what: Change::Unknown(reason),
            span: function.span,
            sometimes: false,
        }]
    };
    let Value::Function(text) = &function.value else {
        return unknown(function.value.reason());
    };
    let Some(parsed) = parse(text) else {
        return unknown(Reason::new("the function that changes it cannot be read"));
    };
    let mut reader = Reader {
        of,
        span: function.span,
        first: param(&parsed, 0),
        client: param(&parsed, 1),
        edits: Vec::new(),
    };
    match &parsed.body {
        Body::Block(stmts) => reader.stmts(stmts, false, 0),
        Body::Value(value) => reader.expr(value, false),
    }
    reader.edits
}

/// A function by its text alone: an arrow or a function, or a method of an object.
fn parse(text: &str) -> Option<std::sync::Arc<Function>> {
    let forms = [
        format!("({text})"),
        format!("(function {text})"),
        format!("({{ {text} }})"),
    ];
    forms.iter().find_map(|form| {
        let module = javascript::parse(Dialect::JavaScript, 0, form.as_bytes()).ok()?;
        let StmtKind::Expr(expr) = &module.body.first()?.kind else {
            return None;
        };
        match &expr.kind {
            ExprKind::Function(function) => Some(function.clone()),
            ExprKind::Object(properties) => match properties.as_slice() {
                [
                    Property::Value {
                        value:
                            Expr {
                                kind: ExprKind::Function(function),
                                ..
                            },
                        ..
                    },
                ] => Some(function.clone()),
                _ => None,
            },
            _ => None,
        }
    })
}

fn param(function: &Function, at: usize) -> Option<String> {
    match &function.params.get(at)?.pattern {
        Pattern::Name(name, _) => Some(name.to_string()),
        _ => None,
    }
}

struct Reader {
    of: Of,
    span: Span,
    /// The name of what is changed, and of the client's request.
    first: Option<String>,
    client: Option<String>,
    edits: Vec<Edit>,
}

impl Reader {
    fn push(&mut self, what: Change, sometimes: bool) {
        self.edits.push(Edit {
            what,
            span: self.span,
            sometimes,
        });
    }

    fn stmts(&mut self, stmts: &[Stmt], sometimes: bool, depth: usize) {
        let mut sometimes = sometimes;
        for stmt in stmts {
            self.stmt(stmt, sometimes, depth);
            // What stands behind `if (…) return;` is done sometimes.
            if let StmtKind::If { yes, .. } = &stmt.kind
                && leaves(yes)
            {
                sometimes = true;
            }
            if matches!(stmt.kind, StmtKind::Return(_) | StmtKind::Throw(_)) {
                break;
            }
        }
    }

    fn stmt(&mut self, stmt: &Stmt, sometimes: bool, depth: usize) {
        if depth > DEEPEST {
            return self.push(Change::Unknown(Reason::new("it nests too deep")), true);
        }
        match &stmt.kind {
            StmtKind::Expr(expr) => self.expr(expr, sometimes),
            StmtKind::Return(Some(expr)) => match self.of {
                Of::Options if !self.is_first(expr) => self.given_back(expr, sometimes),
                _ => self.expr(expr, sometimes),
            },
            StmtKind::Declare { names, .. } => {
                for (_, value) in names {
                    if let Some(value) = value {
                        self.expr(value, sometimes);
                    }
                }
            }
            StmtKind::Block(stmts) => self.stmts(stmts, sometimes, depth + 1),
            StmtKind::If { yes, no, .. } => {
                self.stmt(yes, true, depth + 1);
                if let Some(no) = no {
                    self.stmt(no, true, depth + 1);
                }
            }
            StmtKind::For { body, .. }
            | StmtKind::Each { body, .. }
            | StmtKind::While { body, .. } => self.stmt(body, true, depth + 1),
            StmtKind::Switch { cases, .. } => {
                for (_, stmts) in cases {
                    self.stmts(stmts, true, depth + 1);
                }
            }
            StmtKind::Try {
                block,
                caught,
                finally,
            } => {
                self.stmts(block, sometimes, depth + 1);
                if let Some((_, stmts)) = caught {
                    self.stmts(stmts, true, depth + 1);
                }
                self.stmts(finally, sometimes, depth + 1);
            }
            _ => {}
        }
    }

    /// Other options than those that were given.
    fn given_back(&mut self, expr: &Expr, sometimes: bool) {
        match &expr.kind {
            ExprKind::Await(_) | ExprKind::Call { .. } | ExprKind::Object(_) => self.push(
                Change::Unknown(Reason::new("other options are given back")),
                sometimes,
            ),
            _ => self.expr(expr, sometimes),
        }
    }

    fn expr(&mut self, expr: &Expr, sometimes: bool) {
        match &expr.kind {
            ExprKind::Call { callee, args } => self.call(callee, args, sometimes),
            ExprKind::Assign { target, value, .. } => {
                if let Pattern::Place(place) = &**target {
                    self.assign(place, value, sometimes);
                }
            }
            ExprKind::Unary {
                op: Unary::Delete,
                value,
            } => {
                // The names of a request's headers are in lower case, and this one is as written.
                if let Some(name) = self.header_place(value) {
                    match name {
                        Some(name) if name == name.to_ascii_lowercase() => {
                            self.push(Change::Remove(name), sometimes);
                        }
                        Some(_) => {}
                        None => self.push(
                            Change::Unknown(Reason::new("which header is deleted is not known")),
                            sometimes,
                        ),
                    }
                }
            }
            ExprKind::Logical { right, .. } => self.expr(right, true),
            ExprKind::Conditional { yes, no, .. } => {
                self.expr(yes, true);
                self.expr(no, true);
            }
            ExprKind::Sequence(exprs) => {
                for one in exprs {
                    self.expr(one, sometimes);
                }
            }
            ExprKind::Await(inner) => self.expr(inner, sometimes),
            _ => {}
        }
    }

    fn call(&mut self, callee: &Expr, args: &[Argument], sometimes: bool) {
        if let ExprKind::Member { object, name } = &callee.kind
            && self.is_first(object)
        {
            let text = |at: usize| match args.get(at) {
                Some(Argument::One(arg)) => Some(arg),
                _ => None,
            };
            let header = text(0).and_then(literal);
            let what = match (&**name, header) {
                ("removeHeader", Some(header)) => Change::Remove(header),
                ("setHeader", Some(header)) => {
                    let made = text(1).map(|value| self.made(value));
                    Change::Set(header, made.unwrap_or(Made::Text("undefined".into())))
                }
                ("removeHeader" | "setHeader", None) => {
                    Change::Unknown(Reason::new("which header is changed is not known"))
                }
                _ => return,
            };
            return self.push(what, sometimes);
        }
        // Who else gets it may change it; what mends a body that was read leaves headers alone.
        let is_mended = matches!(&callee.kind, ExprKind::Name(name) if &**name == "fixRequestBody");
        let gets_it = args
            .iter()
            .any(|arg| matches!(arg, Argument::One(arg) if self.is_first(arg)));
        if gets_it && !is_mended {
            let reason = Reason::new("it is given to a function that is not followed");
            self.push(Change::Unknown(reason), sometimes);
        }
    }

    fn assign(&mut self, place: &Expr, value: &Expr, sometimes: bool) {
        if let Some(name) = self.header_place(place) {
            let what = match name {
                Some(name) => Change::Set(name, self.made(value)),
                None => Change::Unknown(Reason::new("which header is set is not known")),
            };
            return self.push(what, sometimes);
        }
        if self.of == Of::Options && is_member(place, "headers", |object| self.is_first(object)) {
            self.push(
                Change::Unknown(Reason::new("other headers are put in the place of all")),
                sometimes,
            );
        }
    }

    /// `options.headers.name` or `options.headers['name']`, with the name if it is known.
    fn header_place(&self, place: &Expr) -> Option<Option<String>> {
        if self.of != Of::Options {
            return None;
        }
        let is_headers =
            |object: &Expr| is_member(object, "headers", |object| self.is_first(object));
        match &place.kind {
            ExprKind::Member { object, name } if is_headers(object) => Some(Some(name.to_string())),
            ExprKind::Index { object, index } if is_headers(object) => Some(literal(index)),
            _ => None,
        }
    }

    fn is_first(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, ExprKind::Name(name) if Some(&**name) == self.first.as_deref())
    }

    fn made(&self, value: &Expr) -> Made {
        if let Some(text) = literal(value) {
            return Made::Text(text);
        }
        let is_client = |expr: &Expr| matches!(&expr.kind, ExprKind::Name(name) if Some(&**name) == self.client.as_deref());
        let is_headers = |expr: &Expr| is_member(expr, "headers", is_client);
        let copied = match &value.kind {
            ExprKind::Member { object, name } if is_headers(object) => Some(name.to_string()),
            ExprKind::Index { object, index } if is_headers(object) => literal(index),
            ExprKind::Call { callee, args } => match (&callee.kind, args.as_slice()) {
                (ExprKind::Member { object, name }, [Argument::One(header)])
                    if is_client(object) && matches!(&**name, "get" | "header") =>
                {
                    literal(header)
                }
                _ => None,
            },
            _ => None,
        };
        match copied {
            Some(name) => Made::Copied(name.to_ascii_lowercase()),
            None => Made::Unknown(Reason::new("it is put together when a request comes")),
        }
    }
}

fn literal(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Text(text) => Some(text.to_string()),
        ExprKind::Template { texts, values } if values.is_empty() => {
            Some(texts.iter().map(|text| &**text).collect())
        }
        _ => None,
    }
}

fn is_member(expr: &Expr, member: &str, of: impl Fn(&Expr) -> bool) -> bool {
    match &expr.kind {
        ExprKind::Member { object, name } => &**name == member && of(object),
        ExprKind::Index { object, index } => {
            literal(index).as_deref() == Some(member) && of(object)
        }
        _ => false,
    }
}

/// Whether a branch ends the function.
fn leaves(stmt: &Stmt) -> bool {
    match &stmt.kind {
        StmtKind::Return(_) | StmtKind::Throw(_) => true,
        StmtKind::Block(stmts) => stmts.last().is_some_and(leaves),
        _ => false,
    }
}
