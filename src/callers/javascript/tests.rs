use std::sync::Arc;

use super::{Project, Seed, read};
use crate::callers::testing::{headers, signer, told};
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

/// Each source, what is told of its only call, and who signs it.
#[track_caller]
fn signers(table: &[(&str, &str, &str)]) {
    for (text, expected, by) in table {
        let call = one(text);
        assert_eq!(
            (told(&call).as_str(), signer(&call).as_str()),
            (*expected, *by),
            "{text}"
        );
    }
}

const HOST: &str = "abc.execute-api.eu-west-1.amazonaws.com:443";

#[test]
fn clients_of_servers() {
    let get = format!("GET {HOST}/prod/a");
    let post = format!("POST {HOST}/prod/a");
    signers(&[
        (
            "import got from 'got';
             got('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a')",
            &get,
            "nobody",
        ),
        (
            "const got = require('got');
             const api = got.extend({ prefixUrl: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod' });
             api.post('a', { json: {} })",
            &post,
            "nobody",
        ),
        (
            "const got = require('got');
             got.post('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a',
                 { hooks: { beforeRequest: [sign] } })",
            &post,
            "? not all that is sent along is known",
        ),
        (
            "const fetch = require('node-fetch');
             fetch(new Request('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a', { method: 'POST' }))",
            &post,
            "nobody",
        ),
        (
            "const https = require('https');
             const options = { hostname: 'abc.execute-api.eu-west-1.amazonaws.com', path: '/prod/a',
                 method: 'POST', headers: { 'X-A': 'b' } };
             const req = https.request(options, (res) => {});
             req.end();",
            &post,
            "nobody",
        ),
        (
            "import { get } from 'node:https';
             get('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a', (res) => {})",
            &get,
            "nobody",
        ),
        (
            "export default { methods: { load() {
                 this.$axios.get('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a') } } }",
            &get,
            "? not all that is sent along is known",
        ),
        (
            "fetch(`https://${id}.execute-api.${process.env.REGION}.amazonaws.com/prod/a`)",
            "GET {}.execute-api.{}.amazonaws.com:443/prod/a",
            "nobody",
        ),
        (
            "fetch('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a',
                 { headers: { Authorization: session.token } })",
            &get,
            "? its Authorization may be a signature",
        ),
        (
            "fetch('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a',
                 { headers: { Authorization: `Bearer ${session.token}` } })",
            &get,
            "nobody",
        ),
    ]);
}

#[test]
fn signatures_of_aws() {
    let get = format!("GET {HOST}/prod/a");
    let post = format!("POST {HOST}/prod/a");
    signers(&[
        (
            "import { AwsClient } from 'aws4fetch';
             const aws = new AwsClient({ accessKeyId, secretAccessKey, service: 'execute-api', region: 'eu-west-1' });
             export const load = () =>
                 aws.fetch('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a', { method: 'POST' })",
            &post,
            "execute-api eu-west-1",
        ),
        (
            "import { AwsClient } from 'aws4fetch';
             async function load() {
                 const aws = new AwsClient(keys);
                 const signed = await aws.sign('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a');
                 return fetch(signed);
             }",
            &get,
            "? ?",
        ),
        (
            "const aws4 = require('aws4');
             const https = require('https');
             const opts = { host: 'abc.execute-api.eu-west-1.amazonaws.com', path: '/prod/a',
                 service: 'execute-api', region: 'eu-west-1' };
             aws4.sign(opts, keys);
             https.request(opts, (res) => {}).end();",
            &get,
            "execute-api eu-west-1",
        ),
        (
            "import aws4 from 'aws4';
             import axios from 'axios';
             const request = { host: 'abc.execute-api.eu-west-1.amazonaws.com', method: 'POST',
                 url: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod/a', path: '/prod/a', headers: {} };
             const signed = aws4.sign(request, keys);
             delete signed.headers.Host;
             axios(signed)",
            &post,
            "? ?",
        ),
        (
            "const aws4 = require('aws4');
             const opts = { host: 'abc.execute-api.eu-west-1.amazonaws.com', path: '/prod/a' };
             if (needed) aws4.sign(opts, keys);
             require('https').request(opts)",
            &get,
            "? it is signed under a condition only",
        ),
        (
            "import { SignatureV4 } from '@smithy/signature-v4';
             import { HttpRequest } from '@smithy/protocol-http';
             const url = new URL('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a');
             const signer = new SignatureV4({ credentials, sha256: Sha256, service: 'execute-api',
                 region: process.env.AWS_REGION || 'eu-west-1' });
             export async function load() {
                 const request = new HttpRequest({ hostname: url.hostname, path: url.pathname, method: 'POST',
                     headers: { host: url.host } });
                 const { headers, body, method } = await signer.sign(request);
                 return fetch(url, { headers, body, method });
             }",
            &post,
            "execute-api eu-west-1",
        ),
        (
            "import { SignatureV4 } from '@aws-sdk/signature-v4';
             import { NodeHttpHandler } from '@aws-sdk/node-http-handler';
             const signer = new SignatureV4({ region: 'eu-west-1', service: 'execute-api' });
             const signed = await signer.sign({ hostname: 'abc.execute-api.eu-west-1.amazonaws.com',
                 protocol: 'https:', path: '/prod/a', method: 'GET', headers: {} });
             const client = new NodeHttpHandler();
             await client.handle(signed)",
            &get,
            "execute-api eu-west-1",
        ),
        (
            "const AWS = require('aws-sdk');
             const endpoint = new AWS.Endpoint('abc.execute-api.eu-west-1.amazonaws.com');
             const request = new AWS.HttpRequest(endpoint, 'eu-west-1');
             request.method = 'GET';
             request.path = '/prod/a';
             request.headers['host'] = endpoint.host;
             const signer = new AWS.Signers.V4(request, 'execute-api');
             signer.addAuthorization(AWS.config.credentials, new Date());
             new AWS.HttpClient().handleRequest(request, null, done, failed)",
            &get,
            "execute-api eu-west-1",
        ),
        (
            "import { API } from 'aws-amplify';
             API.post('orders', '/a', { body: {} })",
            "POST ?/a",
            "? Amplify signs where its configuration says so",
        ),
        (
            "import { get } from 'aws-amplify/api';
             get({ apiName: 'orders', path: '/a' })",
            "GET ?/a",
            "? Amplify signs where its configuration says so",
        ),
        (
            "import apigClientFactory from 'aws-api-gateway-client';
             const client = apigClientFactory.newClient({ accessKey, secretKey, region: 'eu-west-1',
                 invokeUrl: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod' });
             client.invokeApi({ id: 1 }, '/users/{id}', 'DELETE', {}, {})",
            &format!("DELETE {HOST}/prod/users/{{}}"),
            "execute-api eu-west-1",
        ),
        (
            "const factory = require('aws-api-gateway-client').default;
             const client = factory.newClient({ apiKey,
                 invokeUrl: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod' });
             client.invokeApi({}, '/a', 'GET')",
            &get,
            "nobody",
        ),
        (
            "import { createSignedFetcher } from 'aws-sigv4-fetch';
             const signed = createSignedFetcher({ service: 'execute-api', region: 'eu-west-1' });
             signed('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a', { method: 'POST' })",
            &post,
            "execute-api eu-west-1",
        ),
        (
            "import { signRequest } from 'aws-sigv4-sign';
             const signed = await signRequest('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a',
                 { method: 'POST' }, { service: 'execute-api', region: 'eu-west-1' });
             fetch(signed)",
            &post,
            "execute-api eu-west-1",
        ),
        (
            "const authorization = `AWS4-HMAC-SHA256 Credential=${key}/${day}/eu-west-1/execute-api/aws4_request, x`;
             fetch('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a', { headers: { authorization } })",
            &get,
            "execute-api eu-west-1",
        ),
    ]);
}

#[test]
fn a_signer_may_be_set_up_in_another_file() {
    let files = [
        (
            "client",
            "import axios from 'axios';
             export const client = axios.create({
                 baseURL: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod' });
             export const open = axios.create({
                 baseURL: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod' });",
        ),
        (
            "signing",
            "import { aws4Interceptor } from 'aws4-axios';
             import { client } from './client';
             client.interceptors.request.use(
                 aws4Interceptor({ options: { region: 'eu-west-1', service: 'execute-api' }, credentials }));",
        ),
        (
            "calls",
            "import { client, open } from './client';
             client.get('/a');
             open.get('/b');",
        ),
    ];
    let told: Vec<String> = calls(&files).iter().map(signer).collect();
    assert_eq!(told, ["execute-api eu-west-1", "nobody"]);
}

#[test]
fn who_had_a_request_may_have_signed_it() {
    let url = "'https://abc.execute-api.eu-west-1.amazonaws.com/prod/a'";
    let open = "? not all that is sent along is known";
    for text in [
        format!("const headers = {{ A: 'b' }}; sign(headers); fetch({url}, {{ headers }})"),
        format!("const options = {{ method: 'POST' }}; signer.sign(options); fetch({url}, options)"),
        format!("const options = {{}}; new Signer(options).run(); fetch({url}, options)"),
        format!("attach(axios); axios.get({url})"),
        format!("const a = axios.create(); new Signer(a); a.get({url})"),
        format!("global.fetch = signed; fetch({url})"),
        format!(
            "import {{ sign }} from 'some-signer';
             const options = {{}}; sign(options); fetch({url}, options)"
        ),
        format!(
            "const e = (o) => sign(o), d = (o) => e(o), c = (o) => d(o), b = (o) => c(o), a = (o) => b(o);
             const options = {{}}; a(options); fetch({url}, options)"
        ),
    ] {
        assert_eq!(signer(&one(&text)), open, "{text}");
    }
    for text in [
        format!("const options = {{}}; console.log(options); fetch({url}, options)"),
        format!("import retry from 'axios-retry'; retry(axios, {{}}); axios.get({url})"),
        format!("import VueAxios from 'vue-axios'; app.use(VueAxios, axios); axios.get({url})"),
        format!("import f from 'node-fetch'; global.fetch = f; fetch({url})"),
        format!("const options = {{}}; fetch({url}, options); track(options)"),
        format!("const log = (o) => 1; const options = {{}}; log(options); fetch({url}, options)"),
    ] {
        assert_eq!(signer(&one(&text)), "nobody", "{text}");
    }
}
