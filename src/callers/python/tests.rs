use std::sync::Arc;

use super::{Project, read};
use crate::callers::testing::{headers, signer, told};
use crate::callers::{Body, Call, Client};
use crate::syntax::python::{self, Module};

/// Files by the names of their modules; all are looked into.
struct Files(Vec<(&'static str, Arc<Module>)>);

impl Project for Files {
    fn resolve(&mut self, _: usize, module: &str) -> Option<usize> {
        let name = module.trim_start_matches('.');
        self.0.iter().position(|(file, _)| *file == name)
    }

    fn importers(&mut self, _: usize) -> Vec<usize> {
        Vec::new()
    }

    fn tree(&mut self, file: usize) -> Option<Arc<Module>> {
        Some(self.0[file].1.clone())
    }
}

fn calls(files: &[(&'static str, &str)]) -> Vec<Call> {
    let mut base = 0;
    let trees = files.iter().map(|(name, text)| {
        let tree = python::parse(base, text.as_bytes()).unwrap();
        base += text.len() as u32 + 1;
        (*name, Arc::new(tree))
    });
    let mut project = Files(trees.collect());
    let all: Vec<usize> = (0..files.len()).collect();
    read(&mut project, &all)
}

#[track_caller]
fn one(text: &str) -> Call {
    let mut calls = calls(&[("a", text)]);
    assert_eq!(calls.len(), 1, "{text}\n{calls:#?}");
    calls.remove(0)
}

/// Each source, what is told of its only call, and who signs it.
#[track_caller]
fn table(rows: &[(&str, &str, &str)]) {
    for (text, expected, by) in rows {
        let call = one(text);
        let found = (told(&call), signer(&call));
        assert_eq!(
            (found.0.as_str(), found.1.as_str()),
            (*expected, *by),
            "{text}"
        );
    }
}

const URL: &str = "URL = 'https://abc.execute-api.eu-west-1.amazonaws.com/prod'\n";

#[track_caller]
fn at_url(rows: &[(&str, &str, &str)]) {
    for (text, expected, by) in rows {
        let (method, path) = expected.split_once(' ').unwrap();
        let expected = format!("{method} abc.execute-api.eu-west-1.amazonaws.com:443/prod{path}");
        let text = format!("{URL}{text}");
        table(&[(&text, &expected, by)]);
    }
}

#[test]
fn clients() {
    at_url(&[
        (
            "import requests\nrequests.get(URL + '/a')",
            "GET /a",
            "nobody",
        ),
        (
            "import requests as rq\nrq.request('delete', f'{URL}/a/{number}')",
            "DELETE /a/{}",
            "nobody",
        ),
        (
            "from requests import post\npost('%s/a' % URL, json={})",
            "POST /a",
            "nobody",
        ),
        (
            "import requests\nwith requests.Session() as s:\n    s.headers.update({'X-A': 'b'})\n    s.put('{}/a'.format(URL))",
            "PUT /a",
            "nobody",
        ),
        (
            "import httpx\nasync def f():\n    async with httpx.AsyncClient(base_url=URL) as client:\n        await client.patch('/a', json={})",
            "PATCH /a",
            "nobody",
        ),
        (
            "from urllib.request import urlopen, Request\nurlopen(Request(URL + '/a', data=b'x', headers={'X-A': 'b'}))",
            "POST /a",
            "nobody",
        ),
        (
            "import urllib.request\nurllib.request.urlopen(URL + '/a')",
            "GET /a",
            "nobody",
        ),
        (
            "import urllib3\nhttp = urllib3.PoolManager()\nhttp.request('GET', URL + '/a', headers={'X': 'y'})",
            "GET /a",
            "nobody",
        ),
        (
            "import aiohttp\nasync def f():\n    async with aiohttp.ClientSession() as session:\n        async with session.post(URL + '/a', json={}) as answer:\n            pass",
            "POST /a",
            "nobody",
        ),
        (
            "from http.client import HTTPSConnection\nc = HTTPSConnection('abc.execute-api.eu-west-1.amazonaws.com')\nc.request('GET', '/prod/a', None, {'X': 'y'})",
            "GET /a",
            "nobody",
        ),
    ]);
}

#[test]
fn signatures_of_aws() {
    at_url(&[
        (
            "import requests\nfrom requests_aws4auth import AWS4Auth\nauth = AWS4Auth(key, secret, 'eu-west-1', 'execute-api')\nrequests.get(URL + '/a', auth=auth)",
            "GET /a",
            "execute-api eu-west-1",
        ),
        (
            "import os, requests\nfrom requests_aws4auth import AWS4Auth\ns = requests.Session()\ns.auth = AWS4Auth(region=os.environ.get('AWS_REGION', 'eu-west-1'), service='execute-api', refreshable_credentials=c)\ndef f():\n    return s.post(URL + '/a')",
            "POST /a",
            "execute-api eu-west-1",
        ),
        (
            "import requests\nfrom aws_requests_auth.aws_auth import AWSRequestsAuth\nauth = AWSRequestsAuth(aws_access_key=k, aws_secret_access_key=s, aws_host='x', aws_region='eu-west-1', aws_service='execute-api')\nrequests.get(URL + '/a', auth=auth)",
            "GET /a",
            "execute-api eu-west-1",
        ),
        (
            "import requests\nfrom aws_requests_auth.boto_utils import BotoAWSRequestsAuth\nrequests.get(URL + '/a', auth=BotoAWSRequestsAuth('x', 'eu-west-1', 'execute-api'))",
            "GET /a",
            "execute-api eu-west-1",
        ),
        (
            "import boto3, requests\nfrom botocore.auth import SigV4Auth\nfrom botocore.awsrequest import AWSRequest\ndef call():\n    credentials = boto3.Session().get_credentials()\n    request = AWSRequest(method='POST', url=URL + '/a', data='{}', headers={'X-A': 'b'})\n    SigV4Auth(credentials, 'execute-api', 'eu-west-1').add_auth(request)\n    return requests.post(URL + '/a', headers=dict(request.headers), data='{}')",
            "POST /a",
            "execute-api eu-west-1",
        ),
        (
            "import botocore.session, requests\nfrom botocore.auth import SigV4Auth\nfrom botocore.awsrequest import AWSRequest\nsigner = SigV4Auth(c, 'execute-api', 'eu-west-1')\nrequest = AWSRequest('GET', URL + '/a')\nsigner.add_auth(request)\nprepared = request.prepare()\nrequests.get(prepared.url, headers=prepared.headers)",
            "GET /a",
            "execute-api eu-west-1",
        ),
        (
            "from botocore.auth import SigV4Auth\nfrom botocore.awsrequest import AWSRequest\nfrom botocore.httpsession import URLLib3Session\nrequest = AWSRequest(method='GET', url=URL + '/a')\nSigV4Auth(c, 'execute-api', region).add_auth(request)\nURLLib3Session().send(request.prepare())",
            "GET /a",
            "execute-api ?",
        ),
        (
            "import httpx\nfrom httpx_auth_awssigv4 import SigV4Auth\nhttpx.get(URL + '/a', auth=SigV4Auth(access_key=k, secret_key=s, service='execute-api', region='eu-west-1'))",
            "GET /a",
            "execute-api eu-west-1",
        ),
        (
            "import httpx\nfrom httpx_auth import AWS4Auth\nclient = httpx.Client(auth=AWS4Auth(access_id=k, secret_key=s, region='eu-west-1', service='execute-api'))\nclient.get(URL + '/a')",
            "GET /a",
            "execute-api eu-west-1",
        ),
        (
            "import httpx\nfrom httpx_auth import AWS4Auth\nclient = httpx.Client()\nrequest = client.build_request('GET', URL + '/a')\nclient.send(request, auth=AWS4Auth(access_id=k, secret_key=s, region='eu-west-1', service='execute-api'))",
            "GET /a",
            "execute-api eu-west-1",
        ),
        (
            "import requests\nfrom requests_aws_sign import AWSV4Sign\nrequests.get(URL + '/a', auth=AWSV4Sign(c, 'eu-west-1', 'execute-api'))",
            "GET /a",
            "execute-api eu-west-1",
        ),
        (
            "import requests\nrequests.get(URL + '/a', headers={'Authorization': f'AWS4-HMAC-SHA256 Credential={key}/{day}/eu-west-1/execute-api/aws4_request'})",
            "GET /a",
            "execute-api eu-west-1",
        ),
    ]);
}

#[test]
fn what_is_not_known_is_said() {
    const OPEN: &str = "? not all that is sent along is known";
    at_url(&[
        (
            "import requests\ndef f(**kwargs):\n    return requests.get(URL + '/a', **kwargs)",
            "GET /a",
            OPEN,
        ),
        (
            "import requests\nfrom signing import patch\npatch(requests)\nrequests.get(URL + '/a')",
            "GET /a",
            OPEN,
        ),
        (
            "import requests\nrequests.get = signed\nimport requests as r\nr.get(URL + '/a')",
            "GET /a",
            OPEN,
        ),
        (
            "import urllib.request as u\nu.install_opener(u.build_opener(Signing()))\nu.urlopen(URL + '/a')",
            "GET /a",
            OPEN,
        ),
        (
            "import requests\nheaders = {}\nsign(headers)\nrequests.get(URL + '/a', headers=headers)",
            "GET /a",
            OPEN,
        ),
        (
            "import requests\nrequests.get(URL + '/a', auth=make_auth())",
            "GET /a",
            "? its Authorization may be a signature",
        ),
        (
            "import requests\nfrom requests_aws4auth import AWS4Auth\nauth = None\nif signed:\n    auth = AWS4Auth(k, s, 'eu-west-1', 'execute-api')\nrequests.get(URL + '/a', auth=auth)",
            "GET /a",
            "? it is signed under a condition only",
        ),
        (
            "import requests\ndef f(session: requests.Session):\n    return session.get(URL + '/a')",
            "GET /a",
            OPEN,
        ),
        (
            "import requests\ns = requests.Session()\ns.mount('https://', SigningAdapter())\ns.get(URL + '/a')",
            "GET /a",
            OPEN,
        ),
        (
            "import requests\nfrom requests.adapters import HTTPAdapter\ns = requests.Session()\ns.mount('https://', HTTPAdapter(max_retries=3))\ns.get(URL + '/a', auth=('user', 'password'))",
            "GET /a",
            "nobody",
        ),
        (
            "import requests\nheaders = {'Accept': 'x'}\nif token:\n    headers['Authorization'] = f'Bearer {token}'\nrequests.get(URL + '/a', headers=headers)",
            "GET /a",
            "nobody",
        ),
    ]);
}

#[test]
fn urls_are_put_together() {
    table(&[
        (
            "import os, requests\nrequests.get(os.environ['API_URL'] + '/a')",
            "GET $API_URL/a",
            "nobody",
        ),
        (
            "import os, requests\nBASE = os.getenv('API_URL', 'http://localhost:5000')\nrequests.get(f'{BASE}/a')",
            "GET localhost:5000/a",
            "nobody",
        ),
        (
            "import os, requests\nBASE = os.environ.get('API_URL') or 'http://localhost:5000/v1'\nrequests.get(f'{BASE}/a')",
            "GET localhost:5000/v1/a",
            "nobody",
        ),
        (
            "import os, requests\nhost = f\"{api}.execute-api.{os.environ['REGION']}.amazonaws.com\"\nrequests.get('https://' + host + '/prod/a')",
            "GET {}.execute-api.{}.amazonaws.com:443/prod/a",
            "nobody",
        ),
        (
            "import requests\nfrom urllib.parse import urljoin\nrequests.get(urljoin('https://a.test/prod/', 'b'))",
            "GET a.test:443/prod/b",
            "nobody",
        ),
        (
            "import requests\nif production:\n    BASE = 'https://a.test'\nelse:\n    BASE = 'http://localhost:5000'\nrequests.get(BASE + '/b')",
            "GET a.test:443/b or localhost:5000/b",
            "nobody",
        ),
        (
            "import requests\nfor page in pages:\n    url = 'https://a.test'\n    url = url + '/b'\n    requests.get(url)",
            "GET a.test:443/b",
            "nobody",
        ),
    ]);
}

#[test]
fn services_and_their_helpers() {
    let call = one("import requests
class Orders:
    path = '/orders'
    def __init__(self, base='https://a.test'):
        self.base = 'https://a.test'
        self.session = requests.Session()
        self.session.headers['X-Api-Key'] = key
    def all(self):
        return self.session.get(self.base + self.path)
");
    assert_eq!(told(&call), "GET a.test:443/orders");
    assert_eq!(headers(&call), [("X-Api-Key", "{}".to_owned())]);
    assert_eq!(call.client, Client::Requests);

    let call = one("import requests
def send(method, path, body=None):
    return requests.request(method, 'https://a.test' + path, json=body)
def remove(number):
    return send('DELETE', f'/orders/{number}')
");
    assert_eq!(told(&call), "DELETE a.test:443/orders/{}");
    assert!(call.through.is_some());

    let files = [
        ("config", "API = 'https://a.test'\n"),
        (
            "client",
            "import requests\nsession = requests.Session()\nsession.auth = ('a', 'b')\n",
        ),
        (
            "orders",
            "import config\nfrom .client import session\nsession.post(config.API + '/orders', json={'a': 1})\n",
        ),
    ];
    let calls = calls(&files);
    assert_eq!(calls.len(), 1);
    assert_eq!(told(&calls[0]), "POST a.test:443/orders");
    assert_eq!(calls[0].body, Body::Json);
    assert_eq!(
        headers(&calls[0]),
        [("Authorization", "Basic {}".to_owned())]
    );
}

#[test]
fn numbers_and_signs_of_percent() {
    table(&[
        (
            "import requests\nrequests.get('http://localhost:%s/b' % (8000 + 1))",
            "GET localhost:?/b",
            "nobody",
        ),
        (
            "import requests\nrequests.get('https://a.test/%%20/%s' % 'b')",
            "GET a.test:443/%20/b",
            "nobody",
        ),
    ]);
}

/// It may sign.
#[test]
fn a_proxy_in_between() {
    let url = "GET a.test:443/b";
    table(&[
        (
            "import requests\nrequests.get('https://a.test/b', proxies={'https': 'http://c.test'})",
            url,
            "? not all that is sent along is known",
        ),
        (
            "import requests\nrequests.get('https://a.test/b', proxies=None)",
            url,
            "nobody",
        ),
    ]);
}

#[test]
fn what_sends_nothing() {
    for text in [
        "import boto3\nclient = boto3.client('lambda')\nclient.get('https://a.test')",
        "requests.get('https://a.test')",
        "import requests\nrequests.codes.ok\nrequests.Session()",
        "from requests import get as fetch\ndef get(x): pass\nget('https://a.test')",
        "def f(client):\n    return client.get('https://a.test')",
    ] {
        assert_eq!(calls(&[("a", text)]).len(), 0, "{text}");
    }
}

#[test]
fn what_means_harm_takes_no_time() {
    let deep = format!(
        "import requests\nrequests.get({}{})",
        "f(".repeat(50_000),
        ")".repeat(50_000)
    );
    let circle = "import requests\ndef f(x):\n    return f(g(x))\ndef g(x):\n    return f(f(f(g(x))))\nf(1)\n";
    let itself = "d = {}\nd.update(d)\nd = {**d, 'a': d}\nclass A(A): pass\nA()\nimport requests\nrequests.get('https://a.test', headers=d)";
    let wide = format!(
        "import requests\n{}",
        "if a:\n    u = 'https://a.test/' + u + v\n".repeat(5_000)
    );
    let doubled = |line: &dyn Fn(usize) -> String| -> String { (1..40).map(line).collect() };
    let texts = doubled(&|at| format!("a{at} = a{0} + a{0}\n", at - 1));
    let texts = format!("import requests\na0 = 'b'\n{texts}requests.get(a39)\n");
    let dicts = doubled(&|at| {
        let half = format!("**(d{0} if c else d{0})", at - 1);
        format!("d{at} = {{{half}, {half}}}\n")
    });
    let dicts = format!("d0 = {{'a': 1, 'b': 2}}\n{dicts}");
    let places = format!(
        "import requests\nrequests.get('''{}'''.format(x))",
        "{}".repeat(100_000)
    );
    for text in [
        deep.as_str(),
        circle,
        itself,
        &wide,
        &texts,
        &dicts,
        &places,
    ] {
        calls(&[("a", text)]);
    }
    assert_eq!(calls(&[("a", itself)]).len(), 1);
    let crlf = one("import requests\r\nrequests.get(\r\n    'https://a.test/b')\r\n");
    assert_eq!(told(&crlf), "GET a.test:443/b");
}
