//! What well-known packages do when they are called.

use std::rc::Rc;

use super::part::Part;
use super::probe::Event;
use super::run::Run;
use super::val::*;
use crate::source::{Span, Spanned};
use crate::syntax::javascript::Text;

/// Packages that make a router as `express.Router` does: the package and the member.
const ROUTERS: &[(&str, &str)] = &[
    ("express", "Router"),
    ("router", ""),
    ("express-promise-router", ""),
    ("express-async-router", "AsyncRouter"),
    ("@awaitjs/express", "Router"),
    ("@root/async-router", "Router"),
    ("express-router-async", ""),
];

/// Packages that get an application and register nothing on it.
const HARMLESS: &[&str] = &[
    "supertest",
    "chai",
    "serverless-http",
    "@vendia/serverless-express",
    "aws-serverless-express",
    "express-list-endpoints",
    "express-list-routes",
    "socket.io",
    "ws",
    "spdy",
    "greenlock-express",
    "http-terminator",
    "http-graceful-shutdown",
    "@godaddy/terminus",
    "stoppable",
    "firebase-functions",
    "express-async-errors",
    "debug",
    "typedi",
    "routing-controllers-openapi",
];

/// Packages that wrap a handler so that what it rejects becomes an error.
pub const WRAPPERS: &[&str] = &[
    "express-async-handler",
    "express-async-wrap",
    "async-middleware",
    "express-asyncify",
    "express-async-wrapper",
    "co-express",
    "express-wrap-async",
];

impl Run<'_> {
    pub fn call_outside(
        &mut self,
        outside: &Rc<Outside>,
        args: Vec<Spanned<Val>>,
        span: Span,
    ) -> Val {
        let member = outside.path.join(".");
        let package = &*outside.package;
        if package == "express" && member.is_empty() && outside.args.is_none() {
            return self.new_stack(true, span, None);
        }
        if ROUTERS.contains(&(package, member.as_str())) && outside.args.is_none() {
            let options = args.first().map(|arg| arg.value.clone());
            return self.new_stack(false, span, options);
        }
        // Both give the application back, with more methods.
        if matches!(package, "@awaitjs/express" | "express-async-await")
            && let Some(arg) = args.first()
        {
            return arg.value.clone();
        }
        if package == "express-ws" {
            return self.express_ws(&args, span);
        }
        // A container of services makes what it is asked for.
        if matches!(
            member.as_str(),
            "get" | "resolve" | "Container.get" | "container.resolve"
        ) && let Some(Val::Class(class)) = args.first().map(|arg| arg.value.clone())
        {
            return self.instantiate(&class, Vec::new());
        }
        self.note_schema(outside, &args);
        if let Some(value) = self.verified(&member, &args) {
            return value;
        }
        if self.log.is_some() {
            self.handed(outside, &args, span);
        }
        if matches!(package, "spdy" | "http2-express-bridge" | "http2-wrapper")
            && let Some(id) = self.stacks_in(&args).first()
        {
            return Val::Server(Some(*id));
        }
        if !HARMLESS.contains(&package) && !member.ends_with("createServer") {
            self.hand_over(&args, span, &format!("`{}`", display(outside)));
        }
        if !WRAPPERS.contains(&package) && !makes_layers(&member) {
            self.call_back(&args);
        }
        Val::Outside(Rc::new(Outside {
            package: outside.package.clone(),
            path: outside.path.clone(),
            args: Some(args),
            made: outside.made.clone(),
            span: Some(span),
        }))
    }

    fn express_ws(&mut self, args: &[Spanned<Val>], span: Span) -> Val {
        let id = self.new_object();
        if let Some(app) = args.first() {
            self.set_key(id, Text::from("app"), app.value.clone(), span);
        }
        self.object(id).is_open = true;
        Val::Object(id)
    }

    /// `passport.authenticate(…)(req, res, next)`: the package goes on from here.
    fn handed(&mut self, outside: &Rc<Outside>, args: &[Spanned<Val>], span: Span) {
        let gets_next = (args.iter()).any(|arg| matches!(arg.value, Val::Part(Part::Next)));
        match (&outside.args, gets_next) {
            (_, true) => self.note(Event::Handed(outside.clone())),
            _ => self.escape(args, span),
        }
    }
}

/// `package.member`, as a person would name it.
pub fn display(outside: &Outside) -> String {
    match outside.path.as_slice() {
        [] => outside.package.to_string(),
        path => format!("{}.{}", outside.package, path.join(".")),
    }
}

/// Members whose arguments are called with requests, and not while the application is built.
fn makes_layers(member: &str) -> bool {
    matches!(
        member,
        "authenticate" | "use" | "serializeUser" | "deserializeUser"
    )
}
