//! The strict eye of the web's own tests, taken as it stands there.

use ostoja::web::assets;

#[path = "../../../src/web/pagecheck.rs"]
pub mod pagecheck;
