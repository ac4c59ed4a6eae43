//! What differs between versions of nginx. Only one of them runs in `nginx_truth`; the rest was
//! observed on 1.28.0 and 1.31.4, and dated by nginx's history.

use why403::estate::{Estate, Input};
use why403::explain::ask::{Question, request};
use why403::explain::document::{End, Explanation, Sent};
use why403::explain::explain;

/// What happens to a request, with this content of `http { }` and this version.
fn tell(version: &str, http: &str, method: &str, url: &str, headers: &[&str]) -> Explanation {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: String| {
        std::fs::write(folder.path().join(name), text).expect("a file");
    };
    write("nginx.conf", format!("events {{ }}\nhttp {{ {http} }}\n"));
    write("why403.yaml", format!("nginx:\n  version: {version}\n"));
    let inputs = [Input::Path(folder.path().to_path_buf())];
    let estate = Estate::read(&inputs, &[]).expect("an estate");
    let fatal = estate.problems.iter().find(|problem| problem.fatal);
    assert_eq!(fatal, None, "{http}");
    let headers: Vec<_> = headers.iter().map(ToString::to_string).collect();
    let question = Question {
        method: Some(method),
        url,
        headers: &headers,
        ..Question::default()
    };
    let asked = request(&question).expect("a request");
    explain(&estate, &asked, true).document
}

/// The one way that a request takes.
fn end(story: Explanation) -> End {
    let [course] = story.courses.try_into().expect("one course");
    let [hop] = course.hops.try_into().expect("one hop");
    hop.end
}

fn sent(version: &str, location: &str, headers: &[&str]) -> Sent {
    let http = format!("server {{ listen 80; location / {{ {location} }} }}");
    match end(tell(version, &http, "GET", "http://shop.test/", headers)) {
        End::Forwarded { request, .. } => request,
        end => panic!("{end:?}"),
    }
}

/// The values of a header that the upstream gets.
fn gets(version: &str, location: &str, headers: &[&str], name: &str) -> Vec<String> {
    let sent = sent(version, location, headers);
    let named = sent
        .headers
        .into_iter()
        .filter(|header| header.name == name);
    named.map(|header| header.value.expect("a value")).collect()
}

fn status(version: &str, method: &str, headers: &[&str]) -> Option<u16> {
    let http = "server { listen 80; location / { return 204; } }";
    match end(tell(version, http, method, "http://shop.test/", headers)) {
        End::Answered { status, .. } => status,
        end => panic!("{end:?}"),
    }
}

const PROXY: &str = "proxy_pass http://up:8080;";

#[test]
fn repeated_headers_are_joined_since_1_23_0() {
    let location = format!("proxy_set_header X-All $http_x_one; {PROXY}");
    let headers = ["X-One: 1", "X-One: 2"];
    assert_eq!(gets("1.22.1", &location, &headers, "X-All"), ["1"]);
    assert_eq!(gets("1.23.0", &location, &headers, "X-All"), ["1, 2"]);
}

#[test]
fn add_header_can_be_merged_since_1_29_3() {
    let http = "add_header X-Outer 1; add_header_inherit merge;
        server { listen 80; location / { add_header X-Inner 2; return 204; } }";
    let names = |version| match end(tell(version, http, "GET", "http://shop.test/", &[])) {
        End::Answered { headers, .. } => {
            let names = headers.into_iter().map(|header| header.name);
            names.collect::<Vec<_>>()
        }
        end => panic!("{end:?}"),
    };
    assert_eq!(names("1.29.2"), ["X-Inner"]);
    assert_eq!(names("1.29.3"), ["X-Outer", "X-Inner"]);
}

#[test]
fn add_header_can_be_cut_off_since_1_29_3() {
    let http = "add_header X-Outer 1;
        server { listen 80; location / { add_header_inherit off; return 204; } }";
    let number = |version| match end(tell(version, http, "GET", "http://shop.test/", &[])) {
        End::Answered { headers, .. } => headers.len(),
        end => panic!("{end:?}"),
    };
    assert_eq!(number("1.29.2"), 1);
    assert_eq!(number("1.29.3"), 0);
}

#[test]
fn a_host_is_a_url_s_host_since_1_29_4() {
    for host in ["Host: user@shop.test", "Host: shop.test:x", "Host: a\"b"] {
        assert_eq!(status("1.29.3", "GET", &[host]), Some(204), "{host}");
        assert_eq!(status("1.29.4", "GET", &[host]), Some(400), "{host}");
    }
    for host in ["Host: shop_1.test:80", "Host: [::1]:80", "Host: SHOP.test."] {
        assert_eq!(status("1.29.4", "GET", &[host]), Some(204), "{host}");
    }
}

#[test]
fn connections_are_kept_since_1_29_7() {
    assert_eq!(gets("1.29.6", PROXY, &[], "Connection"), ["close"]);
    assert!(gets("1.29.7", PROXY, &[], "Connection").is_empty());
    let upgrade = format!("proxy_set_header Connection upgrade; {PROXY}");
    assert_eq!(gets("1.29.7", &upgrade, &[], "Connection"), ["upgrade"]);
}

#[test]
fn an_empty_host_is_filled_in_since_1_31_4() {
    let location = format!("proxy_set_header Host \"\"; {PROXY}");
    assert!(gets("1.31.3", &location, &[], "Host").is_empty());
    assert_eq!(gets("1.31.4", &location, &[], "Host"), ["up:8080"]);
    let grpc = "grpc_set_header Host \"\"; grpc_pass grpc://up:8080;";
    assert!(gets("1.31.3", grpc, &[], "Host").is_empty());
    assert_eq!(gets("1.31.4", grpc, &[], "Host"), ["up:8080"]);
    // HTTP/1.0 does not need one.
    let old = format!("proxy_http_version 1.0; {location}");
    assert!(gets("1.31.4", &old, &[], "Host").is_empty());
}

#[test]
fn programs_are_told_the_host_that_was_asked_for_since_1_29_5() {
    let location = "fastcgi_pass up:9000; fastcgi_pass_request_headers off;";
    assert!(gets("1.29.4", location, &[], "Host").is_empty());
    assert_eq!(gets("1.29.5", location, &[], "Host"), ["shop.test"]);
    let host = ["Host: SHOP.test:81"];
    let location = "fastcgi_pass up:9000;";
    assert_eq!(gets("1.29.4", location, &host, "Host"), ["SHOP.test:81"]);
    assert_eq!(gets("1.29.5", location, &host, "Host"), ["shop.test:81"]);
    let removed = "uwsgi_pass up:9000; uwsgi_param HTTP_HOST \"\";";
    assert!(gets("1.29.5", removed, &[], "Host").is_empty());
}

#[test]
fn proxy_connection_is_kept_back_since_1_31_0() {
    let header = ["Proxy-Connection: close"];
    assert_eq!(
        gets("1.29.8", PROXY, &header, "Proxy-Connection"),
        ["close"]
    );
    assert!(gets("1.31.0", PROXY, &header, "Proxy-Connection").is_empty());
}

#[test]
fn proxy_authorization_is_not_repeated_since_1_29_7() {
    let headers = [
        "Proxy-Authorization: Basic YTpi",
        "Proxy-Authorization: Basic YTpj",
    ];
    assert_eq!(status("1.29.6", "GET", &headers), Some(204));
    assert_eq!(status("1.29.7", "GET", &headers), Some(400));
}

#[test]
fn connect_with_a_path_is_malformed_since_1_29_3() {
    assert_eq!(status("1.29.2", "CONNECT", &[]), Some(405));
    assert_eq!(status("1.29.3", "CONNECT", &[]), Some(400));
}
