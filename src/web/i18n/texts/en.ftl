# Sentences of the page itself: header, parts, dates, numbers.
ui-title-failed = Error: { $title }
ui-skip = Skip to the content
ui-language = Language
ui-appearance = Appearance
ui-theme-auto = As on your device
ui-theme-light = Light
ui-theme-dark = Dark
ui-theme-contrast = High contrast
ui-menu = Main menu
ui-my-cases = My cases
ui-login = Log in
ui-logout = Log out
ui-crumbs = Where you are
ui-foot = This site runs on Ostoja, on the office’s own server. It does not track you and sends nothing to other companies.

ui-kind-info = Information
ui-kind-success = Done
ui-kind-warning = Note
ui-kind-danger = Important

ui-error-back = Go back
ui-error-reference = Event number, if you write to us or call:

ui-optional = (optional)
ui-wrong = Error:
ui-wrongs = { $n ->
    [one] One thing to put right
   *[other] { $n } things to put right
}
ui-wrongs-kept = You need not type your other answers again.
ui-date-day = Day
ui-date-month = Month
ui-date-year = Year
ui-yes = Yes
ui-no = No
ui-select-none = Choose
ui-upload-limit = One file may have at most { $size }.
ui-upload-too-large = This file is too large. The most is { $size }. Take a smaller photo or split the document.
ui-upload-sending = Sending the file. With a weak signal this takes a few minutes. Keep this page open.
ui-step = Step { $n } of { $of }:
ui-next = Continue
ui-back = Back
ui-later = Save and finish later
ui-change = Change

ui-start-who = Who can apply
ui-start-time = How long it takes
ui-start-cost = What it costs
ui-start-ready = Have ready
ui-start-go = Start
ui-law = Legal basis
ui-why-date = Why this date
ui-proof = Download the confirmation of receipt

ui-stage-done = Done
ui-stage-now = Now
ui-stage-ahead = Ahead
ui-stage-waiting = Cannot start yet
ui-stage-wrong = To put right

ui-filters = Filters
ui-filter-off = (turn the filter off)
ui-take = Take
ui-pages = Pages of the list
ui-previous = Earlier
ui-further = Further
ui-keys-search = search
ui-keys-rows = row down, up
ui-keys-take = take the case
ui-keys-on = Turn shortcuts on
ui-keys-off = Turn shortcuts off

ui-hash = File fingerprint
ui-hash-why = With this string (SHA-256) anyone can check that the file is the one that was filed.
ui-print-how = Print this sheet with “Print” in your browser.

ui-passkey-unsupported = This browser cannot use passkeys. Update it, or use another phone or computer.
ui-passkey-cancelled = The passkey was not used: the window was closed or the time ran out. Nothing has changed. Try again.
ui-passkey-exists = This device already has a passkey for this account. You can log in with it.
ui-passkey-network = The office could not be reached. Check your connection and try again. Nothing is lost.
ui-passkey-failed = The passkey did not work. Try again. If that does not help, call the office.
ui-passkey-noscript = A passkey needs JavaScript. Turn it on in your browser, or come to the office.

ui-day = { $day }{"\u00A0"}{ $month ->
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
ui-moment = { $day }, { $time }
ui-money = { $amount }{"\u00A0"}zł
ui-bytes = { $amount }{"\u00A0"}{ $unit }
ui-days-left = { $n ->
    [0] due today
    [one] { $n } day left
   *[other] { $n } days left
}
ui-days-over = { $n ->
    [one] { $n } day overdue
   *[other] { $n } days overdue
}
ui-cases = { $n ->
    [one] { $n } case
   *[other] { $n } cases
}
