//! What may happen to accounts, keys, codes and grants. Pure: no I/O, no clock.
//!
//! ```text
//! account   (nothing) --register--> level 1 --code from the desk--> level 2; either --closed--> over, then erased
//!           (nothing) --first code, invitation--> staff, level 2
//! key       added --removed--> gone; never the last one
//! grant     valid --ended--> over; never the last administrator's
//! session   in --out, out everywhere--> over
//! ```

use jiff::{SignedDuration, Timestamp};

use super::model::{Applicant, Contact, Names};
use crate::kernel::{
    identity::{
        Grant, Level, Person, PersonId, Role,
        passkeys::NewPasskey,
        people::{Code, Credential, CredentialId, GrantId, SignIn, SignInEvent},
    },
    store::{Refusal, record::Bytes},
};

/// Keys of one person.
pub const KEYS_MAX: usize = 10;
/// Keys that a member of staff should have.
pub const KEYS_OF_STAFF: usize = 2;
/// Changing keys asks for a login no older than this.
pub const FRESH: SignedDuration = SignedDuration::from_mins(10);

/// What a door needs to let somebody in.
pub fn applicant(
    person: PersonId,
    names: Names,
    contact: Option<Contact>,
    code: &str,
) -> Applicant {
    let Names { given, family } = names;
    let (phone, email) = contact.map_or((None, None), |contact| (contact.phone, contact.email));
    let code = Some(code.to_owned()).filter(|code| !code.is_empty());
    Applicant { person, given_name: given, family_name: family, phone, email, code }
}

/// The account of a resident who says who they are, or of a member of staff whom a code vouches for.
pub fn account(
    applicant: &Applicant,
    staff: bool,
    vouched_by: Option<PersonId>,
    now: Timestamp,
) -> Person {
    Person {
        id: applicant.person,
        given_name: applicant.given_name.clone(),
        family_name: applicant.family_name.clone(),
        level: if staff { Level::Verified } else { Level::Declared },
        staff,
        closed: false,
        phone: applicant.phone.clone(),
        email: applicant.email.clone(),
        since: now,
        verified_by: vouched_by,
        verified_at: staff.then_some(now),
    }
}

/// A key of a person.
pub fn key(
    id: CredentialId,
    person: PersonId,
    new: NewPasskey,
    name: String,
    now: Timestamp,
) -> Credential {
    let NewPasskey { passkey, credential_id } = new;
    Credential {
        id,
        person,
        credential_id: Bytes(credential_id),
        passkey,
        name,
        added: now,
        removed: None,
    }
}

/// One grant for each role of a code.
pub fn grants(
    code: &Code,
    person: PersonId,
    ids: impl Iterator<Item = GrantId>,
    now: Timestamp,
) -> Vec<Grant> {
    let grant = |(role, id): (&Role, GrantId)| Grant {
        id,
        person,
        role: *role,
        unit: 0,
        from: now,
        to: None,
        basis: format!("code {}", code.id),
        standing_in_for: None,
    };
    code.roles.iter().zip(ids).map(grant).collect()
}

/// What happened at the door. "Out everywhere" ends every session that began before; what was said
/// once stays said.
pub fn sign_in(
    before: Option<&SignIn>,
    person: PersonId,
    event: SignInEvent,
    credential: Option<CredentialId>,
    now: Timestamp,
) -> SignIn {
    let valid_from = match event {
        SignInEvent::OutEverywhere => Some(now),
        SignInEvent::In | SignInEvent::Out => before.and_then(|before| before.valid_from),
    };
    SignIn { person, event, at: now, credential, valid_from }
}

/// Closes an account, for good. Its data stay until they are erased.
///
/// # Errors
/// It is closed already, or of staff: their names say who acted.
pub fn close(person: &Person) -> Result<Person, Refusal> {
    if person.staff {
        return Err(Refusal::unknown());
    }
    if person.closed {
        return Err(Refusal::rule("people-closed-already"));
    }
    Ok(Person { closed: true, ..person.clone() })
}

/// One more key.
///
/// # Errors
/// There are enough.
pub fn may_add_key(keys: usize) -> Result<(), Refusal> {
    if keys < KEYS_MAX {
        Ok(())
    } else {
        Err(Refusal::rule("people-keys-many").with("max", KEYS_MAX))
    }
}

/// Removes a key of those a person has.
///
/// # Errors
/// It is not theirs, or their last one.
pub fn remove_key(
    keys: &[Credential],
    id: CredentialId,
    now: Timestamp,
) -> Result<Credential, Refusal> {
    let key = keys.iter().find(|key| key.id == id).ok_or_else(Refusal::unknown)?;
    if keys.len() < 2 {
        return Err(Refusal::rule("people-last-key"));
    }
    Ok(Credential { removed: Some(now), ..key.clone() })
}

/// Whether a login is young enough to change keys.
///
/// # Errors
/// It is not.
pub fn fresh(session_started: Option<Timestamp>, now: Timestamp) -> Result<(), Refusal> {
    let young = session_started.is_some_and(|started| now.duration_since(started) <= FRESH);
    if young { Ok(()) } else { Err(Refusal::rule("people-login-old")) }
}

/// A resident enters the code that they got at the desk.
///
/// # Errors
/// It is another person's, or they are verified already.
pub fn verify(person: &Person, code: &Code, now: Timestamp) -> Result<Person, Refusal> {
    // The same answer as for a code that does not exist.
    if code.person.is_some_and(|whose| whose != person.id) {
        return Err(Refusal::rule("code-unknown").on("code"));
    }
    may_be_verified(person)?;
    Ok(Person {
        level: Level::Verified,
        verified_by: code.issued_by,
        verified_at: Some(now),
        ..person.clone()
    })
}

/// Whether a code can raise somebody's level.
///
/// # Errors
/// They are verified already, closed, or staff.
pub fn may_be_verified(person: &Person) -> Result<(), Refusal> {
    if person.closed || person.staff {
        return Err(Refusal::unknown());
    }
    if person.level >= Level::Verified {
        Err(Refusal::rule("people-verified-already"))
    } else {
        Ok(())
    }
}

/// Ends a grant now. `administrators` are the persons who are administrators without it.
///
/// # Errors
/// It is over, or nobody would be left to let others in.
pub fn end_grant(grant: &Grant, administrators: usize, now: Timestamp) -> Result<Grant, Refusal> {
    if !grant.is_valid(now) {
        return Err(Refusal::rule("people-grant-over"));
    }
    if grant.role == Role::Administrator && administrators == 0 {
        return Err(Refusal::rule("people-last-administrator"));
    }
    Ok(Grant { to: Some(now), ..grant.clone() })
}

/// Roles as chosen in a form.
///
/// # Errors
/// None, or one that does not exist.
pub fn roles(chosen: &[String]) -> Result<Vec<Role>, Refusal> {
    let wrong = || Refusal::rule("people-roles-empty").on("role");
    let mut roles: Vec<Role> = chosen
        .iter()
        .map(|code| code.parse().ok().and_then(Role::from_code).ok_or_else(wrong))
        .collect::<Result<_, _>>()?;
    roles.sort_unstable();
    roles.dedup();
    if roles.is_empty() { Err(wrong()) } else { Ok(roles) }
}
