web-home-title = Home
web-home-heading = Council services: { $commune }
web-demo-status = This is a demonstration. The commune and its people are made up, and the data may be erased at any time.

web-error-unknown = There is no such page
web-error-denied = You cannot do this
web-error-refused = This could not be done
web-error-fault = Something broke on our side

refusal-rule = This cannot be done now.
refusal-denied = Your account may not do this.
refusal-denied-do = If this is a mistake, ask the office's administrator or log in to the right account.
refusal-unknown = There is no page at this address, or it does not belong to your account.
refusal-unknown-do = Check the address or start from the home page.
refusal-conflict = This form was already sent with other content. The first is saved, the second is not.
refusal-conflict-do = Open the case and check what was saved.
refusal-fault = This failed, and it is our fault. Nothing that was saved before is lost.
refusal-fault-do = Try again in a moment. If it happens again, give the office the event number.
refusal-not-saved = It could not be saved, because the server ran out of space or the disk did not answer. Nothing is lost.
refusal-not-saved-do = Go back to the form and send it again in a moment.
refusal-cross-origin = This form came from another site, so we did not accept it.
refusal-cross-origin-do = Open the form on this site and send it again.
refusal-form-token = The form is from an earlier login. We saved nothing.
refusal-form-token-do = Go back to the form, refresh the page and send it again.
refusal-needs-script = A passkey works only with the script of that page, and the browser did not run it. We saved nothing.
refusal-needs-script-do = Go back to the page before and wait until it has loaded. If JavaScript is off, turn it on. A notice or a decision can also be confirmed without a passkey; otherwise come to the office.
refusal-confirm-again = Confirming with the passkey failed or ran out of time. Nothing was saved. Try again.
refusal-confirm-no-key = Your account has no passkey that can confirm this. Add one on the page of your account. Where the page offers it, you can also confirm without a passkey.
refusal-confirm-copied = This passkey may have been copied, so we did not accept it. Nothing was saved. Tell the office and use another passkey.
refusal-confirm-changed = What you are confirming has changed since you began. Nothing was saved. Reload the page, read it and confirm again.
refusal-confirm-busy = Too many confirmations were begun at once. Nothing was saved. Wait five minutes and try again.
refusal-form-without-key = The form is incomplete. We saved nothing.
refusal-form-without-key-do = Refresh the page and send the form again.
refusal-body-too-large = The files are too large.
refusal-body-too-large-do = A file may have at most 10 MB. Make it smaller and send it again.
refusal-body-malformed = We do not understand what the browser sent.
refusal-body-malformed-do = Refresh the page and try again.
refusal-level-too-low = For this matter we need to confirm who you are.
refusal-level-too-low-do = Come to the office once with your identity card. You will get a code to enter on your account page.

audit-look = Person's data looked at
audit-found = Commune's register founded
audit-config = Another configuration file taken up
audit-repair = Damaged data file repaired
audit-console-code = One-time code issued at the console
audit-demo = Demonstration data written

web-person-gone = account erased
