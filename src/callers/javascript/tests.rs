mod signers;

use std::sync::Arc;

use super::{Project, Seed, read};
use crate::callers::testing::{headers, told};
use crate::callers::{Base, Body, Call, Client, Credentials, Place};
use crate::gates::express::model::Major;
use crate::gates::express::read::source::{ModuleId, Modules, Resolved};
use crate::request::Known;
use crate::source::Span;
use crate::syntax::javascript::{self, Dialect, Module};

/// Files by their names; all are seeds.
struct Files(Vec<(&'static str, Arc<Module>)>);

impl Modules for Files {
    fn resolve(&mut self, _: ModuleId, specifier: &str) -> Resolved {
        let found = specifier
            .strip_prefix("./")
            .and_then(|name| self.0.iter().position(|(file, _)| *file == name));
        match found {
            Some(at) => Resolved::Module(ModuleId(at as u32)),
            None => Resolved::Package(specifier.to_owned()),
        }
    }

    fn tree(&mut self, module: ModuleId) -> Option<Arc<Module>> {
        Some(self.0[module.0 as usize].1.clone())
    }

    fn major(&self, _: ModuleId, _: &str) -> Option<u32> {
        None
    }

    fn path(&self, _: ModuleId) -> String {
        "/".into()
    }

    fn package(&self, _: ModuleId) -> String {
        "/".into()
    }

    fn express(&self, _: ModuleId) -> Option<Major> {
        None
    }

    fn list(&mut self, _: &str) -> Option<Vec<String>> {
        None
    }

    fn text(&self, _: Span) -> String {
        String::new()
    }
}

impl Project for Files {
    fn modules(&mut self) -> &mut dyn Modules {
        self
    }

    fn importers(&mut self, _: ModuleId) -> Vec<Seed> {
        Vec::new()
    }
}

fn calls(files: &[(&'static str, &str)]) -> Vec<Call> {
    let mut base = 0;
    let trees = files.iter().map(|(name, text)| {
        let tree = javascript::parse(Dialect::JavaScript, base, text.as_bytes()).unwrap();
        base += text.len() as u32 + 1;
        (*name, Arc::new(tree))
    });
    let mut project = Files(trees.collect());
    let seeds: Vec<Seed> = (0..files.len() as u32)
        .map(|at| Seed {
            module: ModuleId(at),
            place: Place::Browser,
        })
        .collect();
    let calls = read(&mut project, &seeds);
    calls.into_iter().map(|(_, call)| call).collect()
}

fn one(text: &str) -> Call {
    let mut calls = calls(&[("a", text)]);
    assert_eq!(calls.len(), 1, "{calls:#?}");
    calls.remove(0)
}

#[test]
fn fetch_with_its_options() {
    let call = one("const base = 'http://localhost:5000';
         function save(id) {
             return fetch(`${base}/api/users/${id}`, {
                 method: 'put',
                 headers: { 'Content-Type': 'application/json', Authorization: 'Bearer ' + token },
                 credentials: 'include',
                 body: JSON.stringify({ a: 1 }),
             });
         }");
    assert_eq!(told(&call), "PUT localhost:5000/api/users/{}");
    assert_eq!(call.credentials.mode, Known::Is(Credentials::Include));
    assert!(call.headers_complete);
    assert_eq!(
        headers(&call),
        [
            ("Content-Type", "application/json".to_owned()),
            ("Authorization", "Bearer {}".to_owned())
        ]
    );
    let announced: Vec<String> = call.announced().into_iter().map(|(name, _)| name).collect();
    assert_eq!(announced, ["authorization", "content-type"]);
}

#[test]
fn what_is_not_known_is_said() {
    let call = one("function f(options) { fetch('/api/x', options) }");
    assert_eq!(told(&call), "? /api/x");
    assert!(!call.headers_complete);
    assert!(call.credentials.mode.known().is_none());
    let call = one("fetch(somewhere(), { headers: { ...more, A: 'b' } })");
    assert_eq!(call.urls[0].base, Base::Unknown);
    assert!(!call.headers_complete);
}

#[test]
fn an_instance_of_axios_with_all_that_it_has() {
    let files = [
        (
            "api",
            "import axios from 'axios';
             const api = axios.create({ baseURL: 'http://localhost:5000/api/', withCredentials: true });
             api.interceptors.request.use((config) => {
                 const token = localStorage.getItem('token');
                 if (token) config.headers.Authorization = `Bearer ${token}`;
                 return config;
             });
             export default api;",
        ),
        (
            "users",
            "import api from './api';
             export const add = (user) => api.post('/users', { user }, { headers: { 'X-Tenant': 'a' } });",
        ),
    ];
    let calls = calls(&files);
    assert_eq!(calls.len(), 1);
    let call = &calls[0];
    assert_eq!(told(call), "POST localhost:5000/api/users");
    assert_eq!(call.client, Client::Axios);
    assert_eq!(call.body, Body::Json);
    assert!(call.headers_complete);
    assert_eq!(call.credentials.mode, Known::Is(Credentials::Include));
    let authorization = call.header("authorization").unwrap();
    assert!(!authorization.always);
    assert_eq!(authorization.value.filled("{}"), "Bearer {}");
    assert!(call.header("x-tenant").unwrap().always);
}

#[test]
fn defaults_and_what_cannot_be_read() {
    let call = one("axios.defaults.baseURL = 'http://localhost:5000';
         axios.defaults.headers.common['x-auth-token'] = token;
         axios.get('/api/auth');");
    assert_eq!(told(&call), "GET localhost:5000/api/auth");
    assert_eq!(headers(&call), [("x-auth-token", "{}".to_owned())]);
    let call = one("axios.interceptors.request.use(sign); axios.delete('/a')");
    assert!(!call.headers_complete);
    let call = one("axios.interceptors.request.use((c) => { sign(c); return c }); axios.get('/a')");
    assert!(!call.headers_complete);
}

#[test]
fn helpers_give_headers() {
    let files = [
        (
            "header",
            "export default function authHeader() {
                 const user = JSON.parse(localStorage.getItem('user'));
                 if (user && user.accessToken) {
                     return { 'x-access-token': user.accessToken };
                 } else {
                     return {};
                 }
             }",
        ),
        (
            "service",
            "import axios from 'axios';
             import authHeader from './header';
             const API_URL = process.env.REACT_APP_API || 'http://localhost:8080/api/test/';
             class Service {
                 board() { return axios.get(API_URL + 'user', { headers: authHeader() }); }
             }
             export default new Service();",
        ),
    ];
    let calls = calls(&files);
    assert_eq!(calls.len(), 1);
    assert_eq!(told(&calls[0]), "GET localhost:8080/api/test/user");
    assert_eq!(headers(&calls[0]), [("x-access-token", "{}".to_owned())]);
    assert!(calls[0].headers_complete);
}

#[test]
fn a_wrapper_is_told_of_where_it_is_called() {
    let files = [
        (
            "request",
            "export const request = (path, options = {}) =>
                 fetch(import.meta.env.VITE_API + path, { ...options, credentials: 'include' });",
        ),
        (
            "users",
            "import { request } from './request';
             export const remove = (id) => request(`/users/${id}`, { method: 'DELETE' });
             export const page = () => remove(1);",
        ),
    ];
    let calls = calls(&files);
    assert_eq!(calls.len(), 1, "{calls:#?}");
    assert_eq!(told(&calls[0]), "DELETE $VITE_API/users/{}");
    assert_eq!(calls[0].credentials.mode, Known::Is(Credentials::Include));
    assert!(calls[0].through.is_some());
}

#[test]
fn a_condition_gives_two_urls() {
    let call = one(
        "const base = process.env.NODE_ENV === 'production' ? '/api' : 'http://localhost:5000/api';
         fetch(base + '/users')",
    );
    assert_eq!(told(&call), "GET /api/users or localhost:5000/api/users");
}

#[test]
fn older_clients() {
    let call = one("function load() {
             var xhr = new XMLHttpRequest();
             xhr.open('POST', '/api/save');
             xhr.withCredentials = true;
             xhr.setRequestHeader('X-CSRF-Token', token);
             xhr.send('a=b');
         }");
    assert_eq!(told(&call), "POST /api/save");
    assert_eq!(call.credentials.mode, Known::Is(Credentials::Include));
    assert_eq!(headers(&call), [("X-CSRF-Token", "{}".to_owned())]);
    let call = one(
        "$.ajax({ url: '/api/x', type: 'DELETE', xhrFields: { withCredentials: true },
             beforeSend: function (xhr) { xhr.setRequestHeader('X-A', 'b') } })",
    );
    assert_eq!(told(&call), "DELETE /api/x");
    assert_eq!(headers(&call), [("X-A", "b".to_owned())]);
    let call = one("const request = require('superagent');
         request.post('/api/login').set('X-A', 'b').withCredentials().send({ a: 1 }).then(x)");
    assert_eq!(told(&call), "POST /api/login");
    assert_eq!(call.credentials.mode, Known::Is(Credentials::Include));
    assert_eq!(headers(&call), [("X-A", "b".to_owned())]);
    assert_eq!(call.body, Body::Json);
}

#[test]
fn angular_by_its_import() {
    let call = one(
        "import { HttpClient, HttpHeaders } from '@angular/common/http';
         export class UserService {
             apiUrl = 'http://localhost:8080/api';
             constructor(http) { this.http = http; }
             save(user) {
                 const headers = new HttpHeaders().set('Authorization', 'Bearer' + user.token);
                 return this.http.put(`${this.apiUrl}/users`, user, { headers, withCredentials: true });
             }
         }",
    );
    assert_eq!(told(&call), "PUT localhost:8080/api/users");
    assert_eq!(headers(&call), [("Authorization", "Bearer{}".to_owned())]);
    assert_eq!(call.credentials.mode, Known::Is(Credentials::Include));
}

#[test]
fn markup_is_looked_into() {
    let call = one("const a = () => <b onClick={() => fetch('/api/x', { method: 'POST' })}>c</b>");
    assert_eq!(told(&call), "POST /api/x");
}

/// As browsers and Node.js do, and not as axios does.
#[test]
fn a_url_is_made_of_its_base() {
    let text = "
        const api = 'https://a.test/prod';
        fetch(new URL('/b', api));
        fetch(new URL('c', api + '/'));
        fetch(new URL('?page=2', api));
        fetch(new URL('//b.test/d', api));
    ";
    let found: Vec<String> = calls(&[("a", text)]).iter().map(told).collect();
    assert_eq!(
        found,
        [
            "GET a.test:443/b",
            "GET a.test:443/prod/c",
            "GET a.test:443/prod?page=2",
            "GET b.test:443/d"
        ]
    );
}

#[test]
fn numbers_are_added() {
    let call = one("const port = 3000; fetch(`http://localhost:${port + 1}/b`)");
    assert_eq!(told(&call), "GET localhost:3001/b");
}

/// Things that hold themselves, and things that are put together of themselves.
#[test]
fn what_means_harm_takes_no_time() {
    let doubled = |line: &dyn Fn(usize) -> String| -> String { (1..40).map(line).collect() };
    let texts = doubled(&|at| format!("const a{at} = a{0} + a{0};\n", at - 1));
    let objects = doubled(&|at| {
        let half = format!("...(c ? o{0} : o{0})", at - 1);
        format!("const o{at} = {{ {half}, {half} }};\n")
    });
    let names: String = (0..20_000).map(|at| format!("k{at}: 1, ")).collect();
    for text in [
        format!("const a0 = 'b';\n{texts}x(a39);"),
        format!("const o0 = {{ a: 1, b: 2 }};\n{objects}x(o39);"),
        format!("const o = {{ {names} }};"),
        "import aws4 from 'aws4'; const o = { host: 'a.test' }; o.options = o; aws4.sign(o);"
            .into(),
        "const o = { a: 1 }; Object.assign(o, c ? o : { b: 2 }); Object.assign(o, o);".into(),
        "const o = {}; o.o = o; const p = { ...o, ...o.o }; p.headers = p; axios(p);".into(),
    ] {
        let text = format!("{text}\nfetch('https://a.test/last')");
        let found = calls(&[("a", &text)]);
        let told = found.last().map(told);
        assert_eq!(told.as_deref(), Some("GET a.test:443/last"));
    }
}
