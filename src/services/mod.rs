//! The street: the one list of services. Adding one is a folder and a line here.

pub mod notices;
pub mod styl;

use crate::{kernel::store::record::KindInfo, web::Service};

/// Every service, in the order of menus.
pub static ALL: &[&Service] = &[&notices::SERVICE, &styl::SERVICE];

/// Record kinds of all services, for the store.
pub fn kinds() -> Vec<&'static [KindInfo]> {
    ALL.iter().map(|service| service.kinds).collect()
}
