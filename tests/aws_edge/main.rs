//! What the gates of AWS in front of an API say, held against what AWS documents. Each group of
//! cases names the page; where an emulator can be asked, `aws_edge_truth` asks it.

mod account;
mod cloudfront;
mod function_url;
mod load_balancer;
mod network;
mod waf;
