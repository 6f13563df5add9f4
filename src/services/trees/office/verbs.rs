//! What the office can do in a case: one verb, one path, one action each.

use super::{CLERKS, acts, case, files, inbox, sign};
use crate::{kernel::identity::Action, web::Route};

macro_rules! verbs {
    ($($name:ident $action:ident $slug:literal $verb:literal $(. $with:ident)? $(=> $sign:ident)?;)+) => {
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

            /// Whether it is read once more and confirmed with a passkey: decisions and orders (design, Evidence).
            pub fn is_signed(self) -> bool {
                let by: &[&str] = match self { $(Verb::$name => &[$(stringify!($sign))?]),+ };
                !by.is_empty()
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
                Route::disclose(concat!("/urzad/drzewa/{case}/", $slug), CLERKS, case::subject, |visit, looked| acts::page(Verb::$name, visit, looked)),
                Route::act(concat!("/urzad/drzewa/{case}/", $slug), &$action, |desk, visit, tools| acts::act(Verb::$name, desk, visit, tools))$(.$with())?,
                $(
                    Route::look(concat!("/urzad/drzewa/{case}/", $slug, "/sprawdz"), CLERKS, |visit| $sign::back(Verb::$name, visit)),
                    Route::draft(concat!("/urzad/drzewa/{case}/", $slug, "/sprawdz"), CLERKS, |visit, _| $sign::check(Verb::$name, visit)),
                    Route::draft(concat!("/urzad/drzewa/{case}/", $slug, "/podpis/start"), CLERKS, |visit, tools| $sign::start(Verb::$name, visit, tools)),
                    Route::act(concat!("/urzad/drzewa/{case}/", $slug, "/podpis/gotowe"), &$action, |desk, visit, tools| $sign::finish(Verb::$name, desk, visit, tools)),
                )?
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
    Call CALL "wezwij" "call" => sign;
    CallServed CALL_SERVED "doreczono" "call-served";
    Supplement SUPPLEMENT "uzupelnienie" "paper-supplement";
    Lapse NOTE_LAPSE "uplyw" "note-lapse";
    Forward FORWARD "przekaz" "forward";
    Refuse REFUSE "odmow" "refuse" => sign;
    Plan PLAN "termin" "plan-inspection";
    Inspect INSPECT "ogledziny" "inspect" .with_files;
    Photo PHOTO "zdjecie" "photo" .with_files;
    Certify CERTIFY "zaswiadczenie" "certify" => sign;
    Object OBJECT "sprzeciw" "object" => sign;
    ObjectionServed OBJECTION_SERVED "doreczono-sprzeciw" "objection-served";
    Appeal APPEAL "odwolanie" "appeal";
    Remand REMAND "zwrot" "remand";
    Quash QUASH "uchylenie" "quash";
    Final MAKE_FINAL "ostateczna" "make-final";
    Register CLOSE_REGISTER "rejestr" "close-register";
    Silence NOTE_SILENCE "milczaca-zgoda" "note-silence" => sign;
    Discontinue DISCONTINUE "umorzenie" "discontinue" => sign;
    Suspend SUSPEND "zawies" "suspend" => sign;
    Resume RESUME "podejmij" "resume" => sign;
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
