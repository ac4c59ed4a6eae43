//! What the simulation of API Gateway says where no emulator can be asked: each from a page of the
//! guide, `https://docs.aws.amazon.com/apigateway/latest/developerguide/PAGE.html`.

mod account;
mod export;
mod http;
mod names;
mod private;
mod rest;
