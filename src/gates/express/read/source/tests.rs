use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::gates::express::model::Major;
use crate::syntax::javascript::{self, Dialect, Module};

/// A project of a few files in memory.
struct Memory {
    files: Vec<(&'static str, u32, &'static str)>,
    trees: BTreeMap<u32, Arc<Module>>,
}

impl Memory {
    fn new(files: &[(&'static str, &'static str)]) -> Self {
        let mut base = 0;
        let mut memory = Memory {
            files: Vec::new(),
            trees: BTreeMap::new(),
        };
        for (path, text) in files {
            memory.files.push((path, base, text));
            base += text.len() as u32 + 1;
        }
        memory
    }

    fn at(&self, path: &str) -> Option<ModuleId> {
        let place = self.files.iter().position(|(one, ..)| *one == path)?;
        Some(ModuleId(place as u32))
    }
}

impl Modules for Memory {
    fn resolve(&mut self, from: ModuleId, specifier: &str) -> Resolved {
        if !specifier.starts_with(['.', '/']) {
            return Resolved::Package(specifier.to_owned());
        }
        let from = self.path(from);
        let mut parts: Vec<&str> = from.split('/').collect();
        parts.pop();
        for part in specifier.split('/') {
            match part {
                "." => {}
                ".." => drop(parts.pop()),
                part => parts.push(part),
            }
        }
        let path = parts.join("/").replace("//", "/");
        let tries = ["", ".js", ".ts", "/index.js"].map(|end| format!("{path}{end}"));
        let found = tries.iter().find_map(|path| self.at(path));
        found.map_or(Resolved::Missing, Resolved::Module)
    }

    fn tree(&mut self, module: ModuleId) -> Option<Arc<Module>> {
        if let Some(tree) = self.trees.get(&module.0) {
            return Some(tree.clone());
        }
        let (path, base, text) = self.files[module.0 as usize];
        let dialect = Dialect::of(path)?;
        let tree = javascript::parse(dialect, base, text.as_bytes());
        let tree = Arc::new(tree.unwrap_or_else(|problem| panic!("{path}: {}", problem.message)));
        self.trees.insert(module.0, tree.clone());
        Some(tree)
    }

    fn path(&self, module: ModuleId) -> String {
        self.files[module.0 as usize].0.to_owned()
    }

    fn package(&self, _module: ModuleId) -> String {
        "/".to_owned()
    }

    fn express(&self, _module: ModuleId) -> Option<Major> {
        None
    }

    fn major(&self, _module: ModuleId, _package: &str) -> Option<u32> {
        None
    }

    fn list(&mut self, folder: &str) -> Option<Vec<String>> {
        let start = format!("{folder}/");
        let names = self
            .files
            .iter()
            .filter_map(|(path, ..)| path.strip_prefix(&start));
        Some(names.map(str::to_owned).collect())
    }

    fn text(&self, span: Span) -> String {
        let mut files = self.files.iter().rev();
        let Some((_, base, text)) = files.find(|(_, base, _)| *base <= span.start) else {
            return String::new();
        };
        text[(span.start - base) as usize..(span.end - base) as usize].to_owned()
    }
}

fn apps(files: &[(&'static str, &'static str)]) -> Vec<App> {
    read(&mut Memory::new(files), ModuleId(0)).apps
}

/// The outline of the only application.
fn of(files: &[(&'static str, &'static str)]) -> String {
    let apps = apps(files);
    assert_eq!(apps.len(), 1, "{apps:#?}");
    outline(&apps[0])
}

fn one(text: &'static str) -> String {
    of(&[("/app.js", text)])
}

/// What the middleware `m` of a text is read as.
fn body(text: &'static str) -> String {
    let text: &'static str = Box::leak(
        format!("const app = require('express')();\n{text}\napp.use(m);\n").into_boxed_str(),
    );
    one(text).trim_end().to_owned()
}

#[test]
fn registrations_stand_in_their_order() {
    let text = "
        const express = require('express');
        const cors = require('cors');
        const app = express();
        app.use(express.json());
        app.use('/api', cors({ origin: '*' }), auth);
        function auth(req, res, next) { next(); }
        app.get('/', (req, res) => res.send('hi'));
        app.route('/books').get(list).post(auth, list);
        function list(req, res) { res.json([]); }
        app.all(/^\\/x/i, [auth, [auth]], list);
        app.use((err, req, res, next) => res.status(500).end());
        app.listen(3000);
    ";
    assert_eq!(
        one(text),
        "use / express.json\n\
         use /api cors\n\
         use /api auth [passes]\n\
         GET / handler [answers]\n\
         GET /books list [answers]\n\
         POST /books auth [passes], list [answers]\n\
         ALL /^\\/x/i auth [passes], auth [passes], list [answers]\n\
         use / handler [errors 500]\n"
    );
}

#[test]
fn settings_and_addresses_are_read() {
    let text = "
        import express from 'express';
        import http from 'node:http';
        const app = express();
        app.set('trust proxy', 1);
        app.enable('strict routing');
        app.set('port', process.env.PORT || 3000);
        app.get('/', (req, res) => res.end());
        const server = http.createServer(app);
        server.listen(app.get('port'), '127.0.0.1', () => {});
        app.listen(parseInt(process.env.OTHER ?? '8080', 10));
        app.listen({ port: config.port });
    ";
    let apps = apps(&[("/app.js", text)]);
    let app = &apps[0];
    assert_eq!(app.version, Major::Four);
    let trust = app.settings.trust_proxy.as_ref().map(|value| &value.value);
    assert_eq!(
        trust,
        Some(&crate::gates::express::value::Value::Number(1.0))
    );
    assert!(app.settings.strict && !app.settings.case_sensitive);
    let listens: Vec<_> = app
        .listens
        .iter()
        .map(|one| (one.port, one.host.as_deref()))
        .collect();
    assert_eq!(
        listens,
        [
            (Some(3000), Some("127.0.0.1")),
            (Some(8080), None),
            (None, None)
        ]
    );
}

#[test]
fn routers_come_from_other_files() {
    let files = [
        (
            "/app.js",
            "const express = require('express'); const app = express();
             const routes = require('./routes');
             app.use('/v1', routes); require('./late')(app);",
        ),
        (
            "/routes/index.js",
            "const router = require('express').Router();
             const { requireAuth } = require('../auth');
             router.use('/users', requireAuth, require('./users').default);
             module.exports = router;",
        ),
        (
            "/routes/users.js",
            "import { Router } from 'express'; import * as users from '../users.js';
             const router = Router({ strict: true });
             router.get('/:id', users.show); export default router;",
        ),
        (
            "/users.js",
            "export const show = (req, res) => { res.json({}); };",
        ),
        (
            "/auth.js",
            "exports.requireAuth = (req, res, next) => next();",
        ),
        (
            "/late.js",
            "module.exports = app => { app.get('/late', (q, r) => r.end()); };",
        ),
    ];
    assert_eq!(
        of(&files),
        "router /v1\n  use /users ./auth.js#requireAuth [passes]\n  router /users\n    \
         GET /:id ./users.js#show [answers]\nGET /late ./late.js#handler [answers]\n"
    );
}

#[test]
fn classes_build_applications() {
    let files = [
        (
            "/index.ts",
            "import { App } from './app'; import { Users } from './users';
             const app = new App([new Users()]); app.listen();",
        ),
        (
            "/app.ts",
            "import express from 'express'; import cors from 'cors';
             export class App {
               public app: express.Application; public port: string | number;
               constructor(routes: Routes[]) {
                 this.app = express(); this.port = process.env.PORT || 3000;
                 this.initializeMiddlewares(); this.initializeRoutes(routes);
               }
               public listen() { this.app.listen(this.port, () => {}); }
               private initializeMiddlewares() { this.app.use(cors()); }
               private initializeRoutes(routes: Routes[]) {
                 routes.forEach(route => { this.app.use('/', route.router); });
               }
             }",
        ),
        (
            "/users.ts",
            "import { Router } from 'express';
             class Base { public router = Router(); }
             export class Users extends Base {
               public path = '/users';
               constructor() { super(); this.initialize(); }
               private initialize() { this.router.get(`${this.path}/:id`, this.show); }
               private show = async (req, res, next) => { res.json({}); };
             }",
        ),
    ];
    let apps = apps(&files);
    assert_eq!(
        outline(&apps[0]),
        "use / cors\nrouter /\n  GET /users/:id show [answers]\n"
    );
    assert_eq!(apps[0].listens[0].port, Some(3000));
}

#[test]
fn a_condition_stays_with_what_it_decides() {
    let text = "
        const app = require('express')();
        const { cors, morgan, helmet } = require('all');
        if (process.env.NODE_ENV !== 'test') { app.use(morgan('dev')); } else app.use(helmet());
        process.env.CORS && app.use(cors());
        const guard = process.env.A ? helmet() : cors();
        app.use(guard);
        function late(app) { if (config.off) return; app.use(cors()); }
        late(app);
        app.use(morgan('x'));
    ";
    assert_eq!(
        one(text),
        "use / all.morgan when process.env.NODE_ENV !== 'test'\n\
         use / all.helmet when !(process.env.NODE_ENV !== 'test')\n\
         use / all.cors when process.env.CORS\n\
         use / all.helmet when process.env.A\n\
         use / all.cors when !process.env.A\n\
         use / all.cors when !config.off\n\
         use / all.morgan\n"
    );
}

#[test]
fn loops_over_what_is_known_are_unrolled() {
    let files = [
        (
            "/app.js",
            "const app = require('express')(); const fs = require('fs'); const path = require('path');
             const h = (req, res) => res.end();
             const table = [{ path: '/a', method: 'get' }, { path: '/b', method: 'post' }];
             for (const { path, method } of table) app[method](path, h);
             Object.entries({ '/c': h }).forEach(([at, to]) => app.use(at, to));
             fs.readdirSync(path.join(__dirname, 'routes')).filter(f => f.endsWith('.js'))
               .forEach(f => require(path.join(__dirname, 'routes', f))(app));
             for (const one of load()) app.get(one.path, h);
             app.get('/last', h);",
        ),
        ("/routes/a.js", "module.exports = app => app.put('/r', (q, s) => s.end());"),
    ];
    let outline = of(&files);
    let lines: Vec<&str> = outline.lines().collect();
    assert_eq!(
        lines[..4],
        [
            "GET /a h [answers]",
            "POST /b h [answers]",
            "use /c h [answers]",
            "PUT /r ./routes/a.js#handler [answers]",
        ]
    );
    assert!(lines[4].starts_with("GET <") && lines[4].ends_with("when for each of load()"));
    assert_eq!(lines[5], "GET /last h [answers]");
}

#[test]
fn what_cannot_be_followed_has_its_place() {
    let text = "
        const app = require('express')();
        app.use(require('./missing'));
        require('swagger-thing')(app, {});
        app[method]('/x', (req, res) => res.end());
        app.get(config.path, (req, res) => res.end());
    ";
    let outline = one(text);
    let starts = [
        "use / require('./missing') <",
        "? it is given to",
        "? the method",
        "GET <",
    ];
    for (line, start) in outline.lines().zip(starts) {
        assert!(line.starts_with(start), "{outline}");
    }
    assert_eq!(outline.lines().count(), 4);
}

#[test]
fn guards_are_read() {
    let cases = [
        (
            "const m = (req, res, next) => {
               const h = req.headers.authorization;
               if (!h || !h.startsWith('Bearer ')) return res.status(401).json({});
               next(); };",
            "use / m [wants token Exact: 401]",
        ),
        (
            "const jwt = require('jsonwebtoken');
             function m(req, res, next) {
               if (req.method === 'OPTIONS') return next();
               const token = req.headers['authorization'].split(' ')[1];
               jwt.verify(token, 'k', (err, user) => {
                 if (err) return res.sendStatus(403);
                 req.user = user; next(); }); }",
            "use / m [wants token SecondWord: 403 but OPTIONS]",
        ),
        (
            "const jwt = require('jsonwebtoken');
             class HttpError extends Error { constructor(s, m) { super(m); this.status = s; } }
             async function m(req, res, next) {
               try { const [, token] = req.get('Authorization').split(' ');
                 req.user = await jwt.verify(token, 'k'); next();
               } catch (e) { next(new HttpError(401, 'no')); } }",
            "use / m [wants token SecondWord: 401 by error]",
        ),
        (
            "const m = (req, res, next) => req.header('x-api-key') === process.env.KEY
               ? next() : res.sendStatus(403);",
            "use / m <it answers 403 under a condition that is not understood>",
        ),
        (
            "const m = (req, res, next) => { if (!req.headers['x-api-key']) {
               res.status(401).end(); } else next(); };",
            "use / m [wants header x-api-key: 401]",
        ),
        (
            "function m(req, res, next) { if (req.isAuthenticated()) return next();
               res.status(401).send('no'); }",
            "use / m [wants session: 401]",
        ),
        (
            "const only = (...roles) => (req, res, next) => {
               if (!roles.includes(req.user.role)) return res.status(403).end(); next(); };
             const m = only('admin', 'owner');",
            "use / handler [wants granted admin or owner: 403]",
        ),
        (
            "const m = (req, res, next) => {
               if (req.user.role !== 'admin' && req.user.role !== 'owner')
                 return res.status(403).end();
               next(); };",
            "use / m [wants granted admin or owner: 403]",
        ),
        (
            "const all = (...scopes) => (req, res, next) =>
               scopes.every(one => req.auth.scope.split(' ').includes(one))
                 ? next() : res.sendStatus(403);
             const m = all('read', 'write');",
            "use / handler [wants granted read and write: 403]",
        ),
        (
            "const any = roles => (req, res, next) => {
               if (!req.user) return res.status(401).end();
               if (!req.user.roles.some(one => roles.includes(one))) {
                 return next({ status: 403 }); }
               next(); };
             const m = any(['admin', 'owner']);",
            "use / handler [wants granted admin or owner: 403 or 401 to nobody]",
        ),
        // Who is refused by name is not let in by it.
        (
            "const m = (req, res, next) => {
               if (req.user.role === 'guest') return res.sendStatus(403);
               if (req.user.role !== 'admin') return res.sendStatus(403);
               next(); };",
            "use / m [wants granted admin: 403]",
        ),
        (
            "const m = (req, res, next) => req.user.isAdmin ? next() : res.sendStatus(403);",
            "use / m [wants granted true: 403]",
        ),
        (
            "const m = (req, res, next) => {
               if (req.user.role.toLowerCase() !== 'admin') return res.sendStatus(403);
               next(); };",
            "use / m [wants granted something: 403]",
        ),
        (
            "const list = ['10.0.0.1', '10.0.0.2'];
             const m = (req, res, next) => list.includes(req.ip) ? next() : res.sendStatus(403);",
            "use / m [wants ReqIp 10.0.0.1,10.0.0.2: 403]",
        ),
    ];
    for (text, wanted) in cases {
        assert_eq!(body(text), wanted, "{text}");
    }
}

#[test]
fn headers_by_hand_are_read() {
    let text = "function m(req, res, next) {
        res.header('Access-Control-Allow-Origin', '*');
        res.set({ 'Access-Control-Allow-Headers': 'Content-Type' });
        if (req.method === 'OPTIONS') { return res.sendStatus(200); }
        next(); }";
    assert_eq!(
        body(text),
        "use / m [sets Access-Control-Allow-Origin,Access-Control-Allow-Headers OPTIONS 200]"
    );
}

#[test]
fn a_status_that_is_not_known_is_not_200() {
    let cases = [
        (
            "res.status(err.statusCode || 500).json({ error: err.message })",
            "errors",
        ),
        (
            "res.statusCode = err.status; res.json({ error: err.message })",
            "errors",
        ),
        ("res.writeHead(err.status); res.end()", "errors"),
        ("res.status(503); res.end()", "errors 503"),
        ("res.status(503).json({ error: err.message })", "errors 503"),
        ("res.json({ error: err.message })", "errors 200"),
    ];
    for (does, wanted) in cases {
        let text = format!("function m(err, req, res, next) {{ {does}; }}").leak();
        assert_eq!(body(text), format!("use / m [{wanted}]"), "{text}");
    }
}

#[test]
fn a_package_that_is_called_by_hand_is_that_package() {
    let text = "const passport = require('passport');
        const m = (req, res, next) => passport.authenticate('jwt', { session: false })(req, res, next);";
    assert_eq!(body(text), "use / m");
}

#[test]
fn wrapped_handlers_are_read_through() {
    let text = "const wrap = fn => (req, res, next) => Promise.resolve(fn(req, res, next)).catch(next);
        const m = wrap(async (req, res, next) => { if (!req.session.user) return res.status(401).end(); next(); });";
    assert_eq!(body(text), "use / handler [wants session: 401]");
}

#[test]
fn hostile_sources_end() {
    let circle = "const a = require('express')(); a.use(a); a.get('/', f); function f() { f(); }";
    assert_eq!(apps(&[("/app.js", circle)]).len(), 0);
    let texts = [
        "const app = require('express')(); let s = 'a'; for (;;) { s = s + s; app.use(s, s); }",
        "const app = require('express')(); function f(n) { f(n); f(n); app.use(f); } f(1);",
        "const app = require('express')(); const l = []; l.push(l); app.use(l); app.get(l, l);",
        "const app = require('express')(); const o = {}; o.o = o; app.use(require('x')(o));",
        "const app = require('express')(); class A extends A {} new A(); app.use(new A().b);",
        "const app = require('express')(); while (true) { while (x) { app.use(y); } }",
    ];
    for text in texts {
        apps(&[("/app.js", text)]);
    }
}

#[test]
fn what_is_done_for_pages_is_seen() {
    let text = "function m(req, res, next) {
        if (req.headers.origin) {
            res.set({ 'Access-Control-Allow-Origin': req.headers.origin, 'X-A': 1 });
        }
        next();
    }";
    assert_eq!(body(text), "use / m [sets Access-Control-Allow-Origin,X-A]");
}

#[test]
fn an_error_has_the_status_of_the_answer() {
    let text = "const fail = (res, next, status) => { res.status(status); next(new Error('x')) };
        function m(req, res, next) { fail(res, next, 404); }";
    assert_eq!(body(text), "use / m [answers]");
}

#[test]
fn a_module_may_import_and_set_module_exports() {
    let app = "import express from 'express'; const app = express();
        app.use('/a', require('./a')); app.listen(1);";
    let router = "import express from 'express'; const router = express.Router();
        router.get('/b', (req, res) => res.end()); module.exports = router;";
    let mut memory = Memory::new(&[("/app.js", app), ("/a.js", router)]);
    let read = read(&mut memory, ModuleId(0));
    assert_eq!(
        outline(&read.apps[0]),
        "router /a\n  GET /b handler [answers]\n"
    );
}

#[test]
fn headers_and_what_is_put_on_the_request_are_both_seen() {
    let text = "function m(req, res, next) {
        res.set('X-A', '1'); req.user = { name: 'x' }; next();
    }";
    assert_eq!(body(text), "use / m [sets X-A puts user]");
}

#[test]
fn a_check_may_be_for_some_methods_only() {
    let asks = "if (!req.get('x-csrf-token')) return res.status(403).end(); next();";
    let cases = [
        (
            "if (req.method === 'GET') return next();",
            "403] except GET",
        ),
        (
            "if (['GET'].includes(req.method)) return next();",
            "403] except GET",
        ),
        (
            "if (new Set(['GET']).has(req.method)) return next();",
            "403] except GET",
        ),
        (
            "if (['GET', 'HEAD', 'OPTIONS'].includes(req.method)) return next();",
            "403 but OPTIONS] except GET,HEAD,OPTIONS",
        ),
        (
            "if (req.method === 'OPTIONS') return next();",
            "403 but OPTIONS]",
        ),
        (
            "if (req.method === 'OPTIONS') return res.sendStatus(204);",
            "403 OPTIONS 204]",
        ),
        (
            "if (req.method === 'PUT') return res.status(405).end();",
            "depends on the method>",
        ),
    ];
    for (first, wanted) in cases {
        let text = format!("function m(req, res, next) {{ {first} {asks} }}").leak();
        let told = body(text);
        assert!(told.ends_with(wanted), "{first}: {told}");
    }
}
