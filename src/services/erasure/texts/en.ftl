erasure-title = Erasing data
erasure-lead = Here you erase data that the office may no longer keep. A whole file goes at once: a matter, an account or a code with everything that belongs to it. Two people agree, each with a key of their own.
erasure-proposed = Waiting for consent
erasure-none-proposed = Nothing is waiting for consent.
erasure-ordered = Under way
erasure-ordered-what = These files have both consents. The system erases them by itself, in a few seconds as a rule.
erasure-over = Retention is over
erasure-none-over = There are no files whose time is over.
erasure-over-caption = Kept { $years }, category { $category }
erasure-no-term = It is not set how long the office keeps such files, so they cannot be shown here.
erasure-done = Erased
erasure-none-done = Nothing has been erased yet.
erasure-withdrawn = Withdrawn
erasure-newest = Newest first
erasure-other = Another file
erasure-other-what = If somebody asks for their data to be erased, or a court or supervisory authority has ordered it, point to the file yourself.
erasure-other-go = Show the file
erasure-field-file = Address of the matter's page, or identifier
    .hint = Open the matter or the resident's account and copy the address from the top of the browser.
erasure-field-held = Address of the matter's page, or identifier
    .hint = Open the matter or the resident's account and copy the address from the top of the browser. A hold on an account also keeps all matters of that person.

erasure-heads-accounts = Accounts of residents
erasure-heads-codes = Codes and invitations
erasure-class-case = Matter
erasure-class-account = Resident's account
erasure-class-code = Code
erasure-month = { $month ->
    [m1] January
    [m2] February
    [m3] March
    [m4] April
    [m5] May
    [m6] June
    [m7] July
    [m8] August
    [m9] September
    [m10] October
    [m11] November
   *[m12] December
} { $year }

erasure-column-file = File
erasure-column-class = Sort
erasure-column-ground = Why
erasure-column-counts = How much
erasure-column-day = When
erasure-column-agreed = Consents
erasure-column-ended = Ended
erasure-column-standing = State
erasure-column-sort = Sort of files
erasure-label = Number
erasure-span = Entries of the months
erasure-not-over = Still open
erasure-agreed = { $n } of 2
erasure-entries = { $n ->
    [one] { $n } entry
   *[other] { $n } entries
}
erasure-bodies = { $n ->
    [one] { $n } text
   *[other] { $n } texts
}
erasure-blobs = { $n ->
    [one] { $n } file
   *[other] { $n } files
} among them
erasure-years = { $n ->
    [0] until the end of the year
    [one] { $n } year
   *[other] { $n } years
}
erasure-is-held = Held
erasure-is-proposed = Waiting for consent
erasure-is-ordered = Under way
erasure-is-free = Can be proposed

erasure-ground = Why the data must go
erasure-why = Reason
erasure-ground-term = Retention is over
erasure-ground-term-what = The office has kept the file as long as its list of files says.
erasure-ground-request = The person asks for it
erasure-ground-request-what = Whose data it is asked for erasure (GDPR, article 17). For accounts and codes, not for matters.
erasure-ground-ruling = Ordered by a court or supervisory authority
erasure-ground-ruling-what = For example an order of the President of UODO (GDPR, article 58(2)(g)).
erasure-new = File: { $file }
erasure-new-what = Check that this is the file, and say why it must go.
erasure-partial = This file is very large. Its oldest part goes first; then propose the rest.
erasure-basis = Legal basis
    .hint = The provision, or sign and date of the letter. No names, PESEL numbers or other personal data: this text stays for ever.
erasure-consent = Consent of the state archive
    .hint = Sign and date of the letter. Needed when the retention of a matter is over. For another reason leave it empty.
erasure-propose = Propose erasure
erasure-propose-next = Nothing goes yet. Two people have to agree to the proposal.
erasure-not-on = What cannot be chosen now
erasure-see-proposal = See where it stands
erasure-see-file = See the file
erasure-hold-this = Place a hold on this file

erasure-of = Erasure: { $file }
erasure-is-waiting = This file is waiting for consent. Nothing has gone yet.
erasure-under-way-now = Erasure is under way. It ends in a few seconds as a rule. You need not wait here: it is finished also after the server has been restarted.
erasure-reload = Reload
erasure-is-done = The data are erased.
erasure-is-withdrawn = The proposal was withdrawn. Nothing was erased.
erasure-event-proposed = Proposal
erasure-event-first = First consent
erasure-event-second = Second consent and order
erasure-event-done = Erasure
erasure-event-withdrawn = Withdrawal
erasure-goes = What goes
erasure-goes-texts = The contents of all entries of this file and all its attachments, in all versions.
erasure-goes-lists = What lists and search show of them.
erasure-goes-account = Drafts and sessions of this person.
erasure-stays = What stays
erasure-stays-trace = A trace without personal data: that there was an entry, when, of what kind, and which member of staff made it, under a pseudonym; of a matter, its number. Without it nobody could show that the journal was not changed.
erasure-stays-proofs = Confirmations that people already have. They go on working, and a file that a resident keeps holds what it held.
erasure-stays-copies = Copies of the data directory made by hand: they hold the old contents until they are destroyed. This version makes no backups by itself. When there are some, they will hold the contents for 35 days at most.
erasure-approve-title = Consent
erasure-approve-first = Agree with your key
erasure-approve-first-what = This is the first of two consents. Nothing goes yet, and the proposal can be withdrawn.
erasure-approve-second = Order erasure with your key
erasure-approve-second-what = This is the second consent. After it the data go, and that cannot be undone.
erasure-approve-who = Two different people agree, at least one of them an administrator. Whoever made the proposal may be one of them.
erasure-approve-noscript = A key cannot be used without a script, and being logged in is not enough here. Turn JavaScript on and open this page again.
erasure-approved-by-you = You have agreed already. Somebody else has to give the second consent.
erasure-keyless = One agrees with a passkey, and your account has none. Add a key on the page of your account and come back.
erasure-withdraw = Withdrawing the proposal
erasure-withdraw-reason = Reason for withdrawing
    .hint = Stays for ever. No names or other personal data.
erasure-withdraw-go = Withdraw the proposal
erasure-propose-again = Propose this file anew

erasure-certificate = Certificate of erasure
erasure-certificate-of = Certificate: { $file }
erasure-certificate-qr = QR code with the address of this page
erasure-erased-counts = Erased
erasure-certificate-second = Second consent
erasure-certificate-log = Log
erasure-certificate-order = Order to erase
erasure-certificate-done = Carried out
erasure-certificate-entry = entry no. { $seq }
erasure-certificate-leaf = hash of the entry (SHA-256):
erasure-certificate-under = under the checkpoint of { $size } entries with the common hash
erasure-means-title = What this means
erasure-means-gone = The keys to these contents were overwritten and deleted, and the attachments deleted. Neither this program nor anybody who reads the server's files can bring the contents back.
erasure-means-trace = A trace without personal data stays in the log. By it anybody can check that only what the order names was erased.
erasure-means-not-title = What this does not mean
erasure-means-flash = We do not exclude that somebody who holds the key of the disk finds remnants in its memory chips. Encrypting the whole disk, and destroying it at the end, protects against that.
erasure-means-copies = Copies of the data directory made by hand are neither seen nor erased by the system. They have to be destroyed apart. Future backups will hold the old contents for 35 days at most.
erasure-means-paper = It does not cover paper, printouts, e-mails or other systems of the office.
erasure-means-print = This sheet is a printout. The evidence are the two files, which can be checked.
erasure-check-title = How to check it without us
erasure-check-what = Two files of proof belong to this certificate. Anybody who has the key of the log can check them, also offline.
erasure-proof-order = Proof of the order
erasure-proof-done = Proof that it was carried out
erasure-check-key = Save the key of the log in a file called vkey. The same key is on the page of the public log.
erasure-check-proof = Check both files:
erasure-check-all = On a copy of the data directory an auditor checks the whole log: whether each erased text has its order with two consents, and whether nothing else is missing.
erasure-check-dir = DIRECTORY

erasure-holds = Holds
erasure-hold = Hold on erasure
erasure-holds-what = A file with a hold cannot be erased, even if its time is over. One holds what a court, a prosecutor or an audit needs.
erasure-holds-none = Nothing is held.
erasure-hold-new = Place a hold
erasure-hold-reason = Reason
    .hint = Sign and authority, for example “Sąd Rejonowy, II K 1/26”. No names or other personal data: this text stays for ever.
erasure-hold-place = Place the hold
erasure-hold-on = On what
erasure-hold-nothing = This file is gone
erasure-hold-placed = Placed
erasure-hold-stands = In force
erasure-hold-lifted = Lifted
erasure-hold-means = While the hold stands, this file can neither be proposed for erasure nor agreed to.
erasure-hold-lift = Lift the hold
erasure-hold-lift-who = An administrator lifts a hold.
erasure-lift-reason = Reason for lifting
    .hint = For example “proceedings closed”. No names or other personal data.

erasure-terms = Retention
erasure-terms-what = So long the office keeps files of each sort. An administrator sets the figures from this office's list of files. The program knows none by itself.
erasure-term = Retention
erasure-term-of = Retention: { $sort }
erasure-term-missing = Not set
erasure-term-set = Set the time
erasure-term-counted = Whole years count from 1 January of the year after the file ended. A file with 5 years that ended in May 2024 may go on 1 January 2030.
erasure-term-whence = Take it from the office's list of files. If you are not sure, ask the archivist: a time that was too short cannot be undone after erasure.
erasure-term-years = Number of years
    .hint = Whole years, for example 5.
erasure-term-category = Archival category
    .hint = As in the list of files, for example B5.
erasure-term-basis = Basis
    .hint = The list and the class, for example “JRWA, klasa 6131”.
erasure-term-save = Save the time
erasure-term-set-by = Set
erasure-term-who = An administrator sets the time.

refusal-erasure-file-unclear = There is no identifier of a file in this text.
refusal-erasure-file-unclear-do = Open the matter or the resident's account and paste the whole address of that page.
refusal-erasure-ground-empty = Say why the data must go.
refusal-erasure-busy = A new entry is just on its way into this file.
refusal-erasure-busy-do = Try again in a moment.
refusal-erasure-held = There is a hold: a court, a prosecutor or an audit needs this file.
refusal-erasure-held-do = An administrator can lift the hold when its reason is gone.
refusal-erasure-proposed-already = Erasing this file is proposed or under way already.
refusal-erasure-account-open = This account is open.
refusal-erasure-account-open-do = The resident closes it on the page of their account or at the desk. Then the data can be erased.
refusal-erasure-not-ended = This matter is not over.
refusal-erasure-not-ended-do = A file can be erased when nothing is left to be done in it.
refusal-erasure-has-matters = This person has matters in the office that must still be kept.
refusal-erasure-has-matters-do = The account can be erased after the last of them.
refusal-erasure-no-term = It is not set how long the office keeps such files.
refusal-erasure-no-term-do = An administrator sets it on the page “Retention”.
refusal-erasure-term-runs = Retention is not over. The file may go from { $until }.
refusal-erasure-request-of-matter = A matter is not erased on request while the law has the office keep it (GDPR, article 17(3)(b) and (d)).
refusal-erasure-request-of-matter-do = Wait until retention is over, and tell the person when that will be.
refusal-erasure-words-long = This field can have { $max } characters at most.
refusal-erasure-basis-empty = Give the legal basis. It stays on the certificate.
refusal-erasure-consent-empty = Give sign and date of the state archive's consent.
refusal-erasure-reason-empty = Give the reason. It stays in the log.
refusal-erasure-category-empty = Give the archival category from the list of files.
refusal-erasure-years = Give a number of years from 0 to { $max }.
refusal-erasure-not-proposed = This proposal is no longer waiting for consent.
refusal-erasure-not-proposed-do = Reload the page and see what became of it.
refusal-erasure-same-person = You have agreed already. Somebody else has to give the second consent.
refusal-erasure-changed = Something was added to the file since it was proposed. The consents are about what was there then.
refusal-erasure-changed-do = Withdraw this proposal and propose the file anew.
refusal-erasure-first-lapsed = Whoever gave the first consent has lost the right to, or removed the key they used.
refusal-erasure-first-lapsed-do = Withdraw this proposal and propose the file anew.
refusal-erasure-no-administrator = One of the two consents must be an administrator's.
refusal-erasure-no-administrator-do = Ask an administrator to open this page.
refusal-erasure-key-unfit = Erasure cannot be confirmed with this key, because nobody outside the office could check it.
refusal-erasure-key-unfit-do = Use another key, one that asks for a PIN, a finger or a face.
refusal-erasure-under-way = This file is being erased, and nothing can be added to it.
refusal-erasure-no-file = There is no such file. It may have been erased already.
refusal-erasure-no-file-do = Check that the address is that of a matter or an account.
refusal-erasure-held-already = There is a hold on this file already.
refusal-erasure-not-done = The certificate is made after the data are erased, and they are not yet.
refusal-erasure-not-done-do = Go back to the proposal and see where it stands.
refusal-erasure-uncertain = The data are erased, but no certificate is given: the server's file system ({ $what }) may keep what was overwritten.
refusal-erasure-uncertain-do = Move the data directory to ext4 or xfs and destroy the old medium or its snapshots.
refusal-erasure-proof-later = The proof is not ready: the log is signed every few seconds.
refusal-erasure-proof-later-do = Reload the page in a moment.

audit-erasure-propose = Proposal to erase a file
audit-erasure-approve = First consent to erase a file
audit-erasure-order = Second consent and order to erase a file
audit-erasure-done = Order carried out: the texts of a file erased
audit-erasure-withdraw = Withdrawal of a proposal to erase
audit-erasure-hold = Hold placed on a file
audit-erasure-lift = Hold lifted
audit-erasure-term = Retention of files set
