//! The street: the one list of services. Adding one is a folder and a line here.

pub mod catalogue;
pub mod erasure;
pub mod notices;
pub mod people;
pub mod publiclog;
pub mod styl;
pub mod trees;

use crate::{kernel::store::record::KindInfo, web::Service};

/// Every service, in the order of menus.
pub static ALL: &[&Service] = &[
    &catalogue::SERVICE,
    &trees::SERVICE,
    &notices::SERVICE,
    &erasure::SERVICE,
    &people::SERVICE,
    &publiclog::SERVICE,
    &styl::SERVICE,
];

/// Record kinds of all services, for the store.
pub fn kinds() -> Vec<&'static [KindInfo]> {
    ALL.iter().map(|service| service.kinds).collect()
}
