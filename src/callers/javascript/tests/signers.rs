//! Who signs.

use super::{calls, one};
use crate::callers::testing::{signer, told};

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

/// One after the other, headers come from somewhere.
#[test]
fn headers_that_are_put_on_one_by_one() {
    for each in [
        "Object.entries(signed()).forEach(([name, value]) => { headers[name] = value });",
        "Object.keys(signed).forEach(function (name) { headers[name] = signed[name] });",
        "['Authorization'].map((name) => { headers[name] = signed[name] });",
        "for (const name of Object.keys(signed)) headers[name] = signed[name];",
        "sign({ headers, service: 'execute-api' });",
        "const request = { headers }; sign({ request });",
        "const circle = { headers }; circle.circle = circle; sign(circle);",
    ] {
        let call = one(&format!(
            "function load() {{ const headers = {{}}; {each} return fetch('https://a.test/b', {{ headers }}) }}"
        ));
        assert!(!call.headers_complete, "{each}");
    }
    let call = one("const headers = {}; names.forEach((name) => { say(name) });
         fetch('https://a.test/b', { headers })");
    assert_eq!(signer(&call), "nobody");
    let call = one("names.forEach((name) => fetch('https://a.test/' + name))");
    assert_eq!(told(&call), "GET a.test:443/{}");
}

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
            "const request = require('request-promise');
             request({ uri: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod/a', method: 'POST', json: true })",
            &post,
            "nobody",
        ),
        (
            "const request = require('request');
             request.get({ url: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod/a',
                 auth: { user: 'a', pass: 'b' } }, (error, answer) => {})",
            &get,
            "nobody",
        ),
        (
            "const request = require('request').defaults({ baseUrl: 'https://abc.execute-api.eu-west-1.amazonaws.com/prod' });
             request.post('/a', { aws: { key, secret, sign_version: 4, service: 'execute-api' } })",
            &post,
            "execute-api ?",
        ),
        (
            "const https = require('https');
             const req = https.request('https://abc.execute-api.eu-west-1.amazonaws.com/prod/a');
             sign(req);
             req.end();",
            &get,
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
fn what_is_imported_for_what_it_does_may_sign() {
    let url = "'https://abc.execute-api.eu-west-1.amazonaws.com/prod/a'";
    let main = format!("import './patch'; fetch({url})");
    let patch = "globalThis.fetch = signed(globalThis.fetch)";
    let told: Vec<String> = calls(&[("main", &main), ("patch", patch)])
        .iter()
        .map(signer)
        .collect();
    assert_eq!(told, ["? not all that is sent along is known"]);
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
        format!("fetch = signed(fetch); fetch({url})"),
        format!("import f from 'fetch-intercept'; f.register(signing); fetch({url})"),
        format!(
            "import {{ setGlobalDispatcher }} from 'undici'; setGlobalDispatcher(signing);
             fetch({url})"
        ),
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
