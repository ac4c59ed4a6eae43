//! As fast as the limits of AWS allow, and no faster.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::{Reply, Server};
use crate::snapshot;

const APIS: usize = 14;

/// Calls for an API without a stage, and those for the account.
const CALLS: f64 = 5.0 * APIS as f64 + 3.0;

#[test]
fn it_is_as_fast_as_the_limits_allow() {
    let times = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&times);
    let server = Server::start(move |call, _| {
        if call.service == "sts" {
            return Reply::Empty;
        }
        seen.lock().unwrap().push(Instant::now());
        thread::sleep(Duration::from_millis(50));
        match call.name.as_str() {
            "/restapis" => {
                let apis: Vec<String> =
                    (0..APIS).map(|id| format!("{{\"id\":\"{id}\"}}")).collect();
                Reply::json(format!("{{\"item\":[{}]}}", apis.join(",")))
            }
            _ => Reply::Empty,
        }
    });
    let run = snapshot(&server, &["--services", "apigateway"]);
    assert_eq!(run.code(), 0, "{}", run.said());
    let times = times.lock().unwrap();
    assert_eq!(times.len() as f64, CALLS);

    // 80 % of 10 a second, of which 32 may come at once; resources are slower.
    let bound = f64::max((CALLS - 32.0) / 8.0, (APIS as f64 - 4.0) / 2.0);
    let took = times.last().unwrap().duration_since(times[0]).as_secs_f64();
    assert!(took < bound * 1.5, "{took} s, and {bound} s are possible");
    // What AWS itself would allow, at any time.
    for (first, begin) in times.iter().enumerate() {
        for (last, end) in times.iter().enumerate().skip(first) {
            let allowed = 40.0 + 10.0 * end.duration_since(*begin).as_secs_f64() + 1.0;
            assert!(((last - first + 1) as f64) < allowed, "{first} to {last}");
        }
    }
}
