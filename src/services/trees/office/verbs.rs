//! What the office can do in a case: one verb, one path, one action each.

use super::{CLERKS, acts, case, files, inbox};
use crate::{kernel::identity::Action, web::Route};

macro_rules! verbs {
    ($($name:ident $action:ident $slug:literal $verb:literal $(. $with:ident)?;)+) => {
        /// An act of the office.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Verb { $($name),+ }

        $(pub static $action: Action = Action {
            name: concat!("trees.", $verb),
            who: CLERKS,
            sentence: concat!("audit-trees-", $verb),
        };)+

        impl Verb {
            /// In the order in which a case goes.
            pub const ALL: &'static [Verb] = &[$(Verb::$name),+];

            /// The last part of its path.
            pub fn slug(self) -> &'static str {
                match self { $(Verb::$name => $slug),+ }
            }

            pub fn action(self) -> &'static Action {
                match self { $(Verb::$name => &$action),+ }
            }

            /// The key of its name: heading and button. Its `.hint` says what it does.
            pub fn key(self) -> &'static str {
                match self { $(Verb::$name => concat!("trees-act-", $verb)),+ }
            }

            /// The word by which text keys call it.
            pub fn word(self) -> &'static str {
                match self { $(Verb::$name => $verb),+ }
            }
        }

        /// Pages and acts of this side of the counter.
        pub(in crate::services::trees) static ROUTES: &[Route] = &[
            Route::look("/urzad/skrzynka", CLERKS, inbox::page),
            Route::disclose("/urzad/drzewa/{case}", CLERKS, case::subject, case::page),
            Route::disclose("/urzad/drzewa/{case}/pliki/{n}", CLERKS, case::subject, files::original),
            Route::disclose("/urzad/drzewa/{case}/pliki/{n}/podglad", CLERKS, case::subject, files::shown),
            Route::disclose("/urzad/drzewa/{case}/pliki/{n}/miniatura", CLERKS, case::subject, files::thumbnail),
            Route::disclose("/urzad/drzewa/{case}/wiadomosci/{message}/pliki/{n}", CLERKS, case::subject, files::of_message),
            $(
                Route::disclose(concat!("/urzad/drzewa/{case}/", $slug), CLERKS, case::subject, acts::page),
                Route::act(concat!("/urzad/drzewa/{case}/", $slug), &$action, acts::act)$(.$with())?,
            )+
        ];

        pub(in crate::services::trees) static ACTIONS: &[&Action] = &[$(&$action),+];
    };
}

verbs! {
    Take TAKE "przyjmij" "take";
    Number NUMBER "znak" "office-number";
    Incoming INCOMING "rpw" "incoming-number";
    Check CHECK "sprawdzenie" "check";
    AddParty ADD_PARTY "strona" "add-party";
    StrikeParty STRIKE_PARTY "strona-skreslona" "strike-party";
    Accept ACCEPT "kompletne" "accept";
    Call CALL "wezwij" "call";
    CallServed CALL_SERVED "doreczono" "call-served";
    Supplement SUPPLEMENT "uzupelnienie" "paper-supplement";
    Lapse NOTE_LAPSE "uplyw" "note-lapse";
    Forward FORWARD "przekaz" "forward";
    Refuse REFUSE "odmow" "refuse";
    Plan PLAN "termin" "plan-inspection";
    Inspect INSPECT "ogledziny" "inspect" .with_files;
    Photo PHOTO "zdjecie" "photo" .with_files;
    Certify CERTIFY "zaswiadczenie" "certify";
    Object OBJECT "sprzeciw" "object";
    ObjectionServed OBJECTION_SERVED "doreczono-sprzeciw" "objection-served";
    Appeal APPEAL "odwolanie" "appeal";
    Remand REMAND "zwrot" "remand";
    Quash QUASH "uchylenie" "quash";
    Final MAKE_FINAL "ostateczna" "make-final";
    Register CLOSE_REGISTER "rejestr" "close-register";
    Silence NOTE_SILENCE "milczaca-zgoda" "note-silence";
    Discontinue DISCONTINUE "umorzenie" "discontinue";
    Suspend SUSPEND "zawies" "suspend";
    Resume RESUME "podejmij" "resume";
    Expiry NOTE_EXPIRY "wygasniecie" "note-expiry";
    Letter LETTER "pismo" "letter" .with_files;
    Message MESSAGE "wiadomosc" "office-message";
}

impl Verb {
    pub fn of_slug(slug: &str) -> Option<Verb> {
        Verb::ALL.iter().copied().find(|verb| verb.slug() == slug)
    }

    /// Acts that the rules of the case do not speak of.
    pub fn is_clerical(self) -> bool {
        matches!(
            self,
            Verb::Number | Verb::Incoming | Verb::Register | Verb::Letter | Verb::Message
        )
    }

    /// Acts that are recorded beside the course of the case; the page offers them where they are shown.
    pub fn is_aside(self) -> bool {
        matches!(self, Verb::Check | Verb::AddParty | Verb::StrikeParty | Verb::Photo)
    }
}
