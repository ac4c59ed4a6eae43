//! Prints the Express applications of a folder, and how many of the calls that look like
//! registrations were understood as such: `cargo run --example express -- FOLDER [--missed]`.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Instant;

use why403::estate::scripts::applications;
use why403::gates::express::model::{App, Callee, Item, Layer, Path, Paths, What};
use why403::gates::express::read::source::outline;
use why403::source::{Root, SourceMap, Span};
use why403::syntax::javascript::{
    self as js, Argument, Body, Dialect, Expr, ExprKind, MemberKind, Property, Stmt, StmtKind,
};

fn main() {
    let mut args = std::env::args().skip(1);
    let folder = PathBuf::from(args.next().expect("a folder"));
    let flags: Vec<String> = args.collect();
    let root = Root::around(&[folder]).expect("it can be read");
    let files = root.walk(std::path::Path::new("")).files;
    let mut sources = SourceMap::default();
    let start = Instant::now();
    let found = applications(&root, &files, &mut sources, false);
    let took = start.elapsed();
    for app in &found.apps {
        println!("# {} (Express {})", app.name, app.version);
        for listen in &app.listens {
            println!("listen {:?} {:?}", listen.host, listen.port);
        }
        if let Some(trust) = &app.settings.trust_proxy {
            println!("trust proxy {:?}", trust.value);
        }
        print!("{}", outline(app));
    }
    if flags.iter().any(|flag| flag == "--problems") {
        for problem in &found.problems {
            let place = problem.span.map(|span| {
                let source = sources.at(span);
                format!("{}:{}", source.name, source.position(span.start).line)
            });
            println!("! {} {}", place.unwrap_or_default(), problem.message);
        }
    }
    // What looks like a registration, in every file.
    let mut all = SourceMap::default();
    let mut understood = BTreeSet::new();
    for span in &found.registered {
        let source = sources.at(*span);
        understood.insert((
            source.name.clone(),
            span.start - source.base,
            span.end - source.base,
        ));
    }
    let (mut sites, mut missed) = (0, Vec::new());
    for path in &files {
        let name = root.name(path);
        if Dialect::of(&name).is_none_or(|dialect| dialect == Dialect::Json) || is_other(&name) {
            continue;
        }
        let Ok(text) = root.read(path) else { continue };
        let is_express = ["express", "Router"].iter().any(|word| {
            text.windows(word.len())
                .any(|window| window == word.as_bytes())
        });
        if !is_express {
            continue;
        }
        let Ok(id) = all.add(name.clone(), text) else {
            continue;
        };
        let source = all.get(id);
        let Some(dialect) = Dialect::of(&name) else {
            continue;
        };
        let Ok(tree) = js::parse(dialect, source.base, &source.text) else {
            continue;
        };
        let mut finder = Finder(Vec::new());
        tree.body.iter().for_each(|stmt| finder.stmt(stmt));
        for span in finder.0 {
            sites += 1;
            let key = (
                name.clone(),
                span.start - source.base,
                span.end - source.base,
            );
            if !understood.contains(&key) {
                let line = source.position(span.start).line;
                missed.push(format!("{name}:{line}: {}", all.first_line(span)));
            }
        }
    }
    if flags.iter().any(|flag| flag == "--missed") {
        missed.iter().for_each(|line| println!("- {line}"));
    }
    let mut tally = Tally::default();
    found.apps.iter().for_each(|app| tally.app(app));
    println!(
        "= sites {sites} understood {} | apps {} items {} opaque {} paths unknown {} layers {} unreadable {} | {} ms",
        sites - missed.len(),
        found.apps.len(),
        tally.items,
        tally.opaque,
        tally.paths,
        tally.layers,
        tally.unreadable,
        took.as_millis(),
    );
}

fn is_other(name: &str) -> bool {
    let parts = [
        "test",
        "tests",
        "__tests__",
        "spec",
        "e2e",
        "cypress",
        "dist",
        "build",
        "vendor",
        "fixtures",
        "mocks",
        "public",
        "__mocks__",
        "specs",
    ];
    name.split('/').any(|part| parts.contains(&part))
        || [".test.", ".spec.", ".min.", ".d.ts"]
            .iter()
            .any(|mark| name.contains(mark))
}

#[derive(Default)]
struct Tally {
    items: usize,
    opaque: usize,
    paths: usize,
    layers: usize,
    unreadable: usize,
}

impl Tally {
    fn app(&mut self, app: &App) {
        self.stack(&app.stack);
    }

    fn stack(&mut self, stack: &[Item]) {
        for item in stack {
            self.items += 1;
            match &item.what {
                What::Use { at, layer } => {
                    self.at(at);
                    self.layer(layer);
                }
                What::Router { at, router } => {
                    self.at(at);
                    self.stack(&router.stack);
                }
                What::Route { at, chain, .. } => {
                    self.at(at);
                    chain.iter().for_each(|layer| self.layer(layer));
                }
                What::Opaque(_) => self.opaque += 1,
            }
        }
    }

    fn at(&mut self, at: &Paths) {
        let unknown =
            |path: &&why403::source::Spanned<Path>| matches!(path.value, Path::Unknown(_));
        self.paths += at.0.iter().filter(unknown).count();
    }

    fn layer(&mut self, layer: &Layer) {
        self.layers += 1;
        self.unreadable += usize::from(matches!(layer.callee, Callee::Unreadable(_)));
    }
}

struct Finder(Vec<Span>);

impl Finder {
    fn call(&mut self, span: Span, callee: &Expr, args: &[Argument]) {
        let ExprKind::Member { object, name } = &callee.kind else {
            return;
        };
        let methods = [
            "use", "get", "post", "put", "patch", "delete", "all", "options", "head",
        ];
        if !methods.contains(&&**name) || args.is_empty() {
            return;
        }
        let is_route = is_route(object);
        let receiver = match &object.kind {
            ExprKind::Name(name) | ExprKind::Member { name, .. } => name.to_lowercase(),
            _ => String::new(),
        };
        let is_stack = ["app", "router", "routes", "route", "server", "express"]
            .iter()
            .any(|end| receiver.trim_end_matches('_').ends_with(end))
            || is_chain(object);
        let is_registration = match (&**name, args) {
            ("use", _) => true,
            (_, [Argument::One(first), _, ..]) => !matches!(first.kind, ExprKind::Object(_)),
            (_, [Argument::One(first)]) => is_route && !matches!(first.kind, ExprKind::Text(_)),
            _ => false,
        };
        if (is_stack || is_route) && is_registration {
            self.0.push(span);
        }
    }

    fn stmts(&mut self, stmts: &[Stmt]) {
        stmts.iter().for_each(|stmt| self.stmt(stmt));
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Expr(one)
            | StmtKind::Throw(one)
            | StmtKind::ExportDefault(one)
            | StmtKind::ExportAssign(one) => self.expr(one),
            StmtKind::Return(one) => one.iter().for_each(|one| self.expr(one)),
            StmtKind::Declare { names, .. } => {
                names
                    .iter()
                    .filter_map(|(_, value)| value.as_ref())
                    .for_each(|one| self.expr(one));
            }
            StmtKind::Function(function) => self.function(function),
            StmtKind::Class(class) => self.class(class),
            StmtKind::Block(stmts) => self.stmts(stmts),
            StmtKind::If { test, yes, no } => {
                self.expr(test);
                self.stmt(yes);
                no.iter().for_each(|no| self.stmt(no));
            }
            StmtKind::For { body, .. }
            | StmtKind::Each { body, .. }
            | StmtKind::While { body, .. } => {
                self.stmt(body);
            }
            StmtKind::Switch { cases, .. } => cases.iter().for_each(|(_, body)| self.stmts(body)),
            StmtKind::Try {
                block,
                caught,
                finally,
            } => {
                self.stmts(block);
                caught.iter().for_each(|(_, body)| self.stmts(body));
                self.stmts(finally);
            }
            StmtKind::Export(inner) | StmtKind::ExportDefaultDeclaration(inner) => self.stmt(inner),
            _ => {}
        }
    }

    fn function(&mut self, function: &js::Function) {
        match &function.body {
            Body::Block(stmts) => self.stmts(stmts),
            Body::Value(value) => self.expr(value),
        }
    }

    fn class(&mut self, class: &js::Class) {
        class
            .constructor
            .iter()
            .for_each(|function| self.function(function));
        for member in &class.members {
            match &member.kind {
                MemberKind::Method(function) | MemberKind::Getter(function) => {
                    self.function(function)
                }
                MemberKind::Field(value) => value.iter().for_each(|value| self.expr(value)),
            }
        }
    }

    fn args(&mut self, args: &[Argument]) {
        for arg in args {
            if let Argument::One(one) | Argument::Spread(one) = arg {
                self.expr(one);
            }
        }
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Call { callee, args } => {
                self.call(expr.span, callee, args);
                self.expr(callee);
                self.args(args);
            }
            ExprKind::New { callee, args } => {
                self.expr(callee);
                self.args(args);
            }
            ExprKind::Array(items) => self.args(items),
            ExprKind::Object(properties) => {
                for property in properties {
                    match property {
                        Property::Value { value, .. } | Property::Spread(value) => self.expr(value),
                        Property::Getter { function, .. } => self.function(function),
                    }
                }
            }
            ExprKind::Function(function) => self.function(function),
            ExprKind::Class(class) => self.class(class),
            ExprKind::Member { object, .. } => self.expr(object),
            ExprKind::Index { object, index } => {
                self.expr(object);
                self.expr(index);
            }
            ExprKind::Unary { value, .. }
            | ExprKind::Assign { value, .. }
            | ExprKind::Await(value) => self.expr(value),
            ExprKind::Binary { left, right, .. } | ExprKind::Logical { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Conditional { test, yes, no } => {
                self.expr(test);
                self.expr(yes);
                self.expr(no);
            }
            ExprKind::Sequence(all) => all.iter().for_each(|one| self.expr(one)),
            _ => {}
        }
    }
}

/// `router.route(path)`, and what is chained to it.
fn is_route(expr: &Expr) -> bool {
    let mut at = expr;
    while let ExprKind::Call { callee, .. } = &at.kind {
        let ExprKind::Member { object, name } = &callee.kind else {
            return false;
        };
        if &**name == "route" {
            return true;
        }
        at = object;
    }
    false
}

/// `express().use(…)`, `Router().get(…)`, `app.use(…).use(…)`.
fn is_chain(expr: &Expr) -> bool {
    let mut at = expr;
    while let ExprKind::Call { callee, .. } = &at.kind {
        match &callee.kind {
            ExprKind::Name(name) => return matches!(&**name, "express" | "Router"),
            ExprKind::Member { object, name } => {
                if &**name == "Router" {
                    return true;
                }
                if let ExprKind::Name(name) = &object.kind {
                    return matches!(&*name.to_lowercase(), "app" | "router");
                }
                at = object;
            }
            _ => return false,
        }
    }
    false
}
