//! What is worth a remark about the lines that name the proxies in front.

use bstr::ByteSlice;

use super::super::Reader;
use crate::gates::nginx::address;
use crate::gates::nginx::remark::RemarkKind;
use crate::nearest::nearest;
use crate::syntax::nginx::Directive;

/// Headers from which an address is commonly taken, as proxies and CDNs document them.
const REAL_IP_HEADERS: &[&str] = &[
    "X-Forwarded-For",
    "X-Real-IP",
    "X-Client-IP",
    "X-Original-Forwarded-For",
    "X-Envoy-External-Address",
    "X-Cluster-Client-IP",
    "X-Azure-ClientIP",
    "X-Appengine-User-IP",
    "CF-Connecting-IP",
    "CF-Connecting-IPv6",
    "True-Client-IP",
    "Fastly-Client-IP",
    "Fly-Client-IP",
    "DO-Connecting-IP",
    "CloudFront-Viewer-Address",
    "Ali-CDN-Real-IP",
    "Incap-Client-IP",
    "Forwarded",
    "proxy_protocol",
];

impl<'p> Reader<'p> {
    pub(super) fn check_real_ip_from(&mut self, d: Directive<'p>) {
        let Some(arg) = d.arg(0) else { return };
        let value = arg.value();
        let Ok(text) = value.to_str() else { return };
        match address::network(text) {
            Some(address::Network::Net { net, low_bits }) => {
                if net.prefix_len() == 0 {
                    self.remark(d.span(), RemarkKind::TrustsEveryone);
                } else if low_bits {
                    self.remark(
                        arg.span(),
                        RemarkKind::LowBits {
                            written: text.into(),
                            meant: net.to_string(),
                        },
                    );
                }
            }
            None if text.contains('/') && !arg.is_template() && !text.contains('$') => {
                self.refuse(d, format!("invalid parameter \"{text}\""));
            }
            _ => {}
        }
    }

    pub(super) fn check_real_ip_header(&mut self, d: Directive<'p>) {
        let Some(arg) = d.arg(0) else { return };
        let value = arg.value();
        let Ok(text) = value.to_str() else { return };
        if arg.is_template() || text.contains('$') {
            return;
        }
        let known = REAL_IP_HEADERS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(text));
        if known {
            return;
        }
        // A header of the user's own is fine; one that is almost a common one is a slip.
        if let Some(nearest) = nearest(text, REAL_IP_HEADERS, 3) {
            self.remark(
                d.span(),
                RemarkKind::UnknownRealIpHeader {
                    written: text.into(),
                    nearest,
                },
            );
        }
    }
}
